#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# The names of the UTS namespace: runtime-spec config.md, "Hostname", "Domainname".
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

@test "hostname: as given, in the container only (config.md, Hostname)" {
	local before
	before=$(uname -n)
	bundle_edit '.hostname = "my-box.example"'
	container_facts process
	expect_fact hostname my-box.example
	[[ $(uname -n) == "$before" ]]
}

@test "hostname: the host's when there is none" {
	bundle_edit 'del(.hostname)'
	container_facts process
	expect_fact hostname "$(uname -n)"
}

@test "domainname: as given (config.md, Domainname)" {
	peer_skip runc '1.1.5: does not know it'
	bundle_edit '.domainname = "example.org"'
	container_facts process
	expect_fact domainname example.org
	expect_fact hostname box
}

@test "hostname: without a UTS namespace of its own it is an error in runc's words" {
	local before
	before=$(uname -n)
	bundle_edit '.linux.namespaces |= map(select(.type != "uts"))'
	container_run true
	[[ $status -ne 0 ]]
	[[ $(uname -n) == "$before" ]]
	[[ $KIND == crun ]] || expect_message 'unable to set hostname without a private UTS namespace'
}

@test "hostname: 64 letters are taken, 65 are an error" {
	bundle_edit '.hostname = ("h" * 64)'
	container_facts process
	expect_fact hostname "$(printf 'h%.0s' {1..64})"
	bundle_edit '.hostname = ("h" * 65)'
	container_run true
	[[ $status -ne 0 ]]
}
