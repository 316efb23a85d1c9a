#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# The cgroup of a container made by files: where it is, one that was there before, thread mode, `exec --cgroup`, groups that the container makes,
# removal. runtime-spec config-linux.md, "Cgroups Path"; the kernel's cgroup-v2.rst.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() {
	CGROUPS=/sys/fs/cgroup
	[[ -f $CGROUPS/cgroup.controllers ]] || CGROUPS=/sys/fs/cgroup/unified
	[[ -f $CGROUPS/cgroup.controllers ]] || skip 'needs cgroup v2'
	[[ -z ${RUNTIME:-} || $CGROUPS == /sys/fs/cgroup ]] || skip 'a peer uses cgroup v1 here'
	container_setup
	[[ ! -d /run/systemd/system ]] || OCI=("${OCI[@]/--cgroup-manager=disabled/--cgroup-manager=cgroupfs}")
	[[ $KIND != crun || ${OCI[*]} == *=cgroupfs ]] || skip 'crun needs a machine that lets it raise a limit'
	BASE=/grp-$NAME
}
teardown() {
	local dir
	container_teardown && return
	find "$CGROUPS$BASE" -depth -type d 2>/dev/null | while read -r dir; do rmdir "$dir" || true; done
	return 1
}

cgroup_at() { bundle_edit --arg path "$1" '.linux.cgroupsPath = $path'; }
# cgroup_of PID: its place.
cgroup_of() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
# crun puts init into a group of its own below.
expect_place() {
	local got
	got=$(cgroup_of "$(container_pid)")
	[[ ${got%/container} == "$1" ]] && return
	printf 'want init in %s, got %s\n' "$1" "$got"
	return 1
}
created_refused() {
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 && ! -e $STATE/$NAME ]]
}

@test "absolute, deep and unclean paths; what was made goes, what was there stays" {
	mkdir "$CGROUPS$BASE"
	cgroup_at "$BASE//deep/./er/"
	container_start sleep 1000
	expect_place "$BASE/deep/er"
	oci delete --force "$NAME"
	[[ ! -e $CGROUPS$BASE/deep/er && -d $CGROUPS$BASE ]]
	[[ ! -d $CGROUPS$BASE/deep ]] || rmdir "$CGROUPS$BASE/deep"
	rmdir "$CGROUPS$BASE"
}

@test "a path that is not absolute, and none: beside the caller's own cgroup, or below the root; never above it" {
	skip_unless_orlop
	local own
	own=$(cgroup_of self)
	cgroup_at "rel-$NAME"
	container_start sleep 1000
	expect_place "${own%/*}/rel-$NAME"
	oci delete --force "$NAME"
	cgroup_at "../up-$NAME"
	created_refused
	expect_message "want a path without '..'"
	bundle_edit 'del(.linux.cgroupsPath)'
	container_start sleep 1000
	expect_place "${own%/*}/$NAME"
}

@test "an empty cgroup that was there is joined, with its limits" {
	mkdir "$CGROUPS$BASE"
	echo 77 >"$CGROUPS$BASE/cgroup.max.depth"
	cgroup_at "$BASE"
	container_start sleep 1000
	expect_place "$BASE"
	[[ $(<"$CGROUPS$BASE/cgroup.max.depth") == 77 ]]
	oci delete --force "$NAME"
	[[ ! -d $CGROUPS$BASE ]] || rmdir "$CGROUPS$BASE"
}

@test "a cgroup with processes in it is not a container's" {
	peer_skip crun 'takes it'
	peer_skip runc '1.1.15: takes it, with a warning'
	mkdir "$CGROUPS$BASE"
	sleep 1000 3>&- &
	local pid=$!
	echo "$pid" >"$CGROUPS$BASE/cgroup.procs"
	cgroup_at "$BASE"
	created_refused
	expect_message 'container'\''s cgroup is not empty'
	[[ $(cgroup_of "$pid") == "$BASE" ]]
	kill "$pid"
	wait "$pid" || true
	wait_until rmdir "$CGROUPS$BASE"
}

@test "a frozen cgroup is refused at once, instead of a container that never starts" {
	peer_skip crun 'waits for ever'
	peer_skip runc '1.1: needs its freezer state first'
	mkdir "$CGROUPS$BASE"
	echo 1 >"$CGROUPS$BASE/cgroup.freeze"
	cgroup_at "$BASE"
	created_refused
	expect_message frozen
	rmdir "$CGROUPS$BASE"
}

@test "thread mode: limits of threads work below it, limits that need a domain are refused by name" {
	skip_unless_orlop
	mkdir "$CGROUPS$BASE" "$CGROUPS$BASE/threads"
	echo threaded >"$CGROUPS$BASE/threads/cgroup.type"
	cgroup_at "$BASE/threads/box"
	if grep -qw memory "$CGROUPS/cgroup.controllers"; then
		bundle_edit '.linux.resources.memory.limit = 67108864'
		created_refused
		expect_message "cannot enter cgroupv2 \"$BASE/threads/box\" with domain controllers -- it is in"
		[[ ! -e $CGROUPS$BASE/threads/box ]]
		bundle_edit 'del(.linux.resources.memory)'
	fi
	container_start sleep 1000
	expect_place "$BASE/threads/box"
	[[ $(<"$CGROUPS$BASE/threads/box/cgroup.type") == threaded ]]
	run oci exec "$NAME" sh -c 'exit 4'
	expect_status 4
	oci delete --force "$NAME"
	rmdir "$CGROUPS$BASE/threads" "$CGROUPS$BASE"
}

@test "a name that cannot be a cgroup, and the root, are refused" {
	skip_unless_orlop
	cgroup_at /
	created_refused
	expect_message 'a container cannot be in the root cgroup'
	cgroup_at "/$(printf 'x%.0s' {1..300})"
	created_refused
	expect_message 'File name too long'
	cgroup_at "$BASE/cgroup.procs"
	created_refused
}

# As a container that is a system of its own does it: its processes go below, so that controllers may be handed down.
below_script='mkdir -p /sys/fs/cgroup/in/deep /sys/fs/cgroup/out && echo $$ >/sys/fs/cgroup/in/deep/cgroup.procs && : >/tmp/ready; exec sleep 1000'
with_cgroup_mount() {
	bundle_edit '.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}])
		| .mounts |= (map(select(.destination != "/sys/fs/cgroup"))
			+ [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev"]}])'
}
# What the container could not do by a mount (a hybrid host shows it v1), the test does from outside.
groups_below() {
	mkdir -p "$CGROUPS$BASE/in/deep" "$CGROUPS$BASE/out"
	container_pid >"$CGROUPS$BASE/in/deep/cgroup.procs"
}

@test "groups below the container's: exec goes where it can, ps, pause and kill reach all, delete removes them bottom-up" {
	peer_skip crun 'puts init into a group below'
	peer_skip runc '1.1: exec does not follow init'
	local pid
	cgroup_at "$BASE"
	if [[ $CGROUPS == /sys/fs/cgroup ]]; then
		with_cgroup_mount
		container_start sh -c "$below_script"
		wait_until test -e "$ROOTFS/tmp/ready"
		expect_place "$BASE/in/deep"
	else
		container_start sleep 1000
		groups_below
	fi
	# Nothing is handed down yet: the container's own cgroup takes processes.
	oci exec --detach --pid-file pid "$NAME" sleep 2000 </dev/null >/dev/null 2>&1
	[[ $(cgroup_of "$(<pid)") == "$BASE" ]]
	echo "$(<pid)" >"$CGROUPS$BASE/out/cgroup.procs"
	[[ $(oci ps --format json "$NAME" | jq length) -eq 2 ]]
	if grep -qw pids "$CGROUPS$BASE/cgroup.controllers"; then
		# From now on only groups without children do.
		echo +pids >"$CGROUPS$BASE/cgroup.subtree_control"
		run oci exec "$NAME" true
		expect_status 0
		oci exec --detach --pid-file pid2 "$NAME" sleep 2001 </dev/null >/dev/null 2>&1
		[[ $(cgroup_of "$(<pid2)") == "$BASE/in/deep" ]]
	fi
	oci pause "$NAME"
	grep -qx 'frozen 1' "$CGROUPS$BASE/out/cgroup.events"
	oci resume "$NAME"
	pid=$(<pid)
	oci kill --all "$NAME" KILL
	wait_until process_is_gone "$pid"
	wait_until is_container stopped
	oci delete "$NAME"
	[[ ! -e $CGROUPS$BASE ]]
}

@test "exec --cgroup: a group below the container's, by its path; one that is missing or above is not entered" {
	peer_skip crun 'another meaning: created when missing'
	peer_skip runc '1.1.15: has no such option for exec'
	cgroup_at "$BASE"
	container_start sleep 1000
	mkdir -p "$CGROUPS$BASE/side/more"
	oci exec --detach --cgroup side/more --pid-file pid "$NAME" sleep 2000 </dev/null >/dev/null 2>&1
	[[ $(cgroup_of "$(<pid)") == "$BASE/side/more" ]]
	oci exec --detach --cgroup /side --pid-file pid "$NAME" sleep 2000 </dev/null >/dev/null 2>&1
	[[ $(cgroup_of "$(<pid)") == "$BASE/side" ]]
	run oci exec --cgroup ../side "$NAME" true
	[[ $status -ne 0 ]]
	expect_output_has "bad sub cgroup path '../side'"
	run oci exec --cgroup missing "$NAME" true
	[[ $status -ne 0 ]]
	expect_output_has missing
	run oci exec --cgroup a --cgroup b "$NAME" true
	[[ $status -ne 0 ]]
	expect_output_has '--cgroup'
	oci delete --force "$NAME"
	[[ ! -e $CGROUPS$BASE ]]
}

@test "delete removes hundreds of groups, wide and deep, and is done in time" {
	peer_skip crun 'puts init into a group below'
	local i path=$CGROUPS$BASE/deep
	cgroup_at "$BASE"
	container_start sleep 1000
	for ((i = 0; i < 100; i++)); do path+=/d; done
	mkdir -p "$CGROUPS$BASE"/wide{1..100} "$path"
	SECONDS=0
	oci delete --force "$NAME"
	((SECONDS < 50))
	[[ ! -e $CGROUPS$BASE ]]
}

@test "who was moved away is not killed by what happens to the container, and delete is not stopped by it" {
	peer_skip crun 'puts init into a group below'
	local pid
	cgroup_at "$BASE"
	process_shell 'sleep 2000 & sleep 1000'
	container_start
	mkdir "$CGROUPS$BASE-away"
	pid=$(container_pid)
	wait_until pgrep -P "$pid" -fx 'sleep 2000'
	pgrep -P "$pid" -fx 'sleep 2000' >"$CGROUPS$BASE-away/cgroup.procs"
	# Its pid namespace ends with init: the kernel kills it all the same.
	oci delete --force "$NAME"
	[[ ! -e $CGROUPS$BASE ]]
	wait_until rmdir "$CGROUPS$BASE-away"
}
