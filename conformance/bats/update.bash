# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # the suites read what is set here; container.bash sets the rest
# Limits of containers that live, by both cgroup drivers: `load helpers`, `load container`, `load update`.
#
# On a machine whose controllers are in cgroup v1 only some of it can be tried: `needs` skips the rest and names what is missing. Peers limit by
# cgroup v1 there, so they are tried where cgroup v2 has it all.

limits_setup() {
	CGROUPS=/sys/fs/cgroup
	if [[ $(stat -fc %T "$CGROUPS") != cgroup2fs ]]; then
		CGROUPS=/sys/fs/cgroup/unified
		[[ -z ${RUNTIME:-} ]] || skip 'a peer limits by cgroup v1 here'
	fi
	container_setup
	COMMAND=("${OCI[0]}" --root "$STATE")
	FIRST_NAME=$NAME
	driver_use cgroupfs
}

# The drivers that the runtime and this machine have.
drivers() {
	echo cgroupfs
	[[ $CGROUPS == /sys/fs/cgroup && -d /run/systemd/system ]] || return 0
	[[ $KIND == crun ]] || runtime features | jq -e .linux.cgroup.systemd >/dev/null || return 0
	echo systemd
}

driver_use() {
	DRIVER=$1
	NAME=$FIRST_NAME-$DRIVER
	OCI=("${COMMAND[@]}")
	[[ $DRIVER != systemd ]] || OCI+=(--systemd-cgroup)
}

# each_driver FUNCTION...: for each driver a container's life long.
each_driver() {
	local driver
	for driver in $(drivers); do
		printf 'driver: %s\n' "$driver"
		driver_use "$driver"
		"$@"
		oci delete --force "$NAME"
	done
}

# needs CONTROLLER...: in cgroup v2.
needs() {
	local controller
	for controller; do
		grep -qw -- "$controller" "$CGROUPS/cgroup.controllers" || skip "no $controller controller in cgroup v2"
	done
}

resources() { bundle_edit --argjson resources "$1" '.linux.resources = $resources'; }

# The container's cgroup, asked for once: one of the same name has the same. crun puts init below what it limits.
group() {
	local path kept=$BATS_TEST_TMPDIR/group-$NAME
	if [[ ! -s $kept ]]; then
		path=$(sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup")
		[[ $KIND != crun ]] || path=${path%/container}
		printf '%s' "$CGROUPS$path" >"$kept"
	fi
	printf '%s' "$(<"$kept")"
}
limit() {
	local path
	path=$(group)
	printf '%s\n' "$(<"$path/$1")"
}
property() { systemctl show --property "$1" --value "$(basename -- "$(group)")"; }

# expect_limit FILE VALUE [PROPERTY VALUE]
expect_limit() {
	local got
	got=$(limit "$1")
	if [[ $got != "$2" ]]; then
		printf '%s: want %s, got %s\n' "$1" "$2" "$got"
		return 1
	fi
	[[ $DRIVER == systemd && -n ${3:-} ]] || return 0
	got=$(property "$3")
	[[ $got == "$4" ]] && return
	printf '%s: want %s, got %s\n' "$3" "$4" "$got"
	return 1
}

# update ARGUMENT...: that works, and says nothing.
update() {
	run oci update "$@" "$NAME"
	expect_status 0
	expect_output ''
}
# The same by a document on standard input.
update_by() {
	run oci update --resources - "$NAME" <<<"$1"
	expect_status 0
}

# A limit that cgroup v2 has wherever these suites run, as a document for the number N, and what its file says then.
if grep -qw pids /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
	SOME_FILE=pids.max
	some_limit() { printf '{"pids":{"limit":%s}}' "$1"; }
	some_value() { echo "$1"; }
else
	SOME_FILE=hugetlb.2MB.max
	some_limit() { printf '{"hugepageLimits":[{"pageSize":"2MB","limit":%s}]}' "$(some_value "$1")"; }
	some_value() { echo $(($1 * 2097152)); }
fi
