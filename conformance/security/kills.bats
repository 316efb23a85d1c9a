#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2153,SC2154 # jq has variables too; bats and security.bash set what is read
# Kill -9 at every system call of every command, of each of its processes: then `delete --force` leaves nothing, and the name is free again.
#
# Steps and hooks, where they are many, and signals that can be caught: ../bats/faults.bats.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load security
load races

setup() {
	# A sanitizer looks for leaks in a process of its own, whose death it would wait for without end.
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	security_setup
	walk_setup
	[[ $KIND == orlop ]] || skip 'the way of orlop'
	bundle_walked
	sleeper
}
teardown() { security_teardown; }

# walk_kills BEFORE AFTER JUDGE ARGUMENT...: kills each process of `orlop ARGUMENT...` at each call of each; as walk_faults.
walk_kills() {
	local before=$1 after=$2 judge=$3 line lines place
	shift 3
	canary_record >before
	"$before"
	stepped --all --list list -- "$@"
	"$after"
	[[ $status -eq 0 ]] || finding "does not work: $stderr"
	force_delete
	walk_clean
	awk '{ n = split($4, who, ","); for (i = 1; i <= n; i++) print $2, $3, who[i] }' list >kills
	mapfile -t lines <kills
	# Where `run` lets init go on; a look at /proc before it, of eight calls, may be or not.
	LET_GO=$(awk '$2 ~ /^0\./ && $3 == "sendmsg" { last = substr($2, 3) } END { print last - 8 }' list)
	for line in $(stops_and_pins kills); do
		read -r place CALL VICTIM <<<"${lines[line]}"
		need "$before"
		WAY="$1: process $VICTIM killed at $place $CALL"
		stepped --all --kill "$place" "$VICTIM" -- "$@"
		"$after"
		"$judge"
		"${CLEAN:-walk_clean}"
		WALKED=$((WALKED + 1))
	done
	WAY=$1
	# The name is free.
	walk_clean
	created || finding 'cannot be created any more'
	judge_rest
	canary_check
	walk_count "$1" "kills at $(wc -l <list) calls"
	no_findings
}

# The command was killed (unless it had ended: who is at the call may be another), or says that one of its processes was.
expect_death() {
	if [[ $VICTIM == 0 ]]; then
		[[ $status -eq 137 || $status -eq 0 ]] || finding "status $status: $stderr"
	else
		# From when the program is next on, it dies as the program.
		((status == 0)) || told || [[ $status -eq 137 && ($CALL == @(execve|poll) || ($place == 0.* && ${place#0.} -ge $LET_GO)) ]] ||
			finding "status $status, says: $stderr"
	fi
}
judge_made() {
	expect_death
	[[ $VICTIM == 0 || $status -eq 0 || -n ${STARTED:-} ]] || nothing_left 'said to have failed'
	judge_rest
}
judge_begun() {
	expect_death
	judge_rest
}
judge_exec() {
	expect_death
	stepped_end
	runs_on
}

# What create made is started, if it is there; a sleeper goes on.
start_killed() {
	STARTED=''
	((status == 0)) || return 0
	STARTED=1
	oci start "$NAME" </dev/null >>out 2>>err || status=$?
	said
}

@test "killed at any system call: run" { process_args true && walk_kills nothing nothing judge_made run --bundle "$BUNDLE" "$NAME"; }
@test "killed at any system call: run --detach" { walk_kills nothing nothing judge_made run --detach --bundle "$BUNDLE" "$NAME"; }
@test "killed at any system call: create, and start of what is left" {
	walk_kills nothing start_killed judge_made create --bundle "$BUNDLE" "$NAME"
}
@test "killed at any system call: create in a user namespace with clocks of its own, by way of a joiner" {
	bundle_edit '.linux.namespaces += [{"type": "user"}, {"type": "time"}, {"type": "cgroup"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 65536}] | .linux.gidMappings = .linux.uidMappings
		| .linux.timeOffsets = {"monotonic": {"secs": 100}}'
	# The joiner, when it has cloned init and not told of it.
	PIN='^2\.0 .* 1$'
	walk_kills nothing start_killed judge_made create --bundle "$BUNDLE" "$NAME"
}
@test "killed at any system call: start" { walk_kills created nothing judge_begun start "$NAME"; }
@test "killed at any system call: exec" {
	CLEAN=stay
	walk_kills running nothing judge_exec exec --user 1000:7 --additional-gids 9 "$NAME" /payload ids caps limits
}
@test "killed at any system call: kill" { walk_kills started nothing judge_begun kill "$NAME" KILL; }
@test "killed at any system call: delete --force" { walk_kills started nothing judge_begun delete --force "$NAME"; }
@test "killed at any system call: delete" { process_args true && walk_kills ended nothing judge_begun delete "$NAME"; }
