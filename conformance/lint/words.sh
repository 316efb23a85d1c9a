#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Words that words.txt lists, in any text file of the tree.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

list_rows "$data/words.txt" | while IFS= read -r row; do
	pattern=${row% | *} instead=${row##* | }
	list_files '.' | tr '\n' '\0' | xargs -0 -r grep -IHnE -- "$pattern" |
		sed -E "s|^([^:]*:[0-9]+):.*|\\1: matches '${pattern//[|&\\]/\\&}': $instead|" || true
done | end_with
