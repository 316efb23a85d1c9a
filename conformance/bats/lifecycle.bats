#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# The states of a container and the ways between them: runtime-spec runtime.md, "State", "Lifecycle", "Operations".
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

@test "create: all is set up, the program does not run before start (runtime.md, Create)" {
	process_shell 'echo ran >/ran; sleep 100'
	container_create
	expect_container created
	sleep 0.2
	[[ ! -e $ROOTFS/ran ]]
	run oci start "$NAME"
	expect_status 0
	wait_until test -e "$ROOTFS/ran"
	expect_container running
}

@test "state: ociVersion, id, status, pid, bundle and annotations (runtime.md, State)" {
	bundle_edit '.annotations = {"org.example.a": "b", "empty": ""}'
	container_start sleep 100
	run --separate-stderr oci state "$NAME"
	expect_status 0
	[[ -z $stderr ]]
	jq -e --arg id "$NAME" --arg bundle "$BUNDLE" \
		'.id == $id and .bundle == $bundle and .status == "running" and (.ociVersion | test("^1\\.[0-9]+\\.[0-9]+"))' <<<"$output"
	jq -e '.annotations["org.example.a"] == "b" and .annotations["empty"] == ""' <<<"$output"
	wait_until process_is "$(jq .pid <<<"$output")" 'sleep 100'
}

@test "state: pid is 0 when the container has stopped (runtime.md, State: pid)" {
	container_start true
	wait_until is_container stopped
	run oci state "$NAME"
	expect_status 0
	jq -e '.pid == 0' <<<"$output"
}

@test "state: runc's additions rootfs and created, in UTC with a fraction" {
	peer_skip crun 'its time has microseconds'
	container_create
	run oci state "$NAME"
	jq -e --arg rootfs "$ROOTFS" '.rootfs == $rootfs and .owner == "" and
		(.created | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\\.[0-9]+)?Z$"))' <<<"$output"
}

@test "state: indented by two blanks, without a final newline, as runc's readers want it" {
	peer_skip crun 'it has one'
	container_create
	oci state "$NAME" >got
	[[ $(tail -c1 got) == '}' ]]
	[[ $(jq --indent 2 . got) == "$(cat got)" ]]
}

@test "state: a container that is not there is an error (runtime.md, Query State)" {
	run oci state "$NAME"
	expect_status 1
	[[ $KIND == crun ]] || expect_output_has 'container does not exist'
}

@test "create: an id in use is an error, and the first container is left alone (runtime.md, Create)" {
	container_start sleep 100
	local pid
	pid=$(container_pid)
	wait_until process_is "$pid" 'sleep 100'
	process_args sleep 200
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 ]]
	expect_output_has 'exist'
	expect_container running
	[[ $(container_pid) == "$pid" ]]
	process_is "$pid" 'sleep 100'
}

@test "create: runc's words for an id in use" {
	peer_skip crun 'has its own'
	container_create
	detached create --bundle "$BUNDLE" "$NAME"
	expect_status 1
	expect_output_has 'container with given ID already exists'
}

@test "create: one bundle, two containers" {
	container_start sleep 100
	NAME=$NAME-second
	container_start
	[[ $(container_pid) != "$(container_pid "${NAME%-second}")" ]]
	run oci delete --force "$NAME"
	expect_status 0
	NAME=${NAME%-second}
	expect_container running
}

@test "create: later changes of config.json have no effect (runtime.md, Create)" {
	process_shell 'echo one >/which; sleep 100'
	container_create
	process_shell 'echo two >/which; sleep 100'
	run oci start "$NAME"
	expect_status 0
	wait_until test -s "$ROOTFS/which"
	[[ $(<"$ROOTFS/which") == one ]]
}

@test "create: a failure leaves neither the id nor a cgroup taken" {
	bundle_edit '.process.cwd = "/" | .root.path = "nowhere"'
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 ]]
	run oci state "$NAME"
	[[ $status -ne 0 ]]
	[[ ! -e $STATE/$NAME ]]
	[[ -z $(cgroup_find "$NAME") ]]
	bundle_edit '.root.path = "rootfs"'
	container_create
}

@test "create: --pid-file has the pid of state, without a newline" {
	container_create --pid-file "$BATS_TEST_TMPDIR/pid"
	[[ $(<pid) == "$(container_pid)" ]]
	[[ $(tail -c1 pid) == [0-9] ]]
}

@test "create: the bundle is the current directory unless told (runtime.md, Create)" {
	pushd "$BUNDLE"
	detached create "$NAME"
	expect_status 0
	expect_container created
	[[ $(oci state "$NAME" | jq -r .bundle) == "$BUNDLE" ]]
	popd
}

@test "start: what is not there, or not created, is an error without effect (runtime.md, Start)" {
	run oci start "$NAME"
	expect_status 1
	container_start sleep 100
	local pid
	pid=$(container_pid)
	run oci start "$NAME"
	expect_status 1
	expect_container running
	[[ $(container_pid) == "$pid" ]]
	oci kill "$NAME" KILL
	wait_until is_container stopped
	run oci start "$NAME"
	expect_status 1
	expect_container stopped
}

@test "start: runc's words for a container that runs, and one that has stopped" {
	peer_skip crun 'has its own'
	container_start sleep 100
	run oci start "$NAME"
	expect_output_has 'cannot start an already running container'
	oci kill "$NAME" KILL
	wait_until is_container stopped
	run oci start "$NAME"
	expect_output_has 'cannot start a container that has stopped'
}

@test "start: of several at once one succeeds" {
	process_shell 'echo ran >>/ran; sleep 100'
	container_create
	local try pids=() good=0
	for try in 1 2 3 4 5; do
		oci start "$NAME" >/dev/null 2>&1 &
		pids+=($!)
	done
	for try in "${pids[@]}"; do
		if wait "$try"; then good=$((good + 1)); fi
	done
	[[ $good -eq 1 ]]
	wait_until test -e "$ROOTFS/ran"
	[[ $(wc -l <"$ROOTFS/ran") -eq 1 ]]
}

@test "create: of several at once with one id one succeeds" {
	peer_skip runc '1.1.5: at times one that loses removes the state of the one that wins'
	process_args sleep 100
	local try pids=() good=0
	for try in 1 2 3 4 5; do
		oci create --bundle "$BUNDLE" "$NAME" </dev/null >/dev/null 2>&1 &
		pids+=($!)
	done
	for try in "${pids[@]}"; do
		if wait "$try"; then good=$((good + 1)); fi
	done
	[[ $good -eq 1 ]]
	expect_container created
	run oci start "$NAME"
	expect_status 0
}

@test "stopped: when the program ends, and when it is killed (runtime.md, Lifecycle 8)" {
	container_start sh -c 'exit 3'
	wait_until is_container stopped
	oci delete "$NAME"
	container_start sleep 100
	kill -9 "$(container_pid)"
	wait_until is_container stopped
}

# When init was born is told by the clock, or by /proc: both are those of the caller's time namespace.
@test "create, state and delete: by a caller whose clock is another" {
	[[ -e /proc/self/ns/time ]] || skip 'the kernel has no time namespaces'
	local i
	OCI=(unshare --time --boottime 5000 --fork "${OCI[@]}")
	for ((i = 0; i < 10; i++)); do
		container_create
		expect_container created
		oci delete --force "$NAME"
	done
}

# Linux since 6.14: what such a caller clones into another cgroup is killed at birth.
@test "create, run and exec: from a cgroup that was once written to cgroup.kill" {
	peer_skip crun 'without cgroups of its own its container stays in the caller'"'"'s'
	local mount
	mount=$(findmnt -n -t cgroup2 -o TARGET | head -n1)
	OCI=(bash -c 'set -e; mkdir "$0"; echo 1 >"$0/cgroup.kill"; echo $$ >"$0/cgroup.procs"; trap "echo \$\$ >\"$1/cgroup.procs\"; until rmdir \"$0\" 2>/dev/null; do sleep 0.05; done" EXIT
		shift; "$@"' "$mount/$NAME-killed" "$mount" "${OCI[@]}")
	bundle_edit '.linux.namespaces = (.linux.namespaces - [{"type": "cgroup"}] + [{"type": "cgroup"}])'
	# It was there before its cgroup namespace was made.
	container_run grep ^0:: /proc/self/cgroup
	expect_status 0
	expect_output 0::/
	container_start sleep 1000
	run oci exec "$NAME" grep ^0:: /proc/self/cgroup
	expect_status 0
	[[ $output != *killed* ]]
	oci delete --force "$NAME"
}

@test "a container whose init dies before start is stopped, and start says so" {
	container_create
	kill -9 "$(container_pid)"
	wait_until is_container stopped
	run oci start "$NAME"
	[[ $status -ne 0 ]]
	run oci delete "$NAME"
	expect_status 0
}

@test "delete: the id can be used again (runtime.md, Delete)" {
	container_start true
	wait_until is_container stopped
	run oci delete "$NAME"
	expect_status 0
	[[ -z $output ]]
	[[ ! -e $STATE/$NAME ]]
	container_start sleep 100
	expect_container running
}

@test "operations are quiet when they succeed" {
	container_create
	[[ -z $output ]]
	run oci start "$NAME"
	[[ -z $output ]]
	wait_until is_container stopped
	run oci delete "$NAME"
	[[ -z $output ]]
}

@test "a pid that another process has now is not taken for the container's" {
	[[ $KIND == orlop ]] || skip 'edits the record of orlop'
	container_start sleep 100
	local pid
	pid=$(container_pid)
	jq --argjson pid $$ '.pid = $pid' "$STATE/$NAME/record.json" >record
	cat record >"$STATE/$NAME/record.json"
	expect_container stopped
	run oci kill "$NAME" TERM
	expect_status 1
	run oci delete "$NAME"
	expect_status 0
	wait_until process_is_gone "$pid"
}

@test "ids: letters, digits and _+.- of any kind; all else is refused before anything is made" {
	peer_skip crun 'takes nearly all'
	local id
	for id in a A9_+.-z 0; do
		detached create --bundle "$BUNDLE" "$id"
		expect_status 0
		oci delete "$id"
	done
	for id in '' . .. ../x a/b 'a b' $'a\nb' a:b é; do
		detached create --bundle "$BUNDLE" "$id"
		[[ $status -ne 0 ]] || { printf 'taken: %q\n' "$id" && return 1; }
	done
	[[ -z $(ls -A "$STATE") ]]
	[[ ! -e $BATS_TEST_TMPDIR/x ]]
}
