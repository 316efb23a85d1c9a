#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the path of a tree with the crun and the runc of Debian sid and what they are linked with, made by mmdebstrap when it is not there yet: below
# ${XDG_CACHE_HOME:-/var/cache}/orlop, under the month's name, since sid goes on. Nobody writes to it. Takes root, and once the archive.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
cache=${XDG_CACHE_HOME:-/var/cache}/orlop
tree=$cache/peers-sid-$(date +%Y-%m)

fail() {
	printf 'peers.sh: %s\n' "$*" >&2
	exit 1
}

# shellcheck source=conformance/machine/mirror.sh
source "$here/../machine/mirror.sh"
command -v mmdebstrap >/dev/null || fail 'mmdebstrap is not installed'
mkdir -p -- "$cache"
exec 9>"$tree.lock"
flock 9
if [[ ! -d $tree ]]; then
	find_mirror || fail 'apt knows no Debian archive: run apt-get update, or set ORLOP_MIRROR to the address of one'
	# What an interrupted one left.
	rm -rf --one-file-system -- "$tree.new"
	# Unpacked only: programs of another C library than this machine's need not run to be measured later.
	mmdebstrap --quiet --variant=extract --mode=root --include=crun,runc --aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' sid "$tree.new" "$ORLOP_MIRROR" \
		>"$tree.log" 2>&1 </dev/null || fail "mmdebstrap ended with: $(tail -n 1 -- "$tree.log")"
	rm -rf --one-file-system -- "$tree.new"/dev "$tree.new"/var/{cache,lib/apt}
	mkdir -p -- "$tree.new"/{dev,proc,sys,run,tmp,work}
	for link in bin sbin lib lib64; do
		[[ -e $tree.new/$link ]] || ln -s "usr/$link" "$tree.new/$link"
	done
	ldconfig -r "$tree.new"
	mv -T -- "$tree.new" "$tree"
fi
printf '%s\n' "$tree"
