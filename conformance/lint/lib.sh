# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the checks share. A check runs in the root of the tree it looks at, prints "file:line: what: what to do instead" for each
# finding and ends with 1 when there was one. Only bash, awk, sed, grep and git are used, as a fresh Debian 12 has them.
set -euo pipefail
export LC_ALL=C

lint=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
data=${LINT_DATA:-$lint} # the self test brings its own exceptions

# The tree's files (what git knows or would add), those that match the regular expression, one a line.
list_files() {
	local all file
	if [[ -e .git ]] && command -v git >/dev/null; then
		all=$(git ls-files --cached --others --exclude-standard)
	else
		all=$(find . \( -path ./build -o -path ./.git \) -prune -o -type f -printf '%P\n')
	fi
	sort -u <<<"$all" | while IFS= read -r file; do
		if [[ $file =~ $1 && -f $file && ! -L $file ]]; then printf '%s\n' "$file"; fi
	done
}

# Copies the C files to the directory $1 with comments and the insides of strings blanked; line numbers stay.
strip_sources() {
	local file
	list_files '\.[ch]$' >"$1/.list"
	while IFS= read -r file; do
		[[ $file == */* ]] && printf '%s\n' "$1/${file%/*}"
	done <"$1/.list" | sort -u | tr '\n' '\0' | xargs -0 -r mkdir -p --
	tr '\n' '\0' <"$1/.list" | xargs -0 -r awk -v to="$1" -f "$lint/strip.awk"
}

# Is the path $1 one of the globs $2 (space separated; * crosses folders)? The word `tests` stands for all test code.
path_matches() {
	local glob globs
	read -ra globs <<<"$2"
	for glob in "${globs[@]}"; do
		# shellcheck disable=SC2053 # a glob is wanted
		[[ $1 == $glob ]] && return 0
		[[ $glob == tests && $1 =~ ^conformance/|_test\.c$|fixture\.[ch]$ ]] && return 0
	done
	return 1
}

# The rows of a data file without comments and empty lines.
list_rows() { grep -vE '^[[:space:]]*(#|$)' "$1" || true; }

# Is "rule | what" among the exceptions? `what` is taken as a glob.
is_exception() {
	local rule what
	while IFS='|' read -r rule what _; do
		rule=${rule//[[:space:]]/} what=${what//[[:space:]]/}
		# shellcheck disable=SC2053
		[[ $rule == "$1" && $2 == $what ]] && return 0
	done < <(list_rows "$data/exceptions.txt")
	return 1
}

# Passes findings through; fails when there was one.
end_with() { awk '{ print; found = 1 } END { exit found }'; }
