#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No variable that changes at file level or inside a function (static), seen from the objects of the build directory `$1`: what is in
# .data, .bss or thread storage can change; tables are const and land in .rodata or .data.rel.ro. Tests are exempt.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# path, name
list_variables() {
	local floor file object
	for floor in libbase libspec hooks libsandbox runtime; do
		list_files "^$floor/.*\\.c\$" | sed -E '/(_test|fixture)\.c$/d' | while IFS= read -r file; do
			object=${file#"$floor"/}
			{ find "$1/$floor" -path '*.p/*' -name "${object//\//_}.o" 2>/dev/null || true; } | while IFS= read -r object; do
				objdump -t -- "$object" | awk -v path="$file" -f "$lint/variables.awk"
			done
		done
	done | sort -u
}

if [[ -z ${1:-} || ! -d $1 ]]; then
	echo "variables: no build directory: run ./dev build"
	exit 1
fi
list_variables "$1" | while read -r path name; do
	is_exception variable "$path:${name%%.*}" && continue
	line=$(grep -nE -m1 "\\b${name%%.*}\\b" "$path" | cut -d: -f1)
	printf '%s:%s: %s can change: make it const, or a member of a struct that is passed in\n' "$path" "${line:-1}" "${name%%.*}"
done | end_with
