# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # what is set or used here is of the suites, of security.bash and of container.bash
# Walks: every stop of the stepper in turn, with a change of the world, or an error, at it.
#
# $WALK says how much: `full`, or the number of stops that a test takes (8). $SEED picks which.

walk_setup() {
	WALK=${WALK:-8}
	RANDOM=${SEED:-1}
	WALKED=0
}

# Of so many stops, those to take.
stops() {
	local count=$1 every at
	every=$((WALK == 0 ? 1 : (count + WALK - 1) / WALK))
	for ((at = RANDOM % every; at < count; at += every)); do echo "$at"; done
}

# stepped OPTION... -- ARGUMENT...: the runtime below the stepper. Sets status, output and stderr.
stepped() {
	local options=()
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	status=0
	timeout --kill-after=5 30 "${IN_HOST[@]}" "$STEPPER" "${options[@]}" -- "${PROGRAM[@]}" "$@" </dev/null >out 2>err 3>&- || status=$?
	output=$(<out) stderr=$(<err)
}

# walk_swap A B: runs the bundle with A and B exchanged at each stop, and once more with them put back at the next. The check is `$3...`.
walk_swap() {
	local left=$1 right=$2 count at back
	shift 2
	[[ $WALK != full ]] || WALK=0
	stepped --paths --list list -- run --bundle "$BUNDLE" "$NAME"
	count=$(wc -l <list)
	[[ $count -gt 60 ]]
	for at in $(stops "$count"); do
		for back in '' $((at + 1)); do
			canary_record >before
			stepped --paths --swap "$at" "$left" "$right" ${back:+--swap "$back" "$left" "$right"} -- run --bundle "$BUNDLE" "$NAME"
			WAY="swap at $at${back:+, back at $back} ($(sed -n "$((at + 1))s/^[^ ]* //p" list))"
			"$@" || finding "status $status: $output $stderr"
			canary_check
			[[ -z $back ]] || [[ $back -lt $count ]] || true
			oci delete --force "$NAME" >/dev/null 2>&1 || true
			# As it was, wherever it stopped.
			put_back
			WALKED=$((WALKED + 1))
		done
	done
	echo "# $WALKED of $((count * 2)) interleavings" >&3
	no_findings
}
