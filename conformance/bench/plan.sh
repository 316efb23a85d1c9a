#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Parse and plan: what a config costs before anything is done. Figures are printed, never asserted.
set -euo pipefail
build=${BUILD:?the build directory}
here=$(cd "$(dirname "$0")" && pwd)

for config in docker-bench docker-default podman-default runc-spec; do
	"$build/conformance/bench/bench_plan" "$here/../configs/$config.json" "$here/../golden/host.txt" 2000
done
