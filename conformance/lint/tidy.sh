#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy with the compile commands of the build directory `$1`, on the files that differ from the last commit, or with `--all` on all
# (ten minutes). What exceptions.txt names with a reason is left out.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

list_changed() {
	if [[ ${2:-} == --all ]] || ! git rev-parse -q --verify HEAD >/dev/null 2>&1; then
		list_files '\.c$'
	else
		{ git diff --name-only HEAD; git ls-files --others --exclude-standard; } | { grep '\.c$' || true; } | sort -u
	fi
}

list_changed "$@" | while IFS= read -r file; do
	# What no target of this build holds has no compile command.
	if grep -qF -- "/$file\"" "$1/compile_commands.json"; then printf '%s\0' "$file"; fi
done | xargs -0 -r -P"$(nproc)" -n4 clang-tidy --quiet -p "$1" 2>/dev/null |
	sed -nE "s|^$PWD/||; s|^(.*/)?\.\./\.\./||; s/^([^ ]*:[0-9]+):[0-9]+: (warning|error): (.*)/\\1: \\3/p" | sort -u | while IFS= read -r finding; do
	name=${finding##*[} name=${name%%[],]*}
	is_exception tidy "${finding%%:*}:$name" || printf '%s\n' "$finding"
done | end_with
