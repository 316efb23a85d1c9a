#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The recipe of the machine's image: `image.sh SUITE LSM DIRECTORY` makes a Debian with systemd as pid 1, the engines and the peers.
#
# DIRECTORY then has `boot`: a root directory for the user-mode kernel, which is a program that wants the C library of its suite, with `image/disk` in
# it, an ext4 image that is the guest's root file system. Whoever changes this file gets a new image: machine.sh names images by its digest.
set -euo pipefail
export LC_ALL=C

suite=$1 lsm=$2 into=$3
mirror=${ORLOP_MIRROR:?the address of a Debian archive}

packages=(
	systemd systemd-sysv dbus dbus-user-session libpam-systemd systemd-container # pid 1, and managers of users
	user-mode-linux kmod                                                         # the kernel
	containerd docker.io docker-cli podman conmon netavark crun runc             # engines and peers
	docker-buildx buildah containernetworking-plugins                            # builders; networks of pods
	curl protobuf-compiler                                                       # a client of the CRI: Debian has none
	bats jq busybox-static strace procps iproute2 uidmap util-linux util-linux-extra bsdutils # what the suites use
	libseccomp2 libyajl2 libcap2 libsystemd0                                     # what orlop is linked with
	apparmor secilc passwd login mount
)
[[ $lsm != selinux-debian ]] || packages+=(selinux-policy-default policycoreutils selinux-utils checkpolicy semodule-utils)

join() {
	local IFS=,
	printf '%s' "$*"
}

make_tree() {
	mmdebstrap --quiet --variant=apt --format=directory --include="$(join "${packages[@]}")" \
		--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' \
		--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' "$suite" "$tree" "$mirror"
}

# The kernel looks for modules where every kernel does; most of what Debian builds as modules has no device here.
take_modules() {
	local from to part
	from=$(compgen -G "$tree/usr/lib/uml/modules/*")
	to=$tree/usr/lib/modules/${from##*/}
	for part in net/{bridge,802,llc,netfilter,ipv4,ipv6,packet,core,unix} fs/{overlayfs,fuse} drivers/{block,net/veth.ko,net/dummy.ko,net/tun.ko} \
		lib crypto; do
		[[ -e $from/kernel/$part ]] || continue
		mkdir -p "$(dirname -- "$to/kernel/$part")"
		cp -R -- "$from/kernel/$part" "$to/kernel/$part"
	done
	cp -- "$from"/modules.{builtin,builtin.modinfo,order} "$to/"
	chroot "$tree" depmod "${from##*/}"
	rm -rf -- "$tree/usr/lib/uml"
}

# The unit that runs the job: everything else about a job comes with it.
write_job_unit() {
	cat >"$tree/etc/systemd/system/machine-job.service" <<-'UNIT'
		[Unit]
		Description=The job
		After=basic.target dbus.service systemd-logind.service systemd-user-sessions.service
		Wants=dbus.service systemd-logind.service systemd-user-sessions.service
		SuccessAction=poweroff-immediate
		FailureAction=poweroff-immediate

		[Service]
		Type=exec
		Delegate=yes
		ExecStartPre=/bin/mkdir -p /run/machine
		ExecStartPre=/bin/mount -t hostfs -o hostfs=/job none /run/machine
		ExecStart=/bin/bash /run/machine/guest.sh
		StandardInput=null

		[Install]
		WantedBy=multi-user.target
	UNIT
}

configure_tree() {
	local unit
	: >"$tree/etc/fstab"
	echo machine >"$tree/etc/hostname"
	echo '127.0.0.1 localhost machine' >"$tree/etc/hosts"
	rm -f -- "$tree/etc/resolv.conf"
	# Slow, and of no use to a guest that lives for one job.
	for unit in apparmor ldconfig systemd-hwdb-update systemd-journal-catalog-update systemd-timesyncd systemd-pcrphase \
		systemd-random-seed systemd-udev-settle e2scrub_reap systemd-firstboot systemd-update-done getty@tty1 console-getty \
		modprobe@{configfs,drm,efi_pstore,fuse,loop,dm_mod} netavark-dhcp-proxy systemd-networkd-wait-online systemd-journal-flush systemd-tpm2-setup systemd-tpm2-setup-early; do
		ln -sf /dev/null "$tree/etc/systemd/system/$unit.service"
	done
	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer getty.target \
		systemd-tmpfiles-clean.timer; do
		ln -sf /dev/null "$tree/etc/systemd/system/$unit"
	done
	# Engines start when a test asks for them.
	chroot "$tree" systemctl --quiet disable docker.service docker.socket containerd.service podman.service podman.socket \
		podman-auto-update.service podman-auto-update.timer podman-restart.service podman-clean-transient.service || true
	mkdir -p "$tree/etc/systemd/journald.conf.d"
	printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=32M\n' >"$tree/etc/systemd/journald.conf.d/machine.conf"
	write_job_unit
	chroot "$tree" systemctl --quiet enable machine-job.service
	chroot "$tree" systemctl --quiet set-default multi-user.target
	# Somebody who is not root, with ids to give away.
	chroot "$tree" useradd --create-home --uid 1000 --shell /bin/bash somebody
	echo 'somebody:100000:65536' | tee "$tree/etc/subuid" >"$tree/etc/subgid"
	# What a pod takes that reaches its host and no farther.
	find "$tree/usr/lib/cni" -type f ! -name loopback ! -name ptp ! -name host-local -delete
	rm -rf -- "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/var/log/* "$tree"/usr/share/{info,zoneinfo,bash-completion,doc}
}

# The kernel and the C library it was linked with.
take_kernel() {
	mkdir -p "$into/boot"/{dev,image,proc,tmp,job,tree,build,lib64,usr/bin,usr/lib/x86_64-linux-gnu}
	cp -- "$tree/usr/bin/linux.uml" "$into/boot/usr/bin/"
	cp -L -- "$tree"/usr/lib/x86_64-linux-gnu/{libc.so.6,libgcc_s.so.1} "$into/boot/usr/lib/x86_64-linux-gnu/"
	cp -L -- "$tree/lib64/ld-linux-x86-64.so.2" "$into/boot/lib64/"
	ln -s usr/lib "$into/boot/lib"
	rm -f -- "$tree/usr/bin/linux.uml"
}

tree=$into/tree
make_tree
mount -t proc proc "$tree/proc" # machine.sh gave this script mounts of its own
take_modules
configure_tree
take_kernel
[[ $lsm != selinux-debian ]] || cp -- "$(dirname -- "${BASH_SOURCE[0]}")/selinux-debian.cil" "$tree/root/machine.cil" # selinux
[[ $lsm != selinux-debian ]] || chroot "$tree" semodule --noreload --install=/root/machine.cil # selinux
[[ $lsm != selinux-debian ]] ||
	chroot "$tree" setfiles -F -e /proc -e /sys -e /dev /etc/selinux/default/contexts/files/file_contexts /
umount "$tree/proc"
mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1,root_owner=0:0 -m 0 -d "$tree" "$into/boot/image/disk" 8G
rm -rf --one-file-system -- "$tree"
