#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Which tests of this folder old runtimes fail: a sign that they bite, to be read one by one. Writes bites.tsv; what ran out of time is no sign. Each test runs in a mount namespace with a
# /dev of its own (security.bash), so that what bites hurts a canary.
#
#     ORLOP=BINARY bites.sh [RUNTIME...]
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
: "${ORLOP:?the path of the orlop binary, for the programs built beside it}"
(($#)) || set -- runc crun
rows=$(mktemp)
trap 'rm -f -- "$rows"' EXIT
for runtime in "$@"; do
	version=$("$runtime" --version | sed -n '1s/.* //p')
	for file in host procfs roots identity limits; do
		RUNTIME=$runtime BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-60} bats --tap "$file.bats" 2>/dev/null </dev/null |
			sed -nE "s/^(not ok|ok) [0-9]+ (.*)\$/$file\t$runtime $version\t\1\t\2/p" | grep -v '# timeout' || true
	done
done >"$rows"
{
	printf '# Tests that old runtimes fail: bites.sh wrote this.\n# suite\truntime\tresult\ttest\n'
	awk -F '\t' '$3 == "not ok" { print $1 "\t" $2 "\tfails\t" $4 }' "$rows" | sort
} >bites.tsv
printf '%s tests that an old runtime fails, of %s\n' "$(grep -v '^#' bites.tsv | cut -f 4 | sort -u | wc -l)" "$(cut -f 4 "$rows" | sort -u | wc -l)"
