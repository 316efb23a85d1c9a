#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# podman with the runtime under test, under both cgroup managers: run, exec, limit, pause, stop, kill, remove, exit statuses.
bats_require_minimum_version 1.5.0
load engines

setup_file() {
	engines_setup_file
	podman load --quiet --input "$IMAGE_TAR" 3>&-
}

setup() { NAME=t$BATS_TEST_NUMBER; }
teardown() {
	podman rm --force --time 0 --ignore "$NAME" >/dev/null 2>&1 3>&- || true
	wait_until nothing_left libpod-
}

# engine MANAGER COMMAND...: podman with that cgroup manager and the runtime under test.
engine() {
	local manager=$1
	shift
	timeout --foreground 60 podman --runtime "$OCI_RUNTIME" --cgroup-manager "$manager" --events-backend file "$@" </dev/null 3>&-
}

engine_run() {
	local manager=$1
	shift
	run --separate-stderr engine "$manager" run --log-driver k8s-file --network none --name "$NAME" "$@"
}

engine_start() {
	local manager=$1
	shift
	engine_run "$manager" --detach "$@"
	expect_status 0
}

inspect() { podman inspect --format "$1" "$NAME"; }

check_run() {
	engine_run "$1" --rm box sh -c 'echo hello; echo error >&2; exit 7'
	expect_status 7
	expect_output hello
	[[ $stderr == *error* ]]
	engine_run "$1" --rm box /bin/absent
	expect_status 127
	engine_run "$1" --rm box /etc/passwd
	expect_status 126
}

check_exec() {
	engine_start "$1" box sleep 1000
	run engine "$1" exec "$NAME" sh -c 'echo hello; exit 5'
	expect_status 5
	expect_output hello
	run engine "$1" exec --user 1000 --env WORD=value --workdir /tmp "$NAME" sh -c 'id -u; echo $WORD; pwd'
	expect_output $'1000\nvalue\n/tmp'
	run engine "$1" exec "$NAME" /bin/absent
	expect_status 127
	run engine "$1" exec --tty "$NAME" tty
	expect_status 0
}

check_limits() {
	local dir
	engine_start "$1" --memory 64m --cpus 0.5 --pids-limit 50 box sleep 1000
	dir=$(cgroup_of "$(inspect '{{.State.Pid}}')")
	# crun puts the process one below.
	[[ -e ${dir%/container}/memory.max && $dir != *libpod*/*/* ]] && dir=${dir%/container}
	expect_value memory.max "$(cat "$dir/memory.max")" 67108864
	expect_value cpu.max "$(cat "$dir/cpu.max")" '50000 100000'
	expect_value pids.max "$(cat "$dir/pids.max")" 50
	engine "$1" update --memory 96m --cpus 0.25 "$NAME"
	expect_value memory.max "$(cat "$dir/memory.max")" 100663296
	expect_value cpu.max "$(cat "$dir/cpu.max")" '25000 100000'
}

check_end() {
	engine_start "$1" box sh -c 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'
	wait_until eval "podman logs $NAME | grep -q ready"
	engine "$1" pause "$NAME"
	run inspect '{{.State.Status}}'
	expect_output paused
	engine "$1" unpause "$NAME"
	engine "$1" stop --time 20 "$NAME"
	run inspect '{{.State.Status}} {{.State.ExitCode}}'
	expect_output 'exited 3'
	engine "$1" rm "$NAME"
	engine_start "$1" box sleep 1000
	engine "$1" kill "$NAME"
	wait_until eval "[[ \$(podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' $NAME) == 'exited 137' ]]"
	engine "$1" start "$NAME"
	engine "$1" rm --force --time 0 "$NAME"
	run podman container exists "$NAME"
	expect_status 1
}

@test "podman, systemd: run: output, error, exit status; 127 and 126" { check_run systemd; }
@test "podman, systemd: exec" { check_exec systemd; }
@test "podman, systemd: limits, and update" { check_limits systemd; }
@test "podman, systemd: pause, stop, kill, start, remove" { check_end systemd; }
@test "podman, cgroupfs: run: output, error, exit status; 127 and 126" { check_run cgroupfs; }
@test "podman, cgroupfs: exec" { check_exec cgroupfs; }
@test "podman, cgroupfs: limits, and update" { check_limits cgroupfs; }
@test "podman, cgroupfs: pause, stop, kill, start, remove" { check_end cgroupfs; }

@test "podman: a pod's containers share its network and IPC" {
	engine systemd pod create --network none --infra-command '/bin/sleep 1000' --infra-image box --name pod
	engine systemd run --detach --log-driver k8s-file --pod pod --name "$NAME" box sleep 1000
	run engine systemd exec "$NAME" sh -c 'stat -L -c %i /proc/self/ns/net'
	expect_output "$(stat -L -c %i "/proc/$(podman inspect --format '{{.State.Pid}}' "$(podman pod inspect --format '{{.InfraContainerID}}' pod)")/ns/net")"
	engine systemd pod rm --force --time 0 pod
}
