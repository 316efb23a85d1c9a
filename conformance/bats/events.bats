#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `events`: statistics in runc's JSON, and kills for want of memory, until the container ends.
bats_require_minimum_version 1.5.0
load helpers
load container
load update

setup() {
	limits_setup
	peer_skip crun 'has no such command'
	WATCHER=
}
teardown() {
	[[ -z $WATCHER ]] || kill "$WATCHER" 2>/dev/null || true
	container_teardown
}

# watch OPTION...: `events` in the background, its lines in the file `told`.
watch() {
	"${OCI[@]}" events "$@" "$NAME" </dev/null >told 2>errors 3>&- &
	WATCHER=$!
}
has_events() { [[ $(jq -r "select(.type == \"$1\") | .id" told | grep -cx -- "$NAME") -ge $2 ]]; }
# The watcher ends by itself, well.
watcher_ends() {
	wait_until process_is_gone "$WATCHER"
	wait "$WATCHER"
	WATCHER=
}

statistics() {
	container_start sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; sleep 1000'
	run oci events --stats "$NAME"
	expect_status 0
	[[ ${#lines[@]} -eq 1 ]]
	jq -e --arg id "$NAME" '.type == "stats" and .id == $id and (keys_unsorted == ["type", "id", "data"])' <<<"$output"
	jq -e '.data | [.cpu, .cpuset, .memory, .pids, .blkio, .hugetlb, .intel_rdt] | all(type == "object")' <<<"$output"
	jq -e '.data | has("network_interfaces") and .cpu.usage.total > 0 and .pids.current >= 1' <<<"$output"
	jq -e '.data.cpu.usage | .kernel + .user > 0 and .total >= .user' <<<"$output"
	jq -e '.data.memory | [.usage, .swap, .kernel, .kernelTCP] | all(has("limit") and has("failcnt"))' <<<"$output"
}
@test "events --stats: one object of runc's shape" {
	each_driver statistics
}

@test "events --stats: pressure, where the kernel tells it" {
	skip_unless_orlop
	container_start sleep 1000
	run oci events --stats "$NAME"
	expect_status 0
	if [[ -e $(group)/cpu.pressure ]] && cat "$(group)/cpu.pressure" >/dev/null 2>&1; then
		jq -e '.data.cpu.psi | .some, .full | has("avg10") and has("avg60") and has("avg300") and has("total")' <<<"$output"
	else
		jq -e '.data.cpu | has("psi") | not' <<<"$output"
	fi
}

stream() {
	container_start sleep 1000
	watch --interval 50ms
	wait_until has_events stats 3
	oci kill "$NAME" KILL
	watcher_ends
	jq -se 'length >= 3 and all(.type == "stats")' told
	[[ ! -s errors ]]
}
@test "events: statistics at each interval, until the container ends" {
	each_driver stream
}

@test "events: a created container, a paused one, one that is deleted" {
	process_args sleep 1000
	container_create
	run oci events --stats "$NAME"
	expect_status 0
	watch --interval 50ms
	wait_until has_events stats 1
	oci start "$NAME"
	oci pause "$NAME"
	run oci events --stats "$NAME"
	expect_status 0
	oci delete --force "$NAME"
	watcher_ends
}

@test "events: stopped and unknown containers, and intervals that are none" {
	run oci events "$NAME"
	expect_status 1
	expect_output_has 'does not exist'
	container_start sleep 1000
	run oci events --interval 0s "$NAME"
	expect_status 1
	expect_output_has 'duration interval must be greater than 0'
	run oci events --interval -1s "$NAME"
	expect_status 1
	run oci events --interval soon "$NAME"
	[[ $status -ne 0 ]]
	oci kill "$NAME" KILL
	wait_until is_container stopped
	run oci events --stats "$NAME"
	expect_status 1
	expect_output_has "container with id $NAME is not running"
	run oci events "$NAME"
	expect_status 1
	expect_output_has "container with id $NAME is not running"
}

@test "events: who reads no more ends it" {
	skip_unless_orlop
	container_start sleep 1000
	timeout 20 "${OCI[@]}" events --interval 20ms "$NAME" 2>errors 3>&- | head -n 2 >told
	has_events stats 2
}

@test "ps and kill --all: processes in groups below the container's" {
	peer_skip runc 'does not signal all'
	process_shell 'sleep 4001 & sleep 4002 & wait'
	container_start
	wait_until has_three
	local below pid
	below=$(group)/below
	mkdir "$below" "$below/deeper"
	for pid in $(oci ps --format json "$NAME" | jq -r '.[]'); do
		! grep -q 4002 "/proc/$pid/cmdline" || echo "$pid" >"$below/deeper/cgroup.procs"
	done
	has_three
	oci pause "$NAME"
	[[ $(cat "$below/deeper/cgroup.events") == *'frozen 1'* ]]
	oci resume "$NAME"
	oci kill --all "$NAME" KILL
	wait_until is_container stopped
	# Newer kernels count a process until it is switched away from for the last time.
	wait_until has_line 'populated 0' "$below/deeper/cgroup.events"
	oci delete "$NAME"
	[[ ! -e $below ]]
}
has_three() { [[ $(oci ps --format json "$NAME" | jq length) -eq 3 ]]; }

limits_told() {
	resources '{"memory":{"limit":67108864},"pids":{"limit":33}}'
	container_start sleep 1000
	run oci events --stats "$NAME"
	expect_status 0
	jq -e '.data.memory.usage | .limit == 67108864 and .usage > 0' <<<"$output"
	jq -e '.data.memory.raw.anon >= 0 and .data.pids.limit == 33' <<<"$output"
}
@test "events --stats: limits and use of memory and processes" {
	needs memory pids
	each_driver limits_told
}

throttled() {
	resources '{"cpu":{"quota":5000,"period":100000}}'
	container_start sh -c 'while :; do :; done'
	wait_until is_throttled
}
is_throttled() { oci events --stats "$NAME" | jq -e '.data.cpu.throttling | .periods > 0 and .throttledPeriods > 0 and .throttledTime > 0'; }
@test "events --stats: a container that is throttled" {
	needs cpu
	each_driver throttled
}

out_of_memory() {
	resources '{"memory":{"limit":33554432,"swap":33554432}}'
	# The shell lives on: only what takes too much is killed.
	container_start sh -c 'while [ ! -e /go ]; do sleep 0.05; done; sh -c "tail -c 100000000 /dev/zero"; sleep 1000'
	watch --interval 1h
	rm -f "$ROOTFS/go"
	wait_until watches
	touch "$ROOTFS/go"
	wait_until has_events oom 1
	jq -se --arg id "$NAME" 'any(. == {"type": "oom", "id": $id})' told
	rm -f "$ROOTFS/go"
	oci kill "$NAME" KILL
	watcher_ends
}
# Whoever has it open counts the kills there have been first, and sleeps then.
watches() { find "/proc/$WATCHER/fd" -lname '*memory.events' -o -lname '*inotify*' | grep -q . && grep -q '^State:.S' "/proc/$WATCHER/status"; }
@test "events: a kill for want of memory is an event of its own" {
	needs memory
	each_driver out_of_memory
}
