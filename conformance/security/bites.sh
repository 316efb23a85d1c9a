#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows that the tests of this folder bite: that each fails where the hole is that it looks for. bites.tsv says where that is: in an old runtime, or
# in orlop with a hole made on purpose (mutations/NAME.patch). Here nobody is believed: everything is run, and each row must be as it says.
#
#     ORLOP=BINARY bites.sh [--runtimes | --mutations] [PATTERN]
#
# PATTERN: rows that match it only. ORLOP: for the programs built beside it. All runs in a mount namespace of its own; the tests give each runtime
# a /dev of its own as well (security.bash). What runs out of time shows nothing.
set -euo pipefail
: "${ORLOP:?the path of the orlop binary, for the programs built beside it}"
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../.." && pwd -P)
which=all
case ${1:-} in
--runtimes | --mutations) which=${1#--} && shift ;;
esac
pattern=${1:-.}
if [[ -z ${BITES_INSIDE:-} ]]; then
	BITES_INSIDE=1 exec unshare --mount --propagation private "${BASH_SOURCE[0]}" ${which:+$([[ $which == all ]] || echo "--$which")} "$pattern"
fi
export PAYLOAD ONE=1 BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-300} WALK=${WALK:-60}
PAYLOAD=$(dirname -- "$ORLOP")/../conformance/payload/payload
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
shown=0 wrong=0

quote() { sed 's/[][\.*^$+?(){}|/]/\\&/g' <<<"$1"; }

# bite SUITE TEST WHERE: runs the one test, which must fail.
bite() {
	local tap=$scratch/tap
	bats --tap --filter "^$(quote "$2")\$" "$here/$1" >"$tap" 2>&1 </dev/null || true
	if grep -q '^not ok 1 .*# timeout' "$tap" || ! grep -q '^not ok 1 ' "$tap"; then
		printf 'does not bite: %s: %s: %s\n' "$3" "$1" "$2"
		sed 's/^/    /' "$tap" | tail -n 5
		wrong=$((wrong + 1))
		return
	fi
	shown=$((shown + 1))
	printf '%s: %s: %s\n' "$3" "$1" "$2"
	grep '^#' "$tap" | grep -vE '^# +.?(from|in test|`)' | cut -c 1-200 | head -n "${LINES_SHOWN:-2}" | sed 's/^#/    /' || true
}

rows() { grep -v '^#' "$here/bites.tsv" | awk -F '\t' -v by="$1" '$3 ~ by' | grep -E -- "$pattern" || true; }

runtimes() {
	local suite test by version
	while IFS=$'\t' read -r suite test by _; do
		version=$("${by% *}" --version 2>/dev/null | sed -n '1s/.* //p' | sed 's/[+~-].*//') || true
		if [[ $version != "${by#* }" ]]; then
			printf 'not here: %s, wanted for: %s\n' "$by" "$test"
			continue
		fi
		RUNTIME=${by% *} bite "$suite" "$test" "$by"
	done < <(rows '^(runc|crun) ')
}

mutations() {
	local name suite test by
	mkdir "$scratch/tree"
	git -c "safe.directory=$root" -C "$root" ls-files -z | (cd -- "$root" && xargs -0 cp --parents -t "$scratch/tree")
	(cd -- "$scratch/tree" && meson setup build --buildtype=debug -Doptimization=0 -Dtests=false -Dwerror=false && ninja -C build runtime/orlop) \
		>"$scratch/log" 2>&1 </dev/null || { tail -n 20 "$scratch/log" && return 1; }
	for name in $(rows '^mutation ' | cut -f 3 | sed 's/^mutation //' | sort -u); do
		if ! patch --quiet -p1 -d "$scratch/tree" <"$here/mutations/$name.patch" >"$scratch/log" 2>&1 ||
			! ninja -C "$scratch/tree/build" runtime/orlop >"$scratch/log" 2>&1 </dev/null; then
			printf 'cannot be made: %s\n' "$name"
			tail -n 5 "$scratch/log"
			wrong=$((wrong + 1))
		else
			while IFS=$'\t' read -r suite test by _; do
				RUNTIME='' ORLOP=$scratch/tree/build/runtime/orlop bite "$suite" "$test" "$by"
			done < <(rows "^mutation $name\$")
		fi
		patch --quiet --reverse -p1 -d "$scratch/tree" <"$here/mutations/$name.patch" >"$scratch/log" 2>&1 || true
	done
}

[[ $which == mutations ]] || runtimes
[[ $which == runtimes ]] || mutations
printf '%s tests bite as bites.tsv says, %s do not\n' "$shown" "$wrong"
((wrong == 0))
