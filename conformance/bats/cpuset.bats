#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# What only a whole kernel on more than one processor shows (`./dev machine --full`): sets of processors, pressure, weights of block devices.
bats_require_minimum_version 1.5.0
load helpers
load container
load update

setup() { limits_setup; }
teardown() { container_teardown; }

needs_two_processors() {
	needs cpuset
	(($(nproc) > 1)) || skip 'one processor'
}

# The processors that the container's first process may run on.
allowed() { sed -n "s/^$1_allowed_list:[[:space:]]*//p" "/proc/$(container_pid)/status"; }
expect_allowed() {
	local got
	got=$(allowed "$1")
	[[ $got == "$2" ]] || {
		printf '%s: want %s, got %s\n' "$1" "$2" "$got"
		return 1
	}
}

processors() {
	resources '{"cpu":{"cpus":"1","mems":"0"}}'
	container_start sleep 1000
	expect_limit cpuset.cpus 1 AllowedCPUs 1
	expect_limit cpuset.mems 0 AllowedMemoryNodes 0
	expect_limit cpuset.cpus.effective 1
	expect_allowed Cpus 1
	expect_allowed Mems 0
	update --cpuset-cpus 0-1
	expect_limit cpuset.cpus 0-1 AllowedCPUs 0-1
	expect_allowed Cpus 0-1
	update_by '{"cpu":{"cpus":"0","mems":"0"}}'
	expect_limit cpuset.cpus 0 AllowedCPUs 0
	expect_limit cpuset.mems 0 AllowedMemoryNodes 0
	expect_allowed Cpus 0
	# Who enters later is kept there too.
	run oci exec "$NAME" grep Cpus_allowed_list /proc/self/status
	expect_status 0
	expect_output $'Cpus_allowed_list:\t0'
}
@test "cpuset: processors and memory nodes, set and changed" {
	needs_two_processors
	each_driver processors
}

other_limits_stay() {
	resources '{"cpu":{"cpus":"1"}}'
	container_start sleep 1000
	update --pids-limit 30
	expect_limit pids.max 30 TasksMax 30
	expect_limit cpuset.cpus 1 AllowedCPUs 1
	expect_allowed Cpus 1
}
@test "cpuset: an update of something else leaves the set" {
	needs_two_processors
	needs pids
	each_driver other_limits_stay
}

wrong_set() {
	resources '{"cpu":{"cpus":"1"}}'
	container_start sleep 1000
	run oci update --cpuset-cpus nonsense "$NAME"
	[[ $status -ne 0 ]]
	expect_limit cpuset.cpus 1 AllowedCPUs 1
	expect_allowed Cpus 1
}
@test "cpuset: what is no set changes nothing" {
	needs_two_processors
	each_driver wrong_set
}

pressure() {
	resources '{}'
	container_start sh -c 'while :; do :; done & while :; do :; done & while :; do :; done'
	wait_until grep -qE '^some .* total=[1-9]' "$(group)/cpu.pressure"
	run oci events --stats "$NAME"
	expect_status 0
	jq -e '.data | .cpu.psi, .memory.psi, .blkio.psi | .some, .full | has("avg10") and has("avg60") and has("avg300") and has("total")' <<<"$output"
	jq -e '.data.cpu.psi.some.total > 0' <<<"$output"
}
@test "events --stats: three busy loops press on two processors" {
	peer_skip crun 'has no such command'
	peer_skip runc '1.1.15: knows no pressure'
	needs cpuset
	cat "$CGROUPS/system.slice/cpu.pressure" >/dev/null 2>&1 || skip 'no pressure in this kernel'
	each_driver pressure
}

weight() {
	resources '{"blockIO":{"weight":500}}'
	container_start sleep 1000
	if [[ -e $(group)/io.bfq.weight ]]; then
		expect_limit io.bfq.weight 'default 500'
	else
		expect_limit io.weight 'default 4950'
	fi
}
@test "block io: a weight, by whichever file the kernel has" {
	needs io
	[[ -n $(compgen -G "$CGROUPS/system.slice/io*.weight") ]] || skip 'no weights in this kernel'
	each_driver weight
}
