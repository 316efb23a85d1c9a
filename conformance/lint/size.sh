#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No file above 600 lines, no function above 60 (from its name to its closing brace) but those that exceptions.txt names with a reason.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tree=$(mktemp -d)
trap 'rm -rf -- "$tree"' EXIT
strip_sources "$tree"

list_sizes() { (cd -- "$tree" && tr '\n' '\0' <.list | xargs -0 -r awk -f "$lint/size.awk"); }

list_sizes | while read -r rule path line name count; do
	if [[ $rule == file-size ]]; then
		is_exception file-size "$path" ||
			printf '%s:%s: %s lines: at most 600; one subject a file\n' "$path" "$line" "$count"
	else
		is_exception function-size "$path:$name" ||
			printf '%s:%s: %s has %s lines: at most 60; split it by what it does\n' "$path" "$line" "$name" "$count"
	fi
done | end_with
