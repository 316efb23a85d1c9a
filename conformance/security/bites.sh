#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows that the tests of this folder bite: that each fails where the hole is that it looks for. bites.tsv says where that is: in an old runtime, or
# in orlop with a hole made on purpose (mutations/NAME.patch), and what the test says then. Here nobody is believed: everything is run, and each row
# must be as it says.
#
#     ORLOP=BINARY bites.sh [--runtimes | --mutations] [--sample] [PATTERN]
#
# PATTERN: rows that match it only. --sample: mutations that are made and found in seconds, for the pipeline. ORLOP: for the programs built beside it.
# Says TAP. Mutations are built in one directory ($BITES, build/bites) that is kept, so that each costs the files that it changes. All runs with
# a /dev and cgroups of its own; the tests show each runtime a machine that is read-only as well (security.bash). What runs out of time shows nothing.
set -euo pipefail
: "${ORLOP:?the path of the orlop binary, for the programs built beside it}"
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../.." && pwd -P)
[[ -n ${BITES_INSIDE:-} ]] || BITES_INSIDE=1 exec "$here/../bats/cgroup2.sh" --own-dev "${BASH_SOURCE[0]}" "$@"

# Of descriptors, files, capabilities, users, ids, filters and the state: one each.
sample='^mutation (arguments-first|caps-inherited|descriptors-leak|file-in-root|id-any|state-open|user-lax)$'
kinds='^(mutation|runc|crun) ' pattern=.
for argument in "$@"; do
	case $argument in
	--runtimes) kinds='^(runc|crun) ' ;;
	--mutations) kinds='^mutation ' ;;
	--sample) kinds=$sample ;;
	*) pattern=$argument ;;
	esac
done

export PAYLOAD ONE=1 WALK=${WALK:-60}
PAYLOAD=$(cd -- "$(dirname -- "$ORLOP")/.." && pwd -P)/conformance/payload/payload
jobs=${JOBS:-$(nproc)}
work=${BITES:-$root/build/bites}
tree=$work/tree build=$work/build
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

rows() { grep -v '^#' "$here/bites.tsv" | awk -F '\t' -v by="$1" '$3 ~ by' | grep -E -- "$pattern" || true; }
quote() { sed 's/[][\.*^$+?(){}|/]/\\&/g' <<<"$1"; }

# --- one place, several tests ---------------------------------------------------------------------------------------------------------

# result ok|not\ ok WHERE SUITE TEST [NOTE]: a line of TAP.
result() { printf '%s - %s: %s: %s%s\n' "$1" "$2" "$3" "$4" "${5:+ # $5}"; }

# What a log of TAP says of the test in $TEST: `ok`, `not ok` or nothing, then the lines behind it.
block() {
	TEST=$1 awk '/^(not )?ok [0-9]/ {
			line = $0
			sub(/^(not )?ok [0-9]+ /, "", line)
			on = line == ENVIRON["TEST"] || index(line, ENVIRON["TEST"] " # ") == 1
			if (on)
				print line ~ / # timeout/ ? "timeout" : line ~ / # skip/ ? "skip" : /^not/ ? "not ok" : "ok"
			next
		}
		on' "$2"
}

# judge TAP SUITE TEST WHERE SAYS: the test must have failed, and said so.
judge() {
	local text
	text=$(block "$3" "$1")
	if [[ $text == 'not ok'* ]] && grep -qE -- "$5" <<<"$text"; then
		result ok "$4" "$2" "$3"
		grep '^#' <<<"$text" | grep -vE '^# +.?(from|in test|`)' | cut -c 1-200 | head -n "${LINES_SHOWN:-1}" | sed 's/^#/#    /' || true
	else
		result 'not ok' "$4" "$2" "$3"
		printf '# does not bite%s\n' "$([[ $text != 'not ok'* ]] || echo " as bites.tsv has it: $5")"
		head -n 12 <<<"${text:-$(tail -n 5 "$1")}" | cut -c 1-400 | sed 's/^#*/#    /'
	fi
}

# bite WHERE FILE: the tests of these rows at once, with RUNTIME or ORLOP.
bite() {
	local suite test says filter suites=()
	filter=$(cut -f 2 "$2" | while IFS= read -r test; do quote "$test"; done | paste -sd '|')
	mapfile -t suites < <(cut -f 1 "$2" | sort -u | sed "s|^|$here/|")
	timeout --kill-after=10 "${TIME:-600}" env ONE_TRY=1 bats --tap --filter "^($filter)\$" "${suites[@]}" >"$2.tap" 2>&1 </dev/null 6>&- || true
	while IFS=$'\t' read -r suite test _ says; do judge "$2.tap" "$suite" "$test" "$1" "$says"; done <"$2" >"$2.said"
	tell "$2.said"
}

tell() { flock 7 && tee -a "$scratch/all" <"$1"; } 7>"$scratch/lock"

# bite_later WHERE FILE: in the background, as many as there are processors.
bite_later() {
	while (($(jobs -rp | wc -l) >= jobs)); do wait -n || true; done
	bite "$@" &
}

# fail_all WHERE FILE NOTE: none of these rows can be shown.
fail_all() {
	local suite test
	while IFS=$'\t' read -r suite test _; do result "$3" "$1" "$suite" "$test" "${4:-}"; done <"$2" >"$2.said"
	[[ -z ${5:-} ]] || sed 's/^/#    /' "$5" >>"$2.said"
	tell "$2.said"
}

# --- places ---------------------------------------------------------------------------------------------------------------------------

# The rows of each place, a file each; prints the places.
places() {
	local where
	rows "$1" | cut -f 3 | sort -u | while IFS= read -r where; do
		rows "^$(quote "$where")\$" >"$scratch/${where// /-}"
		printf '%s\n' "$where"
	done
}

runtimes() {
	local where file version
	while IFS= read -r where; do
		file=$scratch/${where// /-}
		version=$("${where% *}" --version 2>/dev/null | sed -n '1s/.* //p' | sed 's/[+~-].*//') || true
		if [[ $version == "${where#* }" ]]; then
			RUNTIME=${where% *} bite_later "$where" "$file"
		else
			fail_all "$where" "$file" ok "SKIP not here, but ${version:-none}"
		fi
	done < <(places "$kinds" | grep -v '^mutation ' || true)
}

# Where nothing is changed by hand: only what differs is copied, so that little is built again, whatever ended the last run.
tree_sync() {
	local file
	git -c "safe.directory=$root" -C "$root" ls-files --cached --others --exclude-standard -- meson.build meson.options meson_options.txt \
		conformance/meson.build libbase libspec hooks libsandbox runtime | while IFS= read -r file; do
		[[ ! -e $root/$file ]] || cmp -s "$root/$file" "$tree/$file" || { mkdir -p "$tree/$(dirname -- "$file")" && cp "$root/$file" "$tree/$file"; }
	done
}
# The tree is not git's, wherever it lies.
tree_patch() { GIT_CEILING_DIRECTORIES=$work git -C "$tree" apply -p1 "$@"; }
tree_build() { GIT_CEILING_DIRECTORIES=$work ninja -C "$build" -j "$jobs" runtime/orlop; }

# mutations PLACE...
mutations() {
	local where name file binary
	mkdir -p "$tree"
	tree_sync
	[[ -f $build/build.ninja ]] || CC=gcc CFLAGS='' LDFLAGS='' meson setup "$build" "$tree" --buildtype=debug -Doptimization=0 -Dtests=false -Dwerror=false \
		>"$scratch/log" 2>&1 </dev/null || { tail -n 20 "$scratch/log" && return 1; }
	tree_build >"$scratch/log" 2>&1 </dev/null || { tail -n 20 "$scratch/log" && return 1; }
	for where in "$@"; do
		name=${where#* } file=$scratch/${where// /-} binary=$scratch/binaries/${where#* }/orlop
		if tree_patch "$here/mutations/$name.patch" >"$scratch/log" 2>&1 && tree_build >"$scratch/log" 2>&1 </dev/null; then
			mkdir -p "${binary%/*}"
			cp "$build/runtime/orlop" "$binary"
			RUNTIME='' ORLOP=$binary bite_later "$where" "$file"
		else
			tail -n 5 "$scratch/log" >"$file.log"
			fail_all "$where" "$file" 'not ok' 'cannot be made' "$file.log"
		fi
		tree_patch --reverse "$here/mutations/$name.patch" >/dev/null 2>&1 || tree_sync
	done
}

# At once, so that two do not change the same tree.
mkdir -p "$work"
exec 6>"$work/.lock"
flock -n 6 || { echo "# waits for another that uses $work" >&2 && flock 6; }
: >"$scratch/all"
printf '1..%s\n' "$(rows "$kinds" | wc -l)"
runtimes
mapfile -t holes < <(places "$kinds" | grep '^mutation ' || true)
((${#holes[@]} == 0)) || mutations "${holes[@]}"
wait
printf '# %s tests bite as bites.tsv says, %s do not\n' "$(grep -c '^ok .*[^#]*$' "$scratch/all" || true)" "$(grep -c '^not ok ' "$scratch/all" || true)"
! grep -q '^not ok ' "$scratch/all"
