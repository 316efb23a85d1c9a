#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a suite that is not the project's on a runtime: `foreign.sh runc|runtime-tools TREE RUNTIME [NAME...]`. TREE is that project's, built, with all
# that its suite wants in the places where it looks; docs/HACKING.md says what. NAME is a suite's file without its suffix; none: all.
#
# Everything happens in a mount namespace with nothing but cgroup2 and with a /dev of its own, as cgroup2.sh makes it, and in a temporary file
# system: nothing stays but what a suite leaves in the tree of cgroups (runtime-tools' leave an empty `testdir`).
# Prints a line for each file, the cases that fail and are not in KIND.expected, and the total; ends with 1 when there are such.
# What fails must be known: a line of KIND.expected is FILE, a digest of the case's name, ` -- ` and the reason. With ONLY_TELL=1 the list is not looked at.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
fail() {
	printf 'foreign.sh: %s\n' "$*" >&2
	exit 2
}

(($# >= 3)) || fail 'usage: foreign.sh runc|runtime-tools TREE RUNTIME [NAME...]'
kind=$1 tree=$2 runtime=$3
if [[ -z ${FOREIGN:-} ]]; then
	((EUID == 0)) || fail 'needs root'
	tree=$(cd -- "$2" && pwd -P)
	runtime=$(command -v -- "$3") || fail "no runtime '$3'"
	shift 3
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/orlop-foreign.XXXXXX")
	trap 'rmdir -- "$scratch"' EXIT
	FOREIGN=$scratch "$here/../bats/cgroup2.sh" --own-dev "${BASH_SOURCE[0]}" "$kind" "$tree" "$runtime" "$@"
	exit
fi
scratch=$FOREIGN
unset FOREIGN
shift 3

# Only this namespace sees it.
mount -t tmpfs -o mode=0711 tmpfs "$scratch"
mkdir -m 1777 -- "$scratch/tmp"
mkdir -- "$scratch/bin" "$scratch/results"
export TMPDIR=$scratch/tmp PATH=$scratch/bin:$PATH

# What a suite asks of Go once all is built is the name of the machine's architecture.
if ! command -v go >/dev/null; then
	printf '#!/bin/sh\n[ "$*" != "env GOARCH" ] || echo %s\n' "$(dpkg --print-architecture 2>/dev/null || echo amd64)" >"$scratch/bin/go"
	chmod +x "$scratch/bin/go"
fi

# run_case NAME: its TAP on standard output.
prepare_runc() {
	suite=$tree/tests/integration suffix=.bats
	[[ -f $suite/helpers.bash && -d $tree/tests/cmd/_bin ]] || fail "'$tree' is not runc's, with its test programs built"
	cd -- "$suite"
}
# It tests terminals and wants one that controls it.
run_runc() {
	mkfifo "$scratch/never"
	RUNC=$runtime TERM=xterm script -qefc "stty -onlcr; timeout --kill-after=20 ${LIMIT_S:-900} bats --tap $1.bats" /dev/null 0<>"$scratch/never" | tr -d '\r' ||
		return 1
}
prepare_runtime-tools() {
	suite=$tree/validation suffix=.t
	[[ -x $tree/runtimetest && -n $(compgen -G "$suite/*.t") ]] || fail "'$tree' is not runtime-tools', with runtimetest and validation/*.t built"
	printf '#!/bin/sh\nexec %q --root %q "$@"\n' "$runtime" "$scratch/state" >"$scratch/bin/runtime"
	chmod +x "$scratch/bin/runtime"
	cd -- "$tree"
}
run_runtime-tools() { RUNTIME=$scratch/bin/runtime timeout --kill-after=20 "${LIMIT_S:-120}" "$suite/$1.t" 2>/dev/null </dev/null; }

# Rows with a third column: what a line of KIND.expected begins with.
rows_with_digest() {
	local row name
	while IFS= read -r row; do
		name=${row%%$'\t'*}
		printf '%s\t%s %.12s\n' "$row" "${name%%: *}" "$(printf %s "${name#*: }" | sha256sum)"
	done
}

suite='' suffix=''
"prepare_$kind"
(($#)) || set -- "$suite"/*"$suffix"
for name; do
	name=$(basename -- "$name" "$suffix")
	[[ -f $suite/$name$suffix ]] || fail "no $suite/$name$suffix"
	code=0 began=$SECONDS
	"run_$kind" "$name" >"$scratch/results/$name.tap" || code=$?
	rm -f -- "$scratch/never"
	awk -v program="$name" -v code="$code" -f "$here/rows.awk" "$scratch/results/$name.tap" >"$scratch/results/$name.rows"
	awk -F '\t' -v program="$name" -v seconds="$((SECONDS - began))" '{ n[$2]++ }
		END { printf "%s: %d passed, %d failed, %d skipped, %d s\n", program, n["pass"], n["fail"], n["skip"], seconds }' "$scratch/results/$name.rows"
	# Why it fails is in what it wrote.
	[[ -z ${RESULTS:-} ]] || cp -- "$scratch/results/$name.tap" "$RESULTS/"
	rows_with_digest <"$scratch/results/$name.rows" >>"$scratch/rows"
done
awk -v expected="$([[ -n ${ONLY_TELL:-} ]] && echo /dev/null || echo "$here/$kind.expected")" -v only_tell="${ONLY_TELL:-}" -f "$here/compare.awk" \
	"$scratch/rows"
