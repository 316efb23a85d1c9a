#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# The process as config.json describes it: runtime-spec config.md, "Process", and config-linux.md.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

@test "args: handed on as they are (config.md, args)" {
	container_run sh -c 'for a; do printf "<%s>" "$a"; done' name 'a b' '' '$HOME' $'line\nbreak' 'é'
	expect_status 0
	expect_output $'<a b><><$HOME><line\nbreak><é>'
}

@test "args: the program is searched in the PATH of the container's environment (config.md, args: execvp)" {
	mkdir "$ROOTFS/elsewhere"
	printf '#!/bin/sh\necho found by "$0"\n' >"$ROOTFS/elsewhere/tool"
	chmod +x "$ROOTFS/elsewhere/tool"
	bundle_edit '.process.env = ["PATH=/nowhere:/elsewhere:/bin"]'
	container_run tool
	expect_status 0
	expect_output 'found by /elsewhere/tool'
}

@test "args: a relative path is taken from cwd" {
	mkdir "$ROOTFS/work"
	cp "$ROOTFS/payload" "$ROOTFS/work/tool"
	bundle_edit '.process.cwd = "/work"'
	container_run ./tool ids
	expect_status 0
	expect_fact uid '0 0 0'
}

@test "env: these variables, HOME, and nothing of the caller's (config.md, env)" {
	bundle_edit '.process.env = ["PATH=/bin", "A=1", "EMPTY=", "EQUALS=a=b", "SPACE=a b"]'
	export ORLOP_LEAK=leak
	container_facts env
	expect_output_has 'env A=1'
	expect_output_has 'env EMPTY='
	expect_output_has 'env EQUALS=a=b'
	expect_output_has 'env SPACE=a b'
	[[ $output != *LEAK* ]]
	[[ $(grep -c . <<<"$output") -le 6 ]]
}

@test "env: HOME comes from the container's passwd when it is not set; what is set stays" {
	peer_skip crun 'only for some users'
	printf 'root:x:0:0::/top:/bin/sh\nuser:x:77:77::/home/user:/bin/sh\n' >"$ROOTFS/etc/passwd"
	bundle_edit '.process.user = {"uid": 77, "gid": 77}'
	container_facts env
	expect_output_has 'env HOME=/home/user'
	bundle_edit '.process.user = {"uid": 78, "gid": 77}'
	container_facts env
	expect_output_has 'env HOME=/'
	bundle_edit '.process.env += ["HOME=/mine"]'
	container_facts env
	expect_output_has 'env HOME=/mine'
	[[ $(grep -c HOME= <<<"$output") -eq 1 ]]
}

@test "cwd: the program starts there; it is made when it is missing (config.md, cwd)" {
	mkdir -p "$ROOTFS/a/b"
	bundle_edit '.process.cwd = "/a/b"'
	container_facts process
	expect_fact cwd /a/b
	bundle_edit '.process.cwd = "/new/dir"'
	container_facts process
	expect_fact cwd /new/dir
}

@test "cwd: one that only the user may enter" {
	mkdir -m 0700 "$ROOTFS/private"
	chown 55:55 "$ROOTFS/private"
	bundle_edit '.process.cwd = "/private" | .process.user = {"uid": 55, "gid": 55}'
	container_facts process
	expect_fact cwd /private
}

@test "cwd: a relative one is an error (config.md, cwd: MUST be absolute)" {
	peer_skip crun 'takes it'
	bundle_edit '.process.cwd = "tmp"'
	container_run true
	[[ $status -ne 0 ]]
	[[ $KIND != orlop ]] || expect_message 'absolute'
}

@test "cwd: a symlink stays inside the container" {
	ln -s /../../etc "$ROOTFS/link"
	bundle_edit '.process.cwd = "/link"'
	echo inside >"$ROOTFS/etc/mark"
	container_run cat mark
	expect_status 0
	expect_output inside
}

@test "cwd: a descriptor of the host's is no way out (CVE-2024-21626)" {
	local fd
	for fd in 3 7 8 9; do
		bundle_edit --arg fd "$fd" '.process.cwd = "/proc/self/fd/" + $fd'
		container_run sh -c 'ls; cat ../../../../etc/hostname'
		[[ $status -ne 0 ]]
	done
}

@test "user: uid, gid and additional groups, no others (config.md, POSIX-platform User)" {
	bundle_edit '.process.user = {"uid": 11, "gid": 22, "additionalGids": [33, 44]}'
	container_facts ids
	expect_fact uid '11 11 11'
	expect_fact gid '22 22 22'
	[[ $(fact groups) == '33 44' || $(fact groups) == '22 33 44' ]]
}

@test "user: without additionalGids the caller's groups do not come along" {
	bundle_edit '.process.user = {"uid": 11, "gid": 22}'
	process_args /payload ids
	run --separate-stderr setpriv --groups 5,6,7 "${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 0
	[[ $(fact groups) == '' || $(fact groups) == 22 ]]
}

@test "user: the largest ids" {
	peer_skip runc 'up to 2^31 only'
	bundle_edit '.process.user = {"uid": 4294967294, "gid": 4294967294}'
	container_facts ids
	expect_fact uid '4294967294 4294967294 4294967294'
	expect_fact gid '4294967294 4294967294 4294967294'
}

@test "user.umask: as given; 0022 unless told (config.md, umask)" {
	container_facts process
	expect_fact umask 0022
	bundle_edit '.process.user.umask = 31'
	container_facts process
	expect_fact umask 0037
	bundle_edit '.process.user.umask = 0'
	container_facts process
	expect_fact umask 0000
}

@test "capabilities: the five sets, each as listed (config.md, capabilities)" {
	bundle_edit '.process.capabilities = {"bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID"], "effective": ["CAP_KILL"],
		"permitted": ["CAP_KILL", "CAP_CHOWN"], "inheritable": ["CAP_CHOWN"], "ambient": ["CAP_CHOWN"]}'
	bundle_edit '.process.user = {"uid": 9, "gid": 9}'
	container_facts caps
	expect_fact caps.bounding 00000000000000a1
	expect_fact caps.inheritable 0000000000000001
	expect_fact caps.ambient 0000000000000001
	# execve of a user who is not root: what is ambient.
	expect_fact caps.permitted 0000000000000001
	expect_fact caps.effective 0000000000000001
}

@test "capabilities: root has those of the bounding set" {
	container_facts caps
	expect_fact caps.bounding 0000000020000420
	expect_fact caps.permitted 0000000020000420
	expect_fact caps.effective 0000000020000420
	expect_fact caps.inheritable 0000000000000000
	expect_fact caps.ambient 0000000000000000
}

@test "capabilities: none given, none left" {
	bundle_edit '.process.capabilities = {}'
	container_facts caps
	expect_fact caps.bounding 0000000000000000
	expect_fact caps.effective 0000000000000000
}

@test "capabilities: one that no kernel has is an error or a warning, not granted (config.md, capabilities)" {
	peer_skip crun 'passes over it in silence'
	bundle_edit '.process.capabilities.bounding += ["CAP_NO_SUCH"]'
	container_run true
	[[ $status -ne 0 || $stderr == *CAP_NO_SUCH* ]]
}

@test "noNewPrivileges (config.md, noNewPrivileges)" {
	container_facts process
	expect_fact no_new_privs 1
	bundle_edit '.process.noNewPrivileges = false'
	container_facts process
	expect_fact no_new_privs 0
	bundle_edit 'del(.process.noNewPrivileges)'
	container_facts process
	expect_fact no_new_privs 0
}

@test "rlimits: soft and hard as given, the others as they were (config.md, rlimits)" {
	bundle_edit '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
		{"type": "RLIMIT_CORE", "soft": 0, "hard": 4096}, {"type": "RLIMIT_AS", "soft": 8589934592, "hard": 8589934592}]'
	container_facts limits
	expect_fact rlimit.NOFILE '100 200'
	expect_fact rlimit.CORE '0 4096'
	expect_fact rlimit.AS '8589934592 8589934592'
}

# Init raises its own, the host side those of an init in a user namespace.
@test "rlimits: a hard limit above the caller's takes CAP_SYS_RESOURCE, and then it is given (config.md, rlimits)" {
	local namespaces
	bundle_edit '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 1100, "hard": 1200}]'
	ulimit -Sn 1024 && ulimit -Hn 1024
	for namespaces in own user; do
		[[ $namespaces == own ]] || bundle_edit '.linux.namespaces += [{"type": "user"}]
			| .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
		container_run sh -c 'ulimit -n; ulimit -Hn'
		if (($(sed -n 's/^CapEff:.*\(.......\)$/0x\1/p' /proc/self/status) >> 24 & 1)); then
			expect_status 0
			expect_output $'1100\n1200'
		elif [[ $KIND == orlop ]]; then
			expect_status 1
			expect_message 'raise the hard limit of RLIMIT_NOFILE from 1024 to 1200 (that needs CAP_SYS_RESOURCE'
		else
			[[ $status -ne 0 ]]
		fi
	done
}

@test "rlimits: an unknown type, one given twice, soft above hard are errors (config.md, rlimits)" {
	peer_skip runc '1.1.5: takes what is given twice'
	peer_skip crun 'takes what is given twice'
	bundle_edit '.process.rlimits = [{"type": "RLIMIT_NO_SUCH", "soft": 1, "hard": 1}]'
	container_run true
	[[ $status -ne 0 ]]
	bundle_edit '.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 1, "hard": 1}, {"type": "RLIMIT_CORE", "soft": 2, "hard": 2}]'
	container_run true
	[[ $status -ne 0 ]]
	bundle_edit '.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 2, "hard": 1}]'
	container_run true
	[[ $status -ne 0 ]]
}

@test "oomScoreAdj (config.md, oomScoreAdj)" {
	bundle_edit '.process.oomScoreAdj = 456'
	container_facts process
	expect_fact oom_score_adj 456
}

@test "oomScoreAdj: the caller's when it is not set (config.md, oomScoreAdj: MUST NOT change)" {
	process_args /payload process
	run --separate-stderr bash -c 'echo 234 >/proc/self/oom_score_adj && exec "$@"' bash \
		"${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 0
	expect_fact oom_score_adj 234
}

@test "scheduler: policy and nice (config.md, scheduler)" {
	peer_skip crun '1.8.1: does not know it'
	peer_skip runc '1.1.5: does not know it'
	bundle_edit '.process.scheduler = {"policy": "SCHED_BATCH", "nice": 5}'
	container_facts sched
	expect_fact scheduler '3 0'
	expect_fact nice 5
	bundle_edit '.process.scheduler = {"policy": "SCHED_IDLE"}'
	container_facts sched
	expect_fact scheduler '5 0'
}

@test "ioPriority (config.md, ioPriority)" {
	peer_skip runc '1.1.5: does not know it'
	peer_skip crun '1.8.1: does not know it'
	bundle_edit '.process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 6}'
	container_facts sched
	expect_fact ioprio '2 6'
	bundle_edit '.process.ioPriority = {"class": "IOPRIO_CLASS_IDLE", "priority": 0}'
	container_facts sched
	expect_fact ioprio '3 0'
}

@test "execCPUAffinity: final is where the program runs (config.md, execCPUAffinity)" {
	[[ $(nproc) -gt 1 ]] || skip 'needs two processors'
	[[ $KIND == orlop ]] || skip "$KIND: this version does not know it"
	bundle_edit '.process.execCPUAffinity = {"initial": "0", "final": "1"}'
	container_start sleep 100
	run oci exec "$NAME" /payload sched
	expect_status 0
	expect_fact cpus 1
}

@test "personality: LINUX32 (config-linux.md, Personality)" {
	peer_skip runc '1.1.5: does not know it'
	bundle_edit '.linux.personality = {"domain": "LINUX32"}'
	container_facts process
	expect_fact personality 0x8
	[[ $(uname -m) != x86_64 ]] || expect_fact machine i686
}

@test "the program has no signal blocked, ignored or pending, and is its own session's leader" {
	process_args /payload signals process
	run --separate-stderr bash -c 'trap "" USR1 HUP PIPE; exec "$@"' bash "${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 0
	expect_fact signals.blocked 0000000000000000
	[[ $KIND != orlop ]] || expect_fact signals.ignored 0000000000000000
	expect_fact signals.pending 0000000000000000
	expect_fact pdeathsig 0
	expect_fact pid 1
	expect_fact sid 1
}

@test "the environment of a program is not the runtime's: /proc/1/environ has only config.json's" {
	export ORLOP_LEAK=leak
	container_run sh -c 'tr "\0" "\n" </proc/1/environ'
	expect_status 0
	[[ $output != *LEAK* ]]
}

@test "the name and words of init are the program's" {
	container_run sh -c 'cat /proc/1/comm; tr "\0" " " </proc/1/cmdline; true'
	expect_status 0
	[[ ${lines[0]} == sh && ${lines[1]} == 'sh -c '* ]]
}

@test "the runtime's binary cannot be reached by /proc/1/exe (CVE-2019-5736)" {
	bundle_edit '.process.capabilities = {"bounding": ["CAP_DAC_OVERRIDE"], "effective": ["CAP_DAC_OVERRIDE"], "permitted": ["CAP_DAC_OVERRIDE"]}'
	container_run sh -c 'readlink /proc/1/exe'
	expect_status 0
	expect_output /bin/sh
	local before
	before=$(sha256sum <"$(command -v "${OCI[0]}")")
	process_args /proc/self/exe --version
	container_run
	[[ $(sha256sum <"$(command -v "${OCI[0]}")") == "$before" ]]
}

@test "nobody else may trace or read init while it is set up: dumpable only after execve" {
	container_create
	[[ $KIND == orlop ]] || skip 'a promise of orlop'
	local pid
	pid=$(container_pid)
	[[ $(stat -c %u "/proc/$pid/status") == 0 ]]
	[[ -z $(find "/proc/$pid/fd" -lname '*config.json*' 2>/dev/null) ]]
}

@test "descriptors 0, 1 and 2 only, even while it waits to be started" {
	[[ $KIND == orlop ]] || skip 'a promise of orlop'
	exec 7<"$BUNDLE/config.json"
	container_create
	exec 7<&-
	local link
	for link in "/proc/$(container_pid)"/fd/*; do
		[[ $(readlink "$link") != *config.json* && $(readlink "$link") != "$BUNDLE" && $(readlink "$link") != / ]]
	done
}
