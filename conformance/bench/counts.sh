#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How many system calls and how many instructions each command makes, over all its processes: the figures of speed that a loaded machine does not
# change. As TAP, compared with counts.txt: more than 5 % above is a failure.
#     counts.sh            compare
#     counts.sh --update   write counts.txt anew. What grew by more than 5 % needs a line in CHANGELOG.md first, with "counts: NAME" in it
# Instructions are compared only with those of the same C library, and with glibc of the same processor, which chooses how it copies and compares.
set -euo pipefail
export LC_ALL=C.UTF-8
unset CDPATH
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
orlop=${ORLOP:?the path of the orlop binary} build=${BUILD:?the build directory}
known=$here/counts.txt
id=counts$$
if ((EUID != 0)); then
	echo '1..0 # SKIP needs root'
	exit 0
fi

scratch=$(mktemp -d /dev/shm/orlop-counts.XXXXXX)
clean() {
	"$orlop" --root "$scratch/state" delete --force "$id" >/dev/null 2>&1 || true
	rm -rf -- "$scratch"
}
trap clean EXIT

orlop() { "$orlop" --root "$scratch/state" "$@" </dev/null >"$scratch/out" 2>&1; }

# counted calls|instructions NAME COMMAND...: runs it, adds "NAME calls|instructions NUMBER" to the results.
counted() {
	local what=$1 name=$2 code=0
	shift 2
	# Each instruction is two switches of context: nobody else shall have the processor in between.
	chrt --fifo 10 "$build/conformance/bench/count" "$what" "$scratch/count" "$orlop" --root "$scratch/state" "$@" \
		</dev/null >"$scratch/out" 2>&1 || code=$?
	if ((code)); then
		printf '%s %s failed\n' "$name" "$what"
		sed 's/^/# /' "$scratch/out" >&2
	else
		printf '%s %s %s\n' "$name" "$what" "$(cat "$scratch/count")"
	fi
}

await_stopped() {
	while orlop state "$id" && ! grep -q '"stopped"' "$scratch/out"; do :; done
}

# measure calls|instructions...: in this order, for the later ones need what the earlier ones leave. A step takes 20 us in a virtual machine, so that not every command's are counted.
measure() {
	local what
	orlop run --bundle "$scratch/short" "$id" # makes the state directory
	rm -rf -- "$scratch/state/@seccomp"
	for what; do
		counted "$what" version --version
		counted "$what" run run --bundle "$scratch/short" "$id"
		if [[ $what == calls ]]; then
			counted "$what" run-seccomp-new run --bundle "$scratch/filtered" "$id" # compiles the profile, and keeps the program
			counted "$what" run-seccomp run --bundle "$scratch/filtered" "$id"
			counted "$what" create create --bundle "$scratch/long" "$id"
		else
			orlop create --bundle "$scratch/long" "$id"
		fi
		counted "$what" start start "$id"
		counted "$what" exec exec "$id" /bin/true
		counted "$what" state state "$id"
		counted "$what" list list
		counted "$what" kill kill "$id" KILL
		await_stopped
		counted "$what" delete delete "$id"
	done
}

bundle() {
	mkdir -p "$scratch/$1"
	"$orlop" spec --bundle "$scratch/$1"
	sed -i -e 's/"terminal": true/"terminal": false/' -e "s|\"sh\"\$|$2|" -e "s|\"path\": \"rootfs\"|\"path\": \"$scratch/rootfs\"|" \
		"$scratch/$1/config.json"
}

# What decides which of libc's functions are used. A program that is linked whole has musl, of which there is one of each.
describe() {
	local loader
	if readelf -lW -- "$orlop" | grep -q INTERP; then
		printf '%s, %s' "$(getconf GNU_LIBC_VERSION)" "$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)"
		return
	fi
	for loader in /lib/ld-musl-*.so.1; do
		"$loader" 2>&1 | awk '/^Version/ { print "musl " $2 ", linked whole" }'
	done
}

# What grew too much without a word of it.
growth_find() {
	awk '
		/^#/ { next }
		FILENAME ~ /CHANGELOG/ { log_text = log_text "\n" $0; next }
		FNR == NR { known[$1, "calls"] = $2; known[$1, "instructions"] = $3; next }
		known[$1, $2] > 0 && $3 > known[$1, $2] * 1.05 && index(log_text, "counts: " $1) == 0 { print $1 ": " $2 " from " known[$1, $2] " to " $3 }' \
		"$known" "$here/../../CHANGELOG.md" "$scratch/results"
}

# shellcheck source=conformance/bats/helpers.bash
source "$here/../bats/helpers.bash"
bundle_make_rootfs "$scratch/rootfs"
bundle short '"/bin/true"'
bundle long '"/bin/sleep", "1000"'
bundle filtered '"/bin/true"'
# The profile of Docker's config, with its commas and braces, behind "linux": {.
jq --slurpfile docker "$here/../configs/docker-default.json" '.linux.seccomp = $docker[0].linux.seccomp' \
	"$scratch/short/config.json" >"$scratch/filtered/config.json"

measure calls instructions >"$scratch/results"
# By chance a few more are made: at times the clock does not tell when init was born, and /proc is asked. Chance does not come twice to the same.
measure calls >"$scratch/again"
awk 'FNR == NR { again[$1, $2] = $3; next } { print $1, $2, ($1, $2) in again && again[$1, $2] + 0 < $3 + 0 ? again[$1, $2] : $3 }' \
	"$scratch/again" "$scratch/results" >"$scratch/least"
mv -- "$scratch/least" "$scratch/results"
if [[ ${1:-} == --update ]]; then
	grown=$(growth_find)
	if [[ -n $grown ]]; then
		printf 'CHANGELOG.md has no line with "counts: NAME" for\n%s\n' "$grown" >&2
		exit 1
	fi
	{
		sed -n '/^#/{/^# Instructions/!p}' "$known"
		printf '# Instructions: %s\n' "$(describe)"
		awk '!($1 in seen) { seen[$1] = 1; names[++count] = $1 }
			{ number[$1, $2] = $3 }
			END {
				for (i = 1; i <= count; i++) {
					steps = number[names[i], "instructions"]
					print names[i], number[names[i], "calls"], steps == "" ? "-" : steps
				}
			}' "$scratch/results"
	} >"$scratch/new"
	cat -- "$scratch/new" >"$known"
	exit 0
fi
awk -v here="$(describe)" '
	/^# Instructions: / { same = substr($0, 17) == here }
	/^#/ { next }
	FNR == NR { known[$1, "calls"] = $2; known[$1, "instructions"] = $3; next }
	{
		compared = $2 == "calls" || same
		fine = $3 ~ /^[0-9]+$/ && (!compared || ($1, $2) in known && $3 <= known[$1, $2] * 1.05)
		printf "%s %d - %s makes %s %s%s%s\n", fine ? "ok" : "not ok", ++count, $1, $3, $2 == "calls" ? "system calls" : "instructions",
			compared ? "" : "; not compared, as counts.txt is of another C library or processor",
			fine ? "" : ", " known[$1, $2] " are in counts.txt: find out why; if it must be, a line in CHANGELOG.md and counts.sh --update"
		failed += !fine
	}
	END { printf "1..%d\n", count; exit failed > 0 }' "$known" "$scratch/results"
