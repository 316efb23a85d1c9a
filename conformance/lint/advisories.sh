#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every advisory of the list has its test or its reason, and stands in docs/SECURITY.md; every test says where it bites; every mutation applies.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

list=conformance/security/advisories.tsv
[[ -f $list ]] || exit 0
{
	list_rows "$list" | while IFS=$'\t' read -r id suites reason; do
		[[ $suites != - || -n $reason ]] || echo "$list:1: $id: has no test: say why"
		for suite in $suites; do
			[[ $suite == - ]] || grep -qE "^@test \".*${id}[:, ]" "conformance/security/$suite" || echo "conformance/security/$suite:1: $id: no test has it"
		done
		grep -qF "| $id |" docs/SECURITY.md || echo "docs/SECURITY.md:1: $id: not in the table: add it"
	done
	bites=conformance/security/bites.tsv
	grep -HoE '^@test ".*" \{' conformance/security/*.bats | sed 's|^conformance/security/||; s/:@test "/\t/; s/" {$//' | while IFS=$'\t' read -r suite name; do
		grep -qF "$suite"$'\t'"$name"$'\t' "$bites" || echo "$bites:1: $suite: $name: where does it bite?"
	done
	list_rows "$bites" | while IFS=$'\t' read -r suite name where reason; do
		grep -qF "@test \"$name\" {" "conformance/security/$suite" || echo "$bites:1: $suite: $name: no such test"
		[[ $where != - || -n $reason ]] || echo "$bites:1: $name: say why nothing shows it"
		[[ $where != 'mutation '* || -f conformance/security/mutations/${where#mutation }.patch ]] || echo "$bites:1: $where: no such patch"
	done
	for patch in conformance/security/mutations/*.patch; do
		name=${patch##*/}
		cut -f 3 "$bites" | grep -qxF "mutation ${name%.patch}" || echo "$patch:1: no test bites there: remove it"
		git apply --check "$patch" 2>/dev/null || echo "$patch:1: does not apply: make the same hole in what the file is now"
	done
	grep -hE '^@test' conformance/security/*.bats | grep -oE 'CVE-[0-9]+-[0-9]+|GHSA(-[0-9a-z]{4}){3}' | sort -u | while IFS= read -r id; do
		grep -q "^$id" "$list" || echo "$list:1: $id: a test has it: add it"
	done
} | end_with
