#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `kill`: runtime-spec runtime.md, "Kill", and what engines rely on.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

# A container that writes the names of the signals it gets, and says when it is ready.
start_listener() {
	process_shell 'for s in TERM HUP INT USR1 USR2 WINCH 40; do trap "echo $s >>/got" $s; done; echo >/ready; while :; do sleep 0.05; done'
	container_start
	wait_until test -e "$ROOTFS/ready"
}

expect_signal() {
	wait_until has_line "^$1\$" "$ROOTFS/got" || { cat "$ROOTFS/got" && return 1; }
	rm "$ROOTFS/got"
}

@test "kill: the signal reaches the program; a name with or without SIG in any case, or a number (runtime.md, Kill)" {
	start_listener
	local signal names=(TERM SIGTERM 15)
	[[ $KIND == crun ]] || names+=(sigterm term)
	for signal in "${names[@]}"; do
		run oci kill "$NAME" "$signal"
		expect_status 0
		[[ -z $output ]]
		expect_signal TERM
	done
	for signal in HUP USR1 USR2 WINCH INT; do
		oci kill "$NAME" "$signal"
		expect_signal "$signal"
	done
	expect_container running
}

@test "kill: SIGTERM unless told" {
	start_listener
	run oci kill "$NAME"
	expect_status 0
	expect_signal TERM
	peer_skip crun 'wants a name'
	run oci kill "$NAME" ''
	expect_status 0
	expect_signal TERM
}

@test "kill: real-time signals by number" {
	start_listener
	run oci kill "$NAME" 40
	expect_status 0
	expect_signal 40
}

@test "kill: signal 0 asks whether it lives" {
	container_start sleep 100
	run oci kill "$NAME" 0
	expect_status 0
	expect_container running
}

@test "kill: SIGKILL ends it" {
	container_start sleep 100
	local pid
	pid=$(container_pid)
	run oci kill "$NAME" 9
	expect_status 0
	wait_until is_container stopped
	process_is_gone "$pid"
}

@test "kill: a created container (runtime.md, Kill: created or running)" {
	container_create
	run oci kill "$NAME" KILL
	expect_status 0
	wait_until is_container stopped
}

@test "kill: a stopped container is an error in words that engines know (runtime.md, Kill)" {
	container_start true
	wait_until is_container stopped
	local signal
	for signal in TERM KILL 0; do
		run oci kill "$NAME" "$signal"
		expect_status 1
		[[ ${output,,} =~ 'container not running'|'no such process' ]]
	done
}

@test "kill: an unknown container (runtime.md, Kill)" {
	run oci kill "$NAME" KILL
	expect_status 1
	[[ $KIND == crun ]] || expect_output_has 'container does not exist'
}

@test "kill: an unknown signal is an error without effect" {
	container_start sleep 100
	local signal
	for signal in NOSUCH 9x -1 SIG; do
		run oci kill "$NAME" -- "$signal"
		[[ $status -ne 0 ]] || { printf 'taken: %q\n' "$signal" && return 1; }
	done
	expect_container running
	peer_skip crun 'has other words'
	run oci kill "$NAME" NOSUCH
	expect_status 1
	expect_message 'unknown signal "NOSUCH"'
}

@test "kill --all: every process of the container gets it" {
	peer_skip crun 'has no cgroup here'
	peer_skip runc 'takes the option and does not do it'
	process_shell '(trap "echo child >>/got" USR1; echo >/ready1; while :; do sleep 0.05; done) &
		trap "echo init >>/got" USR1; echo >/ready2; while :; do sleep 0.05; done'
	container_start
	wait_until test -e "$ROOTFS/ready1" -a -e "$ROOTFS/ready2"
	run oci kill --all "$NAME" USR1
	expect_status 0
	wait_until has_line child "$ROOTFS/got"
	wait_until has_line init "$ROOTFS/got"
	expect_container running
}

@test "kill --all 9: no error when init has ended already" {
	peer_skip crun 'it is one'
	peer_skip runc '1.1.5: it is one'
	container_start true
	wait_until is_container stopped
	local option
	for option in --all -a; do
		run oci kill "$option" "$NAME" 9
		expect_status 0
	done
}

@test "kill: SIGKILL in a shared pid namespace takes all processes along" {
	peer_skip crun 'only with --all'
	peer_skip runc '1.1.5: only with --all'
	bundle_edit '.linux.namespaces |= map(select(.type != "pid"))'
	process_shell 'sleep 4321 & echo $! >/child; wait'
	container_start
	wait_until test -s "$ROOTFS/child"
	local child
	child=$(<"$ROOTFS/child")
	kill -0 "$child"
	run oci kill "$NAME" KILL
	expect_status 0
	wait_until process_is_gone "$child"
	wait_until is_container stopped
}

@test "kill --all 9: what init left behind in a shared pid namespace" {
	peer_skip crun 'has no cgroup here'
	peer_skip runc '1.1.5: container not running'
	bundle_edit '.linux.namespaces |= map(select(.type != "pid"))'
	process_shell 'sleep 4322 & echo $! >/child'
	container_start
	wait_until is_container stopped
	local child
	child=$(<"$ROOTFS/child")
	kill -0 "$child"
	run oci kill --all "$NAME" 9
	expect_status 0
	wait_until process_is_gone "$child"
}

@test "kill: options end at the id, so that a signal may look like one" {
	peer_skip crun 'orders options its own way'
	peer_skip runc '1.1.5: takes them anywhere'
	container_start sleep 100
	run oci kill "$NAME" --all
	[[ $status -ne 0 ]]
	expect_container running
}
