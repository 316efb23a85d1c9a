#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `delete`: runtime-spec runtime.md, "Delete", and what engines rely on.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

@test "delete: a stopped container leaves nothing (runtime.md, Delete)" {
	container_start true
	wait_until is_container stopped
	run oci delete "$NAME"
	expect_status 0
	[[ -z $(ls -A "$STATE") ]]
	[[ -z $(cgroup_find "$NAME") ]]
	run oci state "$NAME"
	expect_status 1
}

@test "delete: a running container is an error without effect (runtime.md, Delete)" {
	container_start sleep 100
	run oci delete "$NAME"
	expect_status 1
	[[ $KIND == crun ]] || expect_output_has "cannot delete container $NAME that is not stopped: running"
	expect_container running
	[[ -d $STATE/$NAME ]]
}

@test "delete: a created container goes without --force, as engines expect" {
	container_create
	local pid
	pid=$(container_pid)
	run oci delete "$NAME"
	expect_status 0
	wait_until process_is_gone "$pid"
	[[ ! -e $STATE/$NAME ]]
}

@test "delete --force: a running container is killed first" {
	container_start sleep 100
	local pid
	pid=$(container_pid)
	run oci delete --force "$NAME"
	expect_status 0
	[[ -z $output ]]
	wait_until process_is_gone "$pid"
	[[ ! -e $STATE/$NAME ]]
}

@test "delete --force: -f is the same, before or behind the id" {
	peer_skip crun 'options go first'
	container_start sleep 100
	run oci delete "$NAME" -f
	expect_status 0
	[[ ! -e $STATE/$NAME ]]
	container_start sleep 100
	run oci delete -f "$NAME"
	expect_status 0
}

@test "delete --force: a paused container" {
	peer_skip crun 'has no cgroup here'
	container_start sleep 100
	oci pause "$NAME"
	run oci delete --force "$NAME"
	expect_status 0
	[[ ! -e $STATE/$NAME ]]
}

@test "delete: what is not there is an error; with --force it is not, and nothing is said" {
	run oci delete "$NAME"
	expect_status 1
	[[ $KIND == crun ]] || expect_output_has 'container does not exist'
	run oci delete --force "$NAME"
	expect_status 0
	[[ -z $output ]]
	rmdir "$STATE"
	run oci delete --force "$NAME"
	expect_status 0
	[[ -z $output ]]
}

@test "delete: twice" {
	container_create
	oci delete "$NAME"
	run oci delete "$NAME"
	expect_status 1
	run oci delete --force "$NAME"
	expect_status 0
}

@test "delete: several at once do no harm" {
	container_start sleep 100
	local try pids=() good=0
	for try in 1 2 3 4 5; do
		oci delete --force "$NAME" >/dev/null 2>&1 &
		pids+=($!)
	done
	for try in "${pids[@]}"; do
		if wait "$try"; then good=$((good + 1)); fi
	done
	[[ ! -e $STATE/$NAME ]]
	[[ $KIND != orlop || $good -eq 5 ]]
}

@test "delete: processes that init left in a shared pid namespace are killed" {
	peer_skip crun 'has no cgroup here'
	peer_skip runc '1.1.5: does not wait for them and leaves the cgroup'
	bundle_edit '.linux.namespaces |= map(select(.type != "pid"))'
	process_shell 'sleep 4323 & echo $! >/child'
	container_start
	wait_until is_container stopped
	local child
	child=$(<"$ROOTFS/child")
	kill -0 "$child"
	run oci delete --force "$NAME"
	expect_status 0
	wait_until process_is_gone "$child"
	[[ -z $(cgroup_find "$NAME") ]]
}

@test "delete --force: a state directory without a record, or with one that nobody can read" {
	mkdir "$STATE/$NAME"
	run oci delete --force "$NAME"
	expect_status 0
	[[ $KIND == crun || ! -e $STATE/$NAME ]] || return
	[[ $KIND == orlop ]] || return 0
	local record
	for record in '' garbage '{}' '{"version": 99}' '[' '{"version":"1"}'; do
		mkdir "$STATE/$NAME"
		printf %s "$record" >"$STATE/$NAME/record.json"
		mkfifo "$STATE/$NAME/gate"
		run oci delete "$NAME"
		expect_status 1
		run oci delete --force "$NAME"
		expect_status 0
		[[ ! -e $STATE/$NAME ]]
	done
}

@test "delete --force: with too few descriptors all goes, or nothing" {
	[[ $KIND == orlop ]] || return 0
	local few pid
	process_args sleep 1000
	for few in {4..14}; do
		container_start
		pid=$(container_pid)
		status=0
		prlimit "--nofile=$few" "${OCI[@]}" delete --force "$NAME" </dev/null >out 2>&1 3>&- || status=$?
		if ((status != 0)); then
			expect_container running
			oci delete --force "$NAME"
		fi
		wait_until process_is_gone "$pid"
		[[ -z $(cgroup_find "$NAME") ]]
	done
}

@test "delete --force: a directory that is a symlink is not followed" {
	[[ $KIND == orlop ]] || skip 'a state directory of orlop'
	mkdir elsewhere
	echo precious >elsewhere/file
	ln -s "$PWD/elsewhere" "$STATE/$NAME"
	run oci delete --force "$NAME"
	[[ $(<elsewhere/file) == precious ]]
	rm -f "$STATE/$NAME"
}

@test "delete --force: ids that lead elsewhere are refused" {
	peer_skip crun '1.8.1: removes ../victim'
	mkdir -p "$BATS_TEST_TMPDIR/victim"
	touch "$BATS_TEST_TMPDIR/victim/file"
	local id
	for id in ../victim .. . '' victim/../../victim; do
		run oci delete --force "$id"
	done
	[[ -e $BATS_TEST_TMPDIR/victim/file ]]
	[[ -d $STATE ]]
	run oci delete --force ''
	[[ $status -ne 0 ]]
}

@test "delete: cgroups that the container made below its own go too" {
	[[ $KIND == orlop ]] || skip 'needs a cgroup of cgroup v2 here'
	container_start sleep 100
	local group
	group=$(cgroup_find "$NAME" | head -n1)
	[[ -d $group ]]
	mkdir -p "$group/a/b" "$group/c"
	run oci delete --force "$NAME"
	expect_status 0
	[[ ! -e $group ]]
}
