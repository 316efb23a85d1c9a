# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # bats sets status and output; the suites read what is set here
# Containers for the suites that run some: `load helpers`, `load container`, then container_setup and container_teardown.
#
# A test has $BUNDLE (busybox and /payload in rootfs, container.json as its config), $STATE (the state directory), $NAME (an id), and the
# runtime by `oci`. $KIND says which runtime it is: orlop, runc or crun.

container_setup() {
	skip_unless_root
	local program=${RUNTIME:-${ORLOP:?the path of the orlop binary}}
	KIND=$(basename -- "$program")
	# A peer is there to prove the suite: what it does by chance only is told, and tried once more. Orlop has one try, and so has
	# a runtime that shall fail (ONE_TRY, of bites.sh).
	[[ $KIND == orlop || -n ${ONE_TRY:-} ]] || BATS_TEST_RETRIES=1
	((BATS_TEST_TRY_NUMBER == 1)) || printf '# %s: tried once more: %s\n' "$KIND" "$BATS_TEST_DESCRIPTION" >&3
	STATE=$BATS_TEST_TMPDIR/state
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	ROOTFS=$BUNDLE/rootfs
	NAME=t$$-$BATS_TEST_NUMBER
	OCI=("$program" --root "$STATE")
	# It gives its standard input to the container's user: /dev/null, mostly.
	[[ $KIND != crun || -n ${ORLOP_OWN_DEV:-} ]] || skip 'crun: needs a /dev of its own: conformance/bats/cgroup2.sh --own-dev'
	# It raises a limit that takes a capability which a build machine may lack.
	[[ $KIND != crun ]] || OCI+=(--cgroup-manager=disabled)
	bundle_make_rootfs "$ROOTFS"
	cp -- "$(payload_find)" "$ROOTFS/payload"
	cp -- "$(dirname -- "${BASH_SOURCE[0]}")/container.json" "$BUNDLE/config.json"
	mkdir -m 0711 "$STATE"
	cd "$BATS_TEST_TMPDIR" || return
}

# The containers of the test's state directory, one a line. No id has an "@": what has one is orlop's own (the cache of seccomp programs).
state_ids() { find "$STATE" -mindepth 1 -maxdepth 1 ! -name '@*' -printf '%f\n'; }

# A "!" before a command does not fail a bats test; this does.
not() { ! "$@"; }

# Whatever a test left behind goes; what cannot go is the test's failure.
container_teardown() {
	local id left=0
	[[ -d ${STATE:-} ]] || return 0
	for id in $(state_ids); do
		oci delete --force "$id" >/dev/null 2>&1 || true
	done
	for id in $(state_ids); do
		printf 'left behind: %s\n' "$STATE/$id"
		left=1
	done
	if cgroup_find "$NAME" | grep .; then
		printf 'left behind: the cgroups above\n'
		left=1
	fi
	restore_null || [[ -n ${ORLOP_OWN_DEV:-} ]] || left=1
	return "$left"
}

# A runtime that gives its standard streams to a container's user gives /dev/null away, and the whole machine suffers. That fails the test which
# did it, and no other: it is made whole again.
restore_null() {
	local got
	got=$(stat -c '%u:%g %a %t:%T' /dev/null)
	[[ $got != '0:0 666 1:3' ]] || return 0
	printf '/dev/null is %s after this test, or one that ran beside it\n' "$got"
	chown 0:0 /dev/null && chmod 0666 /dev/null
	return 1
}

# The static program that says what it sees: built beside orlop.
payload_find() {
	local path
	for path in "${PAYLOAD:-}" "$(dirname -- "${ORLOP:-/}")/../conformance/payload/payload"; do
		if [[ -x $path && -f $path ]]; then
			printf '%s' "$path"
			return
		fi
	done
	echo 'no payload program: set PAYLOAD or ORLOP' >&2
	return 1
}

# Directories of cgroups that have the word in their name.
cgroup_find() { find /sys/fs/cgroup -mindepth 1 -maxdepth 4 -type d -name "*$1*" 2>/dev/null; }

# The runtime under test, never for longer than a minute.
oci() { timeout --foreground --kill-after=5 60 "${OCI[@]}" "$@" 3>&-; }

# As `run oci`, for commands that leave a container behind: it keeps their standard output and error, so these are files. Sets status, output
# (both streams) and stderr.
detached() {
	status=0
	oci "$@" </dev/null >out 2>err || status=$?
	stderr=$(<err)
	output=$(cat out err)
}

# container_create [OPTION...]: the container $NAME, which must come about.
container_create() {
	detached create --bundle "$BUNDLE" "$@" "$NAME"
	expect_status 0
}

# The same, started: `container_start COMMAND...` or as the config says.
container_start() {
	(($# == 0)) || process_args "$@"
	container_create
	run oci start "$NAME"
	expect_status 0
}

# Runs $NAME to its end, in the foreground; as `run`. `container_run COMMAND...` or as the config says.
container_run() {
	(($# == 0)) || process_args "$@"
	run --separate-stderr oci run --bundle "$BUNDLE" "$NAME" </dev/null
}

# on_terminal COMMAND...: as `run`, on a terminal of its own that nobody types on.
on_terminal() {
	[[ -p never ]] || mkfifo never
	run script -qefc "$(printf '%q ' "$@")" /dev/null 0<>never 3>&-
	output=${output//$'\r'/}
}

# What the payload says of these sections in $NAME: one `key value` a line in $output.
container_facts() {
	container_run /payload "$@"
	[[ -z $stderr ]] || printf 'stderr: %s\n' "$stderr"
	expect_status 0
}

process_args() { bundle_edit --argjson args "$(jq -nc '$ARGS.positional' --args -- "$@")" '.process.args = $args'; }
process_shell() { process_args sh -c "$1"; }

# The value of a key of the payload's.
fact() { sed -n "s/^$1 //p" <<<"$output"; }
expect_fact() {
	local value
	value=$(fact "$1")
	[[ $value == "$2" ]] && return
	printf 'want %s: %s\ngot: %s\n' "$1" "$2" "$value"
	return 1
}

# A message of the runtime's, whatever the log's quotes made of it: in $output or, when it is there, $stderr.
expect_message() {
	local text=$output${stderr:-}
	text=${text//\\\"/\"}
	[[ $text == *"$1"* ]] && return
	printf 'want a message with:\n%s\ngot:\n%s\n' "$1" "$text"
	return 1
}

container_status() { oci state "${1:-$NAME}" 2>/dev/null | jq -r .status; }
container_pid() { oci state "${1:-$NAME}" | jq -r .pid; }

expect_container() {
	local got
	got=$(container_status)
	[[ $got == "$1" ]] && return
	printf 'want a container that is %s, got: %s\n' "$1" "$got"
	return 1
}

# wait_until COMMAND...: tries until it succeeds, ten seconds at most.
wait_until() {
	local try
	for ((try = 0; try < 200; try++)); do
		if "$@" >/dev/null 2>&1; then return; fi
		sleep 0.05
	done
	printf 'waited in vain for: %s\n' "$*"
	return 1
}

is_container() { [[ $(container_status) == "$1" ]]; }
has_line() { grep -q -- "$1" "$2"; }
process_is() { [[ $(tr '\0' ' ' <"/proc/$1/cmdline") == "$2 " ]]; }
# Reaped between two looks it has no file any more.
process_is_gone() { ! kill -0 "$1" || [[ $(grep '^State:' "/proc/$1/status") != State:[[:blank:]][^ZX]* ]]; }

# For what a peer does otherwise, or not at all: peer_skip KIND REASON.
peer_skip() { [[ $KIND != "$1" ]] || skip "$1: $2"; }

# Nothing is mounted since the mountinfo "$1" was taken, but for what other tests mount in their directories.
expect_no_mounts_since() {
	local new
	new=$(comm -13 <(sort <<<"$1") <(sort /proc/self/mountinfo) | awk -v own="$BATS_TEST_TMPDIR" 'index($0, own) || !/\/bats-run-/')
	[[ -z $new ]] || { printf 'mounted since:\n%s\n' "$new" && return 1; }
}
