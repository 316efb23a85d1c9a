#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# Docker with the runtime under test, systemd's cgroup driver: run, exec, limit, pause, stop, kill, remove, exit statuses.
bats_require_minimum_version 1.5.0
load engines

setup_file() {
	engines_setup_file
	docker_configure live-restore=true
	systemctl start docker.service 3>&-
	docker load --quiet --input "$IMAGE_TAR" 3>&-
}

teardown_file() { systemctl stop docker.service docker.socket containerd.service 3>&-; }

setup() { NAME=t$BATS_TEST_NUMBER; }

teardown() {
	docker rm --force "$NAME" "$NAME-other" >/dev/null 2>&1 3>&- || true
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

@test "docker run and exec -it: input, the size of the caller's terminal, exit status" {
	run script -qec "stty rows 33 cols 77; timeout --foreground 60 docker run -it --name $NAME box sh -c 'until stty size | grep 33.77; do sleep 0.1; done; read -r word; echo got \$word; exit 6'" /dev/null \
		<<<'word' 3>&-
	expect_status 6
	expect_output_has '33 77'
	expect_output_has 'got word'
	engine rm "$NAME"
	engine_start box sleep 1000
	run script -qec "stty rows 33 cols 77; timeout --foreground 60 docker exec -it $NAME sh -c 'until stty size | grep 33.77; do sleep 0.1; done; tty; read -r word; echo got \$word; exit 6'" /dev/null \
		<<<'word' 3>&-
	expect_status 6
	expect_output_has '33 77'
	expect_output_has /dev/pts/0
	expect_output_has 'got word'
}

# bats test_tags=long
@test "docker run -i: input; a signal to the client is the program's; attach" {
	local client
	run timeout --foreground 60 docker run --rm --interactive --network none box cat <<<'said' 3>&-
	expect_output said
	docker run --name "$NAME" --network none box sh -c 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done' >"$BATS_TEST_TMPDIR/log" 2>&1 </dev/null 3>&- &
	client=$!
	wait_until grep -q ready "$BATS_TEST_TMPDIR/log"
	kill -TERM "$client"
	wait "$client" || expect_value 'exit status' $? 3
	engine rm "$NAME"
	engine_start --interactive box sh -c 'read -r word; echo got $word; exit 4'
	# Output that comes when the input is over may be behind the client's back: it is in the log.
	run timeout --foreground 60 docker attach "$NAME" <<<'word' 3>&-
	expect_status 4
	wait_until eval "docker logs $NAME | grep -qx 'got word'"
}

@test "docker run: limits of processes, sysctl, devices, host name, groups, /dev/shm, tmpfs, OOM score" {
	local device=/dev/ubda
	[[ -b $device ]] || device=/dev/nvme0n1
	engine_run --rm --ulimit nofile=111:222 --sysctl net.ipv4.ip_forward=1 --device "$device:/dev/other:r" --hostname inside --group-add 7 --shm-size 32m \
		--tmpfs /scratch:size=1m,noexec --oom-score-adj 500 --security-opt no-new-privileges --cap-add NET_ADMIN --cgroup-parent other.slice \
		box sh -c 'echo $(ulimit -Sn) $(ulimit -Hn); cat /proc/sys/net/ipv4/ip_forward; head -c 1 /dev/other >/dev/null && echo read; (: >/dev/other) 2>/dev/null || echo refused
			hostname; id -G; for dir in /dev/shm /scratch; do grep " $dir " /proc/mounts | grep -oE "noexec|size=[0-9]+k"; done
			cat /proc/self/oom_score_adj; grep -E "^(NoNewPrivs|Seccomp):" /proc/self/status'
	expect_status 0
	expect_output $'111 222\n1\nread\nrefused\ninside\n0 7\nnoexec\nsize=32768k\nnoexec\nsize=1024k\n500\nNoNewPrivs:\t1\nSeccomp:\t2'
}

# bats test_tags=long
@test "docker run --init, and with namespaces of another container" {
	engine_start --init --ipc shareable --shm-size 1m box sh -c 'touch /dev/shm/here; exec sleep 1000'
	wait_until eval "[[ \$(docker exec $NAME cat /proc/1/comm) == docker-init ]]"
	wait_until engine exec "$NAME" test -e /dev/shm/here
	run timeout --foreground 60 docker run --rm --pid "container:$NAME" --network "container:$NAME" --ipc "container:$NAME" box \
		sh -c 'until ps -o args | grep -x "sleep 1000"; do sleep 0.1; done; ls /dev/shm; stat -L -c %i /proc/self/ns/net' </dev/null 3>&-
	expect_output $'sleep 1000\nhere\n'"$(stat -L -c %i "/proc/$(inspect '{{.State.Pid}}')/ns/net")"
	# One that shares its pid namespace ends when it is told to, and the one it lives in goes on.
	engine run --detach --name "$NAME-other" --network none --pid "container:$NAME" box sh -c 'sleep 4242 & exec sleep 4243'
	engine rm --force "$NAME-other"
	wait_until eval '! pgrep -xf "sleep 424[23]"'
	run inspect '{{.State.Status}}'
	expect_output running
}

# bats test_tags=long
@test "docker run --restart: what fails is started again, as often as it may" {
	engine_start --restart on-failure:2 box sh -c 'echo started; exit 3'
	wait_until eval "[[ \$(docker inspect --format '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}' $NAME) == '2 exited 3' ]]"
	run engine logs "$NAME"
	expect_output $'started\nstarted\nstarted'
}

# bats test_tags=long
@test "docker run --health-cmd: what is healthy and what is not is told" {
	engine_start --health-cmd 'test -e /healthy' --health-interval 1s --health-retries 1 box sleep 1000
	wait_until eval "[[ \$(docker inspect --format '{{.State.Health.Status}}' $NAME) == unhealthy ]]"
	engine exec "$NAME" touch /healthy
	wait_until eval "[[ \$(docker inspect --format '{{.State.Health.Status}}' $NAME) == healthy ]]"
}

# bats test_tags=long
@test "docker: what runs while the daemon restarts runs on, and can be entered and stopped" {
	engine_start box sh -c 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'
	wait_until eval "docker logs $NAME | grep -q ready"
	pid=$(inspect '{{.State.Pid}}')
	systemctl restart docker.service 3>&-
	run inspect '{{.State.Status}} {{.State.Pid}}'
	expect_output "running $pid"
	run engine exec "$NAME" echo still
	expect_output still
	engine stop --time 20 "$NAME"
	run inspect '{{.State.Status}} {{.State.ExitCode}}'
	expect_output 'exited 3'
}

# The daemon has another configuration from here on.
# bats test_tags=long
@test "docker with userns-remap: root of a container is nobody's root on the host" {
	docker_configure 'userns-remap="somebody"'
	systemctl restart docker.service 3>&-
	docker load --quiet --input "$IMAGE_TAR" 3>&-
	engine_start --memory 64m --tmpfs /scratch --mount type=volume,target=/volume box sh -c 'touch /volume/x /scratch/x && id -u && exec sleep 1000'
	wait_until eval "[[ \$(docker logs $NAME) == 0 ]]"
	run stat -c %u "/proc/$(inspect '{{.State.Pid}}')"
	expect_output 100000
	dir=$(cgroup_of "$(inspect '{{.State.Pid}}')")
	expect_value memory.max "$(cat "$dir/memory.max")" 67108864
	run engine exec "$NAME" sh -c 'id -u; cat /proc/self/uid_map | tr -s " "; touch /x && echo written'
	expect_status 0
	expect_output_has written
	engine stop --time 1 "$NAME"
	engine_run --rm --name "$NAME-other" --userns host box cat /proc/self/uid_map
	[[ $(tr -s ' ' <<<"$output") == ' 0 0 4294967295' ]]
}
