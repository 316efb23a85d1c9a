#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The second backend of machine.sh, for what the user-mode kernel lacks: a whole computer with two processors, emulated. Runs in the namespaces that
# machine.sh made: `full.sh DISK KERNEL-DIRECTORY JOB-DIRECTORY TREE BUILD MEMORY KERNEL-ARGUMENT...`; the computer's console is file descriptor
# 3, the job's output 4, its errors 5. All that the guest sees of the host is one directory, by virtio-fs.
set -euo pipefail

disk=$1 kernel=$2 work=$3 tree=$4 build=$5 memory=$6
shift 6
release=$(<"$kernel/release")

# Debian had it in QEMU's own packages before it had a package of its own, which knows other options.
share_start() {
	local share=$work/share try
	mkdir -p -- "$share"/{job,tree,build,modules}
	mount --bind "$work/job" "$share/job"
	mount --bind "$tree" "$share/tree"
	mount -o remount,bind,ro "$share/tree"
	if [[ -n $build ]]; then
		mount --bind "$build" "$share/build"
		mount -o remount,bind,ro "$share/build"
	fi
	mount --bind "$kernel/modules" "$share/modules"
	mount -o remount,bind,ro "$share/modules"
	if [[ -x /usr/libexec/virtiofsd ]]; then
		/usr/libexec/virtiofsd --socket-path="$work/share.sock" --shared-dir="$share" --cache=auto --sandbox=chroot >&3 2>&3 &
	else
		/usr/lib/qemu/virtiofsd --socket-path="$work/share.sock" -o "source=$share" -o cache=auto -o sandbox=chroot >&3 2>&3 &
	fi
	for ((try = 0; try < 100; try++)); do
		if [[ -S $work/share.sock ]]; then return; fi
		sleep 0.1
	done
}

# The image's unit mounts what a user-mode kernel can; systemd takes other lines for it from the kernel's command line.
unit_dropin() {
	base64 -w0 <<-UNIT
		[Service]
		ExecStartPre=
		ExecStartPre=/bin/mkdir -p /run/share /run/machine /usr/lib/modules/$release
		ExecStartPre=/bin/mount -t virtiofs machine /run/share
		ExecStartPre=/bin/mount --bind /run/share/job /run/machine
		ExecStartPre=/bin/mount --bind /run/share/modules /usr/lib/modules/$release
	UNIT
}

share_start
# Always a pipe, whatever the caller's descriptors are: the emulator opens it anew.
exec {out}> >(exec cat >&4) {err}> >(exec cat >&5)
# On a busy host the timer may miss what the kernel checks it for. QEMU 7.2 spoils the flags of cmpxchg16b, and the kernel's allocator stumbles:
# no cx16. Others may use the image; what the guest writes goes to an unlinked file.
TMPDIR=$work qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
	-machine q35,memory-backend=memory -accel tcg,thread=multi,tb-size=512 -cpu max,la57=off,cx16=off -smp 2 \
	-m "$memory" -object "memory-backend-memfd,id=memory,size=${memory}M,share=on" \
	-kernel "$kernel/vmlinuz" -append "console=ttyS0 root=/dev/nvme0n1 rootfstype=ext4 rw panic=-1 mitigations=off no_timer_check nowatchdog tsc=reliable $* \
systemd.set_credential_binary=systemd.unit-dropin.machine-job.service:$(unit_dropin)" \
	-drive "file=$disk,format=raw,if=none,id=disk,snapshot=on,file.locking=off" -device nvme,drive=disk,serial=disk \
	-chardev "socket,id=share,path=$work/share.sock" -device vhost-user-fs-pci,chardev=share,tag=machine \
	-chardev file,id=console,path=/dev/fd/3,append=on -serial chardev:console \
	-chardev "file,id=out,path=/dev/fd/$out" -chardev "file,id=err,path=/dev/fd/$err" \
	-device virtio-serial-pci -device virtconsole,chardev=out -device virtconsole,chardev=err >&3 2>&3
# What is in the pipes still comes out.
exec {out}>&- {err}>&-
wait %2 %3 2>/dev/null || sleep 0.2
