#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every script passes shellcheck.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# In bats each test is a subshell, which is no mistake there (SC2030, SC2031); programs for jq and for the container's shell stand in single
# quotes on purpose (SC2016); functions with optional arguments, and variables that other files read, are what .bash files are for (SC2119,
# SC2120, SC2034).
{
	list_files '\.sh$|^dev$|^\.ci/run$' | tr '\n' '\0' | xargs -0 -r shellcheck --external-sources --format=gcc || true
	list_files '\.(bats|bash)$' | tr '\n' '\0' |
		xargs -0 -r shellcheck --external-sources --format=gcc --exclude=SC2030,SC2031,SC2016,SC2119,SC2120,SC2034 || true
	# bats has children of its own (the clock of a test): who waits for all waits for them.
	list_files '\.(bats|bash)$' | tr '\n' '\0' | xargs -0 -r grep -HnE '^[[:space:]]*wait[[:space:]]*($|[;#|])' |
		sed -E 's/^([^:]*:[0-9]+):.*/\1:1: wait for every child: name the pids/' || true
} | awk '{ sub(/: (error|warning|note|style): /, ": "); print $0 ": see shellcheck.net" }' | end_with
