#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2153,SC2154 # jq has variables too; bats and security.bash set what is read
# Every system call of every command fails in turn: a clean error or a true retry, and nothing is left.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load security
load races

setup() {
	security_setup
	walk_setup
	[[ $KIND == orlop ]] || skip 'the way of orlop'
	bundle_walked
	process_args /payload ids caps limits signals fds namespaces-none
}
teardown() { security_teardown; }

# walk_faults BEFORE AFTER JUDGE ARGUMENT...: fails each call of `orlop ARGUMENT...`; BEFORE makes what the command needs, AFTER goes on with what it
# made, JUDGE says what is wrong.
walk_faults() {
	local before=$1 after=$2 judge=$3 at error errors place call words lines
	shift 3
	canary_record >before
	"$before"
	stepped --faults --list list -- "$@"
	"$after"
	[[ $status -eq 0 ]] || finding "does not work: $stderr"
	WANT=$(facts)
	force_delete
	walk_clean
	mapfile -t lines <list
	for at in $(stops_and_pins list); do
		read -r _ place call words <<<"${lines[at]}"
		IFS=, read -ra errors <<<"$words"
		# In a sample one of them.
		[[ $WALK == full || ${#errors[@]} -eq 0 || ${lines[at]} =~ ${PIN:-^$} ]] || errors=("${errors[RANDOM % ${#errors[@]}]}")
		for error in ${errors[@]+"${errors[@]}"}; do
			need "$before"
			WAY="$1: $place $call: $error"
			stepped --faults --fail "$place" "$error" -- "$@"
			"$after"
			((status == 0)) || told || finding "status $status, says: $stderr"
			"$judge"
			"${CLEAN:-walk_clean}"
			WALKED=$((WALKED + 1))
		done
	done
	WAY=$1
	walk_clean
	canary_check
	walk_count "$1" "faults at ${#lines[@]} calls"
	no_findings
}

# Whether it failed or not, what is there is what was asked for. Its program has ended, and what it had cannot be removed: that is a warning.
judge_run() {
	((status != 0)) || expect_facts
	[[ $status -eq 0 && $stderr == *level=warning* ]] || nothing_left 'after run'
	judge_rest
}
judge_create() {
	if ((status == 0)); then expect_facts; elif [[ -z $STARTED ]]; then nothing_left 'after create'; fi
	judge_rest
}
# What ran had all that it has when nothing fails.
judge_exec() {
	((status != 0)) || expect_facts
	stepped_end
	runs_on
}
judge_kill() {
	((status != 0)) || wait_until is_container stopped || finding 'said to be killed, and is not'
	judge_rest
}
judge_deleted() {
	((status != 0)) || nothing_left 'after delete'
	judge_rest
}

@test "faults of system calls: run" { walk_faults nothing nothing judge_run run --bundle "$BUNDLE" "$NAME"; }
@test "faults of system calls: create" { walk_faults nothing start_created judge_create create --bundle "$BUNDLE" "$NAME"; }
@test "faults of system calls: start" { sleeper && walk_faults created nothing judge_rest start "$NAME"; }
@test "faults of system calls: exec" {
	sleeper && CLEAN=stay
	walk_faults running nothing judge_exec exec --user 1000:7 --additional-gids 9 "$NAME" /payload ids caps limits
}
@test "faults of system calls: kill" { PIN='^1 0\.1 poll ' && sleeper && walk_faults started nothing judge_kill kill "$NAME" KILL; }
@test "faults of system calls: delete" { sleeper && walk_faults started nothing judge_deleted delete --force "$NAME"; }
# The first call that can fail at all comes before there is a log.
@test "faults of system calls: delete of one that ended" { PIN='^0 0\.0 mprotect ' && walk_faults ended nothing judge_deleted delete "$NAME"; }
