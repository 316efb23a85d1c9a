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
	timeout --foreground 300 podman --runtime "$OCI_RUNTIME" --cgroup-manager "$manager" --events-backend file "$@" </dev/null 3>&-
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

# bats test_tags=long
@test "podman kube play: a pod of two containers with limits, a probe, a volume; down removes it" {
	local dir
	cat >"$BATS_TEST_TMPDIR/pod.yaml" <<-EOF
		apiVersion: v1
		kind: Pod
		metadata: {name: kube}
		spec:
		  containers:
		  - name: first
		    image: docker.io/library/box:latest
		    imagePullPolicy: Never
		    command: [sh, -c, "echo shared >/volume/x; exec sleep 1000"]
		    resources: {limits: {memory: 64Mi, cpu: 500m}}
		    securityContext: {runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true}
		    volumeMounts: [{name: volume, mountPath: /volume}]
		  - name: second
		    image: docker.io/library/box:latest
		    imagePullPolicy: Never
		    command: [sleep, "1000"]
		    volumeMounts: [{name: volume, mountPath: /volume}]
		  volumes: [{name: volume, hostPath: {path: $BATS_TEST_TMPDIR/volume, type: DirectoryOrCreate}}]
	EOF
	mkdir -p "$BATS_TEST_TMPDIR/volume" /etc/containers/containers.conf.d
	chmod 777 "$BATS_TEST_TMPDIR/volume"
	# Debian's podman comes without the program that an infra container runs unless told.
	image_make "$BATS_TEST_TMPDIR/pause.tar" pause '{"Entrypoint": ["sleep", "1000"], "Cmd": []}'
	engine systemd load --quiet --input "$BATS_TEST_TMPDIR/pause.tar"
	printf '[engine]\ninfra_image = "docker.io/library/pause:latest"\n' >/etc/containers/containers.conf.d/infra.conf
	engine systemd kube play --network none --log-driver k8s-file "$BATS_TEST_TMPDIR/pod.yaml"
	dir=$(cgroup_of "$(podman inspect --format '{{.State.Pid}}' kube-first)")
	expect_value memory.max "$(cat "${dir%/container}/memory.max")" 67108864
	run engine systemd exec kube-first sh -c 'id -u; grep -E "^(CapEff|NoNewPrivs):" /proc/self/status; touch /x 2>/dev/null || echo refused'
	expect_output $'1000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nrefused'
	wait_until test -s "$BATS_TEST_TMPDIR/volume/x"
	run engine systemd exec kube-second cat /volume/x
	expect_output shared
	engine systemd kube down --force "$BATS_TEST_TMPDIR/pod.yaml"
	rm /etc/containers/containers.conf.d/infra.conf
	run podman pod exists kube
	expect_status 1
}

@test "podman run and exec -it: input, the size of the caller's terminal, exit status" {
	run script -qec "stty rows 33 cols 77; timeout --foreground 60 podman --runtime $OCI_RUNTIME run -it --network none --name $NAME box sh -c 'until stty size | grep 33.77; do sleep 0.1; done; read -r word; echo got \$word; exit 6'" \
		/dev/null <<<'word' 3>&-
	expect_status 6
	expect_output_has '33 77'
	expect_output_has 'got word'
	engine systemd rm "$NAME"
	engine_start systemd box sleep 1000
	run script -qec "stty rows 33 cols 77; timeout --foreground 60 podman --runtime $OCI_RUNTIME exec -it $NAME sh -c 'until stty size | grep 33.77; do sleep 0.1; done; read -r word; echo got \$word; exit 6'" \
		/dev/null <<<'word' 3>&-
	expect_status 6
	expect_output_has '33 77'
	expect_output_has 'got word'
}

# bats test_tags=long
@test "podman: a container as a service (Quadlet), with its cgroup below the service's" {
	local dir
	mkdir -p /run/containers/systemd /etc/containers/containers.conf.d
	printf '[engine]\nruntime = "tested"\n[engine.runtimes]\ntested = ["%s"]\n' "$OCI_RUNTIME" >/etc/containers/containers.conf.d/tested.conf
	cat >/run/containers/systemd/quadlet.container <<-EOF
		[Container]
		Image=docker.io/library/box:latest
		ContainerName=$NAME
		Network=none
		Exec=sleep 1000
		[Service]
		MemoryMax=64M
	EOF
	systemctl daemon-reload 3>&-
	systemctl start quadlet.service 3>&-
	dir=$(cgroup_of "$(inspect '{{.State.Pid}}')")
	[[ $dir == */system.slice/quadlet.service/libpod-payload-* ]]
	run inspect '{{.OCIRuntime}}'
	expect_output tested
	run engine systemd exec "$NAME" echo inside
	expect_output inside
	systemctl stop quadlet.service 3>&-
	run podman container exists "$NAME"
	expect_status 1
	rm /run/containers/systemd/quadlet.container /etc/containers/containers.conf.d/tested.conf
	systemctl daemon-reload 3>&-
}

# -- somebody who is not root --------------------------------------------------------------------------------------------------------

somebody() {
	timeout --foreground 300 setpriv --reuid 1000 --regid 1000 --init-groups --inh-caps=-all env -i -C / PATH=/usr/bin:/bin HOME=/home/somebody USER=somebody \
		XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus \
		podman --runtime "$ROOTLESS_RUNTIME" --cgroup-manager systemd --events-backend file "$@" </dev/null 3>&-
}

somebody_setup() {
	loginctl enable-linger somebody
	wait_until test -S /run/user/1000/bus
	mkdir -p /run/somebody
	cp -- "$IMAGE_TAR" /run/somebody/image.tar
	ROOTLESS_RUNTIME=/run/somebody/$(basename -- "$OCI_RUNTIME")
	cp -- "$OCI_RUNTIME" "$ROOTLESS_RUNTIME"
	[[ ! -x $OCI_RUNTIME-systemd ]] || cp -- "$OCI_RUNTIME-systemd" "$ROOTLESS_RUNTIME-systemd"
	somebody load --quiet --input /run/somebody/image.tar
}

@test "podman of somebody who is not root, systemd: run, exec, limits, pause, stop; ids kept" {
	local dir
	somebody_setup
	run --separate-stderr somebody run --rm --network none box sh -c 'id -u; tr -s " " </proc/self/uid_map; echo error >&2; exit 7'
	expect_status 7
	expect_output $'0\n 0 1000 1\n 1 100000 65536'
	run --separate-stderr somebody run --rm --network none --userns keep-id box id -u
	expect_output 1000
	somebody run --detach --network none --log-driver k8s-file --memory 64m --pids-limit 50 --name "$NAME" box sh -c 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'
	dir=$(cgroup_of "$(somebody inspect --format '{{.State.Pid}}' "$NAME")")
	dir=${dir%/container}
	[[ $dir == */user@1000.service/user.slice/libpod-*.scope ]]
	expect_value memory.max "$(cat "$dir/memory.max")" 67108864
	expect_value pids.max "$(cat "$dir/pids.max")" 50
	somebody update --memory 96m "$NAME"
	expect_value memory.max "$(cat "$dir/memory.max")" 100663296
	run somebody exec --user 1000 "$NAME" sh -c 'id -u; exit 5'
	expect_status 5
	expect_output 1000
	somebody pause "$NAME"
	grep -qx 'frozen 1' "$dir/cgroup.events"
	somebody unpause "$NAME"
	wait_until eval "somebody logs $NAME | grep -q ready"
	somebody stop --time 20 "$NAME"
	run somebody inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$NAME"
	expect_output 'exited 3'
	somebody rm "$NAME"
}

# bats test_tags=long
@test "podman build of somebody who is not root" {
	somebody_setup
	printf 'FROM box\nRUN id -u; touch /built\nUSER 1000\nRUN id -u\n' >/run/somebody/Dockerfile
	run somebody build --network none --tag built --file /run/somebody/Dockerfile /run/somebody
	expect_status 0
	expect_output_has 1000
	run --separate-stderr somebody run --rm --network none built test -e /built
	expect_status 0
}
