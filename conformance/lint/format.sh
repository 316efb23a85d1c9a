#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C file is as clang-format would write it; one finding a file.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

list_files '\.[ch]$' | tr '\n' '\0' | xargs -0 -r clang-format --dry-run 2>&1 |
	awk -F: '/ (warning|error): / && !seen[$1]++ { print $1 ":" $2 ": not formatted: run ./dev format" }' | end_with
