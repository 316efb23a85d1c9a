#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# linux.seccomp (config-linux.md, "Seccomp"): what a profile's author wants is what a program in the container gets. /calls makes the calls.
bats_require_minimum_version 1.5.0
load helpers
load container

CONFIGS=$BATS_TEST_DIRNAME/../configs

setup() {
	container_setup
	cp -- "$(dirname -- "$(payload_find)")/calls" "$ROOTFS/calls"
}
teardown() {
	[[ -z ${AGENT:-} ]] || kill "$AGENT" 2>/dev/null || true
	container_teardown
}

# The profile, as JSON.
profile() { bundle_edit --argjson profile "$1" '.linux.seccomp = $profile'; }

# profile_rules RULE...: all is allowed but what the rules say.
profile_rules() { profile "$(jq -nc '{defaultAction: "SCMP_ACT_ALLOW", syscalls: $ARGS.positional}' --jsonargs -- "$@")"; }

# What one call comes to in the container: expect_call RESULT CALL [ARG...].
expect_call() {
	local want=$1
	shift
	container_run /calls "$@"
	[[ $output == "$1 $want" ]] && return
	printf 'want: %s %s\ngot (status %s): %s\n%s\n' "$1" "$want" "$status" "$output" "$stderr"
	return 1
}

# -- actions --------------------------------------------------------------------------------------------------------------------

@test "seccomp: without a profile, or with an empty one, there is no filter" {
	container_facts signals
	expect_fact seccomp 0
	profile null
	container_facts signals
	expect_fact seccomp 0
}

# runtime-spec: defaultAction is REQUIRED. runc takes a profile that says nothing at all for none, and engines pass such profiles on.
@test "seccomp: a profile with neither defaultAction nor syscalls is none, with a warning; with rules it is refused" {
	peer_skip crun 'wants a defaultAction'
	local empty
	for empty in '{}' '{"defaultAction": ""}' '{"defaultAction": "", "architectures": null, "syscalls": []}' \
		'{"architectures": ["SCMP_ARCH_X86_64"], "flags": [], "defaultErrnoRet": 5}'; do
		profile "$empty"
		container_facts signals
		expect_fact seccomp 0
		[[ $KIND != orlop || $stderr == *'/linux/seccomp: it has no defaultAction and no syscalls: there is no filter'* ]]
	done
	[[ -z $(find "$STATE" -name '@*') ]]
	for empty in '{}' '{"defaultAction": ""}'; do
		profile "$(jq -c '.syscalls = [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}]' <<<"$empty")"
		container_run true
		[[ $status -ne 0 ]]
		expect_message 'string  is not a valid action for seccomp'
		[[ -z $(state_ids) ]]
	done
}

@test "seccomp SCMP_ACT_ALLOW: a filter that lets all pass" {
	profile '{"defaultAction": "SCMP_ACT_ALLOW"}'
	container_facts signals
	[[ $KIND == runc ]] || expect_fact seccomp 2 # runc loads none that would let all pass
}

@test "seccomp SCMP_ACT_ERRNO: EPERM, or errnoRet" {
	profile_rules '{"names": ["mkdirat"], "action": "SCMP_ACT_ERRNO"}'
	expect_call 'Operation not permitted' mkdirat -1 0
	expect_call ok getsid
	profile_rules '{"names": ["mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 123}'
	expect_call 'No medium found' mkdirat -1 0
	# 0 is an error like others: the call is not made, and returns 0.
	profile_rules '{"names": ["mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0}'
	expect_call ok mkdirat -1 0
}

@test "seccomp SCMP_ACT_KILL, SCMP_ACT_KILL_THREAD: the thread is gone, the process lives" {
	local action
	for action in SCMP_ACT_KILL SCMP_ACT_KILL_THREAD; do
		profile_rules "{\"names\": [\"getsid\"], \"action\": \"$action\"}"
		expect_call 'thread killed' getsid
	done
}

@test "seccomp SCMP_ACT_KILL_PROCESS: the process is gone" {
	profile_rules '{"names": ["getsid"], "action": "SCMP_ACT_KILL_PROCESS"}'
	expect_call 'killed by signal 31' getsid
	bundle_edit '.linux.seccomp.syscalls[0].names = ["mkdir", "mkdirat"]'
	container_run mkdir /new
	expect_status 159
}

@test "seccomp SCMP_ACT_TRAP: SIGSYS names the call" {
	profile_rules '{"names": ["getsid"], "action": "SCMP_ACT_TRAP"}'
	expect_call "trapped $(call_numbers | sed -n 's/ getsid$//p')" getsid
}

@test "seccomp SCMP_ACT_TRACE: ENOSYS without a tracer" {
	profile_rules '{"names": ["getsid"], "action": "SCMP_ACT_TRACE", "errnoRet": 7}'
	expect_call 'Function not implemented' getsid
	expect_call ok getppid
}

@test "seccomp SCMP_ACT_LOG: the call is made" {
	profile_rules '{"names": ["getsid"], "action": "SCMP_ACT_LOG"}'
	expect_call ok getsid
}

@test "seccomp defaultAction: ERRNO with EPERM or defaultErrnoRet for all that no rule names" {
	local rules
	rules=$(program_calls SCMP_ACT_ALLOW)
	profile "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [$rules]}"
	expect_call 'Operation not permitted' getsid
	profile "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 123, \"syscalls\": [$rules]}"
	expect_call 'No medium found' getsid
	profile "{\"defaultAction\": \"SCMP_ACT_TRACE\", \"syscalls\": [$rules]}"
	expect_call 'Function not implemented' getsid
	profile "{\"defaultAction\": \"SCMP_ACT_TRAP\", \"syscalls\": [$rules]}"
	expect_call "trapped $(call_numbers | sed -n 's/ getsid$//p')" getsid
	profile "{\"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": [$rules]}"
	expect_call ok getsid
}

# -- conditions -----------------------------------------------------------------------------------------------------------------

# The first argument of sched_yield, which takes none: is there a rule for it? Lines: OPERATOR VALUE VALUE-TWO ARGUMENT yes|no.
@test "seccomp args: every operator, on 64 bits" {
	local op value two argument want result
	while read -r op value two argument want; do
		profile_rules "{\"names\": [\"sched_yield\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 123,
			\"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_$op\", \"value\": $value, \"valueTwo\": $two}]}"
		result=ok
		[[ $want == no ]] || result='No medium found'
		expect_call "$result" sched_yield "$argument" || { echo "$op $value $two $argument" && return 1; }
	done <<-'END'
		EQ 5 0 5 yes
		EQ 5 0 6 no
		EQ 5 0 4294967301 no
		EQ 4294967301 0 4294967301 yes
		NE 5 0 5 no
		NE 5 0 4294967301 yes
		LT 5 0 4 yes
		LT 5 0 5 no
		LT 4294967296 0 4294967295 yes
		LE 5 0 5 yes
		LE 5 0 4294967296 no
		GE 5 0 5 yes
		GE 4294967296 0 5 no
		GT 5 0 5 no
		GT 5 0 4294967296 yes
		GT 4294967296 0 -1 yes
		MASKED_EQ 240 32 47 yes
		MASKED_EQ 240 32 64 no
		MASKED_EQ 68719476720 4294967328 4294967343 yes
		MASKED_EQ 68719476720 4294967328 47 no
	END
}

@test "seccomp args: each of the six, all of a rule must hold" {
	local index
	for index in 0 1 2 3 4 5; do
		profile_rules "{\"names\": [\"sched_yield\"], \"action\": \"SCMP_ACT_ERRNO\",
			\"args\": [{\"index\": $index, \"op\": \"SCMP_CMP_EQ\", \"value\": $((index + 10))}]}"
		expect_call 'Operation not permitted' sched_yield 10 11 12 13 14 15
		expect_call ok sched_yield 15 14 13 12 1 0
	done
	profile_rules '{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "args": [
		{"index": 0, "op": "SCMP_CMP_EQ", "value": 1}, {"index": 1, "op": "SCMP_CMP_GT", "value": 5}]}'
	expect_call 'Operation not permitted' sched_yield 1 6
	expect_call ok sched_yield 1 5
	expect_call ok sched_yield 2 6
}

@test "seccomp args: two conditions on one argument are alternatives, as runc has it" {
	peer_skip crun 'hands both to libseccomp, which refuses them'
	profile_rules '{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "args": [
		{"index": 0, "op": "SCMP_CMP_EQ", "value": 1}, {"index": 0, "op": "SCMP_CMP_EQ", "value": 2}]}'
	expect_call 'Operation not permitted' sched_yield 1
	expect_call 'Operation not permitted' sched_yield 2
	expect_call ok sched_yield 3
}

@test "seccomp syscalls: several rules for one call, one rule for several calls" {
	profile_rules '{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 1}]}' \
		'{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "errnoRet": 123, "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 2}]}' \
		'{"names": ["getsid", "getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 123}'
	expect_call 'Operation not permitted' sched_yield 1
	expect_call 'No medium found' sched_yield 2
	expect_call ok sched_yield 3
	expect_call 'No medium found' getsid 0
	expect_call 'No medium found' getpgid 0
	expect_call ok getppid
}

@test "seccomp syscalls: what several NE and GT rules deny stays denied" {
	# Of libseccomp 2.5.4, and so of runc and crun: calls pass that a rule denies.
	[[ $KIND == orlop ]] || skip "$KIND: libseccomp merges such rules wrongly"
	profile_rules '{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "op": "SCMP_CMP_NE", "value": 5}]}' \
		'{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "op": "SCMP_CMP_GT", "value": 2}]}'
	expect_call 'Operation not permitted' sched_yield 5
	expect_call 'Operation not permitted' sched_yield 1
	expect_call 'Operation not permitted' sched_yield 6
}

# -- names and numbers ------------------------------------------------------------------------------------------------------------

# Number and name of every call, by the kernel's headers.
call_numbers() {
	echo '#include <sys/syscall.h>' | "${CC:-cc}" -E -dM - | sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$/\2 \1/p'
}

# A rule for all that the static programs of the tests make on their own, and the Go runtime of runc's init.
program_calls() {
	jq -nc --arg action "$1" '{action: $action, names: ("access arch_prctl brk clone clone3 close execve exit exit_group fcntl fork fstat futex
		getpid getrandom gettid getuid ioctl kill mmap mprotect munmap nanosleep newfstatat clock_nanosleep poll prctl prlimit64 read readlink readlinkat
		restart_syscall rseq rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait sched_yield set_robust_list set_tid_address stat uname
		wait4 waitid write writev
		openat futex epoll_ctl epoll_pwait epoll_create1 eventfd2 pipe2 madvise sigaltstack tgkill sched_getaffinity faccessat faccessat2 getppid
		close_range getdents64 fchdir setresuid capset capget getcwd chdir statfs fstatfs" | split("\\s+"; null))}'
}

@test "seccomp: ENOSYS for calls newer than any that the profile names" {
	peer_skip crun 'has no such rule: the default action holds'
	local rules arch
	# Without architectures runc has no such rule; orlop counts the native one.
	arch=SCMP_ARCH_$(uname -m | tr '[:lower:]' '[:upper:]')
	rules=$(program_calls SCMP_ACT_ALLOW)
	profile "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"$arch\"], \"syscalls\": [$rules]}"
	expect_call 'Function not implemented' 500
	expect_call 'Operation not permitted' getsid
	# A rule that denies a call shows as well that its author knew it.
	profile "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"$arch\"], \"syscalls\": [$rules, {\"names\": [\"process_mrelease\"], \"action\": \"SCMP_ACT_ERRNO\"}]}"
	expect_call 'Operation not permitted' 447
	expect_call 'Function not implemented' 449
	profile "{\"defaultAction\": \"SCMP_ACT_KILL_PROCESS\", \"architectures\": [\"$arch\"], \"syscalls\": [$rules]}"
	expect_call 'Function not implemented' 500
	expect_call 'killed by signal 31' getsid
}

@test "seccomp: names of no call are passed over, and told" {
	profile_rules '{"names": ["no_such_call", "getsid"], "action": "SCMP_ACT_ERRNO"}' '{"names": ["no_such_call"], "action": "SCMP_ACT_KILL"}'
	expect_call 'Operation not permitted' getsid
	[[ $KIND == orlop ]] || return 0 # runc tells it with --debug, crun not at all
	[[ $(grep -c no_such_call <<<"$stderr") -eq 1 ]]
	[[ $stderr == *"config.json: /linux/seccomp/syscalls/0: ignoring 'no_such_call': there is no such system call"* ]]
	# Not again for each process that joins.
	container_start sleep 100
	run --separate-stderr oci exec "$NAME" true
	expect_status 0
	[[ -z $stderr ]]
}

# What /calls gets of the kernel without a filter, one "NUMBER RESULT" a line, in the file $1.
results_without() {
	bundle_edit '.linux.seccomp = null'
	container_run /calls all
	expect_status 0
	printf '%s\n' "$output" >"$1"
}

# What the profile, read by jq, makes of it. An error of its own (123) stands for "denied", so that it is no other's. All arguments are -1.
# Rules without conditions come first: they stand for their call.
results_expected() {
	local without=$1
	jq -n --rawfile numbers <(call_numbers) --rawfile without "$without" --slurpfile config "$BUNDLE/config.json" -r '
		def lines: split("\n") | map(select(. != "") | [splits(" ")]);
		def holds: if .op == "SCMP_CMP_EQ" or .op == "SCMP_CMP_LT" or .op == "SCMP_CMP_LE" then false
			elif .op == "SCMP_CMP_MASKED_EQ" then .value == .valueTwo else true end;
		def result: if .action == "SCMP_ACT_ALLOW" then null
			else {"123": "No medium found", "38": "Function not implemented", "1": "Operation not permitted"}[(.errnoRet // 1) | tostring] end;
		$config[0].linux.seccomp as $profile
		| ($numbers | lines | map({key: .[1], value: (.[0] | tonumber)}) | from_entries) as $number_of
		| ($profile.syscalls | map(. as $rule | $rule.names[] | select($number_of[.]) | {number: $number_of[.], rule: $rule})) as $rules
		| ($rules | map(.number) | max) as $last
		| $without | split("\n")[] | select(. != "") | capture("^(?<number>[0-9]+) (?<result>.*)$") | .number as $n | .result as $r | ($n | tonumber) as $number
		| if $number > $last then "\($n) Function not implemented"
		  else ($rules | map(select(.number == $number).rule)) as $mine
			| ([$mine[] | select((.args // []) == [])][0] // [$mine[] | select(.args | all(holds))][0] // {action: "", errnoRet: 123}) as $rule
			| "\($n) \(($rule | result) // $r)"
		  end'
}

# real_profile CONFIG: the profile of an engine, as it was recorded.
real_profile() {
	bundle_edit --slurpfile config "$CONFIGS/$1" '.linux.seccomp = $config[0].linux.seccomp | .linux.seccomp.defaultErrnoRet = 123'
}

every_call_is_as_told() {
	results_without without
	real_profile "$1"
	results_expected without >want
	container_run /calls all
	expect_status 0
	printf '%s\n' "$output" >got
	[[ $(wc -l <want) -gt 600 && $(grep -c 'No medium found' want) -gt 20 && $(grep -c 'Function not implemented' want) -gt 100 ]]
	diff want got
}

@test "seccomp: Docker's default profile, every call there is" {
	peer_skip crun 'answers new calls by the default action'
	every_call_is_as_told docker-default.json
}

@test "seccomp: podman's default profile, every call there is" {
	peer_skip crun 'answers new calls by the default action'
	every_call_is_as_told podman-default.json
}

# What init itself needs of a filter that is loaded late, and what busybox makes before and for its `echo`.
NEEDED_LATE='read write execve exit_group'
NEEDED_BY_ECHO='arch_prctl brk execve exit_group getrandom getuid mprotect prctl prlimit64 readlink readlinkat rseq set_robust_list set_tid_address write'
# Without no_new_privs the filter is there when ids and capabilities are set.
NEEDED_EARLY='capset chdir close_range fchown fstat getcwd newfstatat prctl prlimit64 setgroups setresgid setresuid statx umask'

# allow_list ACTION NAME...: the profile that allows these and answers all else by ACTION.
allow_list() {
	profile "$(jq -nc --arg action "$1" '{defaultAction: $action, syscalls: [{action: "SCMP_ACT_ALLOW", names: $ARGS.positional}]}' --args -- "${@:2}")"
}

echo_everywhere() {
	container_run busybox echo hello
	expect_status 0
	expect_output hello
	container_create >/dev/null
	run oci start "$NAME"
	expect_status 0
	wait_until is_container stopped
	[[ $(<out) == hello ]]
	oci delete "$NAME"
}

@test "seccomp: an allow list of what init and the program need does for run, create and start" {
	# Theirs is a Go runtime, or closes and looks up more after loading.
	[[ $KIND == orlop ]] || skip "$KIND: needs more calls than these"
	# shellcheck disable=SC2086
	allow_list SCMP_ACT_KILL_PROCESS $NEEDED_LATE $NEEDED_BY_ECHO
	echo_everywhere
	bundle_edit '.process.noNewPrivileges = false'
	# shellcheck disable=SC2086
	allow_list SCMP_ACT_KILL_PROCESS $NEEDED_LATE $NEEDED_BY_ECHO $NEEDED_EARLY
	echo_everywhere
}

@test "seccomp: the same for exec, and with an error for an answer" {
	[[ $KIND == orlop ]] || skip "$KIND: needs more calls than these"
	local action
	for action in SCMP_ACT_KILL_PROCESS SCMP_ACT_ERRNO; do
		# shellcheck disable=SC2086
		allow_list "$action" $NEEDED_LATE $NEEDED_BY_ECHO nanosleep clock_nanosleep
		container_start busybox sleep 100
		run oci exec "$NAME" busybox echo hello
		expect_status 0
		expect_output hello
		oci delete --force "$NAME"
	done
}

@test "seccomp: an error is told through a filter that allows nothing else" {
	[[ $KIND == orlop ]] || skip "$KIND: needs more calls than these"
	# shellcheck disable=SC2086
	allow_list SCMP_ACT_KILL_PROCESS $NEEDED_LATE
	echo nothing >"$ROOTFS/bin/text"
	chmod +x "$ROOTFS/bin/text"
	container_run text
	expect_status 1
	expect_message 'exec format error'
	[[ -z $(state_ids) ]]
}

@test "seccomp: a filter that kills init is an error that says where" {
	bundle_edit '.process.noNewPrivileges = false'
	profile_rules '{"names": ["capset", "capget"], "action": "SCMP_ACT_KILL_PROCESS"}'
	container_run true
	[[ $status -ne 0 ]]
	[[ $KIND != orlop ]] || expect_message "init was killed by SIGSYS in step 'user'"
	[[ -z $(state_ids) ]]
}

@test "seccomp: a deny list; and one that forbids mkdir" {
	profile_rules '{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}' '{"names": ["chroot", "unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}'
	container_run sh -c 'mkdir /new; chroot / true; echo still here >/file; cat /file'
	expect_status 0
	expect_output 'still here'
	[[ $stderr == *"can't create directory '/new': Operation not permitted"* && $stderr == *'chroot'*'Function not implemented'* ]]
	[[ ! -e $ROOTFS/new ]]
}

@test "seccomp: the filter is loaded late with noNewPrivileges, and early without it" {
	bundle_edit '.process.user = {"uid": 1000, "gid": 1000} | .process.capabilities = {}'
	profile_rules '{"names": ["getsid"], "action": "SCMP_ACT_ERRNO"}'
	container_facts signals process
	expect_fact seccomp 2
	expect_fact seccomp.filters 1
	expect_fact no_new_privs 1
	bundle_edit '.process.noNewPrivileges = false'
	container_facts signals process
	expect_fact seccomp 2
	expect_fact no_new_privs 0
	expect_call 'Operation not permitted' getsid
}

@test "seccomp: a late filter may forbid what sets ids and capabilities" {
	profile_rules '{"names": ["capset", "setresuid", "setuid", "setgroups", "chdir", "prctl"], "action": "SCMP_ACT_KILL_PROCESS"}'
	# runc and crun call prctl behind their filter as well.
	[[ $KIND == orlop ]] || bundle_edit '.linux.seccomp.syscalls[0].names -= ["prctl", "chdir"]'
	bundle_edit '.process.user = {"uid": 1000, "gid": 1000}'
	expect_call ok getsid
}

@test "seccomp flags: SPEC_ALLOW unless told, none with an empty list, LOG, TSYNC" {
	peer_skip crun 'has no default'
	[[ $KIND != runc ]] || skip '1.1.5: loads with no flag unless told'
	local speculation
	profile_rules '{"names": ["getsid"], "action": "SCMP_ACT_ERRNO"}'
	container_facts signals
	speculation=$(fact speculation)
	[[ $speculation != *'force mitigated'* ]]
	bundle_edit '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'
	container_facts signals
	expect_fact seccomp 2
	expect_fact speculation "$speculation"
	bundle_edit '.linux.seccomp.flags = []'
	container_facts signals
	expect_fact seccomp 2
}

@test "seccomp: exec is under the container's filter" {
	profile_rules '{"names": ["getsid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 123}'
	container_start sleep 100
	run oci exec "$NAME" /calls getsid
	expect_status 0
	expect_output 'getsid No medium found'
}

@test "seccomp: x86 and x32 calls of a profile for x86_64 alone kill" {
	[[ $(uname -m) == x86_64 ]] || skip 'other numbers'
	profile_rules '{"names": ["getsid"], "action": "SCMP_ACT_ERRNO"}'
	bundle_edit '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64"]'
	expect_call 'thread killed' $((0x40000000 + 39))
	bundle_edit '.linux.seccomp.architectures += ["SCMP_ARCH_X32"]'
	bundle_edit '.linux.seccomp.syscalls[0].errnoRet = 123'
	expect_call 'No medium found' $((0x40000000 + 124))
}

# -- what cannot be -------------------------------------------------------------------------------------------------------------

expect_profile_refused() {
	profile "$1"
	container_run true
	[[ $status -ne 0 ]]
	[[ $KIND == crun ]] || expect_message "$2"
	[[ -z $(state_ids) ]]
}

@test "seccomp: words that are none, and rules that cannot be kept" {
	[[ $KIND == orlop ]] || skip "$KIND: takes some of these, and has other words"
	expect_profile_refused '{"defaultAction": "SCMP_ACT_NONE"}' 'SCMP_ACT_NONE'
	expect_profile_refused '{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_PDP11"]}' 'SCMP_ARCH_PDP11'
	expect_profile_refused '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_NOTIFY"}]}' \
		'listenerPath is not set'
	expect_profile_refused '{"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/run/agent",
		"syscalls": [{"names": ["write"], "action": "SCMP_ACT_NOTIFY"}]}' 'write'
	expect_profile_refused '{"defaultAction": "SCMP_ACT_NOTIFY", "listenerPath": "/run/agent"}' 'SCMP_ACT_NOTIFY'
	expect_profile_refused '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{"names": ["getsid"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 6, "op": "SCMP_CMP_EQ", "value": 1}]}]}' '/args/0/index'
	expect_profile_refused '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{"names": ["getsid"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "op": "SCMP_CMP_LIKE", "value": 1}]}]}' 'SCMP_CMP_LIKE'
}

# -- agents ---------------------------------------------------------------------------------------------------------------------

# agent MODE [NUMBER]: see conformance/payload/agent.c. What it hears is in the file `heard`.
agent() {
	"$(dirname -- "$(payload_find)")/agent" "$PWD/agent" "$PWD/heard" "$@" </dev/null >/dev/null 2>&1 3>&- &
	AGENT=$!
	wait_until has_line listening heard
}

# profile_notify NAME...: these calls go to the agent.
profile_notify() {
	profile "$(jq -nc --arg path "$PWD/agent" '{defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path, listenerMetadata: "{\"who\": \"me\"}",
		syscalls: [{names: $ARGS.positional, action: "SCMP_ACT_NOTIFY"}]}' --args -- "$@")"
}

# The document of the Nth connection through a jq filter: heard_state 1 .pid
heard_state() { sed -n 's/^state 1 //p' heard | sed -n "$1p" | jq -r "$2"; }

# Calls of a step with privileges: a filter that is loaded early sends them to the agent while the container is made.
USER_CALLS=(prctl capset setgroups setresuid setresgid chdir close_range umask)

@test "seccomp notify, run: the agent has the listener and the container process state, and answers" {
	agent errno 123
	profile_notify mkdir mkdirat
	container_run sh -c 'mkdir /new || echo refused'
	expect_status 0
	expect_output refused
	[[ $stderr == *'No medium found'* ]]
	[[ $(heard_state 1 '.fds | join(" ")') == seccompFd ]]
	[[ $(heard_state 1 .metadata) == '{"who": "me"}' ]]
	[[ $(heard_state 1 .state.id) == "$NAME" && $(heard_state 1 .state.bundle) == "$BUNDLE" ]]
	[[ $(heard_state 1 .state.status) == creating ]]
	# crun 1.8.1 says 0.2.0.
	[[ $KIND == crun ]] || [[ $(heard_state 1 .state.ociVersion) == 1.* && $(heard_state 1 .ociVersion) == 1.* ]]
	[[ $(heard_state 1 .pid) -gt 1 && $(heard_state 1 .pid) == "$(heard_state 1 .state.pid)" ]]
	[[ $(grep -c '^call ' heard) -eq 1 ]]
}

@test "seccomp notify, create: the state comes with create, its pid is the container's" {
	agent continue
	profile_notify mkdir mkdirat
	process_args sh -c 'mkdir /new && sleep 100'
	container_create
	# Nobody waits for the agent to read it.
	wait_until state_count 1
	# crun 1.8.1 says 0, in this and the next test.
	[[ $KIND == crun ]] || [[ $(heard_state 1 .pid) == "$(container_pid)" ]]
	not has_line '^call ' heard
	oci start "$NAME"
	wait_until has_line '^call ' heard
	wait_until test -d "$ROOTFS/new"
}

@test "seccomp notify, exec: a listener of its own, the container's state" {
	agent errno 123
	profile_notify mkdir mkdirat
	container_start sleep 100
	run --separate-stderr oci exec --pid-file "$PWD/pid" "$NAME" mkdir /new
	expect_status 1
	[[ $stderr == *'No medium found'* ]]
	[[ $(heard_state 2 .pid) != "$(heard_state 1 .pid)" ]]
	[[ $(heard_state 2 .state.id) == "$NAME" ]]
	[[ $KIND == crun ]] || [[ $(heard_state 2 .state.pid) == "$(container_pid)" ]]
	# runc 1.1.5 and crun say "creating" or "running" as they happen to be.
	[[ $KIND != orlop ]] || [[ $(heard_state 2 .state.status) == running ]]
	oci exec --detach "$NAME" true
	wait_until state_count 3
}

@test "seccomp notify: an early filter's calls of the set-up are answered as well" {
	[[ $KIND != runc ]] || skip '1.1.5: hangs when its own calls are among them'
	peer_skip crun 'hangs when its own calls are among them'
	bundle_edit '.process.noNewPrivileges = false | .process.user = {"uid": 1000, "gid": 1000}'
	agent continue 5
	profile_notify "${USER_CALLS[@]}"
	container_run sh -c 'id -u'
	expect_status 0
	expect_output 1000
	[[ $(grep -c '^call ' heard) -gt 20 ]]
	# Also with the program's own execve, and when it joins.
	profile_notify "${USER_CALLS[@]}" execve exit_group
	container_start sleep 100
	run oci exec "$NAME" id -u
	expect_status 0
	expect_output 1000
}

@test "seccomp notify: an agent that refuses what makes the container is an error" {
	[[ $KIND == orlop ]] || skip "$KIND: hangs when its own calls are among them"
	bundle_edit '.process.noNewPrivileges = false'
	agent errno 123
	profile_notify capset
	container_run true
	expect_status 1
	expect_message "step 'user'"
	expect_message 'No medium found'
	[[ -z $(state_ids) ]]
}

@test "seccomp notify: without an agent, or with something else in its place, nothing is made" {
	profile_notify mkdir mkdirat
	container_run true
	[[ $status -ne 0 ]]
	[[ $KIND == crun ]] || expect_message 'failed to connect with seccomp agent specified in the seccomp profile'
	[[ -z $(state_ids) ]]
	touch agent
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 ]]
	[[ -z $(state_ids) ]]
	rm agent
	bundle_edit 'del(.linux.seccomp.listenerPath, .linux.seccomp.listenerMetadata)'
	[[ $KIND != crun ]] || return 0 # 1.8.1: the calls fail with ENOSYS
	container_run true
	[[ $status -ne 0 ]]
	expect_message 'listenerPath is not set'
	[[ -z $(state_ids) ]]
}

@test "seccomp notify: exec without the agent is an error, and the container lives on" {
	agent continue
	profile_notify mkdir mkdirat
	container_start sleep 100
	kill "$AGENT"
	wait_until process_is_gone "$AGENT"
	run oci exec "$NAME" true
	[[ $status -ne 0 ]]
	expect_container running
}

@test "seccomp notify: an agent that takes no connection is an error in time" {
	[[ $KIND == orlop ]] || skip "$KIND: waits for ever"
	agent deaf
	profile_notify mkdir mkdirat
	# The kernel takes one connection for it.
	container_run true
	expect_status 0
	container_run true
	expect_status 1
	expect_message 'failed to connect with seccomp agent'
	expect_message 'timed out'
	[[ -z $(state_ids) ]]
}

@test "seccomp notify: behind an agent that is gone calls fail with ENOSYS, at once" {
	# They keep the listener open in the program itself, or in whoever made it.
	agent leave 0
	profile_notify mkdir mkdirat
	container_run sh -c 'mkdir /new'
	expect_status 1
	[[ $stderr == *'Function not implemented'* ]]
}

@test "seccomp notify: an agent that leaves while the container is made is an error" {
	[[ $KIND == orlop ]] || skip "$KIND: hangs when its own calls are among them"
	bundle_edit '.process.noNewPrivileges = false'
	agent leave 5
	profile_notify "${USER_CALLS[@]}"
	container_run true
	expect_status 1
	expect_message "step 'user'"
	expect_message 'unction not implemented'
	[[ -z $(state_ids) ]]
	[[ $(grep -c '^call ' heard) -eq 5 ]]
}

@test "seccomp notify: an agent that does not answer is an error in time, and no obstacle to a signal" {
	[[ $KIND == orlop ]] || skip "$KIND: waits for ever"
	local pid
	bundle_edit '.process.noNewPrivileges = false'
	agent hang
	profile_notify "${USER_CALLS[@]}"
	"${OCI[@]}" create --bundle "$BUNDLE" "$NAME-2" </dev/null >/dev/null 2>interrupted 3>&- &
	pid=$!
	container_run true
	expect_status 1
	expect_message "init is still in step 'user': does the seccomp agent answer?"
	wait "$pid" || status=$?
	[[ $(<interrupted) == *'does the seccomp agent answer?'* ]]
	"${OCI[@]}" create --bundle "$BUNDLE" "$NAME" </dev/null >/dev/null 2>interrupted 3>&- &
	pid=$!
	wait_until state_count 3
	kill "$pid"
	wait "$pid" || true
	[[ $(<interrupted) == *interrupted* ]]
	[[ -z $(state_ids) ]]
}
state_count() { [[ $(grep -c '^state' heard) -eq $1 ]]; }

@test "seccomp notify: a container whose agent does not answer can be killed and deleted" {
	agent hang
	profile_notify mkdir mkdirat
	container_start sh -c 'mkdir /new; sleep 100'
	expect_container running
	run oci kill "$NAME" KILL
	expect_status 0
	wait_until is_container stopped
	run oci delete "$NAME"
	expect_status 0
}

# -- features -------------------------------------------------------------------------------------------------------------------

@test "seccomp features: actions, operators, architectures and flags, as the runtime-spec names them" {
	peer_skip crun '1.8.1: has no such command'
	run --separate-stderr oci features
	expect_status 0
	jq -e '.linux.seccomp | .enabled
		and (["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
			"SCMP_ACT_TRACE", "SCMP_ACT_TRAP"] - .actions == [])
		and (["SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"] - .operators == [])
		and (["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64", "SCMP_ARCH_S390X"] - .archs == [])' <<<"$output"
	[[ $KIND == orlop ]] || return 0
	jq -e '.linux.seccomp | (["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"] - .supportedFlags == [])
		and (.supportedFlags - .knownFlags == [])' <<<"$output"
}
