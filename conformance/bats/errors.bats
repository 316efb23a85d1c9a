#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# What cannot work: refused, with words that engines and people know, and with nothing left behind.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() {
	! mountpoint -q "${SMALL:-/nowhere}" || umount "$SMALL"
	container_teardown
}

# The container of the bundle cannot be made, and nothing of it is there: no id, no cgroup, no mount, no process.
expect_refused() {
	local before
	before=$(cat /proc/self/mountinfo)
	run --separate-stderr oci run --bundle "$BUNDLE" "$NAME" </dev/null
	[[ $status -ne 0 && -n $stderr ]] || { printf 'want an error, got status %s, output: %s\n' "$status" "$output" && return 1; }
	[[ $KIND != orlop || $status -eq 1 ]] || { printf 'want status 1, got: %s\n' "$status" && return 1; }
	[[ -z $(ls -A "$STATE") ]] || { ls -A "$STATE" && return 1; }
	[[ -z $(cgroup_find "$NAME") ]] || { cgroup_find "$NAME" && return 1; }
	expect_no_mounts_since "$before"
}

@test "errors: no config.json, in runc's words" {
	rm "$BUNDLE/config.json"
	expect_refused
	[[ $KIND == crun ]] || expect_message 'config.json'
	[[ $KIND != orlop ]] || expect_message 'JSON specification file config.json not found'
}

@test "errors: a config.json that is not JSON, is empty, is a directory, is another type" {
	local text
	for text in '' '{' '[]' '"text"' 'null' '{"ociVersion": "1.0.2"} trailing' '{"ociVersion": 1}'; do
		printf %s "$text" >"$BUNDLE/config.json"
		[[ $KIND != runc && $KIND != crun || $text != *trailing* ]] || continue
		expect_refused
	done
	rm "$BUNDLE/config.json"
	mkdir "$BUNDLE/config.json"
	expect_refused
	rmdir "$BUNDLE/config.json"
	[[ $KIND == orlop ]] || return 0
	mkfifo "$BUNDLE/config.json"
	expect_refused
}

@test "errors: a bundle that is not there, or is a file" {
	run oci run --bundle /no/such/bundle "$NAME"
	[[ $status -ne 0 ]]
	run oci run --bundle "$BUNDLE/config.json" "$NAME"
	[[ $status -ne 0 ]]
}

@test "errors: a missing root, and one that is a file" {
	bundle_edit '.root.path = "no-such-root"'
	expect_refused
	[[ $KIND != orlop ]] || expect_message 'no-such-root'
	touch "$BUNDLE/file"
	bundle_edit '.root.path = "file"'
	expect_refused
	bundle_edit 'del(.root)'
	expect_refused
}

@test "errors: no process, no args, no cwd (config.md, Process)" {
	bundle_edit 'del(.process.args)'
	expect_refused
	bundle_edit '.process.args = []'
	expect_refused
	bundle_edit '.process.args = [""]'
	expect_refused
	[[ $KIND == orlop ]] || return 0
	bundle_edit '.process.args = ["true"] | del(.process.cwd)'
	expect_refused
	bundle_edit 'del(.process)'
	expect_refused
}

@test "errors: a program that is not in PATH: runc's words, which docker makes 127 of" {
	process_args no-such-program
	expect_refused
	[[ $KIND == crun ]] || expect_message 'exec: "no-such-program": executable file not found in $PATH'
}

@test "errors: a program that does not exist: 'no such file or directory', at create already" {
	process_args /no/such/program
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 ]]
	[[ ${output,,} == *'no such file or directory'* && $output == */no/such/program* ]]
	[[ ! -e $STATE/$NAME && -z $(cgroup_find "$NAME") ]]
	expect_refused
}

@test "errors: a program that is not executable, and a directory: 'permission denied', which docker makes 126 of" {
	echo >"$ROOTFS/file"
	process_args /file
	expect_refused
	[[ ${stderr,,} == *'permission denied'* ]]
	peer_skip crun '1.8.1: has no such words for a directory'
	process_args /etc
	expect_refused
	[[ ${stderr,,} == *'permission denied'* || ${stderr,,} == *'is a directory'* ]]
}

@test "errors: a program of another machine, and one that is no program: 'exec format error'" {
	# An ELF head of a 64-bit machine that does not exist.
	printf '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xff\xff\x01\0\0\0%040d' 0 >"$ROOTFS/foreign"
	printf 'neither script nor program\n' >"$ROOTFS/neither"
	chmod +x "$ROOTFS/foreign" "$ROOTFS/neither"
	process_args /foreign
	expect_refused
	[[ ${stderr,,} == *'exec format error'* ]]
	process_args /neither
	expect_refused
	[[ ${stderr,,} == *'exec format error'* ]]
}

@test "errors: a script whose interpreter is missing" {
	printf '#!/no/such/interpreter\n' >"$ROOTFS/script"
	chmod +x "$ROOTFS/script"
	process_args /script
	expect_refused
	[[ ${stderr,,} == *'no such file or directory'* ]]
}

@test "errors: start tells what execve said, and the container is stopped" {
	printf 'neither script nor program\n' >"$ROOTFS/neither"
	chmod +x "$ROOTFS/neither"
	process_args /neither
	container_create
	run oci start "$NAME"
	[[ $KIND != orlop || $status -ne 0 ]]
	[[ $KIND != orlop ]] || expect_message 'exec format error'
	wait_until is_container stopped
	run oci delete "$NAME"
	expect_status 0
}

@test "errors: a user that the user namespace does not map" {
	bundle_edit '.process.user = {"uid": 70000, "gid": 0} | .linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
	chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" "$BUNDLE"
	chown -R 100000:200000 "$ROOTFS"
	expect_refused
}

@test "errors: ids that are none: ../x, blanks, too long; nothing is made anywhere" {
	local id
	for id in ../x ../../etc/x . .. / a/../b "$(printf '%04096d' 0)"; do
		run --separate-stderr oci run --bundle "$BUNDLE" "$id" </dev/null
		[[ $status -ne 0 ]] || { printf 'taken: %.40s\n' "$id" && return 1; }
	done
	[[ $KIND != orlop ]] || expect_message 'invalid container ID format'
	run --separate-stderr oci run --bundle "$BUNDLE" '' </dev/null
	[[ $status -ne 0 ]]
	[[ $KIND == crun ]] || expect_message 'container id cannot be empty'
	[[ -z $(ls -A "$STATE") && ! -e $BATS_TEST_TMPDIR/x ]]
}

@test "errors: ids that are none, for every verb" {
	local verb id
	for verb in state start kill delete pause resume ps exec; do
		for id in ../x .. '' "$(printf '%0300d' 0)"; do
			run oci "$verb" "$id" 9 </dev/null
			[[ $status -ne 0 ]] || { printf '%s takes %.40s\n' "$verb" "$id" && return 1; }
		done
	done
}

@test "errors: a full file system: the root has no room for mount points" {
	small_tmpfs
	mkdir "$SMALL/rootfs"
	cp -r "$ROOTFS/bin" "$SMALL/rootfs/" 2>/dev/null || true
	fill_small
	bundle_edit --arg path "$SMALL/rootfs" '.root.path = $path | .mounts += [{"destination": "/new/mount/point", "type": "tmpfs", "source": "x"}]'
	expect_refused
	[[ ${stderr,,} == *'no space left on device'* ]]
}

@test "errors: a full file system: no room for the state" {
	peer_skip crun 'leaves the directory'
	small_tmpfs
	mkdir "$SMALL/state"
	fill_small
	local words=("${OCI[@]}")
	words[2]=$SMALL/state
	run --separate-stderr "${words[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
	[[ $status -ne 0 ]]
	[[ ${stderr,,} == *'no space left on device'* ]]
	[[ $KIND != orlop || -z $(ls -A "$SMALL/state") ]]
	[[ $KIND != orlop || -z $(cgroup_find "$NAME") ]]
}

@test "errors: a tmpfs of the container's that fills up is the program's trouble, not the runtime's" {
	bundle_edit '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["size=64k"]}]'
	container_run sh -c 'head -c 1000000 /dev/zero >/mnt/file 2>/dev/null; echo "status $?"'
	expect_status 0
	expect_output 'status 1'
}

@test "errors: a pid file that cannot be written" {
	run --separate-stderr oci run --pid-file /no/such/dir/pid --bundle "$BUNDLE" "$NAME" </dev/null
	[[ $KIND == crun || $status -ne 0 ]]
	[[ -z $(ls -A "$STATE") ]]
}

@test "errors: standard output that is closed, or full, is no success for state" {
	[[ $KIND == orlop ]] || skip 'a promise of orlop'
	container_create
	run bash -c '"$@" >/dev/full' bash "${OCI[@]}" state "$NAME"
	[[ $status -ne 0 ]]
	run bash -c '"$@" >/dev/full' bash "${OCI[@]}" list
	[[ $status -ne 0 ]]
}

@test "errors: in the log file too, as one record that containerd can read" {
	process_args no-such-program
	run --separate-stderr "${OCI[@]}" --log "$PWD/log.json" --log-format json run --bundle "$BUNDLE" "$NAME" </dev/null
	[[ $status -ne 0 && -n $stderr ]]
	jq -es 'map(select(.level == "error")) | length >= 1 and (.[-1].msg | length > 0) and (.[-1].time | length >= 20)' log.json
	[[ $KIND == crun ]] || jq -es '.[-1].msg | contains("executable file not found in $PATH")' log.json
}

@test "errors: a limit whose controller is not there names it" {
	[[ $KIND == orlop ]] || skip 'a promise of orlop'
	grep -qw memory "$(dirname "$(find /sys/fs/cgroup -maxdepth 2 -name cgroup.controllers | head -n1)")/cgroup.controllers" && return
	bundle_edit '.linux.resources.memory.limit = 100000000'
	expect_refused
	expect_message memory
}

@test "errors: two violations are both told" {
	[[ $KIND == orlop ]] || skip 'a promise of orlop'
	bundle_edit '.process.cwd = "relative" | .linux.namespaces += [{"type": "pid"}]'
	expect_refused
	expect_message '/process/cwd'
	expect_message '/linux/namespaces'
}

# A file system of one megabyte: mounted and seen to be, before anything is written to it.
small_tmpfs() {
	SMALL=$BATS_TEST_TMPDIR/small
	mkdir "$SMALL"
	mount -t tmpfs -o size=1m,nr_inodes=200 orlop-test "$SMALL"
	[[ $(stat -f -c %T "$SMALL") == tmpfs && $(stat -f -c '%b %S' "$SMALL") == '256 4096' ]]
}

fill_small() {
	[[ $(stat -f -c %T "$SMALL") == tmpfs ]]
	head -c 2000000 /dev/zero >"$SMALL/filler" 2>/dev/null || true
	local i
	for ((i = 0; i < 300; i++)); do : 2>/dev/null >"$SMALL/i$i" || break; done
}
