#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2046,SC2054,SC2115,SC2153,SC2154,SC2238,SC2317 # jq has variables; bats and security.bash set what is read; traps are called by name
# Advisories about capabilities, users, groups, and the dialogue between the runtime's processes.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load security

setup() { security_setup; }
teardown() { security_teardown; }

facts_are() {
	local want
	((status == 0)) || return 1
	for want in "$@"; do
		grep -qxF -- "$want" <<<"$output" || { finding "no '$want'" && return 1; }
	done
}

@test "CVE-2022-29162 CVE-2022-27650 CVE-2022-24769 CVE-2022-27649 CVE-2022-27651 CVE-2022-27652 CVE-2025-27612 GHSA-c9cp-9c75-9v8c: nothing is inheritable unasked" {
	cp "$ROOTFS/payload" "$ROOTFS/fi"
	command -v setcap >/dev/null && setcap cap_net_raw,cap_sys_admin=i "$ROOTFS/fi"
	bundle_edit '.process.user = {"uid": 1000, "gid": 1000} | .process.noNewPrivileges = false'
	process_args /fi caps
	each_way facts_are 'caps.inheritable 0000000000000000' 'caps.permitted 0000000000000000' 'caps.effective 0000000000000000' \
		'caps.ambient 0000000000000000'
	process_args sleep 1000
	container_start
	run oci exec --user 1000:1000 --cap CAP_NET_RAW "$NAME" /fi caps </dev/null
	facts_are 'caps.inheritable 0000000000000000' || finding "exec --cap: $output"
	[[ $KIND != orlop ]] || facts_are 'caps.ambient 0000000000000000' 'caps.effective 0000000000000000' || finding "exec --cap: $output"
	no_findings
}

@test "CVE-2022-29162, next: a config without capabilities gives none; an unknown name shifts no bit" {
	process_args /payload caps
	bundle_edit 'del(.process.capabilities)'
	MODES=root each_way facts_are 'caps.inheritable 0000000000000000' 'caps.permitted 0000000000000000' 'caps.bounding 0000000000000000'
	bundle_edit '.process.capabilities = {"bounding": ["CAP_KILL", "CAP_NO_SUCH"], "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"]}'
	launch run
	[[ $status -ne 0 ]] || facts_are 'caps.bounding 0000000000000020'
}

@test "CVE-2016-8867 CVE-2018-10856: nothing is ambient unasked, for run and for exec" {
	bundle_edit '.process.user = {"uid": 1000, "gid": 1000}'
	process_args /payload caps
	each_way facts_are 'caps.ambient 0000000000000000' 'caps.effective 0000000000000000'
	cp base.json "$BUNDLE/config.json"
	container_start sleep 1000
	run oci exec --user 1000 "$NAME" /payload caps </dev/null
	facts_are 'caps.ambient 0000000000000000' 'caps.effective 0000000000000000' || finding "exec: $output"
	no_findings
}

@test "CVE-2016-3697 CVE-2024-40635 CVE-2026-46680 CVE-2026-30892: a user is a number, all of it, and no file of the image is asked" {
	local user
	printf '%s\n' '1000:x:0:0::/:' '4294967296:x:0:0::/:' '-1:x:0:0::/:' 'root:x:0:0::/:' ':x:0:0::/:' >"$ROOTFS/etc/passwd"
	printf '%s\n' '1000:x:0:' >"$ROOTFS/etc/group"
	container_start sleep 1000
	for user in 0:0 1:1 1000:1000 1:2 65534:65534; do
		run oci exec --user "$user" "$NAME" /payload ids </dev/null
		facts_are "uid ${user%:*} ${user%:*} ${user%:*}" "gid ${user#*:} ${user#*:} ${user#*:}" || finding "$user: $output"
	done
	run oci exec --user 1000 "$NAME" /payload ids </dev/null
	facts_are 'uid 1000 1000 1000' || finding "1000: $output"
	for user in : 1: :1 -1 +1 ' 1' '1 ' 0x1 4294967295 4294967296 99999999999999999999 1:2:3 1:-1 1:4294967296 $'1\n' 1.0 1e3; do
		run oci exec --user "$user" "$NAME" sh -c 'echo started' </dev/null
		[[ $status -ne 0 && $output != *started* ]] || finding "'$user' was taken: $output"
	done
	for user in '{"uid": 4294967296, "gid": 0}' '{"uid": -1, "gid": 0}' '{"uid": "0", "gid": 0}' '{"uid": 1.5, "gid": 0}' '{"uid": 0, "gid": 99999999999999999999}'; do
		cp base.json "$BUNDLE/config.json"
		sed -i "s/\"uid\": 0,/\"x\": 0,/" "$BUNDLE/config.json"
		jq -c 'del(.process.user)' base.json | sed "s/\"process\":{/\"process\":{\"user\":$user,/" >"$BUNDLE/config.json"
		run oci run --bundle "$BUNDLE" "$NAME-x" </dev/null
		[[ $status -ne 0 && $output != *started* ]] || finding "config $user: $output"
	done
	no_findings
}

@test "CVE-2022-36109 CVE-2022-2989 CVE-2022-2990 CVE-2022-2995 CVE-2023-25173: the groups are those of the config and no others" {
	echo secret >"$ROOTFS/denied" && chgrp 20 "$ROOTFS/denied" && chmod 0604 "$ROOTFS/denied"
	bundle_edit '.process.user = {"uid": 1000, "gid": 10, "additionalGids": [20, 30]}'
	process_shell '/payload ids; cat /denied 2>&1'
	OCI=("${IN_HOST[@]}" setpriv --groups 0,27,1000 "${PROGRAM[@]}")
	PROGRAM=(setpriv --groups 0,27,1000 "${PROGRAM[@]}")
	process_args /payload ids
	each_way facts_are 'groups 20 30' 'gid 10 10 10'
	process_shell 'cat /denied 2>/dev/null; true'
	each_way ran ''
	process_args sleep 1000
	container_start
	run oci exec --user 1000:10 "$NAME" /payload ids </dev/null
	facts_are 'gid 10 10 10'
	[[ $output != *'groups'*27* ]]
	bundle_edit '.process.user = {"uid": 1000, "gid": 10}'
	oci delete --force "$NAME"
	process_args /payload ids
	launch run
	facts_are groups
}

@test "CVE-2014-8989: an unprivileged container drops no group to get round a denial" {
	process_shell '/spy groups; cat /proc/self/setgroups'
	bundle_edit '.process.capabilities |= map_values(. + ["CAP_SETGID"])'
	MODES=rootless each_way ran deny
}

@test "CVE-2021-43784: messages too large for their fields cut nothing off" {
	local what
	COMMANDS=run MODES=root
	process_args /payload namespaces
	cp "$BUNDLE/config.json" base.json
	for what in '.process.env += [range(2000) | "V\(.)=" + ("x" * 500)]' \
		'.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [range(300) | {"containerID": (. * 2), "hostID": (. * 2), "size": 1}]
			| .linux.gidMappings = .linux.uidMappings' \
		'.process.args += [range(1000) | "argument-\(.)"]' \
		'.mounts += [range(300) | {"destination": "/mnt/\(.)", "type": "tmpfs", "source": "x"}]' \
		'.hostname = ("h" * 64)' \
		'.annotations = ([range(2000) | {("a\(.)"): ("b" * 300)}] | add)' \
		'.linux.namespaces |= map(if .type == "network" then .path = "/" + ("n" * 70000) else . end)' \
		'.process.apparmorProfile = ("p" * 65536)' \
		'.process.cwd = "/" + ("c" * 70000)'; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit "$what"
		each_way isolated || finding "${what:0:60}"
	done
	no_findings
}
isolated() {
	local name
	((status == 0)) || { [[ $output != *ns.* ]] && return; }
	for name in ipc mnt net pid uts; do
		[[ $(fact "ns.$name") == "$name:"* && $(fact "ns.$name") != "$(in_host readlink "/proc/self/ns/$name")" ]] || return 1
	done
}

@test "CVE-2026-47262 CVE-2022-1708 CVE-2022-31030 CVE-2022-23471 CVE-2025-4437: files of the image that are endless cost neither memory nor time" {
	local kind limit=(prlimit --data=67108864)
	# A sanitizer reserves more for itself; the time limit stands.
	! grep -q __asan_init "${PROGRAM[0]}" || limit=()
	COMMANDS=run MODES=root
	bundle_edit '.process.user = {"uid": 1000, "gid": 1000}'
	for kind in sparse fifo endless directory; do
		prepare() {
			local name
			for name in passwd group; do
				rm -rf "$ROOTFS/etc/$name"
				case $kind in
				sparse) truncate -s 4G "$ROOTFS/etc/$name" ;;
				fifo) mkfifo "$ROOTFS/etc/$name" ;;
				endless) ln -s /dev/zero "$ROOTFS/etc/$name" ;;
				directory) mkdir "$ROOTFS/etc/$name" ;;
				esac
			done
		}
		OCI=("${IN_HOST[@]}" timeout 20 "${limit[@]}" "${PROGRAM[@]}")
		each_way harmless || finding "$kind"
		[[ $status -ne 124 ]] || finding "$kind took too long"
	done
	unset -f prepare
	no_findings
}
