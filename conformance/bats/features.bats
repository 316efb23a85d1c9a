#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `features`: the document of runtime-spec's features.md, as engines read it.
bats_require_minimum_version 1.5.0
load helpers

setup() { runtime features >"$BATS_TEST_TMPDIR/features.json"; }

has() { jq -e "$@" "$BATS_TEST_TMPDIR/features.json"; }

@test "one JSON object, four blanks of indentation, a final newline" {
	run --separate-stderr runtime features
	expect_status 0
	[[ ${lines[0]} == '{' && ${lines[1]} == '    "ociVersionMin": "1.0.0",' && -z $stderr ]]
	[[ $(tail -c 2 "$BATS_TEST_TMPDIR/features.json") == '}' ]]
	has -s 'length == 1'
}

@test "versions" {
	has '.ociVersionMax | test("^1\\.[0-9]+\\.[0-9]+")'
}

@test "all six hooks, in the order of time" {
	has '.hooks == ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]'
}

@test "mount options: sorted, once each, and those that engines look for" {
	has '.mountOptions | . == unique'
	has '["rro", "ro", "rw", "bind", "rbind", "rprivate", "rslave", "rshared", "nosuid", "nodev", "noexec", "tmpcopyup",
		"relatime", "remount", "sync"] - .mountOptions == []'
}

@test "mount options: no word that is only orlop's or crun's" {
	skip_unless_orlop
	has '.mountOptions | contains(["copy-symlink"]) or contains(["src-nofollow"]) | not'
}

@test "namespaces and capabilities" {
	has '["cgroup", "ipc", "mount", "network", "pid", "user", "uts"] - .linux.namespaces == []'
	has '.linux.capabilities | length >= 38 and contains(["CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_BPF"])'
}

@test "the newer ones: time namespace, 41 capabilities, runtime-spec 1.3" {
	skip_unless_orlop
	has '.linux.namespaces | contains(["time"]) and length == 8'
	has '.linux.capabilities | length == 41'
	has '.ociVersionMax == "1.3.0"'
}

@test "seccomp: actions, operators and architectures" {
	local off='.enabled == false and (has("actions") | not)'
	has ".linux.seccomp | ($off) or (.actions | contains([\"SCMP_ACT_ALLOW\", \"SCMP_ACT_ERRNO\", \"SCMP_ACT_NOTIFY\"]))"
	has ".linux.seccomp | ($off) or (.operators | length == 7)"
	has ".linux.seccomp | ($off) or (.archs | contains([\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_AARCH64\"]))"
}

@test "cgroup: version 2" {
	has '.linux.cgroup.v2 == true'
}

@test "cgroup: not version 1" {
	skip_unless_orlop
	has '.linux.cgroup.v1 == false'
}

@test "whether checkpoints work is told as podman asks" {
	has '.annotations["org.opencontainers.runc.checkpoint.enabled"] | . == "true" or . == "false"'
}
