#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2154 # jq has variables too; bats sets status, output, stderr, lines
# Every limit by every driver that works here: the kernel's file, systemd's property, and that a container really is limited. What this
# machine's cgroup v2 has no controller for must be refused by its name.
bats_require_minimum_version 1.5.0
load helpers
load container
load limits

setup() { limits_setup; }
teardown() { limits_teardown; }

@test "memory: limit, swap as the difference, reservation" {
	systemd_skip crun '1.21: the swap limit is memory and swap'
	each_driver limit_row '.memory={limit:67108864,swap:100663296,reservation:33554432}' memory.max 67108864 MemoryMax 67108864 \
		memory.swap.max 33554432 MemorySwapMax 33554432 memory.low 33554432 MemoryLow 33554432
	# runc 1.1.15 does not tell systemd of a swap limit of 0.
	if [[ $KIND == runc ]]; then each_driver limit_row '.memory={limit:67108864,swap:67108864}' memory.swap.max 0
	else each_driver limit_row '.memory={limit:67108864,swap:67108864}' memory.swap.max 0 MemorySwapMax 0; fi
	each_driver limit_row '.memory={limit:67108864,swap:-1}' memory.swap.max max MemorySwapMax infinity memory.max 67108864 MemoryMax 67108864
}

@test "memory: no limit is what the kernel does by itself" {
	needs_controller memory
	each_driver limit_row '.memory={limit:-1}' memory.max max MemoryMax infinity memory.swap.max max MemorySwapMax infinity
}

@test "cpu: quota, period, burst" {
	systemd_skip crun '1.21: the quota is what systemd makes of it'
	each_driver limit_row '.cpu={quota:33333,period:100000}' cpu.max '33333 100000' CPUQuotaPerSecUSec 340ms
	each_driver limit_row '.cpu={quota:20000,period:50000}' cpu.max '20000 50000' CPUQuotaPeriodUSec 50ms
	each_driver limit_row '.cpu={quota:50000}' cpu.max '50000 100000' CPUQuotaPerSecUSec 500ms
	peer_skip runc '1.1.15: has no burst'
	each_driver limit_row '.cpu={quota:50000,burst:10000}' cpu.max.burst 10000
}

@test "cpu: shares by the formula of 2025, idle" {
	peer_skip runc '1.1.15: the former formula, no idle'
	peer_skip crun '1.21: the former formula'
	each_driver limit_row '.cpu={shares:512}' cpu.weight 59 CPUWeight 59
	each_driver limit_row '.cpu={shares:2}' cpu.weight 1 CPUWeight 1
	each_driver limit_row '.cpu={shares:262144}' cpu.weight 10000 CPUWeight 10000
	each_driver limit_row '.cpu={shares:512,idle:1}' cpu.idle 1 CPUWeight idle
}

@test "cpu: sets of processors and memory nodes" {
	each_driver limit_row '.cpu={cpus:"0",mems:"0"}' cpuset.cpus 0 AllowedCPUs 0 cpuset.mems 0 AllowedMemoryNodes 0
}

@test "pids: a number, none, and 0 that forbids forks" {
	each_driver limit_row '.pids={limit:20}' pids.max 20 TasksMax 20
	needs_controller pids
	each_driver limit_row '.pids={limit:-1}' pids.max max TasksMax infinity
	peer_skip runc '1.1.15: 0 is no limit'
	peer_skip crun '0 is no limit'
	each_driver limit_row '.pids={limit:0}' pids.max 1 TasksMax 1
}

@test "block io: throttles of a device" {
	systemd_skip crun '1.21: tells it of no throttles'
	local device
	device=$(block_device)
	each_driver limit_row ".blockIO={throttleReadBpsDevice:[{major:${device%:*},minor:${device#*:},rate:1048576}],throttleWriteIOPSDevice:[{major:${device%:*},minor:${device#*:},rate:50}]}" \
		io.max "$device rbps=1048576 wbps=max riops=max wiops=50"
}

@test "huge pages: the limit on use and that on reservations" {
	each_driver limit_row '.hugepageLimits=[{pageSize:"2MB",limit:4194304}]' hugetlb.2MB.max 4194304
	peer_skip crun 'leaves reservations alone'
	each_driver limit_row '.hugepageLimits=[{pageSize:"2MB",limit:4194304}]' hugetlb.2MB.rsvd.max 4194304
}

@test "rdma needs its controller" {
	if has_controller rdma && [[ -z $(compgen -G '/sys/class/infiniband/*') ]]; then
		skip_unless_orlop
		each_driver rdma_has_no_device
		return
	fi
	each_driver limit_row '.rdma={"mlx5_1":{hcaHandles:3}}' rdma.max 'mlx5_1 hca_handle=3 hca_object=max'
}

rdma_has_no_device() {
	limits_config '.rdma={"mlx5_1":{hcaHandles:3}}'
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 ]]
	expect_output_has 'rdma.max'
}

@test "unified: any file, and over what other members ask for" {
	systemd_skip crun '1.21: the other member wins'
	each_driver limit_row '.memory={limit:67108864}|.unified={"memory.max":"33554432"}' memory.max 33554432 MemoryMax 33554432
	each_driver limit_row '.unified={"cgroup.max.depth":"7"}' cgroup.max.depth 7
	needs_controller memory
	needs_controller pids
	needs_controller cpu
	each_driver limit_row '.unified={"memory.high":"50003968","pids.max":"33","cpu.max":"max 50000"}' memory.high 50003968 MemoryHigh 50003968 \
		pids.max 33 TasksMax 33 cpu.max 'max 50000' CPUQuotaPerSecUSec infinity
}

@test "what a container asks for beyond its memory is killed, and counted" {
	needs_controller memory
	each_driver memory_is_limited
}

memory_is_limited() {
	limits_config '.memory={limit:33554432,swap:33554432}'
	container_start sh -c 'tail /dev/zero; echo $? >/tmp/code; exec sleep 1000'
	wait_until test -s "$ROOTFS/tmp/code"
	[[ $(<"$ROOTFS/tmp/code") == 137 ]]
	grep -qE '^oom_kill [1-9]' "$(cgroup_of_container)/memory.events"
	expect_container running
	oci delete --force "$NAME"
}

@test "a fork beyond the limit of pids fails" {
	needs_controller pids
	each_driver pids_are_limited
}

pids_are_limited() {
	limits_config '.pids={limit:4}'
	container_run sh -c 'for i in 1 2 3 4 5 6; do sleep 1000 & done'
	[[ $status -ne 0 ]]
	expect_message "can't fork"
}

# The joiner is in the cgroup too, for a moment.
@test "exec fits in where the limit of pids leaves one place" {
	needs_controller pids
	peer_skip runc '1.1.15: wants places for its threads'
	each_driver pids_leave_one
}

pids_leave_one() {
	limits_config '.pids={limit:2}'
	container_start sleep 1000
	run oci exec "$NAME" true
	expect_status 0
	oci delete --force "$NAME"
}

@test "a busy container is throttled, and counted" {
	needs_controller cpu
	each_driver cpu_is_limited
}

cpu_is_limited() {
	limits_config '.cpu={quota:5000,period:50000}'
	container_start sh -c 'while :; do :; done'
	wait_until grep -qE '^nr_throttled [1-9]' "$(cgroup_of_container)/cpu.stat"
	# Who is throttled dies slowly; runc's delete --force gives its cgroup up.
	oci kill "$NAME" KILL
	wait_until is_container stopped
	oci delete --force "$NAME"
}

@test "devices: what no rule allows cannot be opened" {
	each_driver devices_are_limited
}

devices_are_limited() {
	[[ $KIND != crun || $DRIVER != cgroupfs ]] || return 0
	limits_config '.devices=[{allow:false,access:"rwm"}]'
	bundle_edit '.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .process.noNewPrivileges = false'
	container_run sh -c 'mknod /dev/kmsg2 c 1 11 && : >/dev/null && ! (: </dev/kmsg2) 2>/dev/null && echo refused'
	expect_status 0
	expect_output refused
}

# So many as a run of all suites has time for; a hundred and twenty by
#     ./dev machine env LIMITS_ROUNDS=100 LIMITS_AT_ONCE=20 conformance/machine/suites.sh --filter behind conformance/bats/limits.bats
ROUNDS=${LIMITS_ROUNDS:-15}
AT_ONCE=${LIMITS_AT_ONCE:-8}

@test "nothing stays behind: one after the other" {
	each_driver many_in_a_row
}

many_in_a_row() {
	local i
	limits_config '.'
	process_args true
	for ((i = 0; i < ROUNDS; i++)); do
		oci run --bundle "$BUNDLE" "$NAME" </dev/null
	done
	expect_nothing_left
}

@test "nothing stays behind: many at once" {
	each_driver many_at_once
}

many_at_once() {
	local i pid pids=()
	limits_config '.'
	for ((i = 0; i < AT_ONCE; i++)); do
		mkdir "bundle-$i"
		jq --arg path "$(limits_path "$NAME-$i")" --arg root "$ROOTFS" \
			'.linux.cgroupsPath=$path|.process.args=["true"]|.root.path=$root' "$BUNDLE/config.json" >"bundle-$i/config.json"
		oci run --bundle "bundle-$i" "$NAME-$i" </dev/null &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	rm -rf bundle-*
	expect_nothing_left
}
