#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `./dev bench`: orlop against the floor (floor.c: the same kernel calls, no runtime) and against the crun and runc of Debian 12 and of sid, in turns.
# Figures are printed and kept in build/bench/PLACE, never asserted: counts.sh is what fails.
set -euo pipefail
export LC_ALL=C.UTF-8
unset CDPATH
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../.." && pwd -P)
build=${BUILD:?the build directory}
: "${ORLOP:?the path of the orlop binary}"
kept=$root/build/bench

usage() {
	cat <<-'EOT'
		usage: ./dev bench [OPTION...]

		  --native     here, with the cgroups that this machine has (unless another place is named)
		  --cgroup2    here, in a mount namespace with nothing but cgroup2, where every peer makes cgroups
		  --machine    in the machine (./dev machine --suite sid), and for the smallest memory.max on an emulated computer (--full)
		  --quick      a minute or two: few rounds, fewer containers and mounts beside it
		  --rounds N   measured runs of each command and contender [100; --quick 10; --machine 20]
		  --docs       measure in all three places, then write docs/bench.md and docs/generated/bench
		  --report     write those from what build/bench has, measuring nothing
	EOT
}

places=() quick='' rounds='' docs='' report=''
while (($#)); do
	case $1 in
	--native | --cgroup2 | --machine) places+=("${1#--}") ;;
	--quick) quick=1 ;;
	--rounds) rounds=${2:?--rounds wants a number} && shift ;;
	--docs) docs=1 ;;
	--report) report=1 ;;
	--help) usage && exit 0 ;;
	*) usage >&2 && exit 2 ;;
	esac
	shift
done
[[ -z $docs ]] || places=(native cgroup2 machine)
((${#places[@]})) || places=(native)

# --- measuring ------------------------------------------------------------------------------------------------------------------------

measure() {
	local place=$1 options=() tree code=0
	printf 'bench: %s, load %s\n' "$place" "$(cut -d' ' -f1-3 /proc/loadavg)"
	options=(--rounds "${rounds:-100}")
	if [[ $place == machine ]]; then
		options=(--quick --rounds "${rounds:-20}")
	elif [[ -n $quick ]]; then
		options=(--quick --rounds "${rounds:-10}")
	fi
	rm -rf -- "${kept:?}/$place.new"
	mkdir -p -- "$kept/$place.new"
	if [[ $place == machine ]]; then
		"$here/../machine/machine.sh" --suite sid --build "$build" --time 3600 --results "$kept/$place.new" \
			env BUILD="$build" bash -c "exec '$here/race.sh' ${options[*]} \"\$RESULTS\"" || code=$?
		[[ -n $quick ]] || measure_memory "$kept/machine.new"
	else
		if tree=$("$here/peers.sh"); then options+=(--peers "$tree"); fi
		"$here/../bats/cgroup2.sh" "$([[ $place == native ]] && echo --only-dev || echo --own-dev)" \
			"$here/race.sh" "${options[@]}" "$kept/$place.new" || code=$?
	fi
	if ((code)) || [[ ! -s $kept/$place.new/race.tsv ]]; then
		printf 'bench: %s: ended with %s; what it measured is in %s\n' "$place" "$code" "$kept/$place.new" >&2
		return 1
	fi
	rm -rf -- "${kept:?}/$place"
	mv -- "$kept/$place.new" "$kept/$place"
}

# measure_memory DIRECTORY: adds the smallest memory.max to its facts. A user-mode kernel does not survive an exec without memory; an emulated computer
# does, and takes ten minutes for it.
measure_memory() {
	mkdir -p -- "$kept/memory"
	"$here/../machine/machine.sh" --full --build "$build" --time 3600 --results "$kept/memory" \
		env BUILD="$build" bash -c "exec '$here/race.sh' --memory \"\$RESULTS\"" || return 0
	grep '^memory\.' "$kept/memory/facts.tsv" >>"$1/facts.tsv" || true
}

# --- showing --------------------------------------------------------------------------------------------------------------------------

fact_of() { awk -F'\t' -v name="$2" '$1 == name { print $2 }' "$kept/$1/facts.tsv"; }
goals_of() { awk -f "$here/stats.awk" -f "$here/goals.awk" "$kept/$1/facts.tsv" "$kept/$1/race.tsv"; }

# The goals of the places side by side.
goals_table() {
	local place
	for place in "$@"; do goals_of "$place" | sed "s/^/$place\t/"; done | awk -F'\t' '
		!($1 in places) { places[$1] = ++count; heading[count] = $1 }
		!($2 in goals) { goals[$2] = ++rows; text[rows] = $2 }
		{ cell[goals[$2], places[$1]] = $4 == "not measured" ? "not measured" : ($4 == "reached" ? "reached: " : "**not reached**: ") $3 }
		END {
			printf "| goal |"
			for (p = 1; p <= count; p++) printf " %s |", heading[p]
			printf "\n|---|"
			for (p = 1; p <= count; p++) printf "---|"
			for (r = 1; r <= rows; r++) {
				printf "\n| %s |", text[r]
				for (p = 1; p <= count; p++) printf " %s |", (r, p) in cell ? cell[r, p] : "not measured"
			}
			print ""
		}'
}

contenders_list() {
	awk -F'\t' -v place="$1" 'index($1, "who.") == 1 { printf "%s%s", sep, $2; sep = "; " }
		$1 == "rounds" { rounds = $2 } $1 == "machine" { machine = $2 } $1 == "date" { date = $2 } $1 == "load" { load = $2 } $1 == "load_after" { after = $2 } $1 == "commit" { commit = $2 }
		END { printf ". %s rounds on %s, %s; load %s before%s; commit %s.\n", rounds, date, machine, load, after == "" ? "" : ", " after " after",
			commit == "" ? "not recorded" : commit }' "$kept/$1/facts.tsv"
}

# series_of PLACE PATTERN EXPRESSION: "contender, place on the axis, value" of the cases that have the pattern, whose number is the place.
series_of() {
	awk -F'\t' -v wanted="$2" -v inverse="$3" -f "$here/stats.awk" -f <(cat <<-'AWK'
		{ race_read() }
		END {
			for (c = 1; c <= cases; c++) {
				if (case_name[c] !~ wanted) continue
				number = case_name[c]
				gsub(/[^0-9]/, "", number)
				for (i = 1; i <= contenders[case_name[c]]; i++) {
					who = order[case_name[c], i]
					us = median_of(case_name[c], who)
					print who "\t" number "\t" (inverse ? 1000000 / us : us)
				}
			}
		}
	AWK
	) "$kept/$1/race.tsv"
}

percentiles_of() {
	awk -F'\t' -f "$here/stats.awk" -f <(cat <<-'AWK'
		{ race_read() }
		END {
			count = split("0 10 25 50 75 90 95 99 100", part, " ")
			for (i = 1; i <= contenders["run"]; i++)
				for (p = 1; p <= count; p++) {
					who = order["run", i]
					print who "\t" part[p] "\t" time_at("run", who, part[p] / 100)
				}
		}
	AWK
	) "$kept/$1/race.tsv"
}

# charts PLACE DIRECTORY: an SVG for each chart.
charts() {
	local place=$1 into=$2 name
	for name in version run run-seccomp create start exec state kill delete 500-mounts 500-masks; do
		awk -v what="$name" -f "$here/stats.awk" -f "$here/dots.awk" "$kept/$place/race.tsv" >"$into/$place-$name.svg"
	done
	series_of "$place" '^create-[0-9]+-ways$' 1 | awk -v title='creates a second, by how many at once' -f "$here/lines.awk" >"$into/$place-ways.svg"
	series_of "$place" '^beside-[0-9]+-containers$' '' |
		awk -v title='run beside so many containers: microseconds' -f "$here/lines.awk" >"$into/$place-containers.svg"
	series_of "$place" '^beside-[0-9]+-mounts$' '' | awk -v title='run beside so many mounts: microseconds' -f "$here/lines.awk" >"$into/$place-mounts.svg"
	percentiles_of "$place" | awk -v title='run: microseconds at each percentile' -f "$here/lines.awk" >"$into/$place-percentiles.svg"
	awk -v what=waiting -v title='KiB that an init has of its own while it waits for start' -f "$here/bars.awk" "$kept/$place/facts.tsv" >"$into/$place-waiting.svg"
	awk -v what=calls -v title='system calls of run' -f "$here/bars.awk" "$kept/$place/facts.tsv" >"$into/$place-calls.svg"
	if [[ -n $(fact_of "$place" memory.orlop) ]]; then
		awk -v what=memory -v title='smallest memory.max that a container starts under: KiB' -f "$here/bars.awk" "$kept/$place/facts.tsv" >"$into/$place-memory.svg"
	fi
}

# Every run's microseconds, a line for each contender of a case.
condense() {
	awk -F'\t' '
		{ key = $1 "\t" $2 }
		!(key in runs) { names[++count] = key }
		{ runs[key] = runs[key] sprintf(" %.0f", $4 / 1000) }
		END { for (i = 1; i <= count; i++) print names[i] "\t" substr(runs[names[i]], 2) }' "$1"
}

page_write() {
	local place name charts=$root/docs/generated/bench
	cat <<-'EOT'
		# Speed

		Each command against the floor (conformance/bench/floor.c: the same kernel calls, no runtime) and against the peers, turn by turn, so that what slows
		one slows all: read the ratios. Made by `./dev bench --docs`; nothing on this page is written by hand. Every run is in `docs/generated/bench/*.tsv`, the
		functions that sum them up in `conformance/bench/*.awk`.

		Places: `native`, with the cgroups that the machine has; `cgroup2`, the same in a mount namespace with nothing but cgroup2; `machine`, a user-mode Linux
		(`./dev machine --suite sid`), where a system call takes many times as long. The smallest memory.max is that of an emulated computer (`--full`), as it
		takes a memory controller of cgroup2.

	EOT
	for place in "$@"; do printf -- '- %s: %s' "$place" "$(contenders_list "$place")" && echo; done
	printf '\n## Goals\n\n'
	goals_table "$@"
	cat <<-'EOT'

		System calls and instructions of each command are in `conformance/bench/counts.txt`; `./dev test` fails when one grows by more than 5 %.

	EOT
	for place in "$@"; do
		printf '\n## %s\n\n' "$place"
		awk -f "$here/stats.awk" -f "$here/report.awk" "$kept/$place/race.tsv"
		echo
		for name in "$charts/$place"-*.svg; do printf '![%s](generated/bench/%s)\n' "$(basename -- "$name" .svg)" "${name##*/}"; done
	done
}

docs_write() {
	local place charts=$root/docs/generated/bench
	rm -rf -- "$charts"
	mkdir -p -- "$charts"
	for place in "$@"; do
		charts "$place" "$charts"
		condense "$kept/$place/race.tsv" >"$charts/$place.tsv"
	done
	page_write "$@" >"$root/docs/bench.md"
	printf 'bench: docs/bench.md and docs/generated/bench: %s charts\n' "$(find "$charts" -name '*.svg' | wc -l)"
}

if ((EUID != 0)); then
	echo 'bench: needs root'
	exit 0
fi
if [[ -z $report ]]; then
	for place in "${places[@]}"; do
		measure "$place"
		awk -f "$here/stats.awk" -f "$here/report.awk" "$kept/$place/race.tsv"
		mkdir -p -- "$kept/$place/charts"
		charts "$place" "$kept/$place/charts"
	done
	goals_table "${places[@]}"
	printf 'bench: raw data and charts: %s\n' "${places[@]/#/$kept/}"
fi
if [[ -n $docs || -n $report ]]; then
	places=()
	for place in native cgroup2 machine; do
		[[ ! -f $kept/$place/race.tsv ]] || places+=("$place")
	done
	docs_write "${places[@]}"
fi
