#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `spec`: the file that it writes, and when it does not write one.
bats_require_minimum_version 1.5.0
load helpers

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# Lets any user reach the test's directory, with a copy of the runtime in it: $COPY. bats makes both for the caller only.
let_others_in() {
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_TEST_TMPDIR"
	COPY=$BATS_TEST_TMPDIR/runtime
	cp -- "$(type -P "${RUNTIME:-$ORLOP}")" "$COPY"
}

@test "writes config.json, says nothing" {
	run runtime spec
	expect_status 0
	expect_output ''
	jq -e '.ociVersion and .process.args == ["sh"] and .root.path == "rootfs"' config.json
	[[ $(ls -A) == config.json ]]
}

@test "indented with tabs" {
	runtime spec
	[[ $(sed -n 2p config.json) == $'\t"ociVersion": '* ]]
	run ! grep -n '^ ' config.json
}

@test "the mode follows the umask" {
	mkdir a b c
	(umask 022 && runtime spec -b a)
	(umask 077 && runtime spec -b b)
	(umask 0 && runtime spec -b c)
	[[ $(stat -c %a a/config.json b/config.json c/config.json | xargs) == '644 600 666' ]]
}

@test "a config.json that is there is kept" {
	echo mine >config.json
	run --separate-stderr runtime spec
	expect_status 1
	[[ -z $output && $stderr == *'File config.json exists. Remove it first'* ]]
	[[ $(cat config.json) == mine ]]
}

@test "a symlink that leads nowhere is kept, and not followed" {
	skip_unless_orlop
	ln -s elsewhere config.json
	run runtime spec
	expect_status 1
	expect_output_has 'File config.json exists. Remove it first'
	[[ -L config.json && ! -e elsewhere ]]
}

@test "--bundle" {
	mkdir -p 'some where/else'
	runtime spec --bundle 'some where/else'
	jq -e .ociVersion 'some where/else/config.json'
	[[ ! -e config.json ]]
	run --separate-stderr runtime spec --bundle /nonexistent
	expect_status 1
	[[ -z $output && ${stderr,,} == *'/nonexistent'*'no such file or directory'* ]]
	touch file
	run --separate-stderr runtime spec --bundle file
	expect_status 1
	[[ ${stderr,,} == *'not a directory'* ]]
}

@test "the config: what runc's callers expect of it" {
	runtime spec
	jq -e '.process | .terminal == true and .cwd == "/" and .noNewPrivileges == true and .user == {uid: 0, gid: 0}' config.json
	jq -e '.process.capabilities.bounding == ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]' config.json
	jq -e '.process.rlimits == [{type: "RLIMIT_NOFILE", hard: 1024, soft: 1024}]' config.json
	jq -e '.root.readonly == true' config.json
	jq -e '[.mounts[].destination] == ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup"]' config.json
	jq -e '.linux.resources.devices == [{allow: false, access: "rwm"}]' config.json
	jq -e '[.linux.namespaces[].type] | contains(["pid", "network", "ipc", "uts", "mount"])' config.json
	jq -e '[.linux.namespaces[].type] | contains(["user"]) | not' config.json
	jq -e '.linux.maskedPaths | contains(["/proc/kcore", "/sys/firmware"])' config.json
	jq -e '.linux.readonlyPaths | contains(["/proc/sys", "/proc/sysrq-trigger"])' config.json
}

@test "--rootless: a user namespace with one id, the host's network, no resources" {
	runtime spec --rootless
	jq -e '[.linux.namespaces[].type] | contains(["user", "mount", "pid"]) and (contains(["network"]) | not)' config.json
	jq -e --argjson id "$(id -u)" '.linux.uidMappings == [{containerID: 0, hostID: $id, size: 1}]' config.json
	jq -e --argjson id "$(id -g)" '.linux.gidMappings == [{containerID: 0, hostID: $id, size: 1}]' config.json
	jq -e '.linux.resources == null' config.json
	jq -e '[.mounts[].options // [] | .[] | select(test("^[ug]id="))] == []' config.json
	jq -e '.mounts[] | select(.destination == "/sys") | .type == "none" and .source == "/sys" and (.options | contains(["rbind"]))' \
		config.json
}

@test "--rootless: the ids are the caller's" {
	skip_unless_root
	mkdir bundle
	chown 1234:5678 bundle
	let_others_in
	(cd / && setpriv --reuid 1234 --regid 5678 --clear-groups "$COPY" spec --rootless --bundle "$BATS_TEST_TMPDIR/bundle")
	jq -e '.linux.uidMappings[0].hostID == 1234 and .linux.gidMappings[0].hostID == 5678' bundle/config.json
	[[ $(stat -c %u:%g bundle/config.json) == 1234:5678 ]]
}

@test "a directory that may not be written" {
	skip_unless_root
	mkdir bundle
	let_others_in
	run setpriv --reuid 1234 --regid 5678 --clear-groups "$COPY" spec --bundle "$BATS_TEST_TMPDIR/bundle"
	expect_status 1
	[[ ${output,,} == *'permission denied'* ]]
	[[ -z $(ls -A bundle) ]]
}

@test "a full disk leaves no half file" {
	skip_unless_root
	skip_unless_orlop
	mkdir disk
	# shellcheck disable=SC2016 # for that shell
	run unshare -m bash -c '
		mount -t tmpfs -o size=8k full disk && head -c 8192 /dev/zero >disk/rest
		"$0" spec --bundle disk
		code=$?
		ls -A disk
		exit $code' "$ORLOP"
	expect_status 1
	expect_output_has 'No space left on device'
	[[ ${lines[-1]} == rest ]]
}

@test "of two at once exactly one writes" {
	skip_unless_orlop
	local n wins=0 pids=()
	for n in 1 2 3 4 5 6 7 8; do
		runtime spec 2>/dev/null &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		if wait "$n"; then wins=$((wins + 1)); fi
	done
	[[ $wins == 1 && $(ls -A) == config.json ]]
	jq -e .ociVersion config.json
}
