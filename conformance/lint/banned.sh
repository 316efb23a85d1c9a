#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Calls and constructions that banned.txt lists.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tree=$(mktemp -d)
trap 'rm -rf -- "$tree"' EXIT
strip_sources "$tree"

# One grep over all files for `$1`; findings in files that match `$2` are dropped; the others get the advice `$3`.
find_pattern() {
	local file line text
	(
		cd -- "$tree"
		tr '\n' '\0' <.list | xargs -0 -r grep -HnE -- "$1" || true
	) | while IFS=: read -r file line text; do
		path_matches "$file" "$2" && continue
		text=$(grep -oE -- "$1" <<<"$text" | head -n1 | sed -E 's/^[^[:alnum:]_#%]*//; s/[[:space:]]*\($//')
		printf '%s:%s: %s:%s\n' "$file" "$line" "$text" "$3"
	done
}

list_rows "$data/banned.txt" | while IFS= read -r row; do
	if [[ $row == /* ]]; then
		pattern=${row#/} pattern=${pattern%%/ | *} row=${row#*/ | }
		IFS='|' read -r where instead _ <<<"$row"
	else
		IFS='|' read -r names where instead _ <<<"$row"
		read -ra names <<<"$names"
		pattern=$(IFS='|' && printf '%s' "${names[*]}")
		pattern="(^|[^[:alnum:]_.>])($pattern)[[:space:]]*\\("
	fi
	find_pattern "$pattern" "$where" "${instead%% }"
done | end_with
