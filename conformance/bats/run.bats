#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `run`: create, start, wait and delete in one, in the foreground or detached.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

@test "run: the exit status of the program is its own" {
	local code
	for code in 0 1 7 100 255; do
		container_run sh -c "exit $code"
		expect_status "$code"
	done
}

@test "run: 128 and the number when a signal ended it" {
	local signal
	for signal in 9 15 6; do
		container_run sh -c "kill -$signal \$\$"
		# Init of a pid namespace does not hear most of its own signals.
		bundle_edit '.linux.namespaces |= map(select(.type != "pid"))'
		container_run sh -c "kill -$signal \$\$"
		expect_status $((128 + signal))
	done
}

@test "run: standard output and standard error stay apart, and whole" {
	container_run sh -c 'echo out; echo err >&2; printf end'
	expect_status 0
	expect_output $'out\nend'
	[[ $stderr == err ]]
}

@test "run: a megabyte out, every byte" {
	process_shell 'dd if=/dev/zero bs=1024 count=1024 2>/dev/null | tr "\0" x; echo; exit 5'
	status=0
	oci run --bundle "$BUNDLE" "$NAME" </dev/null >got || status=$?
	expect_status 5
	[[ $(wc -c <got) -eq $((1024 * 1024 + 1)) ]]
	[[ $(tr -d 'x\n' <got | wc -c) -eq 0 ]]
}

@test "run: standard input goes in, with its end" {
	process_args sh -c 'cat; echo done'
	run oci run --bundle "$BUNDLE" "$NAME" <<<'some words'
	expect_status 0
	expect_output $'some words\ndone'
}

@test "run: standard input that nobody reads is no obstacle" {
	process_args true
	run oci run --bundle "$BUNDLE" "$NAME" < <(head -c 1000000 /dev/zero)
	expect_status 0
}

@test "run: the container is gone behind it" {
	container_run sh -c 'exit 3'
	[[ -z $(ls -A "$STATE") ]]
	[[ -z $(cgroup_find "$NAME") ]]
}

@test "run --keep: its state stays" {
	peer_skip crun '1.8.1: has no such option'
	process_args sh -c 'exit 3'
	run oci run --keep --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 3
	expect_container stopped
	run oci delete "$NAME"
	expect_status 0
}

@test "run --detach: returns while the program runs" {
	process_args sleep 100
	detached run --detach --bundle "$BUNDLE" --pid-file "$PWD/pid" "$NAME"
	expect_status 0
	[[ -z $output ]]
	expect_container running
	[[ $(<pid) == "$(container_pid)" ]]
}

@test "run --pid-file: the pid, without a newline" {
	process_args sh -c 'until [ -e /seen ]; do sleep 0.05; done'
	oci run --bundle "$BUNDLE" --pid-file "$PWD/pid" "$NAME" </dev/null &
	wait_until test -s pid
	[[ $(<pid) =~ ^[0-9]+$ && $(tail -c1 pid) == [0-9] ]]
	touch "$ROOTFS/seen"
	wait "$!"
}

@test "run: the record is whole before the program runs, whether init waits for it or need not" {
	[[ $KIND == orlop ]] || skip 'looks at a file of orlop'
	local way
	bundle_edit --arg state "$STATE" '.mounts += [{"destination": "/state", "type": "bind", "source": $state, "options": ["rbind", "ro"]}]'
	process_args cat "/state/$NAME/record.json"
	for way in at-once waits; do
		[[ $way == at-once ]] || bundle_edit '.hooks.startContainer = [{"path": "/bin/true"}]'
		container_run
		expect_status 0
		jq -e '.ready and .pid > 0' <<<"$output"
		jq -S 'map_values(type)' <<<"$output" >"$way"
	done
	diff at-once waits
}

@test "run: an id in use is an error that leaves the other alone" {
	container_start sleep 100
	process_args true
	run oci run --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 ]]
	expect_container running
}

@test "run: a failure leaves nothing behind" {
	bundle_edit '.process.args = ["/nothing/there"]'
	container_run
	[[ $status -ne 0 ]]
	[[ -z $(ls -A "$STATE") ]]
	[[ -z $(cgroup_find "$NAME") ]]
}

@test "run: descriptors of the caller stay outside" {
	process_args /payload fds
	exec 7<"$BUNDLE/config.json" 9<"$BUNDLE/config.json"
	run oci run --bundle "$BUNDLE" "$NAME" </dev/null
	exec 7<&- 9<&-
	expect_status 0
	[[ $(grep -c '^fd\.' <<<"$output") -eq 3 ]]
	[[ $output != *config.json* ]]
}

@test "run --preserve-fds: the descriptors from 3 on, as many as told" {
	process_args sh -c 'cat <&3; cat <&4; test ! -e /proc/self/fd/5'
	echo three >three
	echo four >four
	run "${OCI[@]}" run --bundle "$BUNDLE" --preserve-fds 2 "$NAME" </dev/null 3<three 4<four 5<four
	expect_status 0
	expect_output $'three\nfour'
}

@test "run --preserve-fds: a descriptor that is not there is an error" {
	peer_skip crun 'passes over it'
	process_args true
	run "${OCI[@]}" run --bundle "$BUNDLE" --preserve-fds 40 "$NAME" </dev/null 3>&-
	[[ $status -ne 0 ]]
}

@test "run: LISTEN_FDS of a socket-activated caller come in, LISTEN_PID is 1" {
	peer_skip crun 'sets no LISTEN_PID'
	process_args sh -c 'echo $LISTEN_FDS $LISTEN_PID; cat <&3'
	echo three >three
	run bash -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<three' bash "${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 0
	expect_output $'1 1\nthree'
}

@test "run: a terminal needs a console socket when nobody stays" {
	peer_skip crun 'has other words'
	bundle_edit '.process.terminal = true'
	detached run --detach --bundle "$BUNDLE" "$NAME"
	expect_status 1
	[[ $output =~ 'cannot allocate tty if '[a-z]*' will detach without setting console socket' ]]
	detached create --bundle "$BUNDLE" "$NAME"
	expect_status 1
	[[ ! -e $STATE/$NAME ]]
}

@test "run: a console socket without a terminal is an error" {
	peer_skip crun 'passes over it'
	container_run true
	run oci run --bundle "$BUNDLE" --console-socket "$PWD/none" "$NAME"
	expect_status 1
	expect_output_has 'cannot use console socket if'
}

@test "run: on a terminal, the program has it as its own" {
	bundle_edit '.process.terminal = true | .process.consoleSize = {"height": 33, "width": 77}'
	process_args sh -c '/payload tty process; test -c /dev/console && echo console; tty'
	on_terminal "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	expect_status 0
	expect_fact tty.0 1
	expect_fact tty.1 1
	expect_fact tty.2 1
	expect_fact sid 1
	expect_output_has console
	expect_output_has /dev/
}

@test "run: the exit status comes through a terminal too" {
	bundle_edit '.process.terminal = true'
	process_args sh -c 'echo words; exit 9'
	on_terminal "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	expect_status 9
	expect_output_has words
}

@test "run: the bundle is the current directory unless told" {
	process_args sh -c 'echo here'
	pushd "$BUNDLE"
	run oci run "$NAME" </dev/null
	popd
	expect_status 0
	expect_output here
}

@test "run: the child processes of init do not hold it up" {
	container_run sh -c 'sleep 300 >/dev/null 2>&1 & exit 4'
	expect_status 4
	[[ -z $(ls -A "$STATE") ]]
}

is_child_of() { grep -q "^PPid:[[:space:]]*$2\$" "/proc/$1/status"; }

# orphan_comes FILE: runs $BUNDLE, of which an orphan's pid comes to be in FILE, and waits until that is the runtime's child.
orphan_comes() {
	local runner orphan
	"${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null >out 2>err 3>&- &
	runner=$!
	wait_until test -s "$1"
	orphan=$(<"$1")
	wait_until is_child_of "$orphan" "$runner"
	kill -9 "$orphan"
	wait_until process_is_gone "$orphan"
	oci kill "$NAME" KILL
	{ wait "$runner" || true; } 2>/dev/null
	[[ -z $(state_ids) ]]
}

@test "run: orphans come to it, of a hook and of a container without pids of its own" {
	bundle_edit --arg file "$PWD/hook" '.hooks.poststart = [{"path": "/bin/sh",
		"args": ["sh", "-c", "sleep 300 >/dev/null 2>&1 & echo $! >\($file)"]}]'
	process_args sleep 300
	orphan_comes hook
	bundle_edit 'del(.hooks) | .linux.namespaces |= map(select(.type != "pid"))'
	process_shell '(sleep 300 & echo $! >/orphan); exec sleep 300'
	orphan_comes "$ROOTFS/orphan"
}

@test "run: fifty, one after the other, leave no process, cgroup or mount" {
	process_args true
	local before i
	before=$(cat /proc/self/mountinfo)
	for ((i = 0; i < 50; i++)); do
		oci run --bundle "$BUNDLE" "$NAME" </dev/null
	done
	expect_no_mounts_since "$before"
	[[ -z $(ls -A "$STATE") && -z $(cgroup_find "$NAME") ]]
}
