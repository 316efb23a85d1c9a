#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the path of a Debian root file system, made by debootstrap when it is not there yet: below ${XDG_CACHE_HOME:-/var/cache}/orlop, for all
# tests to come. Nobody writes to it. Several callers at once get the same one. Takes root, and once the archive.
set -euo pipefail
export LC_ALL=C.UTF-8

suite=bookworm
cache=${XDG_CACHE_HOME:-/var/cache}/orlop
tree=$cache/debian-$suite-$(dpkg --print-architecture)

fail() {
	printf 'no Debian tree: %s\n' "$*" >&2
	exit 1
}

command -v debootstrap >/dev/null || fail 'debootstrap is not installed'
mkdir -p -- "$cache"
exec 9>"$tree.lock"
flock 9
if [[ ! -d $tree ]]; then
	# What an interrupted one left.
	rm -rf --one-file-system -- "$tree.new"
	for try in 1 2; do
		# What it mounts meanwhile is for nobody else to see: tests beside it look at the mounts there are.
		if unshare --mount --propagation private -- debootstrap --variant=minbase "$suite" "$tree.new" >"$tree.log" 2>&1 </dev/null; then break; fi
		rm -rf --one-file-system -- "$tree.new"
		((try == 1)) || fail "debootstrap ended with: $(tail -n 1 -- "$tree.log")"
	done
	mv -T -- "$tree.new" "$tree"
fi
printf '%s\n' "$tree"
