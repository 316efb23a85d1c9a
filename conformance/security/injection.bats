#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2153,SC2154 # jq has variables too; bats and security.bash set what is read
# Every system call of every command fails in turn: a clean error or a true retry, and nothing is left.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load ../bats/faults
load security
load races

setup() {
	security_setup
	walk_setup
	MARK=ORLOP_FAULTS=$NAME PID_FILE=$BATS_TEST_TMPDIR/pid
	[[ $KIND == orlop ]] || skip 'the way of orlop'
	bundle_edit --arg mark "$MARK" '.process.env += [$mark] | .process.noNewPrivileges = true
		| .process.capabilities |= map_values(["CAP_KILL"]) | .process.user = {"uid": 1000, "gid": 1000, "additionalGids": [7]}
		| .process.rlimits = [{"type": "RLIMIT_CORE", "hard": 0, "soft": 0}]
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}'
	process_args /payload ids caps limits signals fds namespaces-none
}
teardown() { security_teardown; }

# What the program saw, but for what differs from run to run.
facts() { grep -vE '^fd\.|^signals.pending' <<<"$output" || true; }

# The errors of the list's line, one a line; in a sample one of them.
errors_of() {
	local all
	all=$(awk '{ print $4 }' <<<"$1" | tr ',' '\n')
	if [[ $WALK == full ]]; then echo "$all"; else sed -n "$((RANDOM % $(wc -l <<<"$all") + 1))p" <<<"$all"; fi
}

# walk_faults BEFORE AFTER ARGUMENT...: fails each call of `orlop ARGUMENT...`; BEFORE makes what the command needs, AFTER <what> judges.
walk_faults() {
	local before=$1 after=$2 count at line error
	shift 2
	"$before"
	env "$MARK" true
	stepped --faults --list list -- "$@"
	[[ $status -eq 0 ]] || finding "does not work: $stderr"
	WANT=$(facts)
	clean_up
	count=$(wc -l <list)
	for at in $(if [[ $WALK == full ]]; then seq 0 $((count - 1)); else stops "$count"; fi); do
		line=$(sed -n "$((at + 1))p" list)
		for error in $(errors_of "$line"); do
			"$before"
			WAY="$1: $line: $error"
			stepped --faults --fail "$(awk '{ print $2 }' <<<"$line")" "$error" -- "$@"
			if ((status == 124 || status >= 128 && status != 255)); then
				finding "status $status: $stderr"
			elif ((status != 0)) && [[ $(grep -c . err) -ne 1 ]]; then
				finding "said: $stderr"
			fi
			"$after" "$@"
			clean_up
			WALKED=$((WALKED + 1))
		done
	done
	echo "# $1: $WALKED faults at $count calls" >&3
	no_findings
}
nothing() { :; }
created() { process_args sleep 1000 && container_create; }
started() { created && oci start "$NAME"; }

# Whether it failed or not, what is there is what was asked for.
judge_run() {
	local left
	((status != 0)) || [[ $(facts) == "$WANT" ]] || finding "ran, but: $(diff <(echo "$WANT") <(facts))"
	left=$(host_left)
	[[ -z $left ]] || finding "left: ${left//$'\n'/; }"
}
judge_create() {
	local left
	if ((status == 0)); then
		is_container created || finding "is $(container_status)"
		oci delete --force "$NAME" || finding 'cannot be deleted'
	fi
	left=$(host_left)
	[[ -z $left ]] || finding "left: ${left//$'\n'/; }"
}
# What ran had all that it has when nothing fails.
judge_exec() {
	((status != 0)) || [[ $(facts) == "$WANT" ]] || finding "ran, but: $(diff <(echo "$WANT") <(facts))"
	((status != 0)) || is_container running || finding "the container is $(container_status)"
	judge_delete
}
judge_delete() {
	local left
	oci delete --force "$NAME" >/dev/null || finding 'cannot be deleted'
	left=$(host_left)
	[[ -z $left ]] || finding "left: ${left//$'\n'/; }"
}

@test "faults of system calls: run" { walk_faults nothing judge_run run --bundle "$BUNDLE" "$NAME"; }
@test "faults of system calls: create" { walk_faults nothing judge_create create --bundle "$BUNDLE" "$NAME"; }
@test "faults of system calls: start" { walk_faults created judge_delete start "$NAME"; }
@test "faults of system calls: exec" { walk_faults started judge_exec exec --user 1000:7 --additional-gids 9 "$NAME" /payload ids caps limits; }
@test "faults of system calls: kill" { walk_faults started judge_delete kill "$NAME" KILL; }
@test "faults of system calls: delete" { walk_faults created judge_delete delete --force "$NAME"; }
