# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # what is set or used here is of the suites, of security.bash and of container.bash
# Walks: every stop of the stepper in turn, with a change of the world, an error or a death at it.
#
# $WALK says how much: `full`, or the number of stops that a test takes (8). $SEED picks which. $SHARD, `0/4`, is for several at once: every fourth.

walk_setup() {
	local own
	WALK=${WALK:-8}
	SHARD=${SHARD:-0/1}
	RANDOM=${SEED:-1}
	WALKED=0 COLD=1
	mkfifo ended
	mapfile -t MOUNTS_BEFORE <"/proc/$HOLDER/mountinfo"
	# Where the default puts a container's cgroup, of this host's kinds.
	CGROUPS=(/sys/fs/cgroup /sys/fs/cgroup/unified)
	own=$(sed -n 's|^0::/*||p' /proc/self/cgroup)
	[[ -z $own ]] || CGROUPS+=("${CGROUPS[@]/%//$own}")
}

# Of so many stops, those to take.
stops() {
	local count=$1 every at=0
	if [[ $WALK == full ]]; then
		every=${SHARD#*/} at=${SHARD%/*}
	else
		every=$(((count + WALK - 1) / WALK))
		((every == 0)) || at=$((RANDOM % every))
	fi
	for (( ; at < count; at += every)); do echo "$at"; done
}

# The same of the lines of $1, and those that match $PIN: what was found once is looked at each time.
stops_and_pins() {
	{
		stops "$(wc -l <"$1")"
		[[ -z ${PIN:-} ]] || grep -nE -- "$PIN" "$1" | awk -F : '{ print $1 - 1 }'
	} | sort -nu
}

# stepped OPTION... -- ARGUMENT...: the runtime below the stepper, which goes on serving what the command leaves running: stepped_end ends it. Sets
# status, output and stderr.
stepped() {
	local options=()
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	# New ones, for the container's user gets them. A filter that is kept from the step before would be another walk: exec's, mostly.
	rm -rf -- out err ${COLD:+"$STATE/@seccomp"}
	"${IN_HOST[@]}" "$STEPPER" --status ended --time 20 "${options[@]}" -- "${PROGRAM[@]}" "$@" </dev/null >out 2>err 3>&- &
	STEPPING=$!
	read -rt 40 status <>ended || status=125
	said
}
# No process is made for it: a walk asks thousands of times.
said() {
	read -rd '' output <out || true
	read -rd '' stderr <err || true
}

# All that came of it is gone: a finding when it is not.
stepped_end() {
	local left=0
	wait "$STEPPING" || left=$?
	STEPPING=''
	said
	((left == 0)) || finding "the stepper ends with $left: $stderr"
}

# One line of orlop's says why it failed. What a sanitizer's runtime makes of a call that fails is its own affair.
told() { [[ $status -ne 124 && $status -ne 125 && ($status -lt 128 || $status -eq 255) && $stderr == *level=error* && $stderr != *$'\n'* && $stderr != *"step '?'"* ]] || sanitizer_failed; }
sanitizer_failed() { [[ $stderr == *'Sanitizer: CHECK failed'* || $stderr == *'Sanitizer '*'limit() failed'* ]]; }

# Sets REST to the container's directory, cgroup and mounts; processes are the stepper's to tell. Kept filters stay, and what a writer of one left.
look_for_rest() {
	local mounts path
	REST=''
	mapfile -t mounts <"/proc/$HOLDER/mountinfo"
	[[ ${mounts[*]} == "${MOUNTS_BEFORE[*]}" ]] || REST="mounts: $(diff <(printf '%s\n' "${MOUNTS_BEFORE[@]}") <(printf '%s\n' "${mounts[@]}")); "
	for path in "$STATE"/[!@]* "$STATE"/.[!.]* "${CGROUPS[@]/%//$NAME}"; do
		[[ ! -e $path && ! -L $path ]] || REST+="$path; "
	done
}
nothing_left() {
	look_for_rest
	[[ -z $REST ]] || finding "$1: left: $REST"
}

# What must be enough, whatever happened: and says nothing.
force_delete() {
	oci delete --force "$NAME" >deleted 2>&1 </dev/null || finding "delete --force fails: $(<deleted)"
	[[ ! -s deleted ]] || finding "delete --force says: $(<deleted)"
}

# Whatever it was, the next step begins clean.
walk_clean() {
	[[ -z $STEPPING ]] || stepped_end
	look_for_rest
	[[ -n $REST ]] || return 0
	oci delete --force "$NAME" >/dev/null 2>&1 || true
	cgroup_find "$NAME" | sort -r | xargs -r rmdir 2>/dev/null || true
	rm -rf -- "${STATE:?}"/[!@]* "${STATE:?}"/.[!.]* "${STATE:?}"/@seccomp
}

# need BEFORE: what a step begins with; a step before it may be to blame when that cannot be made.
need() {
	"$1" >needed 2>&1 && return
	finding "there is no $1 container: $(<needed)"
	walk_clean
	"$1" || no_findings
}

# Where a step leaves the container as it was.
stay() { [[ -z $STEPPING ]] || stepped_end; }

# At the end, wherever a cgroup may be.
walk_count() {
	[[ -z $(cgroup_find "$NAME") ]] || finding "cgroups: $(cgroup_find "$NAME")"
	echo "# walked: $1: $WALKED $2" >&3
}

# --- what commands need ---------------------------------------------------------------------------------------------------------------

nothing() { :; }
created() {
	oci create --bundle "$BUNDLE" --pid-file init "$NAME" </dev/null >made 2>&1 || { cat made && return 1; }
	INIT=$(<init)
}
started() { created && oci start "$NAME"; }
ended() { started && wait_until is_container stopped; }
# One container for many steps.
running() {
	COLD=''
	[[ -n ${INIT:-} && -d /proc/$INIT && -d $STATE/$NAME ]] || started
}
# The container that the steps share is as it was, and alone.
runs_on() {
	local path procs=()
	process_is_gone "$INIT" 2>/dev/null && finding 'the container is gone'
	for path in "${CGROUPS[@]/%//$NAME}"; do
		[[ ! -e $path/cgroup.procs ]] || mapfile -t -O "${#procs[@]}" procs <"$path/cgroup.procs"
	done
	[[ ${procs[*]} == "$INIT" ]] || finding "in the cgroup: ${procs[*]}, not only $INIT"
}
# What create made begins, and all that comes of it ends.
start_created() {
	STARTED=''
	((status == 0)) || return 0
	STARTED=1
	oci start "$NAME" </dev/null >>out 2>>err || status=$?
	stepped_end
}

# --- races ----------------------------------------------------------------------------------------------------------------------------

# walk_swap A B CHECK [ARGUMENT...]: the runtime with A and B exchanged at each stop, and once more with them put back at the next; without
# arguments it is run, and then create and start. CHECK judges, `put_back` makes the trap anew; $BEFORE and $CLEAN say what is done around a step.
walk_swap() {
	if (($# == 3)); then
		swap_each "$@" run --bundle "$BUNDLE" "$NAME"
		AFTER=start_created
		set -- "$@" create --bundle "$BUNDLE" "$NAME"
	fi
	swap_each "$@"
	no_findings
}
swap_each() {
	local left=$1 right=$2 check=$3 count at back
	shift 3
	WALKED=0
	swap_step --list list -- "$@"
	((status == 0)) || finding "$1 does not work: $stderr"
	WANT=$(facts)
	"${CLEAN:-walk_clean}"
	put_back
	count=$(wc -l <list)
	canary_record >before
	for at in $(stops "$count"); do
		for back in '' $((at + 1)); do
			WAY="$1: swap at $at${back:+, back at $back} ($(sed -n "$((at + 1))s/^[^ ]* //p" list))"
			swap_step --swap "$at" "$left" "$right" ${back:+--swap "$back" "$left" "$right"} -- "$@"
			"$check" || finding "status $status: $output $stderr"
			canary_check
			"${CLEAN:-walk_clean}"
			# As it was, wherever it stopped.
			put_back
			WALKED=$((WALKED + 1))
		done
	done
	walk_clean
	walk_count "$1" "of $((count * 2)) interleavings"
}
swap_step() {
	need "${BEFORE:-nothing}"
	stepped --paths "$@"
	"${AFTER:-nothing}"
}

# --- faults and deaths ----------------------------------------------------------------------------------------------------------------

# A config that takes many calls.
bundle_walked() {
	bundle_edit '.process.noNewPrivileges = true
		| .process.capabilities |= map_values(["CAP_KILL"]) | .process.user = {"uid": 1000, "gid": 1000, "additionalGids": [7]}
		| .process.rlimits = [{"type": "RLIMIT_CORE", "hard": 0, "soft": 0}]
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}'
}

sleeper() { process_args sleep 1000; }

# What the program saw, but for what differs from run to run.
facts() { grep -vE '^fd\.|^signals.pending|level=' <<<"$output" || true; }
expect_facts() { [[ $(facts) == "$WANT" ]] || finding "ran, but: $(diff <(echo "$WANT") <(facts))"; }

# Deletes it, whatever it is: nothing is left.
judge_rest() {
	force_delete
	nothing_left 'after delete --force'
	[[ -z ${INIT:-} ]] || process_is_gone "$INIT" 2>/dev/null || finding 'its init lives'
	INIT=''
}
