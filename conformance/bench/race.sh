#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# orlop, its peers (runc and crun where they are installed) and the floor, command by command, turn by turn. Figures are printed, never asserted;
# raw data and plots go to build/bench, and with --docs the table and the plot to docs. --density runs containers beside a thousand others, and in a
# mount namespace of many mounts, too.
#     race.sh [--rounds N] [--density] [--docs]
# All of it happens in a mount namespace of its own, with nothing but cgroup2 at /sys/fs/cgroup, which is what every contender can use, and with
# the state directories on a tmpfs, as /run is.
set -euo pipefail
export LC_ALL=C.UTF-8
unset CDPATH
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
orlop=${ORLOP:?the path of the orlop binary} build=${BUILD:?the build directory}
root=$(cd -- "$here/../.." && pwd -P)
rounds=60 docs='' density=''
while (($#)); do
	case $1 in
	--rounds) rounds=$2 && shift ;;
	--docs) docs=1 ;;
	--density) density=1 ;;
	*) printf 'race.sh: unknown option %s\n' "$1" >&2 && exit 2 ;;
	esac
	shift
done
if ((EUID != 0)); then
	echo 'race.sh: needs root'
	exit 0
fi
if [[ -z ${ORLOP_BENCH_INSIDE:-} ]]; then
	ORLOP_BENCH_INSIDE=1 exec unshare --mount --propagation private "${BASH_SOURCE[0]}" --rounds "$rounds" ${density:+--density} ${docs:+--docs}
fi

while mountpoint -q /sys/fs/cgroup; do umount -R /sys/fs/cgroup; done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
work=$root/build/bench
mkdir -p "$work/run"
mount -t tmpfs -o mode=0700 tmpfs "$work/run"
run=$work/run
group=/sys/fs/cgroup/orlop-bench-$$
mkdir "$group"

declare -A tools=([orlop]=$orlop)
for peer in crun runc; do
	if command -v "$peer" >/dev/null; then tools[$peer]=$(command -v "$peer"); fi
done
clean() {
	local name
	for name in "${!tools[@]}"; do "${tools[$name]}" --root "$run/$name" delete --force bench >/dev/null 2>&1 || true; done
	rmdir "$group" 2>/dev/null || true
	umount -l "$run"
}
trap clean EXIT

# shellcheck source=conformance/bats/helpers.bash
source "$here/../bats/helpers.bash"
bundle_make_rootfs "$run/rootfs"
# bundle NAME ARGUMENTS FILTER: a config of `orlop spec` that runs these arguments, changed by a filter of jq; of a version all take.
bundle() {
	mkdir "$run/$1"
	"$orlop" spec --bundle "$run/$1"
	jq "$3 | .ociVersion = \"1.0.2\" | .process.terminal = false | .process.args = $2 | .root.path = \"$run/rootfs\"" "$run/$1/config.json" >"$run/config.json"
	mv -- "$run/config.json" "$run/$1/config.json"
}
bundle short '["/bin/true"]' .
bundle long '["/bin/sleep", "100000"]' .
jq '{linux: {seccomp: .linux.seccomp}}' "$here/../configs/docker-default.json" >"$run/seccomp.json"
bundle filtered '["/bin/true"]' ". * $(cat "$run/seccomp.json")"
mounts='.mounts += [range(500) | {destination: "/tmp/m\(.)", type: "bind", source: "/dev/null", options: ["bind", "ro"]}]'
bundle mounts '["/bin/true"]' "$mounts | .root.readonly = false"
bundle masks '["/bin/true"]' '.linux.maskedPaths = [range(500) | "/tmp/k\(.)"]'
mkdir -p "$run/rootfs/tmp"
for i in {0..499}; do : >"$run/rootfs/tmp/k$i"; done
"$build/conformance/bench/bench_filter" "$run/filtered/config.json" "$here/../golden/host.txt" >"$run/filter"

# Which cgroup manager a peer can do its work with here. Without any, it does less than orlop does.
options_of() {
	local option
	for option in '' --cgroup-manager=disabled; do
		[[ -z $option || $1 == crun ]] || continue
		# shellcheck disable=SC2086
		if "${tools[$1]}" --root "$run/$1" $option run --bundle "$run/short" try >"$work/$1.log" 2>&1 </dev/null; then
			printf '%s' "$option"
			return
		fi
		"${tools[$1]}" --root "$run/$1" delete --force try >/dev/null 2>&1 || true
	done
	return 1
}

order=()
declare -A commands=()
for name in orlop crun runc; do
	[[ -n ${tools[$name]:-} ]] || continue
	if option=$(options_of "$name"); then
		order+=("$name")
		commands[$name]="${tools[$name]} --root $run/$name $option"
	else
		printf 'race.sh: %s cannot run the bundle here: %s\n' "$name" "$(tail -n1 "$work/$name.log")"
	fi
done

contender() { printf 'contender %s\n' "$1"; }
floor() {
	contender floor
	printf 'measure %s %s %s floor%%n /bin/true\n' "$build/conformance/bench/floor $*" "$run/rootfs" "$group"
}
plan_write() {
	local name tool
	echo 'case version'
	contender floor
	echo 'measure /bin/true'
	for name in "${order[@]}"; do contender "$name" && echo "measure ${tools[$name]} --version"; done
	echo 'case run'
	floor
	for name in "${order[@]}"; do contender "$name" && echo "measure ${commands[$name]} run --bundle $run/short b%n"; done
	echo 'case run-seccomp'
	floor --filter "$run/filter"
	for name in "${order[@]}"; do contender "$name" && echo "measure ${commands[$name]} run --bundle $run/filtered b%n"; done
	for name in "${order[@]}"; do
		tool=${commands[$name]}
		"${tools[$name]}" --root "$run/$name" run --detach --bundle "$run/long" bench >/dev/null 2>&1 </dev/null ||
			"${tools[$name]}" --root "$run/$name" --cgroup-manager=disabled run --detach --bundle "$run/long" bench >/dev/null 2>&1 </dev/null
	done
	echo 'case state'
	for name in "${order[@]}"; do contender "$name" && echo "measure ${commands[$name]} state bench"; done
	echo 'case exec'
	for name in "${order[@]}"; do contender "$name" && echo "measure ${commands[$name]} exec bench /bin/true"; done
	echo 'case create'
	for name in "${order[@]}"; do
		tool=${commands[$name]}
		contender "$name"
		printf '%s\n' "measure $tool create --bundle $run/long b%n" "after $tool delete --force b%n"
	done
	echo 'case start'
	for name in "${order[@]}"; do
		tool=${commands[$name]}
		contender "$name"
		printf '%s\n' "before $tool create --bundle $run/long b%n" "measure $tool start b%n" "after $tool delete --force b%n"
	done
	echo 'case kill'
	for name in "${order[@]}"; do
		tool=${commands[$name]}
		contender "$name"
		printf '%s\n' "before $tool run --detach --bundle $run/long b%n" "measure $tool kill b%n KILL" 'pause 20' \
			"after $tool delete --force b%n"
	done
	echo 'case delete'
	for name in "${order[@]}"; do
		tool=${commands[$name]}
		contender "$name"
		printf '%s\n' "before $tool run --detach --bundle $run/short b%n" 'pause 30' "measure $tool delete b%n"
	done
	echo 'case 500-mounts'
	for name in "${order[@]}"; do contender "$name" && echo "measure ${commands[$name]} run --bundle $run/mounts b%n"; done
	echo 'case 500-masks'
	for name in "${order[@]}"; do contender "$name" && echo "measure ${commands[$name]} run --bundle $run/masks b%n"; done
}
plan_write >"$work/race.plan"
# First come, first served before all else on the machine: what its load adds is mostly waiting for a processor.
race() { chrt --fifo 10 "$build/conformance/bench/race" "$rounds" "$1" >>"$work/race.tsv"; }
: >"$work/race.tsv"
race "$work/race.plan"

# run_again CASE: orlop and the floor once more, as things are now.
run_again() {
	{
		printf 'case %s\n' "$1"
		floor
		contender orlop
		echo "measure ${commands[orlop]} run --bundle $run/short b%n"
	} >"$work/again.plan"
	race "$work/again.plan"
}
if [[ -n $density ]]; then
	# Not in one state directory: a thousand of anybody's. They wait for start.
	for i in {1..1000}; do "$orlop" --root "$run/many" create --bundle "$run/long" "many$i" >/dev/null 2>&1 </dev/null; done
	run_again run-beside-1000
	for i in {1..1000}; do "$orlop" --root "$run/many" delete --force "many$i" >/dev/null 2>&1 </dev/null; done
	# Each step doubles them.
	mkdir "$run/mounted"
	mount -t tmpfs tmpfs "$run/mounted"
	for i in {0..12}; do mkdir "$run/mounted/$i"; done
	for i in {0..12}; do mount --rbind "$run/mounted" "$run/mounted/$i"; done
	run_again "run-at-$(wc -l </proc/self/mountinfo)-mounts"
	umount -lR "$run/mounted"
fi

machine() {
	printf 'Linux %s, %s CPUs, %s' "$(uname -r | cut -d. -f1,2)" "$(nproc)" "$(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)"
}
report() {
	printf '# Speed\n\nEach command against the floor (conformance/bench/floor.c: the same kernel calls, no runtime) and the peers installed here, '
	# shellcheck disable=SC2016 # Markdown's backquotes
	printf 'turn by turn in\n%s rounds on a machine that did other work too: read the ratios. Made by `./dev bench --docs`.\n\n%s.\n\n' "$rounds" "$(machine)"
	for name in "${order[@]}"; do
		printf -- '- %s: %s%s\n' "$name" "$("${tools[$name]}" --version | head -n1)" \
			"$([[ ${commands[$name]} == *disabled* ]] && echo ', without cgroups: it cannot make them here')"
	done
	echo
	awk -f "$here/report.awk" "$work/race.tsv"
	printf '\n![every run](bench-run.svg)\n'
	printf '\nThe binary: %s KiB stripped. ' "$(strip -o "$run/stripped" "$orlop" && echo $((($(stat -c %s "$run/stripped") + 1023) / 1024)))"
	printf 'An init that waits for start has %s KiB of its own (anonymous pages; the program itself is shared).\n' "$(waiting_kib)"
}
waiting_kib() {
	local pid
	"$orlop" --root "$run/orlop" create --bundle "$run/long" --pid-file "$run/pid" waits >/dev/null 2>&1 </dev/null
	pid=$(cat "$run/pid")
	awk '/^Anonymous/ { sum += $2 } END { print sum + 0 }' "/proc/$pid/smaps_rollup"
	"$orlop" --root "$run/orlop" delete --force waits >/dev/null 2>&1 </dev/null
}
report >"$work/bench.md"
awk -v what=run -f "$here/plot.awk" "$work/race.tsv" >"$work/bench-run.svg"
cat -- "$work/bench.md"
if [[ -n $docs ]]; then cp -- "$work/bench.md" "$work/bench-run.svg" "$root/docs/"; fi
