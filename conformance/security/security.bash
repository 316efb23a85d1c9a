# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2153,SC2154 # jq has variables too; what is set or used here is of the suites and of container.bash
# Attacks and what they may not change: `load ../bats/helpers`, `load ../bats/container`, `load security`, then security_setup and
# security_teardown.
#
# The runtime, whichever it is, runs in a mount namespace of the test's own with a /dev of its own (and other uts, ipc and network namespaces), where all
# that is not the test's is read-only, so that a hole hurts the canary and never the host. The canary is $H, a directory outside the bundle, that /dev, and the namespaces' settings: nothing of
# them may change. $V is a volume that a container may be given.

# 2^24 less a few: nobody's.
ROOTLESS_ID=12345

security_setup() {
	local tools
	container_setup
	tools=$(dirname -- "$(payload_find)")/../security
	STEPPER=$tools/stepper SPY=$tools/spy
	H=$BATS_TEST_TMPDIR/host V=$BATS_TEST_TMPDIR/volume
	SOCKET=$BATS_TEST_TMPDIR/socket
	FINDINGS=() HELPERS=()
	cp -- "$SPY" "$ROOTFS/spy"
	canary_make
	own_host
	process_shell 'echo started'
	cp -- "$BUNDLE/config.json" base.json
}

# Behind security_setup. Init leaves the host's mounts before the volumes are mounted unless a hook is to see them; with one it could go astray up to the
# last mount.
leave_late() {
	bundle_edit '.hooks.createContainer = [{path: "/bin/true"}]'
	cp -- "$BUNDLE/config.json" base.json
}

security_teardown() {
	local left=0
	container_teardown || left=1
	((${#HELPERS[@]} == 0)) || kill "${HELPERS[@]}" 2>/dev/null || true
	return "$left"
}

# --- a host to attack -----------------------------------------------------------------------------------------------------------------

canary_make() {
	local name
	mkdir -p -- "$H/empty" "$V"
	for name in ptmx null zero full tty console random urandom victim core_pattern marker; do
		echo "canary $name" >"$H/$name"
	done
	chmod 0600 "$H/victim"
}

own_host() {
	local dev=$BATS_TEST_TMPDIR/dev script
	mkdir "$dev"
	script='set -e; dev=$1
		mount -t tmpfs -o mode=755 tmpfs "$dev"
		mkdir "$dev/pts" "$dev/shm"
		for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 0666 "$dev/${node%:*}" c 1 "${node#*:}"; done
		mknod -m 0666 "$dev/tty" c 5 0
		mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$dev/pts"
		ln -s pts/ptmx "$dev/ptmx"
		mount --move "$dev" /dev
		mount --bind "$3" "$3"
		# What a suite that runs beside this one has mounted goes from here, too, when it removes the directory: before or after the look at the canary.
		while read -r _ _ _ _ at _; do
			case $at in "$3" | "$3"/*) continue ;; */bats-run-*) umount --lazy "$(printf %b "$at")" 2>/dev/null || true ;; esac
		done <<<"$(cat /proc/self/mountinfo)"
		while read -r _ _ _ _ at rest; do
			rest=${rest##* - }
			case $at in "$3" | /dev | /dev/*) continue ;; esac
			case ${rest%% *} in proc | sysfs | cgroup | cgroup2 | devpts | devtmpfs | mqueue) continue ;; esac
			mount -o remount,bind,ro "$(printf %b "$at")"
		done </proc/self/mountinfo
		[[ $2 == orlop || $(stat -fc %T /sys/fs/cgroup) == cgroup2fs ]] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
		exec sleep 10000'
	unshare --mount --uts --ipc --net --propagation private bash -c "$script" - "$dev" "$KIND" "$BATS_TEST_TMPDIR" </dev/null >host.log 2>&1 3>&- &
	HELPERS+=($!)
	until [[ $(cat "/proc/$!/comm" 2>/dev/null) == sleep ]]; do
		kill -0 $! || { cat host.log && return 1; }
		sleep 0.01
	done
	HOLDER=$!
	IN_HOST=(nsenter "--target=$HOLDER" --mount --uts --ipc --net "--wd=$PWD")
	PROGRAM=("${OCI[@]}")
	OCI=("${IN_HOST[@]}" "${PROGRAM[@]}")
	in_host test ! -w /etc
}
in_host() { "${IN_HOST[@]}" "$@"; }

# In the order in which the directories have it: that of a directory which nobody changes stays. What is written changes a file's time.
canary_record() {
	in_host sh -c 'find "$1" /dev -xdev -printf "%p %y %i %m %U:%G %n %s %C@ %l\n"
		exec cat /proc/self/mountinfo /proc/sys/kernel/hostname /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_default_ttl' - "$H"
}

# --- launching ------------------------------------------------------------------------------------------------------------------------

# launch run|create [OPTION...]: sets status, output and stderr; what create made is started and waited for. The container is left for the check.
launch() {
	local command=$1
	shift
	rm -f out err
	STARTED=''
	if [[ $command == run ]]; then
		run --separate-stderr oci run --bundle "$BUNDLE" "$@" "$NAME" </dev/null
		return
	fi
	detached create --bundle "$BUNDLE" "$@" "$NAME"
	output=$(<out)
	((status == 0)) || return 0
	status=0 STARTED=1
	oci start "$NAME" </dev/null >>out 2>>err || status=$?
	wait_until is_container stopped || true
	output=$(<out) stderr=$(<err)
}

mode_root() { cp -- "$BUNDLE/config.json" way.json; }
# The most that a map can give: its root is the host's.
mode_user() {
	mode_root
	bundle_edit '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 65536}]
		| .linux.gidMappings = .linux.uidMappings'
}
# An unprivileged caller; what is attacked is the caller's own.
mode_rootless() {
	local path=$BATS_TEST_TMPDIR
	mode_root
	bundle_edit --argjson id "$ROOTLESS_ID" '.linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": $id, "size": 1}] | .linux.gidMappings = .linux.uidMappings
		| .mounts |= map(select(.type != "mqueue") | if .type == "devpts" then .options -= ["gid=5"] else . end)'
	while [[ $path == "${BATS_RUN_TMPDIR:-none}"* ]]; do
		chmod a+x "$path"
		path=$(dirname -- "$path")
	done
	cp -- "$(command -v "${PROGRAM[0]}")" "$BATS_TEST_TMPDIR/$KIND"
	mkdir -p -m 0700 rootless
	chown -hR "$ROOTLESS_ID:$ROOTLESS_ID" "$BUNDLE" "$H" "$V" rootless
	OCI=("${IN_HOST[@]}" setpriv "--reuid=$ROOTLESS_ID" "--regid=$ROOTLESS_ID" --clear-groups --inh-caps=-all "$BATS_TEST_TMPDIR/$KIND"
		--root "$BATS_TEST_TMPDIR/rootless")
}
mode_end() {
	mv -- way.json "$BUNDLE/config.json"
	OCI=("${IN_HOST[@]}" "${PROGRAM[@]}")
}

# each_way CHECK...: launches the bundle in each of $MODES and by each of $COMMANDS; after each the check and the canary must be content. A function
# `prepare` sets the trap anew each time.
each_way() {
	local mode command
	for mode in ${MODES:-root user}; do
		"mode_$mode"
		canary_record >before
		for command in ${COMMANDS:-run create}; do
			WAY="$mode $command"
			! declare -F prepare >/dev/null || prepare
			launch "$command" ${OPTIONS:+$OPTIONS}
			"$@" || finding "not as wanted; status $status, said: $output ${stderr:-}"
			canary_check
			launch_end
		done
		mode_end
	done
	no_findings
}

# What is left of it goes, whichever runtime made it; one that was refused has left nothing.
launch_end() {
	[[ ! -e $STATE/$NAME && ! -e rootless/$NAME && $KIND == orlop ]] || oci delete --force "$NAME" >/dev/null 2>&1 || true
}

# With $ONE, the first one ends the test: enough to show that it bites.
finding() {
	FINDINGS+=("${WAY:-}: $1")
	[[ -z ${ONE:-} ]] || no_findings || exit 1
}
no_findings() {
	((${#FINDINGS[@]})) || return 0
	printf '%s\n' "${FINDINGS[@]}"
	FINDINGS=()
	return 1
}

canary_check() {
	local changes
	canary_record >after
	cmp -s before after && return
	changes=$(diff before after) || finding "the canary: ${changes//$'\n'/; }"
	mv after before
}

# --- checks ---------------------------------------------------------------------------------------------------------------------------

# One line says why; nothing of the user's ran, nothing is left. What orlop says has the text; peers have words of their own.
refused() {
	local line said=()
	((status != 0)) || return 1
	[[ $output != *started* ]] || return 1
	[[ $KIND == orlop ]] || return 0
	while IFS= read -r line; do
		[[ $line == *level=warning* ]] || said+=("$line")
	done <<<"$stderr"
	# Its own, not that of a program that ran after all.
	[[ ${#said[@]} -eq 1 && ${said[0]} == *level=error*"${1:-}"* ]] || return 1
	# What start cannot do leaves what create made.
	[[ -n $STARTED || (! -e $STATE/$NAME && ! -e rootless/$NAME) ]]
}

# It ran, and said this and no more.
ran() { [[ $status -eq 0 && $output == "${1-started}" ]]; }

# Either is fine, for the canary is looked at anyway: but an error is told.
harmless() { ran "$@" || refused; }

# --- writing traps --------------------------------------------------------------------------------------------------------------------

# A way up from anywhere in a container to a path of the host.
climb() { printf '../../../../../../../../../../../..%s' "$1"; }
no_mount() { bundle_edit --arg at "$1" '.mounts |= map(select(.destination | startswith($at) | not))'; }
add_mount() { bundle_edit --argjson mount "$1" '.mounts += [$mount]'; }
add_bind() {
	bundle_edit --arg from "$1" --arg to "$2" --arg how "${3:-rw}" '.mounts += [{"destination": $to, "source": $from, "type": "bind",
		"options": ["rbind", $how]}]'
}
trap_link() {
	rm -rf -- "${ROOTFS:?}/$1"
	ln -s -- "$2" "$ROOTFS/$1"
}
# in_place 'TYPE SOURCE'...: for the container's shell: says which of these mounts went astray.
in_place() {
	printf 'grep -q " - %s " /proc/self/mountinfo || echo astray; ' "$@"
}
receiver_start() {
	"$(dirname -- "$(payload_find)")/receiver" "$SOCKET" </dev/null >/dev/null 2>&1 3>&- &
	HELPERS+=($!)
	wait_until test -S "$SOCKET"
}
