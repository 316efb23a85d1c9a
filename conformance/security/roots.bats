#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2046,SC2054,SC2115,SC2153,SC2154,SC2238,SC2317 # jq has variables; bats and security.bash set what is read; traps are called by name
# Advisories about mount destinations, paths in the root file system, devices, ids and the state directory.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load security

setup() {
	security_setup
	leave_late
}
teardown() { security_teardown; }

@test "CVE-2015-3629 CVE-2015-1335: a symlink at any destination of the standard config leads to nothing of the host" {
	local destination target
	MODES='root rootless' COMMANDS=run
	process_shell "$(in_place 'proc proc' 'sysfs sysfs' 'devpts devpts' 'tmpfs shm' 'tmpfs tmpfs') echo started"
	for destination in proc dev sys dev/pts dev/shm dev/mqueue; do
		[[ $destination != dev/pts ]] || {
			no_mount_only /dev
			process_shell "$(in_place 'proc proc' 'sysfs sysfs' 'devpts devpts' 'tmpfs shm') echo started"
		}
		for target in "$H" "$(climb "$H/empty")"; do
			prepare() {
				rm -rf "${ROOTFS:?}"/{proc,sys,dev} && mkdir "$ROOTFS"/{proc,sys,dev}
				trap_link "$destination" "$target"
			}
			each_way harmless || finding "/$destination -> $target"
		done
	done
	no_findings
}
no_mount_only() { bundle_edit --arg at "$1" '.mounts |= map(select(.destination != $at))'; }

@test "CVE-2019-18837: a file mounted on a symlink stays in the root, however long the way" {
	local i from
	echo mounted >source
	add_bind "$PWD/source" /etc/resolv.conf
	process_shell 'cat /etc/resolv.conf'
	prepare() { trap_link etc/resolv.conf "$(climb "$H/victim")"; }
	each_way harmless mounted || finding 'climbing'
	prepare() { trap_link etc/resolv.conf "$H/new"; }
	each_way harmless mounted || finding 'absolute'
	prepare() {
		rm -rf "$ROOTFS"/chain*
		for ((i = 0; i < 45; i++)); do ln -s "chain$((i + 1))" "$ROOTFS/chain$i"; done
		ln -s "$H/victim" "$ROOTFS/chain45"
		trap_link etc/resolv.conf /chain0
	}
	each_way harmless mounted || finding 'a chain'
	prepare() { trap_link etc/resolv.conf "/$(printf 'a%.0s' {1..255})/$(printf 'b%.0s' {1..255})/../../..$H/victim"; }
	each_way harmless mounted || finding 'long names'
	unset -f prepare
	from=$(printf '/%0200d' {1..25})
	cp base.json "$BUNDLE/config.json"
	add_bind "$PWD/source" "$from"
	each_way harmless || finding 'a path too long'
	no_findings
}

@test "CVE-2026-41579 CVE-2026-47766: a /dev that is a symlink gets no node, link or mount of the host's" {
	local target read_only
	no_mount /dev
	MODES='root user rootless'
	for read_only in false true; do
		COMMANDS=run
		[[ $read_only == true ]] || COMMANDS='run create'
		bundle_edit --argjson only "$read_only" '.root.readonly = $only'
		for target in "$(climb "$H")" "$H" /proc/self/cwd; do
			prepare() { trap_link dev "$target"; }
			each_way harmless || finding "-> $target, read-only $read_only"
		done
	done
	no_findings
}

@test "CVE-2026-41579 CVE-2026-47766, next: nor do /dev/pts, /dev/shm, /dev/ptmx, /dev/fd or a device in a directory that is one" {
	local name
	no_mount_only /dev
	for name in pts shm mqueue ptmx fd stdin stdout stderr null zero full tty random urandom console core; do
		prepare() {
			rm -rf "${ROOTFS:?}/dev" && mkdir "$ROOTFS/dev"
			trap_link "dev/$name" "$(climb "$H/$name")"
		}
		COMMANDS=run MODES=$([[ $name == [pcn]* ]] && echo root user || echo root) each_way harmless || finding "/dev/$name"
	done
	no_findings
}

@test "CVE-2026-47766, next: a device of the config goes nowhere by a link, a dot-dot or a file in the way" {
	local path
	ln -s "$H" "$ROOTFS/out" && ln -s "$(climb "$H")" "$ROOTFS/up" && echo x >"$ROOTFS/file"
	COMMANDS=run
	for path in /out/n /up/n /dev/../../../../../../../../../../../../..$H/n /dev/x/../../out/n /file/n "$H/n" relative /dev /dev/ /; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit --arg path "$path" '.linux.devices = [{"path": $path, "type": "c", "major": 1, "minor": 3}]'
		each_way harmless || finding "$path"
	done
	no_findings
}

@test "CVE-2024-45310 CVE-2026-55686: what is made for a destination or a working directory is made in the root" {
	ln -s "$(climb "$H")" "$ROOTFS/symlink" && ln -s "$H" "$ROOTFS/direct"
	local path
	for path in /symlink/BREAKOUT /direct/BREAKOUT /symlink/a/b/c /direct/empty/../new; do
		COMMANDS=run
		[[ $path != /symlink/BREAKOUT ]] || COMMANDS='run create'
		cp base.json "$BUNDLE/config.json"
		bundle_edit --arg path "$path" '.process.cwd = $path'
		each_way harmless || finding "cwd $path"
		cp base.json "$BUNDLE/config.json"
		add_mount "{\"destination\": \"$path\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}"
		each_way harmless || finding "mount on $path"
		add_bind "$H/victim" "$path/file"
		each_way harmless || finding "file below $path"
	done
	no_findings
}

@test "CVE-2024-45310, next: what is made has its mode whatever the directory's setgid bit and the caller's umask" {
	[[ $KIND == orlop ]] || skip 'modes of peers differ'
	mkdir "$ROOTFS/shared" && chgrp 55 "$ROOTFS/shared" && chmod 2777 "$ROOTFS/shared"
	add_mount '{"destination": "/shared/a/b", "type": "tmpfs", "source": "tmpfs"}'
	umask 0777
	launch run
	umask 0022
	ran
	[[ $(stat -c %a "$ROOTFS/shared/a") == [02]755 ]]
}

@test "CVE-2025-24965: orlop writes no file of its own below the root" {
	local list=list
	[[ $KIND == orlop ]] || skip 'about what orlop writes'
	find "$ROOTFS" | sort >before-files
	launch run
	ran
	find "$ROOTFS" | sort | comm -13 before-files - | tee "$list"
	[[ ! -s $list ]]
}

@test "CVE-2026-84042 CVE-2024-0132: nothing named like a helper is taken from the root, the working directory or PATH" {
	local name
	for name in newuidmap newgidmap criu passt true; do
		printf '#!/bin/sh\ntouch %s\necho started' "$H/pwned" >trap
		chmod +x trap
		cp trap "$ROOTFS/bin/x-$name"
		cp trap "$ROOTFS/$name"
		mkdir -p path && cp trap "path/$name"
	done
	bundle_edit --arg path "$PWD/path" '.process.env = ["PATH=/bin", "LD_PRELOAD=/evil.so", "LD_LIBRARY_PATH=/lib"]'
	MODES='root user rootless'
	COMMANDS=run
	PATH=$BATS_TEST_TMPDIR/path:$PATH each_way harmless
	# This one takes newuidmap, which knows nothing of such a user.
	MODES=two_ids
	PATH=$BATS_TEST_TMPDIR/path:$PATH each_way harmless
}
mode_two_ids() {
	mode_rootless
	bundle_edit '.linux.uidMappings += [{"containerID": 1, "hostID": 20000, "size": 1}] | .linux.gidMappings = .linux.uidMappings'
}

@test "CVE-2026-84042, next: orlop run from the root file system, with its libraries there, loads none" {
	mkdir -p "$ROOTFS/lib/x86_64-linux-gnu" "$ROOTFS/usr/lib"
	echo trojan | tee "$ROOTFS/libseccomp.so.2" "$ROOTFS/lib/libc.so.6" "$ROOTFS/lib/x86_64-linux-gnu/libc.so.6" >"$ROOTFS/usr/lib/libyajl.so.2"
	bundle_edit '.process.env += ["LD_LIBRARY_PATH=/lib:/usr/lib"]'
	IN_HOST=("${IN_HOST[@]/--wd=*/--wd=$ROOTFS}")
	OCI=("${IN_HOST[@]}" "${PROGRAM[@]}")
	each_way ran
}

@test "GHSA-g54h-m393-cpwq: device rules begin with a refusal" {
	local rules
	process_shell 'for d in "b 8 0" "c 1 1" "b 253 0" "c 4 1"; do set -- $d; mknod "/dev/x-$1-$2-$3" $d 2>/dev/null;
		dd "if=/dev/x-$1-$2-$3" of=/dev/null count=0 2>/dev/null && echo "opened $d"; done
		for d in null zero full random urandom; do : </dev/$d || echo "no $d"; done'
	bundle_edit '.process.capabilities |= map_values(. + ["CAP_MKNOD"])'
	cp -- "$BUNDLE/config.json" rules.json
	for rules in '' '{}' '{"devices": []}' '{"devices": [{"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw"}]}' \
		'{"devices": [{"allow": true, "type": "c", "major": 1, "minor": 3, "access": "r"}]}'; do
		cp -- rules.json "$BUNDLE/config.json"
		[[ -z $rules ]] || bundle_edit --argjson rules "$rules" '.linux.resources = $rules'
		MODES=root each_way ran '' || finding "rules: $rules"
	done
	no_findings
}

@test "CVE-2014-6408 CVE-2014-9357 CVE-2014-9358 CVE-2014-6407 CVE-2014-9356: an id is a name, never a path" {
	local id command
	# Nothing but the test's own: crun 1.8 does remove the directory that `delete --force` names.
	for id in ../x a/b . .. '' "$(printf 'a%.0s' {1..300})" $'a\nb' 'a b' $'\e[31m' "$H/empty" '~' 'a%2fb' ../../../x $'\xff'; do
		for command in state start 'kill' 'delete --force' pause resume 'exec' 'ps'; do
			# shellcheck disable=SC2086 # words
			run oci $command "$id" $([[ $command != exec ]] || echo true) $([[ $command != kill ]] || echo KILL) </dev/null
			[[ $status -ne 0 ]] || [[ $command == 'delete --force' && $KIND != orlop ]] || finding "$command '$id': $output"
		done
		run oci create --bundle "$BUNDLE" "$id" </dev/null
		[[ $status -ne 0 ]] || finding "create '$id'"
		[[ -z $(state_ids) ]] || finding "create '$id' left $(state_ids)"
	done
	[[ -z $(find "$BATS_TEST_TMPDIR" -maxdepth 1 -newer base.json -name 'x*') ]]
	[[ -d $H/empty ]] || finding 'a directory of the host is gone'
	no_findings
}

@test "CVE-2014-9357, next: an id that is an option is none, and -- ends options" {
	run oci run --bundle "$BUNDLE" -x
	[[ $status -ne 0 ]]
	run oci delete --force -- --all
	[[ $status -ne 0 || -z $output ]]
	[[ -z $(state_ids) ]]
}

@test "CVE-2014-3519: the root cannot be left by a handle" {
	process_args /spy handle
	MODES='root user rootless' each_way ran ''
}

@test "CVE-2015-1331 CVE-2021-41103 CVE-2024-25621 CVE-2021-41091: the state is its owner's alone" {
	local path mode
	[[ $KIND == orlop ]] || skip 'about the state directory of orlop'
	OCI=("${IN_HOST[@]}" "${PROGRAM[0]}" --root "$PWD/fresh/state")
	process_args sleep 1000
	umask 0
	detached create --bundle "$BUNDLE" "$NAME"
	umask 0022
	[[ $status -eq 0 ]]
	find fresh | while read -r path; do
		mode=$(stat -c %a "$path")
		[[ $path == fresh || $mode == [0-7]00 || $path == fresh/state && $mode == 711 ]] || echo "$path is $mode"
	done >modes
	oci delete --force "$NAME"
	[[ ! -s modes ]] || { cat modes && false; }
}

@test "CVE-2017-5985 CVE-2018-6556 CVE-2022-47952 CVE-2026-39402: an unprivileged caller joins no namespace that is not its own" {
	local path
	MODES=rootless COMMANDS=run
	for path in /proc/1/ns/net "/proc/$HOLDER/ns/net" /proc/1/ns/pid /proc/1/ns/mnt "$H/victim" /root/no-such-file; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit --arg path "$path" '.linux.namespaces |= map(if .type == "network" then .path = $path else . end)
			| .mounts |= map(select(.type != "sysfs"))'
		each_way refused || finding "$path"
	done
	no_findings
}
