# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # bats sets status and output; the suite reads what is set here
# For systemd.bats, behind helpers and container: containers as units of the system's manager and of a user's.

# The user of the machine who has subordinate ids, and a service manager of his own as soon as he lingers.
SOMEBODY=1000

systemd_setup() {
	[[ -d /run/systemd/system && -f /sys/fs/cgroup/cgroup.controllers ]] || skip 'needs systemd and cgroup v2: ./dev machine has both'
	container_setup
	OCI=("${OCI[0]}" --root "$STATE" --systemd-cgroup)
	UNIT=$KIND-$NAME.scope
	SHOW=(systemctl show)
}

systemd_teardown() {
	# Skipped before there was anything.
	[[ -n ${NAME:-} ]] || return 0
	container_teardown
	expect_nothing_left
}

# What systemd says of a unit: `key=value` lines in $shown.
unit_show() { shown=$("${SHOW[@]}" "${1:-$UNIT}"); }

# expect_property NAME VALUE, after unit_show.
expect_property() {
	grep -qxF -- "$1=$2" <<<"$shown" && return
	printf 'want %s=%s, got: %s\n' "$1" "$2" "$(grep "^$1=" <<<"$shown")"
	return 1
}

# expect_file FILE VALUE: in the container's cgroup.
expect_file() {
	local got
	got=$(<"/sys/fs/cgroup$(sed -n 's/^ControlGroup=//p' <<<"$shown")/$1")
	[[ $got == "$2" ]] && return
	printf '%s: want %s, got %s\n' "$1" "$2" "$got"
	return 1
}

cgroup_at() { bundle_edit --arg path "$1" '.linux.cgroupsPath = $path'; }

unit_is_left() { systemctl list-units --all --no-legend --plain "*$1*" 2>/dev/null | grep .; }

# No cgroup and no unit of this test's containers; systemd forgets one a moment after its last process.
expect_nothing_left() {
	if find /sys/fs/cgroup -type d -name "*$NAME*" | grep .; then return 1; fi
	wait_until not unit_is_left "$NAME"
}

# refused WORD...: create fails, in a message with these words. The teardown looks for what it left.
refused() {
	local word
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 ]] || {
		printf 'it was created\n'
		return 1
	}
	for word; do expect_message "$word"; done
	[[ ! -e $STATE/$NAME ]]
}

# -- the user's manager --------------------------------------------------------------------------------------------------------------

user_manager_setup() {
	[[ $KIND == orlop ]] || skip 'a promise of orlop'
	getent passwd "$SOMEBODY" >/dev/null || skip 'needs the user of ./dev machine'
	loginctl enable-linger "$SOMEBODY"
	wait_until test -S "/run/user/$SOMEBODY/bus"
	wait_until systemctl is-active --quiet "user@$SOMEBODY.service"
	chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" "$BUNDLE"
	cp -- "$ORLOP" orlop
	cp -- "$(dirname -- "$(command -v "$ORLOP")")/orlop-systemd" orlop-systemd
	rm "$BUNDLE/config.json"
	chown -R "$SOMEBODY:$SOMEBODY" "$BUNDLE" "$STATE"
	OCI=("${USER_ENV[@]}" ./orlop --root "$STATE" --systemd-cgroup)
	SHOW=("${USER_ENV[@]}" systemctl --user show)
	"${USER_ENV[@]}" ./orlop spec --rootless --bundle "$BUNDLE"
	bundle_edit '.process.terminal = false'
	chown -R "$SOMEBODY:$SOMEBODY" "$BUNDLE"
}
USER_ENV=(setpriv --reuid "$SOMEBODY" --regid "$SOMEBODY" --clear-groups --inh-caps=-all
	env -i PATH=/usr/bin:/bin "XDG_RUNTIME_DIR=/run/user/$SOMEBODY")
