#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How many system calls each command makes, over all its processes: the one figure of speed that a loaded machine does not change. As TAP,
# compared with counts.txt: more than 5 % above is a failure.
#     counts.sh            compare
#     counts.sh --update   write counts.txt anew; the diff and CHANGELOG.md say why
set -euo pipefail
export LC_ALL=C.UTF-8
unset CDPATH
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
orlop=${ORLOP:?the path of the orlop binary} build=${BUILD:?the build directory}
known=$here/counts.txt
id=counts$$

scratch=$(mktemp -d /dev/shm/orlop-counts.XXXXXX)
clean() {
	"$orlop" --root "$scratch/state" delete --force "$id" >/dev/null 2>&1 || true
	rm -rf -- "$scratch"
}
trap clean EXIT

orlop() { "$orlop" --root "$scratch/state" "$@" </dev/null >"$scratch/out" 2>&1; }

# counted NAME COMMAND...: runs it, adds "NAME NUMBER" to the results.
counted() {
	local name=$1 code=0
	shift
	"$build/conformance/bench/calls" "$scratch/count" "$orlop" --root "$scratch/state" "$@" </dev/null >"$scratch/out" 2>&1 || code=$?
	if ((code)); then
		printf '%s failed\n' "$name"
		sed 's/^/# /' "$scratch/out" >&2
	else
		printf '%s %s\n' "$name" "$(cat "$scratch/count")"
	fi
}

# In this order: the later ones need what the earlier ones leave.
measure() {
	counted version --version
	orlop run --bundle "$scratch/short" "$id" # makes the state directory
	counted run run --bundle "$scratch/short" "$id"
	counted run-seccomp run --bundle "$scratch/filtered" "$id"
	counted create create --bundle "$scratch/long" "$id"
	counted start start "$id"
	counted exec exec "$id" /bin/true
	counted state state "$id"
	counted list list
	counted kill kill "$id" KILL
	while orlop state "$id" && ! grep -q '"stopped"' "$scratch/out"; do :; done
	counted delete delete "$id"
}

bundle() {
	mkdir -p "$scratch/$1"
	"$orlop" spec --bundle "$scratch/$1"
	sed -i -e 's/"terminal": true/"terminal": false/' -e "s|\"sh\"\$|$2|" -e "s|\"path\": \"rootfs\"|\"path\": \"$scratch/rootfs\"|" \
		"$scratch/$1/config.json"
}

if ((EUID != 0)); then
	echo '1..0 # SKIP needs root'
	exit 0
fi
# shellcheck source=conformance/bats/helpers.bash
source "$here/../bats/helpers.bash"
bundle_make_rootfs "$scratch/rootfs"
bundle short '"/bin/true"'
bundle long '"/bin/sleep", "1000"'
bundle filtered '"/bin/true"'
# The profile of Docker's config, with its commas and braces, behind "linux": {.
jq --slurpfile docker "$here/../configs/docker-default.json" '.linux.seccomp = $docker[0].linux.seccomp' \
	"$scratch/short/config.json" >"$scratch/filtered/config.json"

measure >"$scratch/results"
if [[ ${1:-} == --update ]]; then
	{
		sed -n '/^#/p' "$known"
		cat -- "$scratch/results"
	} >"$scratch/new"
	cat -- "$scratch/new" >"$known"
	exit 0
fi
awk '
	/^#/ { next }
	FNR == NR { known[$1] = $2; next }
	{
		fine = ($1 in known) && $2 ~ /^[0-9]+$/ && $2 <= known[$1] * 1.05
		printf "%s %d - %s makes %s system calls%s\n", fine ? "ok" : "not ok", ++count, $1, $2,
			fine ? "" : ", " known[$1] " are in counts.txt: find out why; if it must be, counts.sh --update and a line in CHANGELOG.md"
		failed += !fine
	}
	END { printf "1..%d\n", count; exit failed > 0 }' "$known" "$scratch/results"
