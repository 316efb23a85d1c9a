#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2153,SC2154 # jq has variables; bats and security.bash set what is read
# What no advisory is about yet: the state directory, and bytes from a container that reach a terminal.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load security

setup() {
	security_setup
	[[ $KIND == orlop ]] || skip 'peers have other ways'
}
teardown() {
	chown 0:0 "${STATE:-/nonexistent}" 2>/dev/null || true
	chmod 0711 "${STATE:-/nonexistent}" 2>/dev/null || true
	security_teardown
}

# Every command says the same, and does nothing.
root_refused() {
	local command
	for command in "create --bundle $BUNDLE $NAME-x" list "state $NAME" "kill $NAME KILL" "delete --force $NAME" "exec $NAME true" "ps $NAME"; do
		# shellcheck disable=SC2086 # words
		detached $command
		[[ $status -ne 0 && $stderr == *"state directory '$STATE'"*"$1"* && $stderr != *$'\n'* ]] || finding "$2: $command: $status $output $stderr"
	done
	[[ ! -e $STATE/$NAME-x ]] || finding "$2: made a container"
}

@test "state: a directory in which somebody else could put a record is refused" {
	local mode
	container_start sleep 1000
	chown "$ROOTLESS_ID" "$STATE"
	root_refused "belongs to user $ROOTLESS_ID" owner
	chown 0:"$ROOTLESS_ID" "$STATE"
	for mode in 0777 0775 0713; do
		[[ $mode != 0713 ]] || chgrp 0 "$STATE"
		chmod "$mode" "$STATE"
		root_refused 'others may change' "$mode"
	done
	for mode in 1777 0711 0700 0775; do
		chgrp 0 "$STATE"
		chmod "$mode" "$STATE"
		is_container running || finding "$mode is fine"
	done
	mv "$STATE" "$STATE.real"
	ln -s "$STATE.real" "$STATE"
	is_container running || finding 'a link to a sound directory is fine'
	chown "$ROOTLESS_ID" "$STATE.real"
	root_refused belongs 'behind a link'
	chown 0 "$STATE.real"
	rm "$STATE" && mv "$STATE.real" "$STATE"
	no_findings
}

@test "state: a record that another user made in a shared directory is not believed" {
	container_start sleep 1000
	chmod 1777 "$STATE"
	cp -r "$STATE/$NAME" "$STATE/other"
	chown -R "$ROOTLESS_ID" "$STATE/other"
	local command
	for command in 'state other' 'kill other KILL' 'delete --force other' 'exec other true' 'pause other'; do
		# shellcheck disable=SC2086 # words
		run oci $command </dev/null
		[[ $status -ne 0 && $output == *"belongs to user $ROOTLESS_ID"* ]] || finding "$command: $output"
	done
	is_container running || finding 'the container was touched'
	rm -r "$STATE/other"
	no_findings
}

# Nothing but text, tabs and ends of lines.
printable() { [[ ! $1 =~ [^[:print:][:space:]] && $1 != *$'\r'* ]]; }

@test "terminals: what a container, an image or a config calls itself moves no cursor" {
	local text what
	text=$'\e]0;title\a\e[31m\b\x7f\xc2\x9b1A'
	process_args sh -c 'cp /bin/busybox "/bin/$0"; "/bin/$0" 1000; exec sleep 1000' "$text"
	container_create
	oci start "$NAME"
	for what in list 'list --format json' 'list --quiet' "ps $NAME" "ps --format json $NAME" "state $NAME"; do
		# shellcheck disable=SC2086 # words
		run oci $what
		[[ $status -eq 0 ]] || finding "$what: $output"
		printable "$output" || finding "$what: $(od -c <<<"$output" | grep -m3 -E '033|\\a|\\b|177')"
	done
	oci delete --force "$NAME"
	for what in '.process.args = ["/none" + $text]' '.process.cwd = "/" + $text' '.hostname = $text * 20' '.root.path = $text' '.linux.cgroupsPath = "/../" + $text' \
		'.mounts += [{"destination": "/x", "type": $text, "source": $text}]' '.mounts += [{"destination": "/x", "type": "bind", "source": ("/" + $text), "options": ["bind"]}]' \
		'.linux.sysctl = {($text): $text}' '.linux.namespaces += [{"type": $text}]' '.linux.devices = [{"path": $text, "type": $text}]' \
		'.hooks = {"prestart": [{"path": ("/" + $text)}]}' '.process.apparmorProfile = $text' '.linux.resources = {"unified": {($text): $text}}' \
		'.ociVersion = $text' '.linux.maskedPaths = [$text]' '.process.rlimits = [{"type": $text, "hard": 1, "soft": 1}]' '.process.user.uid = $text'; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit --arg text "$text" "$what"
		run timeout 60 "${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
		[[ $status -ne 0 || $what == *@(masked|cwd)* ]] || finding "$what: ran"
		printable "$output" || finding "$what: $(od -c <<<"$output" | grep -m3 -E '033|\\a|\\b|177')"
		oci delete --force "$NAME" >/dev/null 2>&1 || true
	done
	for what in "$text" "--$text" "$text"; do
		run oci "$what"
		printable "$output" || finding "command: $output"
		run oci state "$what"
		printable "$output" || finding "id: $output"
		run oci --root "/none/$what" state x
		printable "$output" || finding "root: $output"
		run oci exec --cwd "$what" "$NAME" true
		printable "$output" || finding "exec: $output"
	done
	no_findings
}
