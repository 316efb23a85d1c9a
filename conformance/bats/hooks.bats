#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# The six hook points: runtime-spec config.md, "POSIX-platform Hooks"; runtime.md, "Lifecycle".
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

# hook POINT SHELL-COMMAND [MORE-MEMBERS]: adds one for /bin/sh, that of the host or of the container, as the point has it. It reads its
# input first, because crun fails when nobody does; a command that begins with @ is left alone.
hook() {
	local command="cat >/dev/null; $2" more=${3:-'{}'}
	[[ $2 != @* ]] || command=${2#@}
	bundle_edit --arg point "$1" --arg command "$command" --argjson more "$more" \
		'.hooks[$point] += [{path: "/bin/sh", args: ["sh", "-c", $command]} + $more]'
}

expect_log() {
	[[ $(<"$(LOG)") == "$1" ]] && return
	printf 'want:\n%s\ngot:\n%s\n' "$1" "$(<"$(LOG)")"
	return 1
}

LOG() { printf '%s' "$BATS_TEST_TMPDIR/log"; }

@test "hooks: the order of a whole life (runtime.md, Lifecycle)" {
	peer_skip runc '1.1.5: poststart at create'
	peer_skip crun '1.8.1: other places'
	local point
	for point in prestart createRuntime poststart poststop; do
		hook "$point" "echo $point >>$(LOG)"
	done
	# The same file, as the container sees it once it is mounted.
	bundle_edit --arg dir "$BATS_TEST_TMPDIR" '.mounts += [{"destination": $dir, "source": $dir, "options": ["bind"]}]'
	hook createContainer "echo createContainer >>$(LOG)"
	hook startContainer "echo startContainer >>$(LOG)"
	process_shell "echo program >>$(LOG); sleep 100"
	container_create
	expect_log $'prestart\ncreateRuntime\ncreateContainer'
	run oci start "$NAME"
	expect_status 0
	wait_until has_line program "$(LOG)"
	wait_until has_line poststart "$(LOG)"
	[[ $(sed -n 4p "$(LOG)") == startContainer ]]
	run oci delete --force "$NAME"
	expect_status 0
	[[ $(tail -n1 "$(LOG)") == poststop && $(wc -l <"$(LOG)") -eq 7 ]]
}

@test "hooks: in the container they have a usual umask, whatever that of the program" {
	bundle_edit --arg dir "$BATS_TEST_TMPDIR" '.process.user.umask = 63 | .mounts += [{"destination": $dir, "source": $dir, "options": ["bind"]}]'
	hook createContainer "umask >>$(LOG)"
	umask 0022
	container_run true
	expect_status 0
	[[ $(<"$(LOG)") == 0022 ]]
}

@test "hooks: several of one point in the order given (config.md, Hooks)" {
	local i
	for i in 1 2 3; do hook createRuntime "echo $i >>$(LOG)"; done
	container_run true
	expect_status 0
	[[ $(<"$(LOG)") == $'1\n2\n3' ]]
}

@test "hooks: the state document is on standard input, with the status of the point (runtime.md, State)" {
	bundle_edit '.annotations = {"a": "b"}'
	hook createRuntime "@cat >$BATS_TEST_TMPDIR/createRuntime.json"
	hook poststart "@cat >$BATS_TEST_TMPDIR/poststart.json"
	hook poststop "@cat >$BATS_TEST_TMPDIR/poststop.json"
	container_start sleep 100
	local pid
	pid=$(container_pid)
	wait_until test -s poststart.json
	oci delete --force "$NAME"
	local point
	for point in createRuntime poststart poststop; do
		jq -e --arg id "$NAME" --arg bundle "$BUNDLE" \
			'.id == $id and .bundle == $bundle and (.ociVersion | startswith("1.")) and .annotations.a == "b"' "$point.json"
	done
	jq -e --argjson pid "$pid" '.pid == $pid and (.status == "creating" or .status == "created")' createRuntime.json
	[[ $KIND == runc ]] || jq -e --argjson pid "$pid" '.pid == $pid and .status == "running"' poststart.json # 1.1.5: "created"
	jq -e '.status == "stopped"' poststop.json
}

@test "hooks: where they run: the host's namespaces or the container's (config.md, Hooks: namespaces)" {
	bundle_edit --arg dir "$BATS_TEST_TMPDIR" '.mounts += [{"destination": $dir, "source": $dir, "options": ["bind"]}]'
	local point
	for point in createRuntime createContainer startContainer poststart poststop; do
		hook "$point" "readlink /proc/self/ns/mnt >$BATS_TEST_TMPDIR/$point.ns"
	done
	container_start sleep 100
	wait_until test -s poststart.ns
	local mine theirs
	mine=$(readlink /proc/self/ns/mnt)
	theirs=$(readlink "/proc/$(container_pid)/ns/mnt")
	oci delete --force "$NAME"
	[[ $(<createRuntime.ns) == "$mine" && $(<poststart.ns) == "$mine" && $(<poststop.ns) == "$mine" ]]
	[[ $(<createContainer.ns) == "$theirs" && $(<startContainer.ns) == "$theirs" ]]
}

@test "hooks: startContainer sees the container's root, createContainer the host's (config.md, startContainer: path)" {
	printf '#!/bin/sh\necho ran >/inside\n' >"$ROOTFS/only-inside"
	chmod +x "$ROOTFS/only-inside"
	bundle_edit '.hooks.startContainer = [{"path": "/only-inside"}]'
	container_run cat /inside
	expect_status 0
	expect_output ran
}

@test "hooks: args are the whole argv, env the whole environment (config.md, Hooks: args, env)" {
	printf '#!/bin/sh\nfor a; do echo "<$a>"; done >%q\nenv >%q\n' "$BATS_TEST_TMPDIR/args" "$BATS_TEST_TMPDIR/env" >script
	chmod +x script
	bundle_edit --arg path "$PWD/script" '.hooks.createRuntime = [{path: $path, args: ["zero", "one", "t w o"], env: ["A=1", "B=two words"]}]'
	export ORLOP_LEAK=leak
	container_run true
	expect_status 0
	[[ $(<args) == $'<one>\n<t w o>' ]]
	grep -qx 'A=1' env
	grep -qx 'B=two words' env
	not grep -q LEAK env
}

@test "hooks: at startContainer one without an environment has the program's, with the HOME that it was given" {
	peer_skip crun '1.8.1: has another'
	bundle_edit '.process.env = ["ONE=two"]'
	hook startContainer '[ "$ONE" = two ] && [ -n "$HOME" ] || { env >&2; exit 9; }'
	container_run /payload ids
	expect_status 0
}

@test "hooks: which hook failed is told in the words that callers look for" {
	peer_skip crun '1.8.1: has other words'
	peer_skip runc '1.1.5: has them since 1.3'
	hook createRuntime true
	hook createRuntime 'exit 7'
	run oci create --bundle "$BUNDLE" "$NAME"
	expect_status 1
	expect_output_has 'error running createRuntime hook #1:'
	expect_output_has 'exit status 7'
}

@test "hooks: a failure at createRuntime ends create; nothing is left (runtime.md, Lifecycle: createRuntime)" {
	local point
	for point in prestart createRuntime createContainer; do
		cp "$BATS_TEST_DIRNAME/container.json" "$BUNDLE/config.json"
		hook "$point" 'echo the reason >&2; exit 3'
		hook poststop "echo poststop >$BATS_TEST_TMPDIR/$point.stop"
		detached create --bundle "$BUNDLE" "$NAME"
		[[ $status -ne 0 ]] || { echo "$point" && return 1; }
		[[ $KIND == crun ]] || expect_message 'the reason'
		[[ ! -e $STATE/$NAME && -z $(cgroup_find "$NAME") ]]
	done
}

@test "hooks: a failure at startContainer: the program does not run (runtime.md, Lifecycle: startContainer)" {
	hook startContainer 'exit 3'
	process_shell 'echo ran >/ran; sleep 100'
	container_create
	run oci start "$NAME"
	[[ $KIND != orlop || $status -ne 0 ]]
	wait_until is_container stopped
	[[ ! -e $ROOTFS/ran ]]
}

@test "hooks: a failure at poststop is a warning; delete succeeds (runtime.md, Lifecycle: poststop)" {
	hook poststop 'exit 3'
	hook poststop "echo second >>$(LOG)"
	container_create
	run oci delete "$NAME"
	expect_status 0
	[[ ! -e $STATE/$NAME ]]
	[[ $KIND != orlop || $(<"$(LOG)") == second ]]
}

@test "hooks: poststop runs when the container is gone (runtime.md, Lifecycle: poststop)" {
	hook poststop "test -e $STATE/$NAME && echo still there >>$(LOG); echo done >>$(LOG)"
	container_run true
	expect_status 0
	[[ $KIND != orlop ]] || [[ $(<"$(LOG)") == "done" ]]
	has_line "done" "$(LOG)"
}

@test "hooks: one that does not exist is an error" {
	bundle_edit '.hooks.createRuntime = [{"path": "/no/such/hook"}]'
	container_run true
	[[ $status -ne 0 ]]
	[[ -z $(ls -A "$STATE") ]]
}

@test "hooks: a relative path is an error (config.md, Hooks: path MUST be absolute)" {
	peer_skip crun 'takes it'
	bundle_edit '.hooks.createRuntime = [{"path": "bin/true"}]'
	container_run true
	[[ $status -ne 0 ]]
}

@test "hooks: timeout: it is killed and that is a failure (config.md, Hooks: timeout)" {
	hook createRuntime 'sleep 30' '{"timeout": 1}'
	local before=$SECONDS
	container_run true
	[[ $status -ne 0 ]]
	[[ $KIND == runc || $((SECONDS - before)) -lt 25 ]] # waits for its children
	[[ $KIND == crun ]] || expect_message 'hook ran past specified timeout of 1'
}

@test "hooks: one that ends in time is no failure" {
	hook createRuntime 'sleep 0.2' '{"timeout": 20}'
	container_run true
	expect_status 0
}

@test "hooks: createRuntime can reach the container's namespaces by the pid of the state" {
	hook createRuntime '@pid=$(jq -r .pid); nsenter --net --target "$pid" ip link set lo down 2>&1 || nsenter --net --target "$pid" true'
	bundle_edit '.hooks.createRuntime[0].env = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]'
	container_run true
	expect_status 0
}

@test "hooks: one that reads nothing, and one that says much, are no obstacle" {
	bundle_edit '.annotations = {"long": ("x" * 200000)}'
	hook createRuntime '@exec <&-; head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; exit 0'
	container_run true
	expect_status 0
}

@test "hooks: poststart runs before start returns (runtime.md, Lifecycle: poststart)" {
	hook poststart "sleep 0.3; echo done >$(LOG)"
	container_start sleep 100
	[[ $(<"$(LOG)") == "done" ]]
}
