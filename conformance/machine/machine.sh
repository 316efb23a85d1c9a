#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a command in the machine: a user-mode Linux, or a whole computer emulated, with systemd as pid 1, cgroup v2 and the engines. `./dev help`
# shows the usage.
#
# Everything that a run needs from the host lives in namespaces of its own (mounts, processes) and in one temporary directory, so that nothing
# stays when it ends, however it ends. Exit status: the command's; 124 when time was over, 125 when the machine did not work.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
tree=$(cd -- "$here/../.." && pwd -P)
suite=trixie lsm=apparmor build='' full='' limit_s='' memory=2048 results='' keep_log='' image_only=''
words=() locks=() work='' kernel='' inside_pid='' timer_pid=''

say() { printf 'machine: %s\n' "$*" >&2; }
fail() {
	say "$*"
	exit 125
}

usage() {
	cat <<-'EOF'
		usage: ./dev machine [OPTION...] COMMAND [ARGUMENT...]

		Runs the command as root in a user-mode Linux with systemd as pid 1 and cgroup v2 (cpu, io, memory, pids), in the tree's directory: the
		tree stands in the machine where it stands on the host, read-only. What the command writes comes out here as it is written, its exit
		status is the exit status (124: time was over, 125: the machine did not work). Its environment has ORLOP, the binary; RESULTS, a
		directory whose files --results brings home; MACHINE, the suite and the security module; and RUNTIME, PAYLOAD, BATS_TEST_TIMEOUT as
		they are here. All else is lost at the end. The user `somebody` (1000) has subordinate ids.

		  --suite trixie|sid       the Debian in the machine [trixie]
		  --lsm apparmor|selinux   the security module of its kernel [apparmor]; `selinux` has a small policy for containers, enforced, and
		                           `selinux-debian` Debian's, in an image of its own that takes four minutes more to make
		  --build DIR              a build directory; it is visible too and ORLOP is the one in it [build/release, which is built]
		  --results DIR            copy what the command left in $RESULTS there
		  --full                   an emulated computer of two processors with Debian's cloud kernel instead: it has cpuset, hugetlb, rdma and misc
		                           too, and pressure (PSI); a minute to boot, then five times slower
		  --time SECONDS           at most so long [600; with --full 1800]
		  --memory MIB             of the machine [2048]
		  --console FILE           keep what the kernel and systemd said
		  --image                  only make the image

		  ./dev machine systemctl status
		  ./dev machine conformance/machine/suites.sh conformance/bats/pause.bats      bats on a terminal, TAP in $RESULTS/pause.bats.tap
		  ./dev machine conformance/machine/suites.sh --filter PATTERN FILE...
	EOF
}

option_value() { [[ -n ${2:-} ]] || fail "$1 wants a value"; }

parse() {
	while (($#)); do
		case $1 in
		--suite | --lsm | --build | --time | --memory | --results | --console)
			option_value "$@"
			case $1 in
			--suite) suite=$2 ;;
			--lsm) lsm=$2 ;;
			--build) build=$(cd -- "$2" && pwd -P) ;;
			--time) limit_s=$2 ;;
			--memory) memory=$2 ;;
			--results) results=$2 ;;
			--console) keep_log=$2 ;;
			esac
			shift 2
			;;
		--help) usage && exit 0 ;;
		--image) image_only=1 && shift ;;
		--full) full=1 && shift ;;
		--) shift && break ;;
		-*) fail "unknown option '$1'" ;;
		*) break ;;
		esac
	done
	words=("$@")
	[[ $suite =~ ^(trixie|sid)$ ]] || fail "no suite '$suite': trixie or sid"
	[[ $lsm =~ ^(apparmor|selinux|selinux-debian)$ ]] || fail "no security module '$lsm': apparmor, selinux or selinux-debian"
	[[ -n $limit_s ]] || limit_s=$([[ -n $full ]] && echo 1800 || echo 600)
	[[ $limit_s =~ ^[0-9]+$ && $memory =~ ^[0-9]+$ ]] || fail '--time wants seconds, --memory mebibytes'
	[[ -n $image_only ]] || ((${#words[@]})) || fail 'no command'
	((EUID == 0)) || fail 'needs root'
}

# Runs a command as the first process of a pid namespace, with mounts of its own: when the process that this starts is killed, all are gone.
isolate() { exec setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child=KILL "$@"; }

# shellcheck disable=SC2317 # a trap calls it
stop() {
	trap - EXIT INT TERM HUP
	[[ -z $inside_pid ]] || kill -KILL "$inside_pid" 2>/dev/null || true
	[[ -z $timer_pid ]] || kill "$timer_pid" 2>/dev/null || true
	[[ -z $inside_pid ]] || wait "$inside_pid" 2>/dev/null || true
	[[ -z $work ]] || rm -rf --one-file-system -- "$work"
}

# --- the image ------------------------------------------------------------------------------------------------------------------------

cache=${XDG_CACHE_HOME:-/var/cache}/orlop
# shellcheck source=conformance/machine/mirror.sh
source "$here/mirror.sh"

# find_image KIND PART RECIPE ARGUMENT...: sets `image` to the directory that the recipe makes (its last argument; it is there when it has the
# part), made when it is not there, and holds a lock on it as long as this script lives.
find_image() {
	local kind=$1 part=$2 recipe=$3 digest started making lock
	shift 3
	# What only one of them needs does not make the other anew.
	if [[ $kind == *-selinux-debian ]]; then
		digest=$(cat -- "$here/$recipe" "$here/selinux-debian.cil" | sha256sum)
	else
		digest=$(grep -v '# selinux$' "$here/$recipe" | sha256sum)
	fi
	image=$cache/machine-$kind-${digest:0:12}
	mkdir -p -- "$cache"
	exec {lock}>"$image.lock"
	locks+=("$lock")
	flock --shared "$lock"
	[[ -f $image/$part ]] && return
	flock --unlock "$lock"
	flock --nonblock "$lock" || { say 'waiting for the image that another run makes' && flock "$lock"; }
	if [[ ! -f $image/$part ]]; then
		started=$SECONDS making=$image.making
		say "making the image of $kind (kept in $image)"
		rm -rf --one-file-system -- "$making"
		mkdir -- "$making"
		find_mirror || fail 'apt knows no Debian archive: run apt-get update, or set ORLOP_MIRROR to the address of one'
		work=$making
		isolate --mount-proc "$here/$recipe" "$@" "$making" >"$image.log" 2>&1 </dev/null &
		inside_pid=$!
		wait "$inside_pid" || {
			tail -n 30 -- "$image.log" >&2
			fail 'the image could not be made'
		}
		work='' inside_pid=''
		mv -- "$making" "$image"
		say "made in $((SECONDS - started)) s, $(du -sm -- "$image" | cut -f1) MB"
		forget_images "$kind"
	fi
	flock --shared "$lock"
}

find_images() {
	if [[ -n $full ]]; then
		find_image "kernel-$suite" boot/vmlinuz kernel.sh "$suite"
		kernel=$image/boot
	fi
	find_image "$suite$([[ $lsm != *-debian ]] || echo "-$lsm")" boot/image/disk image.sh "$suite" "$lsm"
}

# Removes images that older recipes made, unless somebody runs one.
forget_images() {
	local old fd
	for old in "$cache/machine-$1"-????????????; do
		[[ -d $old && $old != "$image" ]] || continue
		exec {fd}>"$old.lock"
		if flock --nonblock "$fd"; then rm -rf --one-file-system -- "$old" "$old.log" "$old.lock"; fi
		exec {fd}>&-
	done
}

# --- the run --------------------------------------------------------------------------------------------------------------------------

write_job() {
	local name orlop=${ORLOP:-}
	work=$(mktemp -d "${TMPDIR:-/tmp}/orlop-machine.XXXXXX")
	mkdir -- "$work"/{job,job/results,tmp}
	cp -- "$here/guest.sh" "$work/job/guest.sh"
	if [[ -n $build ]]; then
		orlop=$build/runtime/orlop
	elif [[ -z $orlop ]]; then
		orlop=$tree/build/release/runtime/orlop
	fi
	{
		printf 'full=%q\ntree=%q\nbuild=%q\narguments=(' "$full" "$tree" "$build"
		printf '%q ' "${words[@]}"
		printf ')\nexport ORLOP=%q MACHINE=%q\n' "$orlop" "$suite-$lsm"
		for name in RUNTIME PAYLOAD BATS_TEST_TIMEOUT TERM; do
			[[ -z ${!name:-} ]] || printf 'export %s=%q\n' "$name" "${!name}"
		done
	} >"$work/job/job.env"
}

# In the namespaces: mounts what the kernel shall see of the host below its root directory, and runs it.
enter() {
	local boot=$1 work=$2 tree=$3 build=$4 memory=$5 device
	shift 5
	mount -t proc proc "$boot/proc"
	mount -t tmpfs -o "size=$((memory + 256))m,mode=755" tmpfs "$boot/dev"
	mkdir "$boot/dev/shm"
	for device in null zero random urandom; do
		: >"$boot/dev/$device"
		mount --bind "/dev/$device" "$boot/dev/$device"
	done
	mount --bind "$work/job" "$boot/job"
	mount --bind "$work/tmp" "$boot/tmp"
	mount --bind -o ro "$tree" "$boot/tree"
	[[ -z $build ]] || mount --bind -o ro "$build" "$boot/build"
	# As a child: pid 1 would not die of a panic's abort.
	env -i PATH="$PATH" HOME=/tmp TMPDIR=/dev/shm chroot "$boot" /usr/bin/linux.uml "$@"
}

boot() {
	local module=${lsm%-debian} lock
	# guest.sh lets a policy be enforced when the job begins: Debian's does not know what the guest is made of.
	set -- quiet loglevel=3 "lsm=landlock,yama,$module,bpf" "$module=1" enforcing=0 systemd.show_status=0 systemd.firstboot=off
	if [[ -n $full ]]; then
		set -- "$here/full.sh" "$image/boot/image/disk" "$kernel" "$work" "$tree" "$build" "$memory" "$@"
	else
		# The console is for trouble; serial lines are the job's output and error.
		set -- "${BASH_SOURCE[0]}" --enter "$image/boot" "$work" "$tree" "$build" "$memory" mem="${memory}M" ubd0=/tmp/cow,/image/disk \
			root=/dev/ubda rw seccomp=on con=null con0=null,fd:3 ssl=null ssl0=null,fd:4 ssl1=null,fd:5 "$@"
	fi
	isolate bash "$@" </dev/null 4>&1 5>&2 3>"$work/console" >>"$work/console" 2>&1 &
	inside_pid=$!
	{
		for lock in "${locks[@]}"; do exec {lock}>&-; done
		exec setpriv --pdeathsig KILL sleep "$limit_s"
	} &
	timer_pid=$!
	wait -n "$inside_pid" "$timer_pid" || true
}

finish() {
	local code=125
	if [[ -s $work/job/status ]]; then
		code=$(<"$work/job/status")
	elif kill -0 "$inside_pid" 2>/dev/null; then
		say "time is over ($limit_s s)"
		code=124
	else
		say 'the machine stopped before the command ended; its console said:'
	fi
	((code != 125)) || tail -n 40 -- "$work/console" >&2
	[[ -z $keep_log ]] || cp -- "$work/console" "$keep_log"
	if [[ -n $results ]]; then
		mkdir -p -- "$results"
		cp -R -- "$work/job/results/." "$results/"
	fi
	exit "$code"
}

if [[ ${1:-} == --enter ]]; then
	shift
	enter "$@"
	exit
fi
parse "$@"
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
find_images
[[ -z $image_only ]] || exit 0
write_job
boot
finish
