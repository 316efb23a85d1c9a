#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # bats sets status and output
# A user without privileges and without anything set up for him: `spec --rootless`, then `run`. runtime-spec config-linux.md, "User namespace
# mappings".

load helpers
load container

# Nobody's id: no name, no sub-ids.
ID=54321

setup() {
	container_setup
	[[ $KIND == orlop ]] || skip 'a promise of orlop'
	chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" "$BUNDLE"
	cp -- "$ORLOP" orlop
	mkdir -m 0700 runtime
	rm "$BUNDLE/config.json"
	chown -R "$ID:$ID" "$BUNDLE" "$STATE" runtime
	AS_USER=(setpriv --reuid "$ID" --regid "$ID" --clear-groups --no-new-privs --inh-caps=-all
		env -i PATH=/usr/bin:/bin XDG_RUNTIME_DIR="$PWD/runtime")
	"${AS_USER[@]}" ./orlop spec --rootless --bundle "$BUNDLE"
	bundle_edit '.process.terminal = false'
}

teardown() { container_teardown; }

as_user() { run --separate-stderr timeout --kill-after=5 60 "${AS_USER[@]}" ./orlop "$@" </dev/null; }
user_run() {
	process_args "$@"
	as_user run --bundle "$BUNDLE" "$NAME"
}

@test "rootless: what spec --rootless makes runs, and leaves nothing" {
	user_run sh -c 'echo "$(id -u) $(id -g)"; cat /proc/self/uid_map; grep -c . /proc/self/cgroup'
	expect_status 0
	[[ -z $stderr ]]
	[[ ${lines[0]} == '0 0' && $(tr -s ' ' <<<"${lines[1]}") == " 0 $ID 1" ]]
	[[ -d runtime/orlop && -z $(ls -A runtime/orlop) ]]
}

@test "rootless: the cache of seccomp programs is the user's own" {
	local cache=runtime/orlop/@seccomp stamp
	bundle_edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}'
	user_run sh -c 'mkdir /tmp/new || echo refused'
	expect_output refused
	stamp=$(stat -c '%n %i %y %u %a' "$cache" "$cache"/*)
	[[ $(stat -c '%u %a' "$cache" "$cache"/*) == "$ID 700"$'\n'"$ID 600" ]]
	user_run sh -c 'mkdir /tmp/new || echo refused'
	expect_output refused
	[[ $(stat -c '%n %i %y %u %a' "$cache" "$cache"/*) == "$stamp" ]]
	# Root's, in the user's place.
	chown 0:0 "$cache"/*
	user_run sh -c 'mkdir /tmp/new || echo refused'
	expect_output refused
	[[ $(stat -c '%u %a' "$cache" "$cache"/*) == "$ID 700"$'\n'"$ID 600" ]]
}

@test "rootless: create, start, exec, kill, delete" {
	process_args sleep 100
	"${AS_USER[@]}" ./orlop create --bundle "$BUNDLE" "$NAME" </dev/null >out 2>&1 3>&-
	as_user start "$NAME"
	expect_status 0
	as_user exec "$NAME" id -u
	expect_status 0
	expect_output 0
	as_user list -q
	expect_output "$NAME"
	as_user delete --force "$NAME"
	expect_status 0
	as_user state "$NAME"
	[[ $status -ne 0 ]]
}

@test "rootless: clocks of its own (config-linux.md, Offset for Time Namespace)" {
	bundle_edit '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"boottime": {"secs": 1000000000}}'
	user_run sh -c 'cut -d. -f1 /proc/uptime; id -u'
	[[ -z $stderr ]] || echo "$stderr"
	expect_status 0
	((lines[0] >= 1000000000)) && [[ ${lines[1]} == 0 ]]
}

@test "rootless: more ids than one's own: newuidmap's own words, one line" {
	command -v newuidmap >/dev/null || skip 'no newuidmap'
	bundle_edit '.linux.uidMappings += [{"containerID": 1, "hostID": 100000, "size": 65536}]'
	user_run true
	[[ $status -ne 0 && ${#stderr_lines[@]} -eq 1 ]]
	expect_message newuidmap
}

@test "rootless: without XDG_RUNTIME_DIR the message names the directory that is not the user's" {
	AS_USER=("${AS_USER[@]:0:${#AS_USER[@]}-1}")
	user_run true
	[[ $status -ne 0 && ${#stderr_lines[@]} -eq 1 ]]
	expect_message /run/orlop
	expect_message 'Permission denied'
}
