# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # jq has variables too; what is set or used here is of the suites and of container.bash
# Faults made on purpose, and looking for what they left: `load helpers`, `load container`, `load faults`.
#
# Whatever belongs to a test bears its mark: processes have it in their environment (init inherits orlop's, the program gets it by the
# config), cgroups and state have $NAME in their names, mounts have the test's directory in theirs.

faults_setup() {
	container_setup
	[[ $KIND == orlop ]] || skip 'the faults are made by hidden options of orlop'
	MARK=ORLOP_FAULTS=$NAME
	PID_FILE=$BATS_TEST_TMPDIR/pid
	SOCKET=$BATS_TEST_TMPDIR/socket
	FINDINGS=()
	"$(dirname -- "$(payload_find)")/receiver" "$SOCKET" </dev/null >/dev/null 2>&1 3>&- &
	HELPERS=($!)
	wait_until test -S "$SOCKET"
}

faults_teardown() {
	local left=0
	((${#HELPERS[@]} == 0)) || kill "${HELPERS[@]}" 2>/dev/null || true
	container_teardown || left=1
	rm -f -- "${SOCKET:-}"
	return "$left"
}

# The runtime with the mark in its environment.
marked() { env "$MARK" timeout --foreground --kill-after=5 30 "${OCI[@]}" "$@" 3>&-; }

# Creates the test's container: its exit status in `status`, what it said in the files out and err.
marked_create() {
	status=0
	marked create --bundle "$BUNDLE" --console-socket "$SOCKET" "$NAME" </dev/null >out 2>err || status=$?
}

# Processes with the mark `$1`: one pid a line.
marked_pids() {
	local path
	grep -lsaF -- "$1" /proc/[0-9]*/environ 2>/dev/null | while read -r path; do
		path=${path#/proc/}
		printf '%s\n' "${path%/environ}"
	done
}

no_process() { [[ -z $(marked_pids "$1") ]]; }

processes_left() {
	local pid
	for pid in $(marked_pids "$1"); do
		printf 'process %s (%s)\n' "$pid" "$(cat "/proc/$pid/comm" 2>/dev/null)"
	done
}

# What is there of the test's: a line each.
host_left() {
	processes_left "$MARK"
	grep -F -- "$BATS_TEST_TMPDIR" /proc/self/mountinfo | sed 's/^/mount /' || true
	cgroup_find "$NAME" | sed 's/^/cgroup /'
	# Programs that the cache keeps are meant to stay; what is written on the way to one is not.
	find "$STATE" -mindepth 1 ! -path "$STATE/@seccomp" ! -regex '.*/@seccomp/[0-9a-f]*' | sed 's/^/state /'
	find "$BATS_TEST_TMPDIR" -maxdepth 1 -name '*pid*' | sed 's/^/pid file /'
}

# finding WHERE WHAT: what goes wrong is collected, for all steps are to be seen at once.
finding() { FINDINGS+=("$1: $2"); }

expect_no_findings() {
	((${#FINDINGS[@]})) || return 0
	printf '%s\n' "${FINDINGS[@]}"
	return 1
}

# The same question for a yes or no, which is asked after every step: as few processes as can be.
host_is_clean() {
	local path mounts
	mounts=$(</proc/self/mountinfo)
	[[ $mounts != *"$BATS_TEST_TMPDIR"* ]] || return 1
	for path in "$STATE"/* "$STATE"/.[!.]* "$STATE"/@seccomp/.[!.]* "$BATS_TEST_TMPDIR"/*pid*; do
		[[ $path == */@seccomp || (! -e $path && ! -L $path) ]] || return 1
	done
	[[ -z $(cgroup_find "$NAME") ]] && ! grep -lqsaF -- "$MARK" /proc/[0-9]*/environ
}

# look_for_rest WHERE: a finding when there is anything; then it is removed, so that the next step begins clean.
look_for_rest() {
	local left
	! host_is_clean || return 0
	# A grandchild that was killed is gone a moment later, and nobody can wait for it.
	wait_until no_process "$MARK" >/dev/null || true
	left=$(host_left)
	[[ -n $left ]] || return 0
	finding "$1" "left behind: ${left//$'\n'/; }"
	clean_up
}

clean_up() {
	local pid
	oci delete --force "$NAME" >/dev/null 2>&1 || true
	for pid in $(marked_pids "$MARK"); do
		kill -9 "$pid" 2>/dev/null || true
	done
	rm -rf -- "${STATE:?}/$NAME" "${STATE:?}"/@seccomp/.[!.]* "$PID_FILE"
	cgroup_find "$NAME" | sort -r | xargs -r rmdir 2>/dev/null || true
}

# --- configs --------------------------------------------------------------------------------------------------------------------------

# A limit that the cgroups of this host have, as a member of resources.
limit_of_host() {
	local controllers
	controllers=$(cat /sys/fs/cgroup/unified/cgroup.controllers /sys/fs/cgroup/cgroup.controllers 2>/dev/null || true)
	case " ${controllers//$'\n'/ } " in
	*' pids '*) echo '{"pids": {"limit": 100}}' ;;
	*' memory '*) echo '{"memory": {"limit": 100000000}}' ;;
	*' hugetlb '*) echo '{"hugepageLimits": [{"pageSize": "2MB", "limit": 2097152}]}' ;;
	*) echo '{}' ;;
	esac
}

# bundle_rich VARIANT: a config that takes as many steps as a variant can.
bundle_rich() {
	cp -- "$BATS_TEST_DIRNAME/container.json" "$BUNDLE/config.json"
	bundle_edit --argjson limit "$(limit_of_host)" --arg mark "$MARK" '
		.process.args = ["sleep", "1000"] | .process.env += [$mark] | .process.cwd = "/made/here"
		| .process.rlimits = [{"type": "RLIMIT_NOFILE", "hard": 512, "soft": 256}]
		| .process.oomScoreAdj = 500
		| .process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 5}
		| .domainname = "example"
		| .linux.resources = $limit + {"devices": [{"allow": false, "access": "rwm"}]}
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}
		| .hooks = (["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
			| map({(.): [{"path": "/bin/true", "env": [$mark]}]}) | add)
		| .process.terminal = true'
	[[ ${OCI[*]} != *--cgroup-manager=disabled* ]] || bundle_edit '.linux.resources = {}'
	"variant_$1"
}

# Everything of its own.
variant_own() {
	bundle_edit '.linux.namespaces += [{"type": "cgroup"}] | .root.readonly = true | .linux.sysctl = {"net.ipv4.ip_forward": "0"}
		| .mounts += [{"destination": "/tmp", "type": "ramfs", "source": "ramfs"}]'
}

# A user namespace, times that take a joiner, the filter loaded early.
variant_user() {
	bundle_edit '.linux.namespaces += [{"type": "user"}, {"type": "time"}, {"type": "cgroup"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 65536}]
		| .linux.gidMappings = .linux.uidMappings
		| .linux.timeOffsets = {"monotonic": {"secs": 100}}
		| .process.noNewPrivileges = false'
}

# Namespaces of another process, which init itself or a joiner enters; no pid namespace, so that nothing dies with init.
variant_joined() {
	bundle_edit --arg ns "/proc/$$/ns" '.linux.namespaces |= (map(select(.type != "pid" and .type != "network"))
		+ [{"type": "network", "path": ($ns + "/net")}])'
}

variant_joined_pids() {
	bundle_edit --arg ns "/proc/$$/ns" '.linux.namespaces |= (map(select(.type != "pid" and .type != "network"))
		+ [{"type": "pid", "path": ($ns + "/pid")}, {"type": "network", "path": ($ns + "/net")},
			{"type": "cgroup", "path": ($ns + "/cgroup")}])'
}

# The same without a startContainer hook: run hears by a stamp that execve is next.
variant_unhooked() {
	variant_joined_pids
	bundle_edit 'del(.hooks.startContainer)'
}

# No mounts of its own.
variant_shared() {
	bundle_edit '.linux.namespaces |= map(select(.type != "mount")) | .mounts = [] | .process.terminal = false
		| .process.cwd = "/" | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
}

# A seccomp agent. Nobody but the program meets the loopback interface and sees the mounts.
variant_agent() {
	bundle_edit --arg socket "$SOCKET" '.linux.seccomp |= (.listenerPath = $socket | .syscalls[0].action = "SCMP_ACT_NOTIFY")
		| del(.hooks["prestart", "createRuntime", "createContainer"])'
}

# The same, from before init gives up its privileges.
variant_agent_early() {
	variant_agent
	bundle_edit '.process.noNewPrivileges = false'
}

VARIANTS=(own user joined joined_pids shared agent agent_early)

# Options that a command of this config needs.
console_options() { [[ $(jq .process.terminal "$BUNDLE/config.json") == false ]] || echo "--console-socket=$SOCKET"; }

# --- steps ----------------------------------------------------------------------------------------------------------------------------

# The steps of $BUNDLE as `SIDE:STEP`: those of create, or with `run` those of start as well.
steps_of() {
	local options
	options=$(console_options)
	oci plan --bundle "$BUNDLE" --detach ${options:+"$options"} "$NAME" |
		awk -v all="$1" '/^[^ ]/ { on = /^steps/; next } on { if ($2 == "gate" && all != "run") exit; print $1 ":" $2 }'
}

# The steps that `exec OPTION... ` takes here, from its own account: only a run that works tells all. From its birth on the process tells nothing.
steps_of_exec() {
	oci --timing exec "$@" </dev/null 2>&1 >/dev/null |
		sed -n "s/.*step \([a-z]*\) '\([^']*\)'.*/\1:\2/p; s/^host:born\$/init:birth init:session-own/p" | tr ' ' '\n'
}

# The runtime in the background. Sets RUNNER.
marked_background() {
	# One that is killed before it has opened them has said nothing.
	: >out
	: >err
	env "$MARK" "${OCI[@]}" "$@" </dev/null >out 2>err 3>&- &
	RUNNER=$!
}

# held_run SIDE:STEP ARGUMENT...: the runtime in the background, until it has come to the step and waits there. Sets RUNNER, and HELD: the
# process that waits. Fails when it never does.
held_run() {
	local step=$1 try child comm children
	shift
	[[ -p never ]] || mkfifo never
	marked_background --hold-step "$step" "$@"
	for ((try = 0; try < 1000; try++)); do
		children=()
		{ read -ra children <"/proc/$RUNNER/task/$RUNNER/children" || true; } 2>/dev/null
		for child in "$RUNNER" ${children[@]+"${children[@]}"}; do
			{ read -r comm <"/proc/$child/comm" || continue; } 2>/dev/null
			HELD=$child
			[[ $comm != orlop:held ]] || return 0
		done
		kill -0 "$RUNNER" 2>/dev/null || break
		# A pause that takes no process.
		read -rt 0.01 _ <>never || true
	done
	return 1
}

# A mount namespace that is the test's own, made by a line of shell that runs in it: from here on the runtime runs in it.
own_mounts() {
	unshare --mount --propagation private bash -c "set -e; $1; exec sleep 1000" </dev/null >mounts.log 2>&1 3>&- &
	HELPERS+=($!)
	until [[ $(cat "/proc/$!/comm" 2>/dev/null) == sleep ]]; do
		kill -0 $! || { cat mounts.log && return 1; }
		sleep 0.01
	done
	IN_MOUNTS=(nsenter "--mount=/proc/$!/ns/mnt" "--wd=$PWD")
	OCI=("${IN_MOUNTS[@]}" "${OCI[@]}")
}
in_mounts() { "${IN_MOUNTS[@]}" "$@"; }

# held_end [SIGNAL]: sends the runtime in the background a signal and waits for it; sets status and output. What bash says of a killed job is no
# part of either.
held_end() {
	status=0
	{
		(($# == 0)) || kill -"$1" "$RUNNER" || true
		wait "$RUNNER" || status=$?
	} 2>/dev/null
	output=$(cat out err)
}
