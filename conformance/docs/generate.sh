#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# generate.sh BUILD_DIR OUT_DIR: writes what belongs into docs/generated, with the programs of a build directory.
set -euo pipefail

build=${1:?build directory}
out=${2:?output directory}
for program in "$build"/conformance/docs/docs_*; do
	[[ -f $program && -x $program ]] || continue
	name=${program##*/docs_}
	"$program" >"$out/$name.md"
done
"$build/runtime/orlop" help --markdown >"$out/commands.md"
