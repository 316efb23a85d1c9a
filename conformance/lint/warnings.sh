#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The build directories given are free of warnings (each has its own compiler; warnings are errors there).
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

log=$(mktemp)
trap 'rm -f -- "$log"' EXIT
for build in "$@"; do
	if [[ ! -f $build/build.ninja ]]; then
		echo "meson.build:1: $build is not configured: see what ./dev build says"
		continue
	fi
	# -k0: all of them, not the first only
	if ! ninja -C "$build" -k0 >"$log" 2>&1; then
		sed -nE 's#^(\.\./)*##; s/^([^ ]*:[0-9]+):[0-9]+: (fatal )?(error|warning): (.*)/\1: \4/p' "$log" | sort -u >"$log.found"
		[[ -s $log.found ]] || grep -iE 'error|undefined reference' "$log" >"$log.found" || tail -n5 "$log" >"$log.found"
		cat -- "$log.found"
		rm -f -- "$log.found"
	fi
done | end_with
