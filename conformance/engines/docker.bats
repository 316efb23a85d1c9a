#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# Docker with the runtime under test, systemd's cgroup driver: run, exec, limit, pause, stop, kill, remove, exit statuses.
bats_require_minimum_version 1.5.0
load engines

setup_file() {
	engines_setup_file
	mkdir -p /etc/docker
	jq -n --arg path "$OCI_RUNTIME" '{iptables: false, ip6tables: false, bridge: "none", "exec-opts": ["native.cgroupdriver=systemd"],
		runtimes: {tested: {path: $path}}, "default-runtime": "tested"}' >/etc/docker/daemon.json
	systemctl start docker.service 3>&-
	docker load --quiet --input "$IMAGE_TAR" 3>&-
}

teardown_file() { systemctl stop docker.service docker.socket containerd.service 3>&-; }

setup() { NAME=t$BATS_TEST_NUMBER; }

teardown() {
	docker rm --force "$NAME" >/dev/null 2>&1 3>&- || true
	# Of a container with --rm the daemon lets go in its own time.
	wait_until no_state /run/docker/runtime-runc/moby && wait_until nothing_left docker-
}

# As `run`, with the runtime under test. bats takes 127 for a mistake of the suite's unless it is announced.
engine_run() { run ${WANT:+"-$WANT"} --separate-stderr timeout --foreground 60 docker run --name "$NAME" "$@" </dev/null 3>&-; }
engine_start() {
	engine_run --detach "$@"
	expect_status 0
}
engine() { timeout --foreground 60 docker "$@" </dev/null 3>&-; }
inspect() { engine inspect --format "$1" "$NAME"; }

@test "docker knows the runtime" {
	run docker info --format '{{.DefaultRuntime}} {{.CgroupDriver}} {{.CgroupVersion}}'
	expect_output 'tested systemd 2'
}

@test "docker run: output, error and exit status" {
	engine_run --rm box sh -c 'echo hello; echo error >&2; exit 7'
	expect_status 7
	expect_output hello
	[[ $stderr == error ]]
}

@test "docker run: 127 for a program that is not there, 126 for one that cannot be run" {
	WANT=127 engine_run --rm box /bin/absent
	[[ $stderr == *'no such file or directory'* ]]
	engine_run --rm box /etc/passwd
	expect_status 126
}

@test "docker run: user, environment, directory, read-only root, volume, capabilities" {
	mkdir -p "$BATS_TEST_TMPDIR/volume"
	engine_run --rm --user 1000:1000 --env WORD=value --workdir /tmp --read-only --cap-drop ALL --volume "$BATS_TEST_TMPDIR/volume:/volume:ro" \
		--tmpfs /run box sh -c 'id -u; echo $WORD; pwd; touch /x 2>/dev/null || echo ro; touch /volume/x 2>/dev/null || echo ro
			grep CapEff /proc/self/status'
	expect_status 0
	expect_output $'1000\nvalue\n/tmp\nro\nro\nCapEff:\t0000000000000000'
}

@test "docker run -t: a terminal" {
	engine_run --rm --tty box sh -c 'tty; test -t 0 && test -t 1 && echo yes'
	expect_status 0
	[[ ${output//$'\r'/} == $'/dev/pts/0\nyes' ]]
}

@test "docker exec: output, exit status, user, absent program" {
	engine_start box sleep 1000
	run engine exec "$NAME" sh -c 'echo hello; exit 5'
	expect_status 5
	expect_output hello
	run engine exec --user 1000 --env WORD=value --workdir /tmp "$NAME" sh -c 'id -u; echo $WORD; pwd'
	expect_output $'1000\nvalue\n/tmp'
	# Which of the two is Docker's choice, and changes with its version.
	run engine exec "$NAME" /bin/absent
	[[ $status -eq 126 || $status -eq 127 ]]
	expect_output_has 'no such file or directory'
	run engine exec --tty "$NAME" tty
	expect_status 0
}

@test "docker run --memory --cpus --pids-limit: in the cgroup and in systemd's unit; update changes them" {
	local scope
	engine_start --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 50 box sleep 1000
	dir=$(cgroup_of "$(inspect '{{.State.Pid}}')")
	scope=${dir##*/}
	[[ $scope == docker-*.scope ]]
	expect_value memory.max "$(cat "$dir/memory.max")" 67108864
	expect_value cpu.max "$(cat "$dir/cpu.max")" '50000 100000'
	expect_value pids.max "$(cat "$dir/pids.max")" 50
	expect_value MemoryMax "$(systemctl show --property MemoryMax --value "$scope")" 67108864
	expect_value CPUQuotaPerSecUSec "$(systemctl show --property CPUQuotaPerSecUSec --value "$scope")" 500ms
	expect_value TasksMax "$(systemctl show --property TasksMax --value "$scope")" 50
	engine update --memory 96m --memory-swap 96m --cpus 0.25 --pids-limit 60 "$NAME"
	expect_value memory.max "$(cat "$dir/memory.max")" 100663296
	expect_value cpu.max "$(cat "$dir/cpu.max")" '25000 100000'
	expect_value pids.max "$(cat "$dir/pids.max")" 60
	expect_value MemoryMax "$(systemctl show --property MemoryMax --value "$scope")" 100663296
	engine stats --no-stream --format '{{.MemUsage}}' "$NAME" | grep -q 96MiB
}

@test "docker run --memory: who takes more is killed, and Docker says so" {
	# What happens before containerd watches it is no news to it, and whose cgroup goes at once takes the news along.
	engine_start --memory 16m --memory-swap 16m box sh -c 'until test -e /tmp/go; do sleep 0.1; done; tail /dev/zero; echo $?; sleep 1000'
	engine exec "$NAME" touch /tmp/go
	wait_until eval "docker logs $NAME | grep -qx 137"
	wait_until eval "[[ \$(docker inspect --format '{{.State.OOMKilled}}' $NAME) == true ]]"
}

@test "docker stop: by the signal, then by force; docker kill" {
	engine_start box sh -c 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'
	wait_until eval "docker logs $NAME | grep -q ready"
	engine stop --time 20 "$NAME"
	run inspect '{{.State.Status}} {{.State.ExitCode}}'
	expect_output 'exited 3'
	engine rm "$NAME"
	engine_start box sleep 1000
	engine stop --time 1 "$NAME"
	run inspect '{{.State.Status}} {{.State.ExitCode}}'
	expect_output 'exited 137'
	engine start "$NAME"
	engine kill --signal KILL "$NAME"
	wait_until eval "[[ \$(docker inspect --format '{{.State.ExitCode}}' $NAME) == 137 ]]"
}

@test "docker pause, unpause, top" {
	engine_start box sleep 1000
	dir=$(cgroup_of "$(inspect '{{.State.Pid}}')")
	engine pause "$NAME"
	run inspect '{{.State.Status}}'
	expect_output paused
	grep -qx 'frozen 1' "$dir/cgroup.events"
	engine unpause "$NAME"
	grep -qx 'frozen 0' "$dir/cgroup.events"
	run engine top "$NAME"
	expect_status 0
	[[ $output == *'sleep 1000'* ]]
}

@test "docker run --privileged and --pid host" {
	engine_run --rm --privileged box sh -c 'grep CapEff /proc/self/status; test -e /dev/loop-control || test -e /dev/ubda && echo devices'
	expect_status 0
	[[ $output == *devices ]]
	engine_run --rm --pid host box sh -c 'cat /proc/1/comm'
	expect_output systemd
}

@test "docker rm --force of one that runs" {
	engine_start box sleep 1000
	engine rm --force "$NAME"
	run engine inspect "$NAME"
	expect_status 1
}
