#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# buildah and podman build with the runtime under test: `create`, `start`, `state` until it has ended, `kill` without a signal's name, `delete`.
bats_require_minimum_version 1.5.0
load engines

setup_file() {
	engines_setup_file
	CALLS=$BATS_FILE_TMPDIR/calls RECORDER=$BATS_FILE_TMPDIR/recorder
	export CALLS RECORDER
	recorder_make "$RECORDER" "$CALLS"
	podman load --quiet --input "$IMAGE_TAR" 3>&-
}

setup() {
	CONTEXT=$BATS_TEST_TMPDIR/context CONTAINER=''
	mkdir "$CONTEXT"
	: >"$CALLS"
}

teardown() {
	[[ -z $CONTAINER ]] || buildah rm "$CONTAINER" 3>&-
	wait_until no_state /run/orlop && wait_until no_state /run/runc && wait_until nothing_left buildah
}

engine() { timeout --foreground 300 "$@" </dev/null 3>&-; }
# engine_build PROGRAM OPTION...: the Dockerfile of standard input.
engine_build() {
	cat >"$CONTEXT/Dockerfile"
	run engine "$@" --runtime "$RECORDER" --network none "$CONTEXT"
}
container_from() { CONTAINER=$(engine buildah from --pull-never localhost/box:latest || engine buildah from --pull-never docker.io/library/box:latest); }
engine_run() { run engine buildah run --runtime "$RECORDER" --network none "$@"; }

check_build() {
	engine_build "$@" --tag built --build-arg WORD=value --secret "id=word,src=$IMAGE_TAR.secret" <<-'EOF'
		FROM box AS first
		RUN echo first >/first
		FROM box
		ARG WORD
		WORKDIR /place
		RUN echo "$WORD $(id -u) $(pwd)" >/as-root; chmod 1777 /place
		RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/scratch touch /cache/x /scratch/x && grep -c ' /scratch ' /proc/mounts >/tmpfs
		RUN --mount=type=secret,id=word cat /run/secrets/word >/secret
		RUN --mount=type=bind,from=first,target=/other cat /other/first >/bind; touch /other/x || echo refused >>/bind
		USER 1000:1000
		RUN echo "$(id -u) $(id -g) $(touch /x 2>/dev/null || echo refused)" >as-user
		RUN grep -E '^(CapEff|Seccomp):' /proc/self/status >status
	EOF
	expect_status 0
	expect_value 'steps made' "$(calls ' create --bundle ')" 7
	expect_value 'steps deleted' "$(calls ' delete ')" 7
	run --separate-stderr engine podman --runtime "$OCI_RUNTIME" run --rm --network none built cat /as-root /tmpfs /secret /bind /place/as-user /place/status
	expect_status 0
	expect_output $'value 0 /place\n1\nhush\nfirst\nrefused\n1000 1000 refused\nCapEff:\t0000000000000000\nSeccomp:\t2'
}

check_build_failure() {
	engine_build "$@" <<-'EOF'
		FROM box
		RUN echo before the end; exit 7
	EOF
	expect_status 7
	expect_output_has 'before the end'
	engine_build "$@" <<-'EOF'
		FROM box
		RUN ["/bin/absent"]
	EOF
	[[ $status -ne 0 ]]
	expect_output_has /bin/absent
	expect_output_has 'no such file or directory'
}

# bats test_tags=long
@test "buildah build: steps as root and as a user, with their mounts" {
	printf 'hush\n' >"$IMAGE_TAR.secret"
	check_build buildah build
}
# bats test_tags=long
@test "podman build: steps as root and as a user, with their mounts" {
	printf 'hush\n' >"$IMAGE_TAR.secret"
	check_build podman --runtime "$RECORDER" build --layers=false
}
@test "buildah build: a step that fails" { check_build_failure buildah build; }
# bats test_tags=long
@test "podman build: a step that fails" { check_build_failure podman --runtime "$RECORDER" build; }

# bats test_tags=long
@test "buildah run: output, exit status, input, user, terminal, volumes, what is not there" {
	container_from
	engine_run "$CONTAINER" -- sh -c 'echo hello; exit 7'
	expect_status 7
	expect_output_has hello
	run timeout --foreground 60 buildah run --runtime "$RECORDER" --network none "$CONTAINER" -- cat <<<'said' 3>&-
	expect_output said
	engine_run --user 1000:1000 --workingdir /tmp --env WORD=value --cap-drop ALL --volume "$CONTEXT:/volume:ro" "$CONTAINER" -- \
		sh -c 'id -u; pwd; echo $WORD; grep CapBnd /proc/self/status; touch /volume/x 2>/dev/null || echo refused'
	expect_status 0
	expect_output $'1000\n/tmp\nvalue\nCapBnd:\t0000000000000000\nrefused'
	engine_run --terminal "$CONTAINER" -- sh -c 'tty; exit 3'
	expect_status 3
	expect_output_has /dev/pts/0
	engine_run "$CONTAINER" -- /bin/absent
	[[ $status -ne 0 ]]
	expect_output_has 'no such file or directory'
	expect_value 'made' "$(calls ' create --bundle ')" 5
}

@test "buildah run: interrupted: its process is killed, and nothing of it is left" {
	local client program
	container_from
	buildah run --runtime "$RECORDER" --network none "$CONTAINER" -- sleep 4244 </dev/null >/dev/null 2>&1 3>&- &
	client=$!
	wait_until pgrep -xf '(/bin/)?sleep 4244'
	program=$(pgrep -xf '(/bin/)?sleep 4244')
	# What the teardown looks for.
	[[ $(cgroup_of "$program") == *buildah* ]] || {
		printf 'want a cgroup of buildah, got %s\n' "$(cgroup_of "$program")"
		kill -TERM "$client"
		return 1
	}
	kill -TERM "$client"
	wait "$client" || true
	wait_until eval "! kill -0 $program"
}
