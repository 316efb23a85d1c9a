#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# Namespaces and ids: runtime-spec config-linux.md, "Namespaces", "User namespace mappings", "Offset for Time Namespace".
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

# Host side of `fact ns.x`.
host_ns() { readlink "/proc/self/ns/$1"; }

@test "namespaces: a new one of each type listed (config-linux.md, Namespaces)" {
	bundle_edit '.linux.namespaces += [{"type": "cgroup"}]'
	container_facts namespaces
	local name
	for name in pid net ipc uts mnt cgroup; do
		[[ $(fact "ns.$name") == "$name":* && $(fact "ns.$name") != "$(host_ns "$name")" ]] || { echo "$name" && return 1; }
	done
	[[ $(fact ns.user) == "$(host_ns user)" ]]
}

@test "namespaces: those that are not listed are the caller's (config-linux.md, Namespaces)" {
	bundle_edit '.linux.namespaces = [{"type": "mount"}] | del(.hostname)
		| .mounts |= map(select(.destination != "/sys" and .destination != "/dev/mqueue"))'
	container_facts namespaces process
	local name
	for name in pid net ipc uts user; do
		expect_fact "ns.$name" "$(host_ns "$name")"
	done
	expect_fact hostname "$(uname -n)"
}

@test "namespaces: pid: the program is number 1" {
	container_facts process
	expect_fact pid 1
	expect_fact ppid 0
}

@test "namespaces: the same type twice is an error (config-linux.md, Namespaces)" {
	peer_skip crun 'takes it'
	bundle_edit '.linux.namespaces += [{"type": "pid"}]'
	container_run true
	[[ $status -ne 0 ]]
}

@test "namespaces: an unknown type is an error" {
	bundle_edit '.linux.namespaces += [{"type": "nosuch"}]'
	container_run true
	[[ $status -ne 0 ]]
}

@test "namespaces: joined by path (config-linux.md, Namespaces: path)" {
	container_start sleep 100
	local first=$NAME pid name
	pid=$(container_pid)
	NAME=$NAME-b
	bundle_edit --arg pid "$pid" 'del(.hostname) | .linux.namespaces |= map(
		if .type == "network" then .path = "/proc/" + $pid + "/ns/net"
		elif .type == "ipc" then .path = "/proc/" + $pid + "/ns/ipc"
		elif .type == "uts" then .path = "/proc/" + $pid + "/ns/uts"
		elif .type == "pid" then .path = "/proc/" + $pid + "/ns/pid" else . end)'
	container_facts namespaces process
	for name in net ipc uts pid; do
		expect_fact "ns.$name" "$(readlink "/proc/$pid/ns/$name")"
	done
	[[ $(fact ns.mnt) != "$(readlink "/proc/$pid/ns/mnt")" ]]
	expect_fact hostname box
	[[ $(fact pid) -gt 1 ]]
	NAME=$first
}

@test "namespaces: a path of another type is an error (config-linux.md, Namespaces: path)" {
	bundle_edit '(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/uts"'
	container_run true
	[[ $status -ne 0 ]]
}

@test "namespaces: a path that is not there, or is no namespace, is an error" {
	local path
	for path in /nowhere /etc/passwd relative /dev/null; do
		bundle_edit --arg path "$path" '(.linux.namespaces[] | select(.type == "network")).path = $path'
		container_run true
		[[ $status -ne 0 ]] || { echo "$path" && return 1; }
		[[ -z $(ls -A "$STATE") ]]
	done
}

@test "namespaces: network: only lo, and it is up" {
	container_run sh -c 'ls /sys/class/net; cat /sys/class/net/lo/operstate /sys/class/net/lo/flags; ping -c1 -W2 127.0.0.1 >/dev/null 2>&1; echo $?'
	[[ ${lines[0]} == lo ]]
	[[ $((lines[2] & 1)) -eq 1 ]]
}

@test "user namespace: ids are mapped as given (config-linux.md, User namespace mappings)" {
	user_namespace
	process_shell '/payload ids namespaces; sleep 100'
	container_run /payload ids namespaces
	[[ -z $stderr ]] || echo "$stderr"
	expect_status 0
	expect_fact uid '0 0 0'
	[[ $(fact uid_map | tr -s ' ') == ' 0 100000 65536' ]]
	[[ $(fact gid_map | tr -s ' ') == ' 0 200000 65536' ]]
	[[ $(fact ns.user) != "$(host_ns user)" ]]
	container_start sleep 100
	[[ $(stat -c %u "/proc/$(container_pid)") == 100000 ]]
}

@test "user namespace: another user than root in it" {
	user_namespace
	bundle_edit '.process.user = {"uid": 1000, "gid": 1001, "additionalGids": [1002]}'
	container_facts ids
	expect_fact uid '1000 1000 1000'
	expect_fact gid '1001 1001 1001'
}

@test "user namespace: root in it has no power over the host's files" {
	user_namespace
	echo secret >"$ROOTFS/root-only"
	chmod 0600 "$ROOTFS/root-only"
	chown 0:0 "$ROOTFS/root-only"
	container_run cat /root-only
	[[ $status -ne 0 ]]
}

@test "user namespace: without a mapping it is an error" {
	bundle_edit '.linux.namespaces += [{"type": "user"}]'
	container_run true
	[[ $status -ne 0 ]]
}

@test "user namespace: devices are there, and can be used" {
	user_namespace
	container_run sh -c 'echo x >/dev/null && head -c4 /dev/zero | wc -c && head -c4 /dev/urandom | wc -c'
	expect_status 0
	expect_output $'4\n4'
}

@test "time namespace: offsets of the monotonic and the boot clock (config-linux.md, Offset for Time Namespace)" {
	peer_skip runc '1.1.5: does not know it'
	peer_skip crun '1.8.1: does not know it'
	bundle_edit '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"monotonic": {"secs": 1000}, "boottime": {"secs": 100000000}}'
	container_run sh -c '/payload namespaces; cut -d. -f1 /proc/uptime'
	[[ -z $stderr ]] || echo "$stderr"
	expect_status 0
	[[ $(fact ns.time) != "$(host_ns time)" ]]
	[[ ${lines[-1]} -ge 100000000 ]]
}

@test "cgroup namespace: the container sees its own cgroup as the top" {
	peer_skip crun 'has no cgroup here'
	bundle_edit '.linux.namespaces += [{"type": "cgroup"}]'
	container_run sh -c 'grep "^0:" /proc/self/cgroup'
	expect_status 0
	expect_output '0::/'
}

user_namespace() {
	chown -R 100000:200000 "$ROOTFS"
	chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" "$BUNDLE"
	bundle_edit '.linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
}
