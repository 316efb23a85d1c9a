#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# containerd's own shim (io.containerd.runc.v2) with the runtime under test as its binary, by ctr: run, exec, limit, pause, kill, delete.
bats_require_minimum_version 1.5.0
load engines

setup_file() {
	engines_setup_file
	systemctl start containerd.service 3>&-
	engine images import "$IMAGE_TAR"
}

teardown_file() { systemctl stop containerd.service 3>&-; }

setup() { NAME=t$BATS_TEST_NUMBER; }
teardown() {
	engine tasks kill --signal SIGKILL --all "$NAME" >/dev/null 2>&1 || true
	wait_until task_is_not RUNNING
	engine tasks delete "$NAME" >/dev/null 2>&1 || true
	engine containers delete "$NAME" >/dev/null 2>&1 || true
	wait_until no_state /run/containerd/runc/default && wait_until nothing_left "$NAME"
}

engine() { timeout --foreground 60 ctr "$@" </dev/null 3>&-; }
engine_run() {
	run --separate-stderr engine run --runtime io.containerd.runc.v2 --runc-binary "$OCI_RUNTIME" "$@"
}
task_is() { [[ $(engine tasks list | awk -v name="$NAME" '$1 == name { print $3 }') == "$1" ]]; }
task_is_not() { ! task_is "$1"; }
task_pid() { engine tasks list | awk -v name="$NAME" '$1 == name { print $2 }'; }
image=docker.io/library/box:latest

@test "ctr run: output and exit status" {
	engine_run --rm "$image" "$NAME" sh -c 'echo hello; exit 7'
	expect_status 7
	expect_output hello
}

@test "ctr run: what cannot start is an error with the runtime's words" {
	engine_run --rm "$image" "$NAME" /bin/absent
	[[ $status -ne 0 ]]
	[[ $stderr == *'OCI runtime create failed'* && $stderr == *absent* && $stderr == *'no such file or directory'* ]]
}

@test "ctr tasks exec, ps, pause, resume, kill, delete" {
	engine_run --detach "$image" "$NAME" sleep 1000
	expect_status 0
	task_is RUNNING
	run engine tasks exec --exec-id one "$NAME" sh -c 'echo hello; exit 5'
	expect_status 5
	expect_output hello
	run engine tasks ps "$NAME"
	[[ $output == *"$(task_pid)"* ]]
	engine tasks pause "$NAME"
	task_is PAUSED
	engine tasks resume "$NAME"
	task_is RUNNING
	engine tasks kill --signal SIGKILL "$NAME"
	wait_until task_is STOPPED
	run engine tasks delete "$NAME"
	[[ $output != *'does not exist'* ]]
}

@test "ctr run, cgroupfs: limits and metrics" {
	local dir
	engine_run --detach --memory-limit 67108864 --cpus 0.5 "$image" "$NAME" sleep 1000
	expect_status 0
	dir=$(cgroup_of "$(task_pid)")
	expect_value memory.max "$(cat "$dir/memory.max")" 67108864
	expect_value cpu.max "$(cat "$dir/cpu.max")" '50000 100000'
	run engine tasks metrics "$NAME"
	expect_status 0
	[[ $output == *memory* ]]
}

@test "ctr run, systemd: limits in the cgroup and in systemd's unit" {
	local dir
	engine_run --detach --runc-systemd-cgroup --cgroup "system.slice:ctr:$NAME" --memory-limit 67108864 --cpus 0.5 "$image" "$NAME" sleep 1000
	expect_status 0
	dir=$(cgroup_of "$(task_pid)")
	expect_value unit "${dir##*/}" "ctr-$NAME.scope"
	expect_value memory.max "$(cat "$dir/memory.max")" 67108864
	expect_value cpu.max "$(cat "$dir/cpu.max")" '50000 100000'
	expect_value MemoryMax "$(systemctl show --property MemoryMax --value "ctr-$NAME.scope")" 67108864
}
