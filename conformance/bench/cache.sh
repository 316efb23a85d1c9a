#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the cache of seccomp programs saves: medians over processes of their own, by the size of the profile. Printed, never asserted.
set -euo pipefail
build=${BUILD:?the build directory}
here=$(cd "$(dirname "$0")" && pwd)
rounds=${1:-41}
scratch=$(mktemp -d /dev/shm/orlop-cache.XXXXXX)
trap 'rm -rf -- "$scratch"' EXIT

# profile NAME FILTER: a config whose profile the filter makes of Docker's.
profile() { jq ".linux.seccomp |= ($2)" "$here/../configs/docker-default.json" >"$scratch/$1.json"; }
profile docker .
profile docker-native 'del(.architectures)'
profile names-40 'del(.architectures) | .syscalls |= [.[0] | .names |= .[:40]]'
profile names-1 'del(.architectures) | .syscalls |= [.[0] | .names |= .[:1]]'

# median COLUMN
median() { sort -n -k "$1,$1" "$scratch/rows" | awk -v column="$1" '{ values[NR] = $column } END { print values[int((NR + 1) / 2)] }'; }

printf '%-14s %-8s %12s %12s %12s\n' profile how 'first us' 'page faults' 'warm us'
for name in docker docker-native names-40 names-1; do
	"$build/conformance/bench/bench_cache" "$scratch/$name.json" "$here/../golden/host.txt" "$scratch" keep
	for how in compile find; do
		for ((i = 0; i < rounds; i++)); do
			"$build/conformance/bench/bench_cache" "$scratch/$name.json" "$here/../golden/host.txt" "$scratch" "$how"
		done >"$scratch/rows"
		printf '%-14s %-8s %12s %12s %12s\n' "$name" "$how" "$(median 1)" "$(median 2)" "$(median 3)"
	done
done
