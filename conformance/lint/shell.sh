#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every script passes shellcheck.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# In bats each test is a subshell, which is no mistake there (SC2030, SC2031).
{
	list_files '\.(sh|bash)$|^dev$|^\.ci/run$' | tr '\n' '\0' | xargs -0 -r shellcheck --external-sources --format=gcc || true
	list_files '\.bats$' | tr '\n' '\0' |
		xargs -0 -r shellcheck --external-sources --format=gcc --exclude=SC2030,SC2031 || true
} | awk '{ sub(/: (error|warning|note|style): /, ": "); print $0 ": see shellcheck.net" }' | end_with
