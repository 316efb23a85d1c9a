#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Inside the machine: runs suites, one after the other: `suites.sh [--filter PATTERN] [--quick] [FILE...]`, else those that the file `suites` names;
# --quick leaves out cases with the tag `long`, as `./dev test` does. The TAP of each goes to
# $RESULTS/NAME.tap with its exit status in $RESULTS/NAME.status; standard output tells how far it is. Ends with 1 when one failed.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
results=${RESULTS:-$(mktemp -d)}
filter=()
if [[ ${1:-} == --filter ]]; then
	filter=(--filter "$2")
	shift 2
fi
if [[ ${1:-} == --quick ]]; then
	filter+=(--filter-tags '!long')
	shift
fi
files=("$@")
if ((${#files[@]} == 0)); then
	module=${MACHINE#*-}
	while read -r file lsm; do
		[[ $file != '#'* && -f $here/$file && ${lsm:-apparmor} == "${module%-debian}" ]] && files+=("$here/$file")
	done <"$here/suites"
fi

failed=0
for file in "${files[@]}"; do
	name=$(basename -- "$file")
	started=$SECONDS code=0
	# bats tests terminals and wants one that controls it.
	command=$(printf '%q ' bats --tap ${filter[@]+"${filter[@]}"} "$file")
	mkfifo "/run/suite-$$"
	script -qefc "stty -onlcr; $command" "/run/suite-$$.log" 0<>"/run/suite-$$" >/dev/null || code=$?
	rm -f -- "/run/suite-$$"
	sed -e '/^Script \(started\|done\) on /d' -e 's/\r$//' "/run/suite-$$.log" >"$results/$name.tap"
	rm -f -- "/run/suite-$$.log"
	printf '%s\n' "$code" >"$results/$name.status"
	# The host is to have it even if this kernel crashes.
	sync
	passed=$(grep -c '^ok ' "$results/$name.tap" || true)
	if ((code == 0)); then
		printf '%s: %s cases in %s s\n' "$name" "$passed" "$((SECONDS - started))"
	else
		failed=1
		printf '%s: ended with %s after %s s\n' "$name" "$code" "$((SECONDS - started))"
		grep -v '^ok ' -- "$results/$name.tap" || true
	fi
done
exit "$failed"
