#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Includes go down the floors only (floors.txt), and third parties' headers stay in their quarantine (headers.txt).
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

project_includes() {
	list_files '\.[ch]$' | tr '\n' '\0' | xargs -0 -r awk -v rules="$data/floors.txt" -f "$lint/floors.awk"
}

outside_headers() {
	local file line header row what where instead rows
	mapfile -t rows < <(list_rows "$data/headers.txt")
	{
		list_files '\.[ch]$' | tr '\n' '\0' | xargs -0 -r grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' || true
	} | sed -E 's/^([^:]*):([0-9]+):[^<]*<([^>]*)>.*/\1 \2 \3/' | while read -r file line header; do
		for row in "${rows[@]}"; do
			what=${row%% | *} instead=${row##* | }
			# shellcheck disable=SC2053
			[[ $header == $what ]] || continue
			where=${row#* | } where=${where% | *}
			path_matches "$file" "$where" || printf '%s:%s: includes <%s>: %s\n' "$file" "$line" "$header" "$instead"
		done
	done
}

{ project_includes; outside_headers; } | end_with
