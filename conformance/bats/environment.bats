#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # bats sets status and output
# What a runtime may be born with: descriptors, signals, limits, variables, directories. Nothing of it becomes the container's, and nothing breaks
# without one clear line. runtime-spec runtime.md, "Create".

load helpers
load container

setup() {
	container_setup
	[[ $KIND == orlop ]] || skip 'a promise of orlop'
}

teardown() {
	if [[ -n ${SMALL:-} ]]; then
		umount "$SMALL" || true
	fi
	container_teardown
}

# As `run oci run`, in a shell that has done $1 first.
run_after() {
	run --separate-stderr timeout --foreground --kill-after=5 60 \
		bash -c "$1"' && exec "$@"' bash "${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
}

expect_one_line() {
	[[ $status -ne 0 && ${#stderr_lines[@]} -eq 1 && -z $output ]] || {
		printf 'want one line of error, got status %s:\n%s\n%s\n' "$status" "$output" "$stderr"
		return 1
	}
}

@test "environment: standard descriptors that are closed" {
	process_shell 'for i in 0 2; do readlink /proc/self/fd/$i; done >/file'
	run_after 'exec <&- >&- 2>&-'
	expect_status 0
	[[ $(sort -u "$ROOTFS/file") == /dev/null ]]
}

@test "environment: masks and dispositions of signals are not inherited" {
	process_args grep -E '^Sig(Blk|Ign)' /proc/self/status
	run_after 'trap "" HUP INT QUIT PIPE ALRM TERM CHLD XFSZ USR1'
	expect_status 0
	[[ ${lines[0]##*[[:blank:]]} == 0000000000000000 && ${lines[1]##*[[:blank:]]} == 0000000000000000 ]]
}

@test "environment: the file mode mask is not inherited, nor does it harm the state" {
	process_shell umask
	local mask
	for mask in 0 0777; do
		run_after "umask $mask"
		expect_status 0
		expect_output 0022
	done
}

@test "environment: too few descriptors are refused before anything is made" {
	process_args echo here
	run_after 'ulimit -n 64'
	expect_status 0
	expect_output here
	local limit
	for limit in 8 9 10 12 14 16 20 24; do
		run_after "ulimit -n $limit"
		[[ $status -ne 0 ]] || continue
		[[ -z $output && -n $stderr ]]
		[[ ${stderr,,} == *'too many open files'* ]]
		[[ -z $(state_ids) && -z $(cgroup_find "$NAME") ]] || { printf 'with %s descriptors\n' "$limit" && return 1; }
	done
}

@test "environment: a limit of the file size that leaves no room for a record is an error, not a death" {
	process_args true
	# What is said goes through a pipe: it could not be written to a file either.
	run bash -c 'set -o pipefail; (ulimit -f 0; exec "$@" 2>&1 </dev/null) | cat' bash "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	[[ $status -eq 1 && ${#lines[@]} -eq 1 ]]
	expect_message 'File too large'
	[[ -z $(state_ids) && -z $(cgroup_find "$NAME") ]]
}

@test "environment: a log that nobody reads kills no one half-way, nor is it the container's matter" {
	process_args grep -E '^(Sig(Pnd|Blk|Ign)|ShdPnd)' /proc/self/status
	bundle_edit '.process.capabilities.bounding += ["CAP_NO_SUCH"]'
	mkfifo pipe
	# A pipe without a reader.
	run bash -c 'exec 9<>pipe 8>pipe 9<&-; exec "$@" 2>&8' bash "${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 0
	[[ ${#lines[@]} -eq 4 && -z ${output//[a-zA-Z:[:blank:][:cntrl:]0]/} ]]
	[[ -z $(state_ids) ]]
}

@test "environment: variables of service managers and of runc that mean nothing" {
	process_args sh -c 'env | sort'
	run_after 'export NOTIFY_SOCKET=/no/such/socket LISTEN_FDS=x LISTEN_PID=$$ _LIBCONTAINER_INITPIPE=7 _LIBCONTAINER_FIFOFD=8'
	expect_status 0
	[[ $output == *'NOTIFY_SOCKET=/run/notify/notify.sock'* && $output != *LISTEN* && $output != *LIBCONTAINER* ]]
	[[ -z $stderr ]]
}

@test "environment: descriptors that were promised and are not there are named" {
	run_after 'export LISTEN_FDS=2 LISTEN_PID=$$; exec 3</dev/null 4<&-'
	expect_one_line
	expect_message 'LISTEN_FDS is 2: descriptor 4: Bad file descriptor'
	run --separate-stderr bash -c 'exec 3</dev/null 4</dev/null 5<&-; exec "$@"' bash "${OCI[@]}" run --preserve-fds 3 --bundle "$BUNDLE" "$NAME"
	expect_one_line
	expect_message 'unable to stat preserved-fd 2 (of 3): Bad file descriptor'
	run --separate-stderr bash -c 'export LISTEN_FDS=1 LISTEN_PID=$$; exec 3</dev/null 4</dev/null 5<&-; exec "$@"' bash "${OCI[@]}" run --preserve-fds 2 \
		--bundle "$BUNDLE" "$NAME"
	expect_one_line
	expect_message 'unable to stat preserved-fd 1 (of 2): Bad file descriptor'
}

@test "environment: a working directory that is gone" {
	mkdir gone
	process_args echo here
	run_after 'cd gone && rmdir ../gone'
	expect_status 0
	expect_output here
	run --separate-stderr bash -c 'mkdir gone && cd gone && rmdir ../gone && "$1" --root relative list' bash "${OCI[0]}"
	expect_one_line
	expect_message 'current directory: No such file or directory'
}

@test "environment: a state root that is read-only" {
	SMALL=$PWD/small
	mkdir "$SMALL"
	mount -t tmpfs -o ro,size=64k orlop-test "$SMALL"
	local words=("${OCI[@]}")
	words[2]=$SMALL/state
	run --separate-stderr "${words[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_one_line
	expect_message "$SMALL/state"
	expect_message 'Read-only file system'
	words[2]=$SMALL
	run --separate-stderr "${words[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_one_line
	expect_message "$SMALL"
	expect_message 'Read-only file system'
}

@test "environment: no capabilities in config.json are none at all (config.md, Linux Process)" {
	process_args grep '^Cap' /proc/self/status
	bundle_edit 'del(.process.capabilities)'
	container_run
	expect_status 0
	[[ ${#lines[@]} -eq 5 ]]
	[[ $(printf '%s\n' "${lines[@]}" | awk '{print $2}' | sort -u) == 0000000000000000 ]]
}
