# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # bats sets status and output; the suites read what is set here
# For the suites of limits, behind helpers and container: each driver in turn, a container's place in it, what the machine has.

limits_setup() {
	container_setup
	OCI_PLAIN=("${OCI[@]/--cgroup-manager=disabled/}")
	[[ -d /run/systemd/system ]] || OCI_PLAIN=("${OCI[@]}")
	CONFIG_PLAIN=$(<"$BUNDLE/config.json")
	CGROUPS=/sys/fs/cgroup
	[[ -f $CGROUPS/cgroup.controllers ]] || CGROUPS=/sys/fs/cgroup/unified
	read -ra CONTROLLERS <"$CGROUPS/cgroup.controllers" || true
}

limits_teardown() {
	container_teardown
	expect_nothing_left
}

# each_driver FUNCTION [ARGUMENT...]: with $DRIVER, $OCI and a fresh config for each.
each_driver() {
	local drivers=(cgroupfs) word
	[[ ! -d /run/systemd/system || -n ${NOT_BY_SYSTEMD:-} ]] || drivers+=(systemd)
	for DRIVER in "${drivers[@]}"; do
		OCI=()
		for word in "${OCI_PLAIN[@]}"; do [[ -z $word ]] || OCI+=("$word"); done
		[[ $DRIVER != systemd ]] || OCI+=(--systemd-cgroup)
		printf '%s\n' "$CONFIG_PLAIN" >"$BUNDLE/config.json"
		rm -f "$ROOTFS/tmp/code"
		printf 'driver: %s\n' "$DRIVER"
		# Not in a condition: a command that fails in it would not end it.
		"$@"
	done
}

# What a peer tells systemd wrongly is tried by the other driver alone: systemd_skip KIND REASON.
systemd_skip() {
	[[ $KIND == "$1" ]] || return 0
	NOT_BY_SYSTEMD=1
	printf '# %s: not by systemd: %s\n' "$1" "$2"
}

# The cgroupsPath of a container of this id.
limits_path() { if [[ $DRIVER == systemd ]]; then echo "system.slice:lim:$1"; else echo "/lim-$1"; fi; }

# A config with these resources (a jq filter on them).
limits_config() { bundle_edit --arg path "$(limits_path "$NAME")" ".linux.cgroupsPath=\$path | .linux.resources |= ((. // {}) | $1)"; }

has_controller() { [[ $1 == cgroup || " ${CONTROLLERS[*]} " == *" $1 "* ]]; }
needs_controller() { has_controller "$1" || skip "needs a controller that this machine's cgroup v2 lacks"; }

cgroup_of_container() {
	if [[ $DRIVER == systemd ]]; then echo "$CGROUPS/system.slice/lim-$NAME.scope"; else echo "$CGROUPS/lim-$NAME"; fi
}

# limit_row RESOURCES [FILE VALUE [PROPERTY VALUE]]...: a container with these resources has this in the files, and in systemd's properties
# (a "-" for none). The controllers it wants are the first file's.
limit_row() {
	local resources=$1 got
	shift
	limits_config "$resources"
	if ! has_controller "${1%%.*}"; then
		limit_is_refused "${1%%.*}"
		return
	fi
	container_start sleep 1000 || return
	while (($# > 0)); do
		got=$(<"$(cgroup_of_container)/$1")
		limit_is "$1" "$2" "$got" || return
		if [[ $DRIVER == systemd && ${3:--} != - ]]; then
			got=$(systemctl show --value --property "$3" "lim-$NAME.scope")
			limit_is "$3" "$4" "$got" || return
		fi
		shift $(($# < 4 ? $# : 4))
	done
	oci delete --force "$NAME"
}
limit_is() {
	[[ $3 == "$2" ]] && return
	printf '%s: want %s, got %s\n' "$@"
	return 1
}

limit_is_refused() {
	# The peers' words for it differ with the file.
	[[ $KIND == orlop ]] || return 0
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 ]] || return 1
	[[ $output == *"controller"*"not available"* && $output == *"$1"* ]] || {
		printf 'want a refusal that names the %s controller, got: %s\n' "$1" "$output"
		return 1
	}
}

# A block device's numbers that io.max takes: a whole disk.
block_device() {
	local dev
	for dev in /sys/block/*/dev; do
		cat "$dev"
		return
	done
	echo 7:0
}

unit_is_left() { systemctl list-units --all --no-legend --plain "*$1*" 2>/dev/null | grep .; }

# No cgroup and no unit of this test's containers; systemd forgets one a moment after its last process.
expect_nothing_left() {
	if cgroup_find "$NAME" | grep .; then return 1; fi
	[[ ! -d /run/systemd/system ]] || wait_until not unit_is_left "$NAME"
}
