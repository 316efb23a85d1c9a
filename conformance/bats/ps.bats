#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `ps`: the processes of a container.
bats_require_minimum_version 1.5.0
load helpers
load container

teardown() { container_teardown; }

setup() {
	container_setup
	peer_skip crun 'has no cgroup here'
}

start_two() {
	process_shell 'sleep 4441 & sleep 4442 & wait'
	container_start
	wait_until has_three
}
# By their words: a shell's child has the shell's until it executes, and who is about to has none.
has_three() {
	local pid
	[[ $(for pid in $(oci ps --format json "$NAME" | jq -r '.[]'); do tr '\0' ' ' <"/proc/$pid/cmdline" && echo; done | sort) == \
		'sh -c sleep 4441 & sleep 4442 & wait '$'\n''sleep 4441 '$'\n''sleep 4442 ' ]]
}

@test "ps --format json: all processes by their ids on the host" {
	start_two
	run --separate-stderr oci ps --format json "$NAME"
	expect_status 0
	[[ -z $stderr && ${#lines[@]} -eq 1 ]]
	jq -e --argjson init "$(container_pid)" 'length == 3 and index($init) != null and all(type == "number")' <<<"$output"
	local pid
	for pid in $(jq -r '.[]' <<<"$output"); do
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qE 'sleep 444|sh -c'
	done
}

@test "ps: a table from the host's ps -ef, with its head" {
	start_two
	run oci ps "$NAME"
	expect_status 0
	[[ ${lines[0]} =~ ^UID\ +PID\ +PPID ]]
	[[ ${#lines[@]} -eq 4 ]]
	[[ $output == *'sleep 4441'* && $output == *'sleep 4442'* ]]
	[[ $output != *"$$ "*bats* ]]
}

@test "ps: options behind the id go to ps, one or many" {
	start_two
	run oci ps "$NAME" aux
	expect_status 0
	[[ ${lines[0]} =~ ^USER\ +PID\ +%CPU && ${#lines[@]} -eq 4 ]]
	run oci ps "$NAME" -e -o comm,pid
	expect_status 0
	[[ ${lines[0]} =~ ^COMMAND\ +PID && ${#lines[@]} -eq 4 ]]
	run oci ps "$NAME" -e -x
	expect_status 0
}

@test "ps: without a column PID it says so" {
	container_start sleep 100
	run oci ps "$NAME" -e -o comm
	expect_status 1
	expect_output_has "couldn't find PID field in ps output"
}

@test "ps: what the host's ps complains of is passed on" {
	container_start sleep 100
	run oci ps "$NAME" --no-such-option
	expect_status 1
	expect_output_has 'unknown gnu long option'
}

@test "ps: more output than a pipe holds" {
	container_start sleep 4445
	# It has its name a moment after it is known to run.
	wait_until process_is "$(container_pid)" 'sleep 4445'
	local word
	word=$(printf '%0100000d' 0)
	"$ROOTFS/bin/busybox" sleep 60 "$word" 2>/dev/null &
	local other=$!
	bash -c 'exec -a "$(printf "%0100000d" 0)" sleep 60' 3>&- &
	run oci ps "$NAME" -ef
	kill "$!" "$other" 2>/dev/null || true
	expect_status 0
	[[ ${#lines[@]} -eq 2 && ${lines[1]} == *'sleep 4445' ]]
}

@test "ps: json of a created container is its init; containerd counts on it" {
	container_create
	run oci ps --format json "$NAME"
	expect_status 0
	expect_output "[$(container_pid)]"
}

@test "ps: processes of an exec belong to it" {
	container_start sleep 100
	detached exec --detach --pid-file "$PWD/pid" "$NAME" sleep 4444
	expect_status 0
	wait_until process_is "$(<pid)" 'sleep 4444'
	run oci ps "$NAME"
	expect_output_has 'sleep 4444'
}

@test "ps: an unknown container, an unknown format" {
	run oci ps "$NAME"
	expect_status 1
	expect_output_has 'does not exist'
	container_create
	run oci ps --format yaml "$NAME"
	[[ $status -ne 0 ]]
}
