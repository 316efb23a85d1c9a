#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# process.terminal: whom the terminal's master goes to, what the container sees of it, and the relay in the foreground.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() {
	container_setup
	bundle_edit '.process.terminal = true'
}
teardown() {
	[[ -z ${RECEIVER:-} ]] || kill "$RECEIVER" 2>/dev/null || true
	container_teardown
}

# Whoever takes the master, shows what is on it and what came with it in the file `shown`: conformance/payload/receiver.c.
receiver() {
	"$(dirname -- "$(payload_find)")/receiver" "$PWD/console" "$PWD/shown" "$@" </dev/null >/dev/null 2>&1 3>&- &
	RECEIVER=$!
	wait_until has_line listening shown
}

# What came about is nothing, with a word on it: expect_failure STATUS MESSAGE; no message: any.
expect_failure() {
	expect_status "$1"
	[[ -z ${2:-} ]] || expect_message "$2"
	[[ -z $(ls -A "$STATE") && -z $(cgroup_find "$NAME") ]]
}

# -- the socket -----------------------------------------------------------------------------------------------------------------

@test "console-socket, create: one message, one descriptor, the terminal of the size that was asked for" {
	bundle_edit '.process.consoleSize = {"height": 33, "width": 77}'
	receiver
	process_args sh -c 'stty size; tty; echo end of it; sleep 100'
	container_create --console-socket "$PWD/console"
	# Nobody waits for the receiver to read it.
	wait_until has_line '^message ' shown
	# The text is the master's name, as runc has it; crun's is another.
	[[ $KIND == crun ]] || has_line '^message /dev/ptmx descriptors 1 terminal /dev/pts/0 33 77$' shown
	has_line 'descriptors 1 terminal /dev/pts/0 33 77$' shown
	run oci start "$NAME"
	expect_status 0
	wait_until has_line 'end of it' shown
	has_line '^33 77' shown
	has_line '^/dev/' shown
	[[ $(grep -c ^message shown) -eq 1 ]]
}

@test "console-socket, run --detach: what the program says comes to the master" {
	receiver
	process_args sh -c 'echo words; sleep 100'
	detached run --detach --bundle "$BUNDLE" --console-socket "$PWD/console" "$NAME"
	expect_status 0
	[[ -z $output ]]
	wait_until has_line '^words' shown
	expect_container running
}

@test "console-socket, exec: a terminal of its own" {
	bundle_edit '.process.terminal = false'
	container_start sleep 100
	receiver
	run oci exec --detach --tty --console-socket "$PWD/console" "$NAME" sh -c 'tty; ps -o tty= -p $$; echo words; sleep 100'
	expect_status 0
	wait_until has_line '^words' shown
	has_line 'descriptors 1 terminal /dev/pts/0' shown
	has_line '^/dev/pts/0' shown
	run oci exec --detach --tty --console-socket "$PWD/console" "$NAME" sh -c 'tty; echo others'
	expect_status 0
	wait_until has_line '^others' shown
	has_line 'descriptors 1 terminal /dev/pts/1' shown
}

@test "console-socket, exec --process: the size of the document" {
	bundle_edit '.process.terminal = false'
	container_start sleep 100
	receiver
	jq '.process | .terminal = true | .consoleSize = {height: 12, width: 34} | .args = ["sh", "-c", "stty size; echo words"]' \
		"$BUNDLE/config.json" >process.json
	run oci exec --detach --process "$PWD/process.json" --console-socket "$PWD/console" "$NAME"
	expect_status 0
	wait_until has_line '^words' shown
	has_line '^12 34' shown
}

@test "console-socket: a path of more than 108 bytes" {
	[[ $KIND == orlop ]] || skip "$KIND: does not take it"
	local directory
	directory=$PWD/$(printf 'd%.0s' {1..100})
	mkdir "$directory"
	cd "$directory"
	receiver
	process_args sh -c 'echo words'
	container_create --console-socket "$directory/console"
	oci start "$NAME"
	wait_until has_line '^words' shown
	cd "$BATS_TEST_TMPDIR"
}

@test "console-socket: absent, not a socket, nobody listens: nothing is made" {
	local command
	touch file
	receiver
	kill "$RECEIVER"
	wait_until process_is_gone "$RECEIVER"
	for command in create 'run --detach'; do
		# shellcheck disable=SC2086
		{
			detached $command --bundle "$BUNDLE" --console-socket "$PWD/none" "$NAME"
			expect_failure 1 'o such file or directory'
			detached $command --bundle "$BUNDLE" --console-socket "$PWD/file" "$NAME"
			expect_failure 1 'onnection refused'
			detached $command --bundle "$BUNDLE" --console-socket "$PWD/console" "$NAME"
			expect_failure 1 'onnection refused'
		}
	done
}

@test "console-socket, exec: absent, not a socket, nobody listens: no process, the container lives on" {
	local socket long=$((100000 + $$)) # nobody else sleeps so long
	bundle_edit '.process.terminal = false'
	container_start sleep 100
	touch file
	receiver
	kill "$RECEIVER"
	wait_until process_is_gone "$RECEIVER"
	for socket in none file console; do
		detached exec --detach --tty --console-socket "$PWD/$socket" "$NAME" sleep "$long"
		[[ $status -ne 0 ]]
		[[ $KIND != orlop ]] || expect_status 255
	done
	expect_container running
	not pgrep -x -f "sleep $long"
}

@test "console-socket: closed before the master came is an error" {
	receiver close
	process_args sleep 100
	# The hook runs before the terminal is made.
	bundle_edit --arg shown "$PWD/shown" '.hooks.createRuntime = [{path: "/bin/sh", timeout: 20,
		args: ["sh", "-c", "until grep -q closed " + $shown + "; do sleep 0.05; done"]}]'
	detached create --bundle "$BUNDLE" --console-socket "$PWD/console" "$NAME"
	[[ $KIND == orlop ]] || { [[ $status -ne 0 ]] && return 0; }
	expect_failure 1 'roken pipe'
	expect_message 'console socket'
}

@test "console-socket: without a terminal, and a terminal without one, in runc's words" {
	peer_skip crun 'has other words, and passes over the first'
	bundle_edit '.process.terminal = false'
	detached create --bundle "$BUNDLE" --console-socket "$PWD/none" "$NAME"
	expect_failure 1
	[[ $output =~ 'cannot use console socket if '[a-z]*' will not detach or allocate tty' ]]
	container_start sleep 100
	detached exec --console-socket "$PWD/none" "$NAME" true
	[[ $status -ne 0 && $output =~ 'cannot use console socket if '[a-z]*' will not detach or allocate tty' ]]
	detached exec --detach --tty "$NAME" true
	[[ $status -ne 0 && $output =~ 'cannot allocate tty if '[a-z]*' will detach without setting console socket' ]]
	oci delete --force "$NAME"
	bundle_edit '.process.terminal = true'
	detached create --bundle "$BUNDLE" "$NAME"
	expect_failure 1
	[[ $output =~ 'cannot allocate tty if '[a-z]*' will detach without setting console socket' ]]
	detached run --detach --bundle "$BUNDLE" "$NAME"
	expect_failure 1
}

# -- inside ---------------------------------------------------------------------------------------------------------------------

@test "console: /dev/console is the terminal" {
	process_args sh -c 'stat -c %t:%T /dev/console "$(readlink /proc/self/fd/0)" /dev/pts/0; grep -c " /dev/console " /proc/self/mountinfo; echo there >/dev/console'
	on_terminal "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	expect_status 0
	[[ ${lines[0]} == 88:* && ${lines[0]//$'\r'/} == "${lines[1]//$'\r'/}" && ${lines[0]} == "${lines[2]}" ]]
	[[ ${lines[3]} == 1* && ${lines[4]} == there* ]]
}

@test "console: without a terminal there is no /dev/console" {
	bundle_edit '.process.terminal = false'
	container_run sh -c 'test ! -e /dev/console; /payload tty'
	expect_status 0
	expect_fact tty.0 0
}

@test "console: the terminal is the user's, and the controlling one" {
	bundle_edit '.process.user = {"uid": 1000, "gid": 1000}'
	process_args sh -c 'stat -c %u /dev/pts/0; echo there >/dev/tty && echo again >/dev/pts/0'
	on_terminal "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	expect_status 0
	expect_output $'1000\nthere\nagain'
}

@test "console: a /dev/pts that is no devpts is an error" {
	[[ $KIND == orlop ]] || skip "$KIND: has other words"
	bundle_edit '.mounts |= map(select(.destination != "/dev/pts"))'
	process_args true
	on_terminal "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	expect_failure 1 '/dev/pts'
}

# -- in the foreground ------------------------------------------------------------------------------------------------------------

# A shell on a terminal of 10 by 20 that runs $1, with `oci` as in `"${OCI[@]}"`.
terminal_shell() {
	printf 'oci() { timeout --foreground --kill-after=5 60 %q' "${OCI[0]}" >script
	printf ' %q' "${OCI[@]:1}" >>script
	printf ' "$@"; }\nstty rows 10 cols 20\n%s\n' "$1" >>script
	on_terminal bash script
}

@test "console: the size of the caller's terminal, and what becomes of it (SIGWINCH)" {
	peer_skip crun '1.8.1: does not pass on what becomes of it'
	# shellcheck disable=SC2016
	process_args sh -c 'echo "at first $(stty size)"; echo >/ready; until [ "$(stty size)" = "44 55" ]; do sleep 0.05; done; echo "then $(stty size)"'
	terminal_shell '(until [[ -e '"$ROOTFS"'/ready ]]; do sleep 0.05; done; stty rows 44 cols 55 </dev/tty) &
		oci run --bundle '"$BUNDLE $NAME"
	expect_status 0
	# runc and crun set it when the program runs already.
	[[ $KIND != orlop ]] || expect_output_has 'at first 10 20'
	expect_output_has 'then 44 55'
}

@test "console, exec: the size of the caller's terminal, and what becomes of it" {
	peer_skip crun '1.8.1: does not pass on what becomes of it'
	bundle_edit '.process.terminal = false'
	container_start sleep 100
	cat >"$ROOTFS/sizes" <<-'END'
		echo "at first $(stty size)"
		echo >/ready
		until [ "$(stty size)" = "44 55" ]; do sleep 0.05; done
		echo "then $(stty size)"
	END
	terminal_shell '(until [[ -e '"$ROOTFS"'/ready ]]; do sleep 0.05; done; stty rows 44 cols 55 </dev/tty) &
		oci exec --tty '"$NAME"' sh /sizes'
	expect_status 0
	# runc and crun set it when the program runs already.
	[[ $KIND != orlop ]] || expect_output_has 'at first 10 20'
	expect_output_has 'then 44 55'
}

@test "console: the caller's terminal is raw meanwhile, and as it was afterwards" {
	process_args sh -c 'echo >/ready; until [ -e /seen ]; do sleep 0.05; done; exit 7'
	terminal_shell 'stty -a >before
		(until [[ -e '"$ROOTFS"'/ready ]]; do sleep 0.05; done
			# The runtime sets it when it has heard that the program runs.
			for ((try = 0; try < 200; try++)); do
				stty -a </dev/tty >meanwhile
				! grep -qe "-icanon" meanwhile || break
				sleep 0.05
			done
			touch '"$ROOTFS"'/seen) &
		oci run --bundle '"$BUNDLE $NAME"'
		code=$?; stty -a >after; exit $code'
	expect_status 7
	has_line '-icanon' meanwhile
	has_line '-echo ' meanwhile
	diff before after
	not has_line '-icanon' after
}

@test "console: the caller's terminal is as it was after an error, and after a signal to the runtime" {
	process_args /no/such/program
	terminal_shell 'stty -a >before; oci run --bundle '"$BUNDLE $NAME"'; code=$?; stty -a >after; exit $code'
	expect_failure 1
	diff before after
	rm before after
	process_args sh -c 'trap "exit 3" TERM; echo >/ready; while :; do sleep 0.05; done'
	terminal_shell 'stty -a >before
		oci_pid() { pgrep -n -f -- "run --bundle '"$BUNDLE $NAME"'\$"; }
		(until [[ -e '"$ROOTFS"'/ready ]]; do sleep 0.05; done; kill -TERM $(oci_pid)) &
		oci run --bundle '"$BUNDLE $NAME"'
		code=$?; stty -a >after; exit $code'
	expect_status 3
	diff before after
}

@test "console: where no terminal shows it, what the program writes comes out as it was written" {
	peer_skip crun '1.8.1: adds carriage returns'
	peer_skip runc '1.1.5: wants a terminal of its own for it'
	process_args printf 'one\ntwo\n'
	run --separate-stderr oci run --bundle "$BUNDLE" "$NAME"
	expect_status 0
	[[ $output == $'one\ntwo' ]]
	bundle_edit '.process.terminal = false'
	container_start sleep 100
	run --separate-stderr oci exec --tty "$NAME" printf 'three\nfour\n'
	expect_status 0
	[[ $output == $'three\nfour' ]]
}

@test "console: where a terminal shows it, its lines end as a terminal's do" {
	peer_skip runc 'sets the container apart from what shows it'
	process_args stty -a
	on_terminal "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	expect_status 0
	expect_output_has ' onlcr'
}

@test "console: all that was written before the end is shown" {
	process_args sh -c 'i=0; while [ $i -lt 2000 ]; do echo "line $i of all that is there"; i=$((i+1)); done'
	on_terminal "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	expect_status 0
	[[ $(grep -c 'of all that is there' <<<"$output") -eq 2000 ]]
}
