#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# Signals to the runtime itself while it waits for a container in the foreground.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

# Starts `run` in the background, as the leader of a process group of its own; $JOB is its pid.
start_run() {
	process_shell "$1"
	setsid "${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null >out 2>err 3>&- &
	JOB=$!
	wait_until test -e "$ROOTFS/ready"
}

expect_job() {
	status=0
	wait "$JOB" || status=$?
	expect_status "$1"
}

@test "signals: TERM, INT, HUP, QUIT, USR1 and USR2 are passed on to the program" {
	local signal
	for signal in TERM INT HUP QUIT USR1 USR2; do
		rm -f "$ROOTFS/ready"
		start_run "trap 'echo $signal >>/got; exit 7' $signal; echo >/ready; while :; do sleep 0.05; done"
		kill -s "$signal" "$JOB"
		expect_job 7
		has_line "^$signal\$" "$ROOTFS/got"
	done
	[[ -z $(ls -A "$STATE") ]]
}

@test "signals: a real-time one too" {
	start_run 'trap "exit 9" 40; echo >/ready; while :; do sleep 0.05; done'
	kill -40 "$JOB"
	expect_job 9
}

@test "signals: a program that ignores one goes on, and so does the runtime" {
	start_run 'trap "" TERM; trap "exit 5" USR1; echo >/ready; while :; do sleep 0.05; done'
	kill -TERM "$JOB"
	sleep 0.3
	kill -0 "$JOB"
	expect_container running
	kill -USR1 "$JOB"
	expect_job 5
}

@test "signals: the death of a program by a passed-on signal is 128 and the number" {
	bundle_edit '.linux.namespaces |= map(select(.type != "pid"))'
	start_run 'echo >/ready; exec sleep 100'
	wait_until process_is "$(container_pid)" 'sleep 100'
	kill -TERM "$JOB"
	expect_job 143
	[[ -z $(ls -A "$STATE") ]]
}

@test "signals: Ctrl-C on a terminal reaches the program" {
	bundle_edit '.process.terminal = true'
	process_shell 'trap "echo interrupted >/got; exit 8" INT; echo >/ready; while :; do sleep 0.05; done'
	mkfifo keys
	script -qefc "$(printf '%q ' "${OCI[@]}" run --bundle "$BUNDLE" "$NAME")" /dev/null 0<>keys >/dev/null 2>&1 3>&- &
	JOB=$!
	wait_until test -e "$ROOTFS/ready"
	printf '\003' >keys
	expect_job 8
	[[ $(<"$ROOTFS/got") == interrupted ]]
}

@test "signals: Ctrl-C without a terminal of its own" {
	process_shell 'trap "echo interrupted >/got; exit 8" INT; echo >/ready; while :; do sleep 0.05; done'
	mkfifo keys
	script -qefc "$(printf '%q ' "${OCI[@]}" run --bundle "$BUNDLE" "$NAME")" /dev/null 0<>keys >/dev/null 2>&1 3>&- &
	JOB=$!
	wait_until test -e "$ROOTFS/ready"
	printf '\003' >keys
	expect_job 8
	[[ -z $(ls -A "$STATE") ]]
}

@test "signals: exec passes them on as well" {
	container_start sleep 1000
	"${OCI[@]}" exec "$NAME" sh -c 'trap "exit 6" TERM; echo >/ready; while :; do sleep 0.05; done' </dev/null >out 2>err 3>&- &
	JOB=$!
	wait_until test -e "$ROOTFS/ready"
	kill -TERM "$JOB"
	expect_job 6
	expect_container running
}

@test "signals: the end of the runtime by SIGKILL leaves a container that can be found and deleted" {
	start_run 'echo >/ready; exec sleep 1000'
	kill -KILL "$JOB"
	wait "$JOB" || true
	run oci list -q
	expect_output "$NAME"
	run oci delete --force "$NAME"
	expect_status 0
	[[ -z $(ls -A "$STATE") && -z $(cgroup_find "$NAME") ]]
}

@test "signals: a runtime that is killed while it creates leaves nothing that delete --force cannot remove" {
	[[ $KIND == orlop ]] || skip 'a promise of orlop'
	local delay
	for delay in 0.000 0.001 0.002 0.003 0.004 0.005 0.007 0.010 0.020; do
		"${OCI[@]}" create --bundle "$BUNDLE" "$NAME" </dev/null >out 2>err 3>&- &
		JOB=$!
		sleep "$delay"
		kill -KILL "$JOB" 2>/dev/null || true
		wait "$JOB" 2>/dev/null || true
		run oci delete --force "$NAME"
		expect_status 0
		[[ -z $(ls -A "$STATE") ]]
		[[ -z $(cgroup_find "$NAME") ]] || { echo "after $delay: $(cgroup_find "$NAME")" && return 1; }
	done
}

@test "signals: the runtime's own stop and continuation do not disturb the program" {
	start_run 'i=0; echo >/ready; while [ $i -lt 20 ]; do i=$((i + 1)); echo $i; sleep 0.05; done; exit 4'
	kill -STOP "$JOB"
	sleep 0.3
	kill -CONT "$JOB"
	expect_job 4
	[[ $(wc -l <out) -eq 20 ]]
}
