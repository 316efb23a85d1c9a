#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2153,SC2154 # jq has variables; bats and faults.bash set what is read
# Every socket of orlop's, with something else at its other end than there should be: too much, too little, of no kind, with descriptors, or nothing at
# all. What comes of it is one line or nothing, in time, and nothing is left.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load ../bats/faults

setup() {
	faults_setup
	IMPOSTOR=$(dirname -- "$(payload_find)")/../security/impostor
	process_args sleep 1000
}
teardown() {
	# Who holds a test's socket open must not outlive it.
	kill "${IMPOSTORS[@]}" 2>/dev/null || true
	faults_teardown
}

# impostor ARGUMENT...: in the background, what it says in the file said.
impostor() {
	"$IMPOSTOR" "$@" </dev/null >said 2>&1 3>&- &
	IMPOSTORS+=($!)
}

# With $ONE, the first one ends the test: enough to show that it bites.
wrong() {
	finding "$@"
	[[ -z ${ONE:-} ]] || expect_no_findings || exit 1
}

expect_nothing_left() { [[ -z $(state_ids) && -z $(cgroup_find "$NAME") ]] || wrong "$1" "left: $(state_ids) $(cgroup_find "$NAME")"; }

# --- the dialogue with init -------------------------------------------------------------------------------------------------------------

# The numbers of messages (libsandbox/steps/step.h).
ERROR=1 AT_HOOKS=4 CONSOLE=6 READY=9 EXEC=11

# init_says STEP WANT SAY...: instead of the message of that step init says this; the host side's answer is WANT.
init_says() {
	local step=$1 want=$2
	shift 2
	rm -f out err
	held_run "init:$step" create --bundle "$BUNDLE" ${OPTIONS[@]+"${OPTIONS[@]}"} "$NAME" || { wrong "$*" "never came to '$step': $(<err)" && return; }
	"$IMPOSTOR" say "$HELD" "$@" || wrong "$*" 'not said'
	# Who believes it waits for more of an init that is held.
	wait_until process_is_gone "$RUNNER" >/dev/null 2>&1 || kill -KILL "$HELD"
	held_end
	[[ $status -ne 0 && $(<err) == *"$want"* && $(wc -l <err) -eq 1 ]] || wrong "$*" "status $status, said: $(<err)"
	[[ $(<err) != *$'\e'* ]] || wrong "$*" 'moves the cursor'
	expect_nothing_left "$*"
}

@test "dialogue: a message of init's that is malformed, another, or brings descriptors, is refused" {
	init_says ready 'malformed' 8 "$READY" 0 0 0 0
	init_says ready 'malformed' 15 "$READY" 0 0 0 0
	init_says ready 'malformed' 40 "$READY" 0 0 0 0
	init_says ready 'malformed' 40 "$READY" 0 4294967295 0 0
	init_says ready 'malformed' 16 "$READY" 0 0 1 0
	init_says ready 'Message too long' 3000 "$READY" 0 2984 0 0
	init_says ready 'Message too long' 100000 "$READY" 0 99984 0 5
	init_says ready 'READY came with 1 descriptors' 16 "$READY" 0 0 0 1
	init_says ready 'READY came with 16 descriptors' 16 "$READY" 0 0 0 16
	init_says ready 'Message too long' 16 "$READY" 0 0 0 17
	init_says ready 'Message too long' 16 "$READY" 0 0 0 250
	init_says ready 'expected READY, got AT_HOOKS' 16 "$AT_HOOKS" 0 0 0 0
	init_says ready 'expected READY, got EXEC' 16 "$EXEC" 0 0 0 0
	init_says ready 'expected READY, got unknown' 16 4294967295 0 0 0 0
	init_says ready '\\x1b\\x1b' 24 "$ERROR" -2 8 0 3
	init_says ready '\\x1b\\x1b' 2064 "$ERROR" 2147483647 2048 0 0
	expect_no_findings
}

@test "dialogue: only a terminal's master comes to who asked for a terminal" {
	local OPTIONS=(--console-socket "$PWD/console")
	bundle_edit '.process.terminal = true'
	"$(dirname -- "$(payload_find)")/receiver" "$PWD/console" "$PWD/heard" </dev/null >/dev/null 2>&1 3>&- &
	IMPOSTORS+=($!)
	wait_until has_line listening heard
	echo secret >secret
	init_says console 'init sent no terminal' 16 "$CONSOLE" 0 0 0 0
	init_says console 'is no terminal' 16 "$CONSOLE" 0 0 0 1
	init_says console 'is no terminal' 16 "$CONSOLE" 0 0 0 1 "$PWD/secret"
	init_says console 'CONSOLE came with 2 descriptors' 16 "$CONSOLE" 0 0 0 2 /dev/ptmx
	not has_line message heard
	expect_no_findings
}

@test "gate: a report that is none is an error of start at once" {
	local report
	for report in '\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' '\x0b\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0' '\x01\0\0\0\0\0\0\0\x01\x08\0\0\0\0\0\0' \
		'\x0b\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0' 'sixteen letters!'; do
		container_create
		printf '%b' "$report" >"$STATE/$NAME/gate-report"
		run oci start "$NAME"
		[[ $status -ne 0 && $status -ne 124 && $output == *"init's report is malformed"* ]] || wrong "$report" "status $status: $output"
		oci delete --force "$NAME"
	done
	expect_no_findings
}

# --- sockets that callers name ----------------------------------------------------------------------------------------------------------

@test "console-socket, pidfd-socket: a peer that never reads or talks without end is no obstacle; one that takes no connection is given up" {
	local kind option
	for kind in mute chatter deaf; do
		for option in console-socket pidfd-socket; do
			rm -f peer said
			impostor peer "$PWD/peer" "$kind"
			wait_until has_line listening said
			bundle_edit --arg option "$option" '.process.terminal = ($option == "console-socket")'
			detached create --bundle "$BUNDLE" "--$option" "$PWD/peer" "$NAME"
			if [[ $kind != deaf ]]; then
				((status == 0)) || wrong "$kind $option" "$output"
				oci delete --force "$NAME" || wrong "$kind $option" 'cannot be deleted'
			elif [[ $status -eq 0 || $status -eq 124 || $(wc -l <err) -ne 1 || $(<err) != *"--$option"*'timed out'* ]]; then
				wrong "$kind $option" "status $status: $output"
			fi
			expect_nothing_left "$kind $option"
		done
	done
	expect_no_findings
}

@test "listenerPath: an agent that talks back without end is no obstacle" {
	rm -f peer
	impostor peer "$PWD/peer" chatter
	wait_until has_line listening said
	bundle_edit --arg path "$PWD/peer" '.process.args = ["true"] | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
		syscalls: [{names: ["swapon"], action: "SCMP_ACT_NOTIFY"}]}'
	run oci run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 0
	expect_nothing_left chatter
	expect_no_findings
}

# --- sd_notify --------------------------------------------------------------------------------------------------------------------------

descriptors() { find "/proc/$RUNNER/fd" -mindepth 1 | wc -l; }
holds_no_more_than() { [[ $(descriptors) -le $1 ]]; }
has_text() { [[ -s $1 ]]; }

@test "NOTIFY_SOCKET: whatever a container sends, one line of it reaches the manager, and no descriptor" {
	local i socket=$STATE/$NAME/notify/notify.sock before
	impostor manager "$PWD/manager"
	wait_until test -S manager
	NOTIFY_SOCKET=$PWD/manager marked_background run --bundle "$BUNDLE" "$NAME"
	wait_until is_container running
	wait_until test -S "$socket"
	before=$(descriptors)
	for ((i = 0; i < 50; i++)); do
		"$IMPOSTOR" tell "$socket" 100 250 'STATUS=busy'
		"$IMPOSTOR" tell "$socket" 200000 10 'READY=1'
		"$IMPOSTOR" tell "$socket" 1 0 ''
		"$IMPOSTOR" tell "$socket" 60 3 'MAINPID=1'
		"$IMPOSTOR" tell "$socket" 60 3 'BARRIER=1'
		"$IMPOSTOR" tell "$socket" 60 3 'FDSTORE=1'
	done
	is_container running
	# What it has not read yet is still to come, descriptors with it.
	wait_until holds_no_more_than "$before"
	"$IMPOSTOR" tell "$socket" 90 9 $'MAINPID=1\nREADY=1\nFDSTORE=1\nMAINPID=2'
	wait_until has_text said
	wait_until has_line BARRIER said
	[[ $(grep -c READY said) -eq 1 && $(grep -vc -e '^READY=1\\x0a$' -e '^MAINPID=[0-9]*\\x0a$' -e '^BARRIER=1$' said) -eq 0 ]] || { cat said && return 1; }
	[[ $(grep MAINPID said) != MAINPID=[12]'\x0a' ]]
	oci kill "$NAME" KILL
	held_end
	[[ $status -eq 137 ]] || { echo "$status $output" && return 1; }
	expect_nothing_left notify
}

# --- descriptors that are handed on -------------------------------------------------------------------------------------------------------

# preserved LISTEN_FDS [ARGUMENT...]: run by a caller with one descriptor to hand on.
preserved() {
	run --separate-stderr timeout 30 bash -c 'export LISTEN_FDS=$1 LISTEN_PID=${2:-$$}; shift 2; exec "$@" 3</dev/null 4<&- 5<&- 6<&- 7<&-' bash "$1" "${LISTENER:-}" \
		"${OCI[@]}" run --bundle "$BUNDLE" "${@:2}" "$NAME" </dev/null
}

@test "LISTEN_FDS, --preserve-fds: numbers that are none mean nothing, those that are too many are refused at once" {
	local number LISTENER
	process_args sh -c 'echo "${LISTEN_FDS-unset}"; ls /proc/self/fd | wc -l'
	for number in -1 +1 1x ' 1' 0x1 1.0 99999999999999999999 2147483648 4294967297 01 ''; do
		preserved "$number"
		[[ $status -eq 0 && ${lines[0]} == unset ]] || wrong "LISTEN_FDS='$number'" "$status $output $stderr"
	done
	for number in 2 1000000 2147483647; do
		preserved "$number"
		[[ $status -ne 0 && $status -ne 124 && $stderr == *"LISTEN_FDS is $number: descriptor 4"* ]] || wrong "LISTEN_FDS=$number" "$status $output $stderr"
	done
	for number in 1 1000000 2147483647 4294967295 18446744073709551615; do
		preserved 1 --preserve-fds "$number"
		[[ $status -ne 0 && $status -ne 124 && ${#stderr_lines[@]} -eq 1 ]] || wrong "--preserve-fds $number" "$status $output $stderr"
	done
	LISTENER=1
	preserved 1
	[[ $status -eq 0 && ${lines[0]} == unset ]] || wrong 'LISTEN_PID=1' "$status $output $stderr"
	LISTENER=''
	preserved 1
	[[ $status -eq 0 && ${lines[0]} == 1 ]] || wrong 'LISTEN_FDS=1' "$status $output $stderr"
	expect_nothing_left preserved
	expect_no_findings
}
