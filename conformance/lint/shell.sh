#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every script passes shellcheck.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

list_files '\.(sh|bash|bats)$|^dev$|^\.ci/run$' | tr '\n' '\0' | xargs -0 -r -P2 -n8 shellcheck --external-sources --format=gcc |
	awk '{ sub(/: (error|warning|note|style): /, ": "); print $0 ": see shellcheck.net" }' | end_with
