#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# BuildKit, as it is in Docker's daemon, with the runtime under test: `run --keep`, `kill` and `delete` of build steps, without --root. The daemon's
# default runtime is not what builds (it takes `runc` from its PATH): DOCKER_BUILDKIT_RUNC_COMMAND tells it.
bats_require_minimum_version 1.5.0
load engines

setup_file() {
	engines_setup_file
	CALLS=$BATS_FILE_TMPDIR/calls
	export CALLS
	recorder_make "$BATS_FILE_TMPDIR/recorder" "$CALLS"
	docker_configure
	mkdir -p /run/systemd/system/docker.service.d
	printf '[Service]\nEnvironment=DOCKER_BUILDKIT_RUNC_COMMAND=%s\n' "$BATS_FILE_TMPDIR/recorder" >/run/systemd/system/docker.service.d/buildkit.conf
	systemctl daemon-reload 3>&-
	systemctl start docker.service 3>&-
	docker load --quiet --input "$IMAGE_TAR" 3>&-
}

teardown_file() {
	systemctl stop docker.service docker.socket containerd.service 3>&-
	rm -r /run/systemd/system/docker.service.d
	systemctl daemon-reload 3>&-
}

setup() {
	CONTEXT=$BATS_TEST_TMPDIR/context
	mkdir "$CONTEXT"
	: >"$CALLS"
}

# Where the runtime keeps what no --root tells it: none of a build is left, nor its cgroup.
teardown() {
	local id
	wait_until no_state /run/orlop && wait_until no_state /run/runc
	for id in $(step_ids); do wait_until nothing_left "$id"; done
}

# engine_build OPTION...: the Dockerfile of standard input.
engine_build() {
	cat >"$CONTEXT/Dockerfile"
	run timeout --foreground 300 docker build --progress plain --network none "$@" "$CONTEXT" </dev/null 3>&-
}
step_ids() { sed -n 's/.* run --bundle .* //p' "$CALLS"; }

@test "docker build: steps as root and as a user, and the runtime under test ran them" {
	engine_build --tag built --build-arg WORD=value <<-'EOF'
		FROM box
		ARG WORD
		ENV OTHER=other
		WORKDIR /place
		RUN echo "$WORD $OTHER $(id -u) $(pwd)" >/as-root; chmod 1777 /place
		USER 1000:1000
		RUN echo "$(id -u) $(id -g) $(touch /x 2>/dev/null || echo refused)" >as-user
		RUN grep -E '^(CapEff|Seccomp|NoNewPrivs):' /proc/self/status >status
	EOF
	expect_status 0
	expect_value 'steps run' "$(calls ' run --bundle [^ ]+ .*--keep')" 3
	expect_value 'steps deleted' "$(calls ' delete ')" 3
	run docker run --rm --network none built cat /as-root /place/as-user /place/status
	expect_status 0
	expect_output $'value other 0 /place\n1000 1000 refused\nCapEff:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t2'
}

# bats test_tags=long
@test "docker build: mounts of a step: cache, secret, tmpfs, another stage" {
	printf 'hush' >"$CONTEXT/secret"
	local round
	for round in 1 2; do
		engine_build --build-arg ROUND=$round --secret "id=word,src=$CONTEXT/secret" <<-'EOF'
			FROM box AS first
			RUN echo first >/first
			FROM box
			ARG ROUND
			RUN --mount=type=cache,target=/cache echo $ROUND >>/cache/rounds; echo rounds: $(cat /cache/rounds)
			RUN --mount=type=secret,id=word,mode=0400 stat -c %a /run/secrets/word; echo secret: $(cat /run/secrets/word) $ROUND
			RUN --mount=type=tmpfs,target=/scratch grep ' /scratch ' /proc/mounts; touch /scratch/x
			RUN --mount=type=bind,from=first,target=/other cat /other/first; touch /other/x || echo read-only
			RUN test ! -s /run/secrets/word && test ! -e /scratch/x && test ! -e /cache/rounds
		EOF
		expect_status 0
	done
	expect_output_has 'rounds: 1 2'
	expect_output_has 'secret: hush 2'
	# The first stage has not changed and is not run again.
	expect_value 'steps run' "$(calls ' run --bundle ')" 11
}

# bats test_tags=long
@test "docker build: networks of a step: none, and the host's" {
	engine_build --allow network.host <<-'EOF'
		FROM box
		RUN --network=none echo none: $(ls /sys/class/net); stat -L -c 'none: %i' /proc/self/ns/net
		RUN --network=host stat -L -c 'host: %i' /proc/self/ns/net
	EOF
	expect_status 0
	expect_output_has 'none: lo'
	expect_output_has "host: $(stat -L -c %i /proc/self/ns/net)"
	[[ $output != *"none: $(stat -L -c %i /proc/self/ns/net)"* ]]
}

# bats test_tags=long
@test "docker build: a step that fails: its exit status, what the runtime says" {
	engine_build <<-'EOF'
		FROM box
		RUN echo before the end; exit 7
	EOF
	expect_status 1
	expect_output_has 'before the end'
	expect_output_has 'exit code: 7'
	engine_build <<-'EOF'
		FROM box
		RUN ["/bin/absent"]
	EOF
	expect_status 1
	expect_output_has /bin/absent
	expect_output_has 'no such file or directory'
}

# bats test_tags=long
@test "docker build: limits of processes and size of /dev/shm" {
	engine_build --ulimit nofile=111:222 --shm-size 32m --add-host other:192.0.2.1 <<-'EOF'
		FROM box
		RUN echo nofile: $(ulimit -Sn) $(ulimit -Hn); grep other /etc/hosts; grep /dev/shm /proc/mounts
	EOF
	expect_status 0
	expect_output_has 'nofile: 111 222'
	expect_output_has 192.0.2.1
	expect_output_has size=32768k
}

@test "docker build: interrupted: the step is killed, and nothing of it is left" {
	local client step=''
	printf 'FROM box\nRUN sleep 4242\n' >"$CONTEXT/Dockerfile"
	docker build --progress plain --network none "$CONTEXT" >"$BATS_TEST_TMPDIR/log" 2>&1 </dev/null 3>&- &
	client=$!
	wait_until pgrep -xf 'sleep 4242'
	step=$(pgrep -xf 'sleep 4242')
	# What the teardown looks for.
	[[ $(cgroup_of "$step") == *"$(step_ids)"* ]] || {
		printf 'want the cgroup of %s, got %s\n' "$(step_ids)" "$(cgroup_of "$step")"
		kill -INT "$client"
		return 1
	}
	kill -INT "$client"
	wait "$client" && return 1
	wait_until eval "! kill -0 $step"
	expect_value 'steps run' "$(calls ' run --bundle ')" 1
	wait_until eval '[[ $(calls " delete ") == 1 ]]'
}
