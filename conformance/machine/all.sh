#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `all.sh DIRECTORY [OPTION...]`: runs the suites that the file `suites` names in the machine, on the host's behalf, those for another security
# module in a boot of their own; options are machine.sh's, but for --lsm.
# DIRECTORY gets each one's TAP and exit status. Ends with 1 when a suite failed, with machine.sh's status when some have no result.
#
# A user-mode kernel may crash on its own (fork of a process that is being killed, in 6.12): no program in it could have done so by right. Then
# the suites that have no result yet run in another boot, twice at most, and that is said.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
results=$1
shift
mkdir -p -- "$results"

machine_pid=''
trap '[[ -z $machine_pid ]] || kill "$machine_pid" 2>/dev/null || true' EXIT
trap 'exit 143' TERM INT

# The module's suites without a result, one a line.
suites_left() {
	local file lsm
	while read -r file lsm; do
		[[ $file != '#'* && ${lsm:-apparmor} == "$1" && -f $here/$file && ! -f $results/${file##*/}.status ]] || continue
		printf '%s\n' "$here/$file"
	done <"$here/suites"
}

worst=0
for lsm in apparmor selinux; do
	code=0
	for boot in 1 2 3; do
		mapfile -t files < <(suites_left "$lsm")
		((${#files[@]})) || break
		((boot == 1)) || printf 'machine: its kernel crashed; another boot for %s suites\n' "${#files[@]}"
		code=0
		"$here/machine.sh" --lsm "$lsm" --results "$results" "$@" "$here/suites.sh" --quick "${files[@]}" &
		machine_pid=$!
		wait "$machine_pid" || code=$?
		machine_pid=''
		((code == 125)) || break
	done
	((code <= worst)) || worst=$code
done
((worst < 2)) || exit "$worst"
! grep -qvx 0 -- "$results"/*.status
