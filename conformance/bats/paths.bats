#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# What is hidden and what is only to be read: runtime-spec config-linux.md, "Masked Paths", "Readonly Paths".
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

mask() { bundle_edit --arg path "$1" '.linux.maskedPaths += [$path]'; }
protect() { bundle_edit --arg path "$1" '.linux.readonlyPaths += [$path]'; }

@test "maskedPaths: a file reads as nothing and cannot be written (config-linux.md, Masked Paths)" {
	echo secret >"$ROOTFS/etc/secret"
	mask /etc/secret
	container_run sh -c 'cat /etc/secret; echo x >/etc/secret; cat /etc/secret'
	expect_output ''
	[[ $(<"$ROOTFS/etc/secret") == secret ]]
}

@test "maskedPaths: a directory is empty and read-only" {
	mkdir "$ROOTFS/private"
	echo secret >"$ROOTFS/private/file"
	mask /private
	container_run sh -c 'ls -A /private; touch /private/x 2>/dev/null && echo wrote; true'
	expect_status 0
	expect_output ''
	[[ -e $ROOTFS/private/file && ! -e $ROOTFS/private/x ]]
}

@test "maskedPaths: those of /proc and /sys" {
	mask /proc/cpuinfo
	mask /proc/self/status
	mask /sys/kernel
	container_run sh -c 'wc -c </proc/cpuinfo; ls -A /sys/kernel; ls -A /sys/firmware; cat /proc/keys /proc/timer_list | wc -c'
	expect_status 0
	expect_output $'0\n0'
}

@test "maskedPaths: what is not there is passed over" {
	mask /no/such/file
	mask /proc/no-such-entry
	container_run true
	expect_status 0
}

@test "maskedPaths: many" {
	local i
	for ((i = 0; i < 40; i++)); do
		mkdir "$ROOTFS/hide-d$i"
		echo secret | tee "$ROOTFS/hide-d$i/f" >"$ROOTFS/hide-f$i"
	done
	bundle_edit '.linux.maskedPaths += [range(40) | "/hide-d\(.)", "/hide-f\(.)"]'
	container_run sh -c 'cat /hide-f* /hide-d*/* 2>/dev/null; true'
	expect_status 0
	expect_output ''
}

@test "maskedPaths: a symlink in the root leads to no file of the host's (CVE-2025-31133 class)" {
	echo precious >"$BATS_TEST_TMPDIR/precious"
	ln -s "../../../../../../../../..$BATS_TEST_TMPDIR/precious" "$ROOTFS/link"
	mask /link
	container_run cat /link
	[[ $(<"$BATS_TEST_TMPDIR/precious") == precious ]]
	[[ $output != *precious* || $status -ne 0 ]]
	not grep -q "$BATS_TEST_TMPDIR/precious" /proc/self/mountinfo
}

@test "maskedPaths: a /dev/null of the image's that is something else does not let a mask through (CVE-2025-31133)" {
	[[ $KIND == orlop ]] || skip 'older peers fail it'
	# Without a tmpfs on /dev the image's own nodes are there.
	bundle_edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	ln -s /proc/sys/kernel/domainname "$ROOTFS/dev/null"
	echo secret >"$ROOTFS/etc/secret"
	mask /etc/secret
	container_run sh -c 'cat /etc/secret'
	[[ $output != *secret* ]]
	[[ $status -ne 0 ]] || expect_output ''
}

@test "readonlyPaths: a file and a directory cannot be written (config-linux.md, Readonly Paths)" {
	mkdir "$ROOTFS/fixed"
	echo old | tee "$ROOTFS/fixed/file" >"$ROOTFS/etc/fixed"
	protect /fixed
	protect /etc/fixed
	container_run sh -c 'echo new >/etc/fixed; echo new >/fixed/file; touch /fixed/x; cat /etc/fixed /fixed/file; touch /etc/other && echo other'
	expect_status 0
	expect_output $'old\nold\nother'
}

@test "readonlyPaths: /proc/sys is" {
	container_run sh -c 'cat /proc/sys/kernel/hostname; echo x >/proc/sys/kernel/hostname'
	[[ $status -ne 0 ]]
	expect_output box
}

@test "readonlyPaths: the options of what is mounted there stay" {
	peer_skip crun '1.8.1: do not'
	bundle_edit '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["nosuid", "nodev", "noexec"]}]'
	protect /mnt
	container_facts mounts
	local options
	options=$(sed -n 's|^mount [0-9]* [0-9]* [0-9:]* [^ ]* /mnt \([^ ]*\) .*|\1|p' <<<"$output" | tail -n1)
	for word in ro nosuid nodev noexec; do
		[[ ,$options, == *",$word,"* ]]
	done
}

@test "readonlyPaths: what is not there is passed over" {
	protect /no/such/file
	container_run true
	expect_status 0
}

@test "masked and read-only paths cannot be undone from inside without the capability" {
	echo secret >"$ROOTFS/etc/secret"
	mask /etc/secret
	container_run sh -c 'umount /etc/secret 2>/dev/null; cat /etc/secret; mount -o remount,rw /proc/sys 2>/dev/null && echo remounted; true'
	expect_status 0
	expect_output ''
}
