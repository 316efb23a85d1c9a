#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The recipe of the kernel for `./dev machine --full`: `kernel.sh SUITE DIRECTORY` puts Debian's cloud kernel of the suite there as `boot/vmlinuz`, its
# release as `boot/release` and those of its modules that something here has a use for as `boot/modules`. NVMe, ext4, virtio-fs and the
# virtio console are built in: no initial ramdisk is needed. machine.sh names what this makes by this file's digest.
set -euo pipefail
export LC_ALL=C

suite=$1 into=$2
mirror=${ORLOP_MIRROR:?the address of a Debian archive}
tree=$into/tree

# Only unpacked: nothing of it is configured or started.
mmdebstrap --quiet --variant=extract --format=directory --include=linux-image-cloud-amd64,kmod,liblzma5,xz-utils,findutils \
	--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' \
	--dpkgopt='path-exclude=/usr/share/*' "$suite" "$tree" "$mirror"
for part in bin sbin lib lib64; do
	[[ -e $tree/$part ]] || ln -s "usr/$part" "$tree/$part"
done

vmlinuz=$(compgen -G "$tree/boot/vmlinuz-*")
release=${vmlinuz##*/vmlinuz-}
mkdir -p -- "$into/boot/modules"
cp -- "$vmlinuz" "$into/boot/vmlinuz"
printf '%s\n' "$release" >"$into/boot/release"

all=$tree/lib/modules/$release
mv -- "$all/kernel" "$into/all"
for part in block net/{bridge,802,llc,netfilter,ipv4,ipv6,packet,core,unix} fs/{overlayfs,fuse,autofs,binfmt_misc.ko.xz} \
	drivers/{block,char/hw_random,net/veth.ko.xz,net/dummy.ko.xz,net/tun.ko.xz} lib crypto arch/x86/crypto; do
	[[ -e $into/all/$part ]] || continue
	mkdir -p "$(dirname -- "$all/kernel/$part")"
	mv -- "$into/all/$part" "$all/kernel/$part"
done
chroot "$tree" /usr/bin/find "/lib/modules/$release" -name '*.ko.xz' -exec /usr/bin/xz -d {} +
chroot "$tree" /usr/sbin/depmod "$release"
mv -- "$all"/* "$into/boot/modules/"
rm -rf --one-file-system -- "$tree" "$into/all"
