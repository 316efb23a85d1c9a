#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `list`: its forms, and that one bad container does not hide the others.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

@test "list: nothing there: a head line, no id, json null" {
	peer_skip crun 'says []'
	run oci list
	expect_status 0
	[[ ${#lines[@]} -eq 1 && ${lines[0]} =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER$ ]]
	run oci list -q
	expect_output ''
	run oci list --format json
	expect_output null
}

@test "list: a line for each container, in order" {
	peer_skip crun 'in no order'
	container_start sleep 100
	local first=$NAME
	NAME=$NAME-b
	container_create
	run oci list
	expect_status 0
	[[ ${#lines[@]} -eq 3 ]]
	[[ ${lines[1]} =~ ^"$first"\ +$(container_pid "$first")\ +running\ +"$BUNDLE"\ +[0-9T:.Z-]+\ +root ]]
	[[ ${lines[2]} =~ ^"$NAME"\ +[0-9]+\ +created ]]
	run oci list --quiet
	expect_output "$first"$'\n'"$NAME"
	run oci delete --force "$NAME"
	NAME=$first
}

@test "list: columns are wide as their widest word and three blanks, at least 12" {
	peer_skip crun 'other columns'
	container_create
	run oci list
	[[ ${lines[0]%%PID*} =~ ^'ID '\ +$ ]]
	local width=$((${#NAME} + 3 > 12 ? ${#NAME} + 3 : 12))
	[[ ${#lines[0]} -gt $width && ${lines[0]:width:3} == PID ]]
	[[ ${lines[0]:width+12:6} == STATUS ]]
	[[ ${lines[1]:width+12:7} == created ]]
	[[ ${lines[0]:width+24:6} == BUNDLE ]]
}

@test "list: json is one line, an array of state documents with their owner" {
	peer_skip crun 'other keys'
	container_start sleep 100
	run oci list --format=json
	expect_status 0
	[[ ${#lines[@]} -eq 1 ]]
	jq -e --arg id "$NAME" --arg bundle "$BUNDLE" 'length == 1 and .[0].id == $id and .[0].bundle == $bundle and
		.[0].status == "running" and .[0].owner == "root" and .[0].pid > 0' <<<"$output"
	oci kill "$NAME" KILL
	wait_until is_container stopped
	oci list -f json | jq -e '.[0].status == "stopped" and .[0].pid == 0'
}

@test "list: an unknown format is an error" {
	run oci list --format yaml
	[[ $status -ne 0 ]]
}

@test "list: a state directory that was named and is not there is an error" {
	peer_skip crun 'it is empty'
	peer_skip runc '1.1.5: it is empty'
	rmdir "$STATE"
	run oci list
	expect_status 1
	mkdir "$STATE"
}

@test "list: what cannot be read is told on standard error and left out" {
	peer_skip crun 'ends there'
	container_start sleep 100
	mkdir "$STATE/broken"
	run --separate-stderr oci list -q
	expect_status 0
	expect_output "$NAME"
	[[ $stderr == *broken* ]]
	run --separate-stderr oci list -f json
	expect_status 0
	jq -e 'length == 1' <<<"$output"
	rmdir "$STATE/broken"
}

@test "list: files beside the containers are passed over" {
	container_create
	touch "$STATE/file"
	run --separate-stderr oci list -q
	expect_status 0
	expect_output "$NAME"
	rm "$STATE/file"
}
