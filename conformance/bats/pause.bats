#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `pause` and `resume`: runtime-spec features beyond the core, as runc has them.
bats_require_minimum_version 1.5.0
load helpers
load container

teardown() { container_teardown; }

setup() {
	container_setup
	peer_skip crun 'has no cgroup here'
	process_shell 'i=0; while :; do i=$((i + 1)); echo $i >/tick; sleep 0.02; done'
}

ticks() { cat "$ROOTFS/tick"; }
start_ticking() {
	container_start
	wait_until test -s "$ROOTFS/tick"
}

@test "pause: all stand still, the status is paused; resume lets them run" {
	start_ticking
	run oci pause "$NAME"
	expect_status 0
	[[ -z $output ]]
	expect_container paused
	local before
	before=$(ticks)
	sleep 0.3
	[[ $(ticks) == "$before" ]]
	run oci resume "$NAME"
	expect_status 0
	expect_container running
	have_ticked() { [[ $(ticks) != "$before" ]]; }
	wait_until have_ticked
}

@test "pause: a created container; start is refused meanwhile, and works after resume" {
	container_create
	run oci pause "$NAME"
	expect_status 0
	expect_container paused
	run oci start "$NAME"
	expect_status 1
	run oci resume "$NAME"
	expect_status 0
	expect_container created
	run oci start "$NAME"
	expect_status 0
}

@test "pause: twice is an error in runc's words, and leaves it paused" {
	start_ticking
	oci pause "$NAME"
	run oci pause "$NAME"
	expect_status 1
	expect_container paused
	[[ $KIND != orlop ]] || expect_output_has 'container not running'
}

@test "resume: what is not paused is an error in runc's words" {
	start_ticking
	run oci resume "$NAME"
	expect_status 1
	expect_output_has 'container not paused'
	expect_container running
}

@test "pause and resume: stopped and unknown containers are errors" {
	run oci pause "$NAME"
	expect_status 1
	expect_output_has 'does not exist'
	run oci resume "$NAME"
	expect_status 1
	container_start true
	wait_until is_container stopped
	run oci pause "$NAME"
	expect_status 1
	expect_output_has 'container not running'
	run oci resume "$NAME"
	expect_status 1
	expect_output_has 'container not paused'
}

@test "kill: SIGKILL of a paused container ends it, and nothing stays frozen" {
	start_ticking
	oci pause "$NAME"
	run oci kill "$NAME" KILL
	expect_status 0
	wait_until is_container stopped
	run oci delete "$NAME"
	expect_status 0
}

@test "kill: other signals to a paused container wait until it is resumed" {
	process_shell 'trap "echo term >/got; exit" TERM; echo >/tick; while :; do sleep 0.02; done'
	start_ticking
	oci pause "$NAME"
	run oci kill "$NAME" TERM
	expect_status 0
	sleep 0.2
	[[ ! -e $ROOTFS/got ]]
	expect_container paused
	oci resume "$NAME"
	wait_until test -e "$ROOTFS/got"
}

@test "exec: refused while it is paused, but with --ignore-paused (which then waits)" {
	start_ticking
	oci pause "$NAME"
	run oci exec "$NAME" true
	[[ $status -ne 0 ]]
	[[ $KIND != orlop ]] || expect_output_has 'cannot exec in a paused container (use --ignore-paused to override)'
	expect_container paused
	oci resume "$NAME"
	run oci exec "$NAME" true
	expect_status 0
}

@test "pause: several at once leave it paused and one way back" {
	start_ticking
	local try pids=()
	for try in 1 2 3 4; do
		oci pause "$NAME" >/dev/null 2>&1 &
		pids+=($!)
	done
	# One that comes second may be refused, as it is paused.
	for try in "${pids[@]}"; do
		wait "$try" || true
	done
	expect_container paused
	run oci resume "$NAME"
	expect_status 0
	expect_container running
}
