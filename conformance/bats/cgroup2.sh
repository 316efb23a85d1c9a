#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a command in a mount namespace of its own where /sys/fs/cgroup is a pure cgroup2, whatever the machine has there: `cgroup2.sh COMMAND...`.
# With `--own-dev` before it, /dev is the command's own too, for a command that may harm the machine's device nodes; with `--only-dev` just that.
# Nothing is left behind: both live and end with the namespace.
set -euo pipefail

own_dev=''
if [[ ${1:-} == --own-dev || ${1:-} == --only-dev ]]; then
	own_dev=$1
	shift
fi
(($#)) || {
	echo 'usage: cgroup2.sh [--own-dev|--only-dev] COMMAND...' >&2
	exit 2
}

if [[ ${ORLOP_CGROUP2:-} != inside ]]; then
	exec env ORLOP_CGROUP2=inside unshare --mount --propagation private -- "$0" ${own_dev:+"$own_dev"} "$@"
fi

# The nodes are new ones: a bind mount of the machine's would be the machine's.
make_dev() {
	local dir=$1 node
	mount -t tmpfs -o mode=0755,nosuid tmpfs "$dir"
	for node in null zero full random urandom tty console kmsg ptmx fuse; do
		[[ ! -c /dev/$node ]] || cp -a -- "/dev/$node" "$dir/$node"
	done
	[[ ! -d /dev/net ]] || cp -a -- /dev/net "$dir/net"
	ln -s /proc/self/fd "$dir/fd"
	ln -s /proc/self/fd/0 "$dir/stdin"
	ln -s /proc/self/fd/1 "$dir/stdout"
	ln -s /proc/self/fd/2 "$dir/stderr"
	for node in pts shm mqueue hugepages; do
		[[ -d /dev/$node ]] || continue
		mkdir -- "$dir/$node"
		! mountpoint -q "/dev/$node" || mount --move "/dev/$node" "$dir/$node"
	done
	[[ -d $dir/shm ]] || mkdir -m 1777 -- "$dir/shm"
	mount --move "$dir" /dev
}

unset ORLOP_CGROUP2
if [[ $own_dev != --only-dev ]]; then
	umount --recursive --lazy /sys/fs/cgroup 2>/dev/null || true
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
if [[ -n $own_dev ]]; then
	# Any directory will do that is not below /dev; only this namespace sees what lies on it.
	make_dev /mnt
	export ORLOP_OWN_DEV=1
	exec </dev/null
fi
exec "$@"
