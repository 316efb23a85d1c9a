#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C file begins with its licence and a head comment; scripts and build files carry the licence in their first two lines.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

{
	list_files '\.[ch]$' | tr '\n' '\0' | xargs -0 -r awk -f "$lint/heads.awk"
	list_files '(^|/)meson\.(build|options)$|\.(sh|awk|bats|bash)$|^dev$|^\.ci/run$' | while IFS= read -r file; do
		head -n2 -- "$file" | grep -qE '^# SPDX-License-Identifier: Apache-2\.0$' ||
			printf '%s:1: no licence: put # SPDX-License-Identifier: Apache-2.0 into the first two lines\n' "$file"
	done
} | end_with
