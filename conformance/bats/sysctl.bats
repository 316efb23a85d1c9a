#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# Kernel parameters of the namespaces: runtime-spec config-linux.md, "Sysctl".
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

sysctl() { bundle_edit --arg key "$1" --arg value "$2" '.linux.sysctl[$key] = $value'; }

@test "sysctl: those of the network, ipc and uts namespaces (config-linux.md, Sysctl)" {
	sysctl net.ipv4.ip_forward 1
	sysctl net.core.somaxconn 321
	sysctl kernel.shmmax 1234567
	sysctl kernel.msgmax 4321
	sysctl fs.mqueue.msg_max 33
	container_run sh -c 'cd /proc/sys && cat net/ipv4/ip_forward net/core/somaxconn kernel/shmmax kernel/msgmax fs/mqueue/msg_max'
	expect_status 0
	expect_output $'1\n321\n1234567\n4321\n33'
	[[ $(</proc/sys/kernel/shmmax) != 1234567 ]]
}

@test "sysctl: slashes in place of dots" {
	peer_skip runc '1.1.5: does not know it'
	sysctl net/ipv4/ip_forward 1
	container_run cat /proc/sys/net/ipv4/ip_forward
	expect_status 0
	expect_output 1
}

@test "sysctl: those of the whole machine are refused" {
	local key
	for key in kernel.panic vm.swappiness fs.file-max kernel.core_pattern; do
		cp "$BATS_TEST_DIRNAME/container.json" "$BUNDLE/config.json"
		sysctl "$key" 1
		container_run true
		[[ $status -ne 0 ]] || { echo "$key" && return 1; }
	done
	[[ $KIND == crun ]] || expect_message 'sysctl "kernel.core_pattern" is not in a separate kernel namespace'
}

@test "sysctl: refused without a namespace of one's own" {
	bundle_edit '.linux.namespaces |= map(select(.type != "network" and .type != "ipc"))
		| .mounts |= map(select(.destination != "/sys"))'
	sysctl net.ipv4.ip_forward 1
	container_run true
	[[ $status -ne 0 ]]
	bundle_edit 'del(.linux.sysctl)'
	sysctl kernel.shmmax 1234567
	container_run true
	[[ $status -ne 0 ]]
	[[ $(</proc/sys/kernel/shmmax) != 1234567 ]]
}

@test "sysctl: keys that lead elsewhere are refused" {
	local key
	for key in ../../../tmp/x net.../../x net/ipv4/../../kernel/panic '' .; do
		cp "$BATS_TEST_DIRNAME/container.json" "$BUNDLE/config.json"
		sysctl "$key" 1
		container_run true
		[[ $status -ne 0 ]] || { echo "$key" && return 1; }
	done
}

@test "sysctl: an unknown key and a value that the kernel refuses are errors that name it" {
	sysctl net.ipv4.no_such_key 1
	container_run true
	[[ $status -ne 0 ]]
	[[ $stderr == *no_such_key* ]]
	cp "$BATS_TEST_DIRNAME/container.json" "$BUNDLE/config.json"
	sysctl net.core.somaxconn words
	container_run true
	[[ $status -ne 0 ]]
	[[ $stderr == *somaxconn* ]]
	[[ -z $(ls -A "$STATE") ]]
}
