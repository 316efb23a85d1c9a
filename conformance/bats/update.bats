#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `update`: other limits for a container that lives, seen in the kernel's files and in systemd's properties.
bats_require_minimum_version 1.5.0
load helpers
load container
load update

setup() { limits_setup; }
teardown() { container_teardown; }

# -- what can be tried everywhere --------------------------------------------------------------------------------------------------

by_document() {
	resources "$(some_limit 40)"
	container_start sleep 1000
	expect_limit "$SOME_FILE" "$(some_value 40)"
	update_by "$(some_limit 30)"
	expect_limit "$SOME_FILE" "$(some_value 30)"
	some_limit 20 >limits.json
	update --resources limits.json
	expect_limit "$SOME_FILE" "$(some_value 20)"
	update -r limits.json
	update
	expect_limit "$SOME_FILE" "$(some_value 20)"
}
@test "update --resources: from a file and from standard input" {
	peer_skip runc 'does not change huge pages'
	each_driver by_document
}

refused() {
	resources "$(some_limit 40)"
	container_start sleep 1000
	local document before after
	before=$(cat "$STATE/$NAME/"*.json | cksum)
	# By the document, by what the machine lacks, and by the kernel.
	for document in '{"cpu":{"idle":7}}' '{"unified":{"nosuch.max":"1"}}' '{"unified":{"cgroup.max.depth":"many"}}'; do
		run oci update --resources - "$NAME" <<<"$(jq -c --argjson other "$(some_limit 7)" '. + $other' <<<"$document")"
		expect_status 1
		expect_limit "$SOME_FILE" "$(some_value 40)"
		expect_limit cgroup.max.depth max
	done
	after=$(cat "$STATE/$NAME/"*.json | cksum)
	[[ $before == "$after" ]]
	expect_container running
}
@test "update: when one limit is refused none is changed, and the record neither" {
	skip_unless_orlop
	each_driver refused
}

@test "update: all that is wrong is told at once" {
	skip_unless_orlop
	container_start sleep 1000
	run oci update --resources - "$NAME" <<<'{"cpu":{"quota":1,"idle":7},"memory":{"limit":-9}}'
	expect_status 1
	expect_output_has '/cpu/quota'
	expect_output_has '/cpu/idle'
	expect_output_has '/memory/limit'
	expect_output_has 'line 1'
	run oci update --resources - "$NAME" <<<'{"pids":{"limit":"many"}}'
	expect_status 1
	expect_message 'want an integer, got a string'
	run oci update --resources nowhere.json "$NAME"
	expect_status 1
	run oci update --resources - "$NAME" </dev/null
	expect_status 1
	run oci update --resources - "$NAME" <<<'{"unified":{"nosuch.max":"1"}}'
	expect_status 1
	expect_message "unified resource \"nosuch.max\" can't be set: controller \"nosuch\" not available"
	if grep -qw cpuset "$CGROUPS/cgroup.controllers"; then return; fi
	run oci update --cpuset-cpus 0 "$NAME"
	expect_status 1
	expect_output_has 'the cpuset controller is not available'
}

@test "update: values that no option takes" {
	skip_unless_orlop
	container_start sleep 1000
	local words
	for words in '--memory 12x' '--memory -5' '--cpu-quota much' '--cpu-share -1' '--pids-limit 1.5' '--blkio-weight 70000' \
		'--no-such 1' '--memory'; do
		# shellcheck disable=SC2086
		run oci update $words "$NAME"
		expect_status 1
	done
	run oci update --cpu-idle 2 "$NAME"
	expect_status 1
	expect_output_has '/cpu/idle'
}

recorded() {
	resources "$(some_limit 40)"
	container_start sleep 1000
	update_by '{"unified":{"cgroup.max.depth":"5"}}'
	update_by "$(some_limit 9)"
	jq -e '.resources.unified["cgroup.max.depth"] == "5" and (.resources.devices | not)' "$STATE/$NAME/record.json"
	expect_limit cgroup.max.depth 5
	expect_limit "$SOME_FILE" "$(some_value 9)"
	jq -e --argjson limit "$(some_limit 9)" '.resources | contains($limit)' "$STATE/$NAME/record.json"
	run oci state "$NAME"
	expect_status 0
}
@test "update: the record holds what holds" {
	skip_unless_orlop
	each_driver recorded
}

devices() {
	container_start sleep 1000
	run oci exec "$NAME" head -c 1 /dev/kmsg
	[[ $status -ne 0 ]]
	expect_output_has 'not permitted'
	update_by '{"devices":[{"allow":true,"access":"rwm"}]}'
	run oci exec "$NAME" head -c 1 /dev/kmsg
	[[ $status -ne 0 ]]
	expect_output_has 'not permitted'
	run oci exec "$NAME" head -c 1 /dev/zero
	expect_status 0
}
@test "update: device rules do not change" {
	peer_skip crun 'changes them'
	bundle_edit '.linux.resources.devices = [{"allow": false, "access": "rwm"}]
		| .linux.devices = [{"path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11, "fileMode": 438}]'
	each_driver devices
}

statuses() {
	container_create
	update_by "$(some_limit 21)"
	expect_limit "$SOME_FILE" "$(some_value 21)"
	oci start "$NAME"
	oci pause "$NAME"
	update_by "$(some_limit 22)"
	expect_limit "$SOME_FILE" "$(some_value 22)"
	expect_container paused
	oci resume "$NAME"
	expect_limit "$SOME_FILE" "$(some_value 22)"
	oci kill "$NAME" KILL
	wait_until is_container stopped
	# crun writes into the cgroup that is left.
	[[ $KIND != crun ]] || return 0
	run oci update --resources - "$NAME" <<<"$(some_limit 23)"
	expect_status 1
	expect_output_has 'container not running'
}
@test "update: created, running and paused containers, no others" {
	process_args sleep 1000
	run oci update "$NAME"
	expect_status 1
	[[ $KIND == crun ]] || expect_output_has 'does not exist'
	each_driver statuses
}

@test "update: several at once, one after the other" {
	peer_skip runc 'does not change huge pages'
	peer_skip crun 'keeps no order'
	container_start sleep 1000
	local n pids=()
	for n in 1 2 3 4 5 6; do
		oci update --resources - "$NAME" <<<"$(some_limit "$n")" &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n"
	done
	n=$(limit "$SOME_FILE")
	[[ $n -ge $(some_value 1) && $n -le $(some_value 6) ]]
}

@test "update: cache and memory bandwidth of a container without intelRdt" {
	skip_unless_orlop
	container_start sleep 1000
	run oci update --l3-cache-schema 'L3:0=f' "$NAME"
	expect_status 1
	expect_output_has 'updating a non-existent Intel RDT configuration is not supported'
	run oci update --mem-bw-schema 'MB:0=20' "$NAME"
	expect_status 1
}

@test "intelRdt: a machine without resctrl says so" {
	skip_unless_orlop
	[[ ! -e /sys/fs/resctrl/schemata ]] || return 0
	bundle_edit '.linux.intelRdt = {"closID": "gold", "l3CacheSchema": "L3:0=f"}'
	run oci create --bundle "$BUNDLE" "$NAME"
	expect_status 1
	expect_output_has 'Intel RDT is not enabled'
	expect_output_has '/sys/fs/resctrl'
	[[ ! -e $STATE/$NAME ]]
}

# -- what needs its controllers ----------------------------------------------------------------------------------------------------

memory_options() {
	container_start sleep 1000
	update --memory 64m
	expect_limit memory.max 67108864 MemoryMax 67108864
	update --memory-reservation 32m
	expect_limit memory.low 33554432 MemoryLow 33554432
	expect_limit memory.max 67108864 MemoryMax 67108864
	# Memory and swap together; the limit comes from the record, which runc 1.1 does not look at.
	if [[ $KIND == orlop ]]; then update --memory-swap 96m; else update --memory 64m --memory-swap 96m; fi
	[[ ! -e $(group)/memory.swap.max ]] || expect_limit memory.swap.max 33554432 MemorySwapMax 33554432
	if [[ $KIND == orlop ]]; then update --memory 80M; else update --memory 80M --memory-swap 96m; fi
	expect_limit memory.max 83886080 MemoryMax 83886080
	[[ ! -e $(group)/memory.swap.max ]] || expect_limit memory.swap.max 16777216 MemorySwapMax 16777216
	if [[ $KIND == orlop ]]; then run oci update --memory 100m "$NAME"; else run oci update --memory 100m --memory-swap 96m "$NAME"; fi
	expect_status 1
	expect_output_has 'memory+swap limit should be >= memory limit'
	expect_limit memory.max 83886080 MemoryMax 83886080
	update --memory -1
	expect_limit memory.max max MemoryMax infinity
	[[ ! -e $(group)/memory.swap.max ]] || expect_limit memory.swap.max max MemorySwapMax infinity
}
@test "update: memory, reservation and swap, with suffixes" {
	needs memory
	peer_skip crun 'takes numbers only, and completes no pair'
	each_driver memory_options
}

cpu_options() {
	container_start sleep 1000
	update --cpu-quota 50000
	expect_limit cpu.max '50000 100000' CPUQuotaPerSecUSec 500ms
	update --cpu-period 200000
	expect_limit cpu.max '50000 200000' CPUQuotaPerSecUSec 250ms
	update --cpu-quota 20000
	expect_limit cpu.max '20000 200000' CPUQuotaPerSecUSec 100ms
	update --cpu-share 262144
	expect_limit cpu.weight 10000 CPUWeight 10000
	update --cpu-share 2
	expect_limit cpu.weight 1 CPUWeight 1
	update --cpu-quota -1
	# runc 1.1 forgets the period.
	[[ $KIND != orlop ]] || expect_limit cpu.max 'max 200000'
	[[ $(limit cpu.max) == 'max '* ]]
	[[ $DRIVER != systemd || $(property CPUQuotaPerSecUSec) == infinity ]]
}
@test "update: CPU quota, period and shares; a half keeps the other" {
	needs cpu
	peer_skip crun 'completes no pair'
	each_driver cpu_options
}

cpu_newer() {
	container_start sleep 1000
	update --cpu-share 1024
	expect_limit cpu.weight 100 CPUWeight 100
	if [[ -e $(group)/cpu.max.burst ]]; then
		update --cpu-quota 50000 --cpu-burst 20000
		expect_limit cpu.max.burst 20000
		# Less than the burst is refused by the rule, before anything is written.
		run oci update --cpu-quota 10000 "$NAME"
		expect_status 1
		expect_limit cpu.max '50000 100000'
		update --cpu-quota 10000 --cpu-burst 0
		expect_limit cpu.max '10000 100000'
	fi
	[[ -e $(group)/cpu.idle ]] || return 0
	update --cpu-idle 1
	expect_limit cpu.idle 1
	update --cpu-idle 0
	expect_limit cpu.idle 0
	update --cpu-share 262144
	expect_limit cpu.weight 10000 CPUWeight 10000
}
@test "update: CPU burst and idle, the newer formula of shares" {
	needs cpu
	skip_unless_orlop
	each_driver cpu_newer
}

pids_options() {
	container_start sleep 1000
	update --pids-limit 30
	expect_limit pids.max 30 TasksMax 30
	run oci exec "$NAME" sh -c 'i=0; while [ $i -lt 40 ]; do sleep 30 & i=$((i + 1)); done'
	expect_output_has "can't fork"
	update --pids-limit -1
	expect_limit pids.max max TasksMax infinity
}
@test "update: the number of processes; a container really has no more" {
	needs pids
	each_driver pids_options
}

taken_back() {
	resources '{"pids":{"limit":50},"memory":{"limit":67108864}}'
	container_start sleep 1000
	expect_limit pids.max 50 TasksMax 50
	run oci update --resources - "$NAME" <<<'{"pids":{"limit":20},"cpu":{"shares":2},"unified":{"memory.max":"much"}}'
	expect_status 1
	expect_output_has memory.max
	expect_limit pids.max 50 TasksMax 50
	expect_limit memory.max 67108864 MemoryMax 67108864
	expect_limit cpu.weight 100
}
@test "update: what the kernel refuses takes back the files and the properties" {
	needs cpu memory pids
	skip_unless_orlop
	each_driver taken_back
}

checked() {
	resources '{"memory":{"limit":134217728,"checkBeforeUpdate":true}}'
	container_start sh -c 'head -c 20000000 /dev/zero >/dev/shm/x; sleep 1000'
	wait_until uses_memory
	run oci update --memory 8m "$NAME"
	expect_status 1
	expect_output_has 'rejecting memory limit 8388608 <= usage'
	expect_limit memory.max 134217728 MemoryMax 134217728
	expect_container running
}
uses_memory() { [[ $(limit memory.current) -gt 16777216 ]]; }
@test "update: memory.checkBeforeUpdate refuses less than is used" {
	needs memory
	skip_unless_orlop
	each_driver checked
}

by_unified() {
	resources '{"unified":{"memory.max":"67108864"}}'
	container_start sleep 1000
	expect_limit memory.max 67108864 MemoryMax 67108864
	update_by '{"unified":{"memory.high":"33554432"}}'
	expect_limit memory.high 33554432 MemoryHigh 33554432
	expect_limit memory.max 67108864 MemoryMax 67108864
	# What was given as `unified` once does not hide what is asked for now.
	update --memory 96m
	expect_limit memory.max 100663296 MemoryMax 100663296
	update --pids-limit 33
	expect_limit memory.max 100663296 MemoryMax 100663296
}
@test "update: unified keys, and options after them" {
	needs memory pids
	skip_unless_orlop
	each_driver by_unified
}

reloaded() {
	container_start sleep 1000
	update --pids-limit 30 --memory 64m
	[[ $DRIVER != systemd ]] || systemctl daemon-reload
	expect_limit pids.max 30 TasksMax 30
	expect_limit memory.max 67108864 MemoryMax 67108864
}
@test "update: systemd does not take it back" {
	needs memory pids
	peer_skip crun 'takes numbers only'
	each_driver reloaded
}
