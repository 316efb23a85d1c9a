#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows that a failure cannot get lost on its way to the total: feeds the readers output of every kind. Prints TAP.
set -euo pipefail
export LC_ALL=C

report=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
number=0

# expect NAME GOT WANT
expect() {
	number=$((number + 1))
	if [[ $2 == "$3" ]]; then
		printf 'ok %s - %s\n' "$number" "$1"
	else
		printf '# got:\n%s\n# want:\n%s\n' "$2" "$3" | sed 's/^[^#]/#   &/'
		printf 'not ok %s - %s\n' "$number" "$1"
	fi
}

# The rows that a reader makes of stdin, without tabs.
read_tap() { awk -v build=b -v program=x.bats -v code="$1" -f "$report/cases.awk" -f "$report/tap.awk" 2>"$scratch/said" | tr '\t' '|'; }
read_meson() { awk -v build=b -f "$report/cases.awk" -f "$report/meson.awk" 2>"$scratch/said" | tr '\t' '|'; }

# meson_log RESULT STDOUT [STDERR]: one program's part of testlog.txt.
meson_log() {
	printf '=================== 1/1 ===================\ntest:         orlop:unit / x_test\nstart time:   00:00:00\n'
	printf 'duration:     0.01s\nresult:       %s\ncommand:      x\n' "$1"
	printf -- '------------------ stdout ------------------\n%s\n' "$2"
	[[ -z ${3:-} ]] || printf -- '------------------ stderr ------------------\n%s\n' "$3"
	printf '============================================\n\n'
}

# The last line of the total of rows "build|program|case|status|note" on stdin and its exit status.
total() {
	local code=0
	tr '|' '\t' >"$scratch/rows"
	awk -v peers='p q' -v allowed="$1" -f "$report/total.awk" "$scratch/rows" >"$scratch/total" || code=$?
	printf '%s (%s)' "$(tail -n1 "$scratch/total")" "$code"
}

expect 'bats: pass, skip, fail' "$(printf '1..3\nok 1 a\nok 2 b # skip no root\nnot ok 3 c\n# (line 3)\n' | read_tap 1)" \
	$'b|x.bats|a|pass|\nb|x.bats|b|skip|no root\nb|x.bats|c|fail|'
expect "bats: a failure's lines are shown" "$(cat "$scratch/said")" $'FAILED b x.bats: c\n# (line 3)'
expect 'bats: cases that did not run' "$(printf '1..2\nok 1 a\n' | read_tap 1)" \
	$'b|x.bats|a|pass|\nb|x.bats|(end)|fail|exit status 1 after 1 of 2 cases'
expect 'bats: a suite that does not parse' "$(printf 'syntax error\n' | read_tap 1)" \
	'b|x.bats|(end)|fail|exit status 1 after 0 of unknown cases'
expect 'bats: failure after the last case' "$(printf '1..1\nok 1 a\n' | read_tap 1)" \
	$'b|x.bats|a|pass|\nb|x.bats|(end)|fail|exit status 1 though no case failed'

expect 'meson: pass, skip, fail' \
	"$(meson_log 'exit status 1' $'ok 1 - a\n# skip: no root\nok 2 - b # SKIP\n# x.c:3: bad\nnot ok 3 - c\n1..3' | read_meson)" \
	$'b|x_test|a|pass|\nb|x_test|b|skip|no root\nb|x_test|c|fail|x.c:3: bad'
expect "meson: a failure's lines are shown" "$(cat "$scratch/said")" $'FAILED b x_test: c\n# x.c:3: bad'
meson_log 'exit status 1' $'not ok 1 - a\n# why\nok 2 - b\n# no\n1..2' | read_meson >/dev/null
expect "meson: a failure's lines behind it are shown" "$(cat "$scratch/said")" $'FAILED b x_test: a\n# why'
expect 'meson: a crash' "$(meson_log 'killed by signal 11 SIGSEGV' 'ok 1 - a' | read_meson)" \
	$'b|x_test|a|pass|\nb|x_test|(end)|fail|killed by signal 11 SIGSEGV after 1 of unknown cases'
expect 'meson: a sanitizer at the end' "$(meson_log 'exit status 1' $'ok 1 - a\n1..1' 'leak' | read_meson)" \
	$'b|x_test|a|pass|\nb|x_test|(end)|fail|exit status 1 though no case failed'
expect 'meson: no case at all' "$(meson_log 'exit status 0' '1..0' | read_meson)" \
	'b|x_test|(end)|fail|no case ran'
expect 'meson: a plain program' "$(meson_log 'exit status 0' 'fine' | read_meson)" 'b|x_test|(all)|pass|'
expect 'meson: a plain program that fails' "$(meson_log 'exit status 3' 'bad' | read_meson)" 'b|x_test|(all)|fail|'
expect 'meson: a plain program that skips' "$(meson_log 'exit status 77' 'no root' | read_meson)" 'b|x_test|(all)|skip|no root'

expect 'total: a case on two builds counts once' "$(printf 'r|x|a|pass|\na|x|a|pass|\n' | total none)" '1 passed, 0 failed (0)'
expect 'total: failed on one build is failed' "$(printf 'r|x|a|pass|\na|x|a|fail|\nr|x|b|pass|\n' | total none)" '1 passed, 1 failed (1)'
expect 'total: skipped on one build is passed' "$(printf 'r|x|a|skip|\na|x|a|pass|\n' | total none)" '1 passed, 0 failed (0)'
expect 'total: equal names of one run are two cases' "$(printf 'r|x|a|pass|\nr|x|a|fail|\n' | total none)" '1 passed, 1 failed (1)'
expect 'total: nothing ran' "$(printf '' | total none)" '0 passed, 0 failed (1)'
printf '# number reason\n1  no root\n' >"$scratch/allowed"
expect 'total: skips as allowed' "$(printf 'r|x|a|pass|\nr|x|b|skip|\n' | total "$scratch/allowed")" '1 passed, 0 failed, 1 skipped (0)'
expect 'total: more skips than allowed' "$(printf 'r|x|a|pass|\nr|x|b|skip|\nr|x|c|skip|\n' | total "$scratch/allowed")" \
	'1 passed, 1 failed, 2 skipped (1)'
expect 'total: what a peer passes or skips is not ours' "$(printf 'r|x|a|skip|no root\np|x|a|pass|\np|x|b|skip|\n' | total none)" \
	'0 passed, 0 failed, 1 skipped (1)'
expect 'total: what a peer fails is failed' "$(printf 'r|x|a|pass|\np|x|a|fail|\n' | total none)" '0 passed, 1 failed (1)'
printf '# number reason\n0 none\np 1\nr 1\n' >"$scratch/allowed"
expect "total: a peer's skips as allowed" "$(printf 'r|x|a|pass|\np|x|a|skip|\n' | total "$scratch/allowed")" '1 passed, 0 failed (0)'
expect "total: more skips of a peer's than allowed" "$(printf 'r|x|a|pass|\np|x|a|skip|\np|x|b|skip|\n' | total "$scratch/allowed")" \
	'1 passed, 1 failed (1)'
expect 'total: a peer without a row may skip nothing' "$(printf 'r|x|a|pass|\nq|x|a|skip|\n' | total "$scratch/allowed")" \
	'1 passed, 1 failed (1)'
expect "total: more skips of one build's than allowed" \
	"$(printf 'r|x|a|skip|\nr|x|b|skip|\na|x|a|pass|\na|x|b|pass|\n' | total "$scratch/allowed")" '2 passed, 1 failed (1)'
printf '1..%s\n' "$number"
