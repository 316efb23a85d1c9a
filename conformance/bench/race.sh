#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# orlop, its peers and the floor, command by command, turn by turn, in the place where this is started; bench.sh starts it.
#     race.sh [--rounds N] [--quick] [--peers TREE] DIRECTORY
#     race.sh --memory DIRECTORY      only the smallest memory.max
# The peers are the crun and the runc that are installed, and those of TREE, which are started by chroot into it. State directories and bundles are on
# a tmpfs, as /run is. It needs mounts and a /dev of its own (conformance/bats/cgroup2.sh): crun gives /dev/null away.
# DIRECTORY gets race.tsv, every run (conformance/bench/race.c says what the columns are), and facts.tsv: other figures, a name and a value a line.
set -euo pipefail
export LC_ALL=C.UTF-8
unset CDPATH
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
orlop=${ORLOP:?the path of the orlop binary} build=${BUILD:?the build directory}
rounds=100 quick='' tree='' memory=''
while (($# > 1)); do
	case $1 in
	--rounds) rounds=$2 && shift ;;
	--quick) quick=1 ;;
	--memory) memory=1 ;;
	--peers) tree=$2 && shift ;;
	*) printf 'race.sh: unknown option %s\n' "$1" >&2 && exit 2 ;;
	esac
	shift
done
out=${1:?the directory of the results}
mkdir -p -- "$out"
: >"$out/race.tsv"
: >"$out/facts.tsv"

# --- the place ------------------------------------------------------------------------------------------------------------------------

run=/run/orlop-bench
mkdir -p "$run"
mount -t tmpfs -o mode=0755 tmpfs "$run"
cgroups=/sys/fs/cgroup
[[ -f $cgroups/cgroup.procs ]] || cgroups=$cgroups/unified
group=$cgroups/orlop-bench-$$
mkdir "$group"
programs=$run/programs
mkdir "$programs"
cp -- "$build"/conformance/bench/{race,count,floor} "$programs/"
cp -- "$orlop" "$programs/orlop"
orlop=$programs/orlop floor=$programs/floor

# Contenders in their order: who it is, by which command, below which directory (-: this one).
order=()
declare -A command_of=() root_of=()

# as NAME COMMAND...: runs it where the contender lives.
as() {
	local root=${root_of[$1]}
	shift
	if [[ $root == - ]]; then "$@"; else chroot "$root" "$@"; fi
}
# peer NAME ARGUMENT...: the contender's own command, quietly.
peer() {
	local name=$1
	shift
	# shellcheck disable=SC2086 # words
	as "$name" ${command_of[$name]} "$@" </dev/null >"$run/log" 2>&1
}
fact() { printf '%s\t%s\n' "$1" "$2" >>"$out/facts.tsv"; }
say() { printf 'bench: %s\n' "$*"; }

clean() {
	local name
	for name in "${order[@]}"; do peer "$name" delete --force "bench-$name" || true; done
	rmdir "$group" 2>/dev/null || true
	umount -l "$run"
}
trap clean EXIT

# The directory with the peers' programs sees the same /proc, /sys, /dev and state.
tree_mount() {
	local name
	mkdir "$run/tree"
	mount --bind "$tree" "$run/tree"
	for name in proc sys dev; do mount --rbind "/$name" "$run/tree/$name"; done
	mount -t tmpfs tmpfs "$run/tree/run"
	mkdir "$run/tree$run"
	mount --bind "$run" "$run/tree$run"
}

# --- bundles --------------------------------------------------------------------------------------------------------------------------

# shellcheck source=conformance/bats/helpers.bash
source "$here/../bats/helpers.bash"

# bundle NAME ARGUMENTS FILTER: a config of `orlop spec` that runs these arguments, changed by a filter of jq; of a version all take.
bundle() {
	mkdir "$run/$1"
	"$orlop" spec --bundle "$run/$1"
	jq "$3 | .ociVersion = \"1.0.2\" | .process.terminal = false | .process.args = $2 | .root.path = \"$run/rootfs\"" \
		"$run/$1/config.json" >"$run/config.json"
	mv -- "$run/config.json" "$run/$1/config.json"
}

bundles_make() {
	local i
	bundle_make_rootfs "$run/rootfs"
	for i in {0..499}; do : >"$run/rootfs/tmp/k$i" && : >"$run/rootfs/tmp/m$i"; done
	bundle short '["/bin/true"]' .
	bundle long '["/bin/sleep", "100000"]' .
	jq '{linux: {seccomp: .linux.seccomp}}' "$here/../configs/docker-default.json" >"$run/seccomp.json"
	bundle filtered '["/bin/true"]' ". * $(cat "$run/seccomp.json")"
	bundle mounts '["/bin/true"]' '.mounts += [range(500) | {destination: "/tmp/m\(.)", type: "bind", source: "/dev/null", options: ["bind", "ro"]}]'
	bundle masks '["/bin/true"]' '.linux.maskedPaths = [range(500) | "/tmp/k\(.)"]'
	bundle limited '["/bin/true"]' '.linux.resources.memory.limit = 123456789'
	"$build/conformance/bench/bench_filter" "$run/filtered/config.json" "$here/../golden/host.txt" >"$run/filter"
}

# --- contenders -----------------------------------------------------------------------------------------------------------------------

# contender_add PROGRAM ROOT: named by what it says of its version. Without a cgroup manager that works here it does less than orlop does.
contender_add() {
	local name option
	root_of[new]=$2
	name=$(as new "$1" --version | sed -nE '1s/^(crun|runc|orlop) version ([0-9.]+).*/\1-\2/p')
	[[ $name != orlop-* ]] || name=orlop
	[[ -n $name && -z ${root_of[$name]:-} ]] || return 0
	root_of[$name]=$2
	for option in '' --cgroup-manager=disabled; do
		[[ -z $option || $name == crun-* ]] || continue
		command_of[$name]="$1 --root $run/state-$name $option"
		if peer "$name" run --bundle "$run/short" try; then
			order+=("$name")
			fact "who.$name" "$(as "$name" "$1" --version | head -n 1)$([[ -z $option ]] || echo ', without cgroups: it cannot make them here')"
			return 0
		fi
		peer "$name" delete --force try || true
	done
	say "$name cannot run the bundle here: $(peer "$name" run --bundle "$run/short" try || tail -n1 "$run/log")"
	unset "root_of[$name]"
}

contenders_find() {
	local kind
	contender_add "$orlop" -
	for kind in crun runc; do
		! command -v "$kind" >/dev/null || contender_add "$(command -v "$kind")" -
		if [[ -n $tree ]]; then contender_add "$(chroot "$run/tree" /bin/sh -c "command -v $kind" 2>/dev/null || echo "/usr/bin/$kind")" "$run/tree"; fi
	done
}

# newest PREFIX: the name of the newest such peer.
newest() { printf '%s\n' "${order[@]}" | grep "^$1-" | sort -V | tail -n 1 || true; }

# --- races ----------------------------------------------------------------------------------------------------------------------------

# turns LINE...: the lines of each of `who`, with @ for its command and @id for the container that it keeps.
who=()
turns() {
	local name line
	for name in "${who[@]}"; do
		printf 'contender %s\n' "$name"
		[[ ${root_of[$name]} == - ]] || printf 'root %s\n' "${root_of[$name]}"
		for line in "$@"; do
			line=${line//@id/bench-$name}
			printf '%s\n' "${line//@/${command_of[$name]}}"
		done
	done
}
# floor_turn WORD ARGUMENT...: the floor's run.
floor_turn() {
	local word=$1
	shift
	printf 'contender floor\n%s %s %s %s floor%%n /bin/true\n' "$word" "$floor $*" "$run/rootfs" "$group"
}
# race ROUNDS: the plan of standard input. First come, first served before all else on the machine: what its load adds is mostly waiting for a processor.
# Cgroup v1's processor controller would not take such processes in, and some kernels have none.
before_all=(chrt --fifo 10)
[[ $cgroups == /sys/fs/cgroup ]] && chrt --fifo 10 true 2>/dev/null || before_all=(nice -n -20)
race() {
	cat >"$run/plan"
	"${before_all[@]}" "$programs/race" "$1" "$run/plan" >>"$out/race.tsv"
}

plan_run() {
	echo 'case run' && floor_turn measure && turns "measure @ run --bundle $run/short b%n"
	echo 'case run-seccomp' && floor_turn measure --filter "$run/filter" && turns "measure @ run --bundle $run/filtered b%n"
}
plan_commands() {
	local name
	# A start by chroot costs no more than one without: the peers of the tree are not wronged.
	echo 'case chroot'
	printf 'contender plain\nmeasure %s/bin/true\n' "$run/rootfs"
	[[ -z $tree ]] || printf 'contender chroot\nroot %s\nmeasure %s/bin/true\n' "$run/tree" "$run/rootfs"
	echo 'case version'
	printf 'contender floor\nmeasure /bin/true\n'
	for name in "${who[@]}"; do
		printf 'contender %s\n' "$name"
		[[ ${root_of[$name]} == - ]] || printf 'root %s\n' "${root_of[$name]}"
		printf 'measure %s --version\n' "${command_of[$name]%% *}"
	done
	echo 'case state' && turns 'measure @ state @id'
	echo 'case exec' && turns 'measure @ exec @id /bin/true'
	echo 'case create'
	printf 'contender floor\nmeasure %s --create %s %s floor%%n /bin/true\nafter %s --delete %s floor%%n\n' "$floor" "$run/rootfs" "$group" "$floor" "$group"
	turns "measure @ create --bundle $run/long b%n" 'after @ delete --force b%n'
	echo 'case start' && turns "before @ create --bundle $run/long b%n" 'measure @ start b%n' 'after @ delete --force b%n'
	echo 'case kill' && turns "before @ run --detach --bundle $run/long b%n" 'measure @ kill b%n KILL' 'pause 20' 'after @ delete --force b%n'
	echo 'case delete' && turns "before @ run --detach --bundle $run/short b%n" 'pause 30' 'measure @ delete b%n'
}
plan_many() {
	echo 'case 500-mounts' && floor_turn measure --binds 500 && turns "measure @ run --bundle $run/mounts b%n"
	echo 'case 500-masks' && floor_turn measure --masks 500 && turns "measure @ run --bundle $run/masks b%n"
}
# plan_beside NAME: the short run once more, as things are now.
plan_beside() { echo "case $1" && floor_turn measure && turns "measure @ run --bundle $run/short b%n"; }
plan_ways() {
	local ways
	for ways in "$@"; do
		echo "case create-$ways-ways"
		printf 'contender floor\nmany %s 64 %s --create %s %s floor%%n-%%i /bin/true\neach 64 %s --delete %s floor%%n-%%i\n' "$ways" "$floor" "$run/rootfs" \
			"$group" "$floor" "$group"
		turns "many $ways 64 @ create --bundle $run/long b%n-%i" 'each 64 @ delete --force b%n-%i'
	done
}

race_commands() {
	local name
	who=("${order[@]}")
	say 'run' && plan_run | race "$rounds"
	for name in "${order[@]}"; do
		peer "$name" run --detach --bundle "$run/long" "bench-$name" || say "$name does not run a container in the background: $(tail -n 1 "$run/log")"
	done
	say 'commands' && plan_commands | race "$rounds"
	for name in "${order[@]}"; do peer "$name" delete --force "bench-$name" || true; done
	say '500 mounts, 500 masked paths' && plan_many | race $(((rounds + 1) / 2))
}

race_density() {
	local alive=0 count counts=(0 10 100 1000)
	[[ -z $quick ]] || counts=(0 100)
	say "beside ${counts[*]} containers, in the same state directory"
	for count in "${counts[@]}"; do
		for (( ; alive < count; alive++)); do peer orlop create --bundle "$run/long" "many$alive"; done
		plan_beside "beside-$count-containers" | race "$rounds"
	done
	while ((alive--)); do peer orlop delete --force "many$alive"; done
}

# A thousand mounts, then ten times as many by copies of those.
race_mounts() {
	local i
	say 'beside 0, 1000, 10000 mounts of the host'
	plan_beside beside-0-mounts | race "$rounds"
	mkdir "$run/mounted"
	mount -t tmpfs tmpfs "$run/mounted"
	mkdir "$run"/mounted/{0..9} "$run"/mounted/0/{1..999}
	mount --bind "$run/mounted/0" "$run/mounted/0"
	for i in {1..999}; do mount --bind "$run/mounted/0/$i" "$run/mounted/0/$i"; done
	plan_beside beside-1000-mounts | race "$rounds"
	if [[ -z $quick ]]; then
		for i in {1..9}; do mount --rbind "$run/mounted/0" "$run/mounted/$i"; done
		plan_beside beside-10000-mounts | race $(((rounds + 1) / 2))
	fi
	umount -l "$run/mounted"
}

# --- other figures --------------------------------------------------------------------------------------------------------------------

# An init that waits for start: what it has of its own, anonymous pages; programs and libraries are shared.
waiting_kib() { awk '/^Anonymous/ { sum += $2 } END { if (NR) print sum }' "/proc/$1/smaps_rollup"; }
measure_waiting() {
	local name
	"$floor" --create "$run/rootfs" "$group" waits /bin/true
	fact waiting.floor "$(waiting_kib "$(head -n 1 "$group/waits/cgroup.procs")")"
	"$floor" --delete "$group" waits
	for name in "${order[@]}"; do
		peer "$name" create --bundle "$run/long" --pid-file "$run/pid" waits
		fact "waiting.$name" "$(waiting_kib "$(cat "$run/pid")")"
		peer "$name" delete --force waits
	done
}

measure_calls() {
	local name where
	"$programs/count" calls "$run/count" "$floor" "$run/rootfs" "$group" counted /bin/true && fact calls.floor "$(cat "$run/count")"
	for name in "${order[@]}"; do
		# A runtime with many threads may not stand being traced.
		where=()
		[[ ${root_of[$name]} == - ]] || where=(chroot "${root_of[$name]}")
		# shellcheck disable=SC2086 # words
		if timeout --kill-after 1 20 ${where[@]+"${where[@]}"} "$programs/count" calls "$run/count" ${command_of[$name]} run --bundle "$run/short" \
			counted </dev/null >"$run/log" 2>&1; then
			fact "calls.$name" "$(cat "$run/count")"
		else
			peer "$name" delete --force counted || true
		fi
	done
}

# starts NAME KIB: whether the contender's container starts, three times in a row, under so small a memory.max.
starts() {
	local i
	for i in 1 2 3; do
		if [[ $1 == floor ]]; then
			timeout 60 "$floor" --memory $(($2 * 1024)) "$run/rootfs" "$group" limited /bin/true >/dev/null 2>&1 && continue
			"$floor" --delete "$group" limited 2>/dev/null || true
		else
			sed "s/123456789/$(($2 * 1024))/" "$run/limited/config.json" >"$run/limit/config.json"
			peer "$1" run --bundle "$run/limit" limited && continue
			peer "$1" delete --force limited || true
		fi
		return 1
	done
}
measure_memory() {
	local name low high middle
	# The exec of a program that may not have a page ends a user-mode kernel.
	if grep -q 'User Mode Linux' /proc/cpuinfo; then return 0; fi
	if ! echo +memory >"$cgroups/cgroup.subtree_control" 2>/dev/null || ! echo +memory >"$group/cgroup.subtree_control" 2>/dev/null; then
		say 'no memory controller here: the smallest memory.max is not measured'
		return 0
	fi
	mkdir "$run/limit"
	for name in floor "${order[@]}"; do
		low=0 high=32768
		while ((high - low > 4)); do
			middle=$(((low + high) / 2 & ~3))
			if starts "$name" "$middle"; then high=$middle; else low=$middle; fi
		done
		say "$name starts under a memory.max of $high KiB"
		fact "memory.$name" "$high"
	done
	echo -memory >"$group/cgroup.subtree_control"
}

describe() {
	fact machine "Linux $(uname -r | cut -d. -f1,2), $(nproc) CPUs, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)"
	fact cpus "$(nproc)"
	fact rounds "$rounds"
	fact load "$(cut -d' ' -f1 /proc/loadavg)"
	fact date "$(date +%Y-%m-%d)"
	fact commit "$("$orlop" --version | sed -n 's/^commit: \(.\{12\}\).*/\1/p')"
	fact mounts "$(wc -l </proc/self/mountinfo)"
	if command -v strip >/dev/null; then
		strip -o "$run/stripped" "$orlop"
		fact stripped "$(stat -c %s "$run/stripped")"
	fi
}

[[ -z $tree ]] || tree_mount
bundles_make
contenders_find
describe
measure_memory
[[ -z $memory ]] || exit 0
measure_waiting
measure_calls
race_commands
who=(orlop)
for kind in crun runc; do [[ -z $(newest "$kind") ]] || who+=("$(newest "$kind")"); done
# With one processor there is nothing to scale with.
if (($(nproc) > 1)); then
	say 'creates, many at once'
	# shellcheck disable=SC2046 # words
	plan_ways $([[ -n $quick ]] && echo 1 8 64 || echo 1 2 4 8 16 32 64) | race $([[ -n $quick ]] && echo 1 || echo 5)
fi
who=(orlop)
[[ -z $(newest crun) ]] || who+=("$(newest crun)")
race_density
race_mounts
fact load_after "$(cut -d' ' -f1 /proc/loadavg)"
