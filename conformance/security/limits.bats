#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2046,SC2054,SC2115,SC2153,SC2154,SC2238,SC2317 # jq has variables; bats and security.bash set what is read; traps are called by name
# Advisories about cgroups, sysctls, annotations, seccomp and hooks.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load security

setup() { security_setup; }
teardown() { security_teardown; }

@test "CVE-2022-0811 GHSA-w2j5-3rcx-vx7x: no sysctl of the host's, by whatever name or value" {
	local before name
	before=$(cat /proc/sys/kernel/{core_pattern,shmmax,domainname})
	COMMANDS=run MODES=root
	for name in kernel.core_pattern kernel.modprobe kernel/core_pattern vm.swappiness fs.file-max kernel.panic +kernel.shmmni kernel.shm_rmid_forced+kernel.core_pattern; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit --arg name "$name" '.linux.sysctl = {($name): "1"}'
		each_way refused || finding "$name"
	done
	for name in ipc network; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit --arg name "$name" '.linux.namespaces |= map(select(.type != $name)) | .linux.sysctl =
			(if $name == "ipc" then {"kernel.shmmni": "77"} else {"net.ipv4.ip_default_ttl": "77"} end) | .mounts |= map(select(.type != "sysfs" and .type != "mqueue"))'
		each_way refused || finding "$name of the host"
	done
	cp base.json "$BUNDLE/config.json"
	bundle_edit '.linux.sysctl = {"kernel.shmmni": "5\n+kernel.core_pattern=x"}'
	each_way refused || finding 'a value of two lines'
	[[ $before == "$(cat /proc/sys/kernel/{core_pattern,shmmax,domainname})" ]] || finding 'a sysctl of the host changed'
	no_findings
}

@test "CVE-2022-0811, next: a namespace that is joined and is the host's counts as the host's" {
	bundle_edit --arg path "/proc/$HOLDER/ns/ipc" '.linux.namespaces |= map(if .type == "ipc" then .path = $path else . end)
		| .linux.sysctl = {"kernel.shmmni": "77"} | .mounts |= map(select(.type != "mqueue"))'
	COMMANDS=run MODES=root each_way refused
}

@test "CVE-2023-6476 GHSA-5g49-rx9x-qfc6: cgroup names and files that climb or steer are refused" {
	local key victim
	COMMANDS=run MODES=root
	find /sys/fs/cgroup -type d | sort >cgroups
	sleep 1000 >/dev/null 2>&1 3>&- &
	victim=$!
	HELPERS+=("$victim")
	for key in ../x a/b cgroup.procs cgroup.kill cgroup.freeze cgroup.subtree_control cgroup.threads cgroup.type '' . .. ../../cgroup.procs; do
		cp base.json "$BUNDLE/config.json"
		# What an old runtime moves by it, and kills at the end, is a process of the test's.
		bundle_edit --arg key "$key" --arg value "$victim" '.linux.resources = {"unified": {($key): (if $key | test("procs|threads") then $value else "1" end)}}'
		each_way refused || finding "unified '$key'"
	done
	for key in ../../x /../../x "/$NAME/../../../etc" "/$NAME/../../.."; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit --arg key "$key" '.linux.cgroupsPath = $key'
		each_way harmless || finding "cgroupsPath $key"
	done
	cp base.json "$BUNDLE/config.json"
	container_start sleep 1000
	for key in .. ../.. /../.. ../../x; do
		run oci exec --cgroup "$key" "$NAME" grep ^0:: /proc/self/cgroup </dev/null
		[[ $status -ne 0 || $output == "0::$(oci exec "$NAME" sed -n 's/^0:://p' /proc/self/cgroup)" ]] || finding "exec --cgroup $key: $output"
	done
	oci delete --force "$NAME"
	kill -0 "$victim" || finding 'a process of the host was killed'
	find /sys/fs/cgroup -type d | sort | diff cgroups - | grep "$NAME" && finding 'a cgroup stays'
	no_findings
}

@test "CVE-2025-47291: with a user namespace too it is in the cgroup of the config, before it starts" {
	local mode pid
	[[ $KIND == orlop ]] || skip 'about the hybrid tree'
	for mode in root user; do
		"mode_$mode"
		bundle_edit --arg path "/$NAME-asked" '.linux.cgroupsPath = $path'
		process_args sleep 1000
		container_create
		pid=$(container_pid)
		grep -q "^0::.*/$NAME-asked$" "/proc/$pid/cgroup" || finding "$mode: $(cat "/proc/$pid/cgroup")"
		oci delete --force "$NAME"
		mode_end
	done
	no_findings
}

@test "CVE-2022-0492: a standard container gets no cgroup of its own to mount" {
	process_shell 'mkdir /tmp/c; unshare -UrmC sh -c "mount -t cgroup -o rdma x /tmp/c && echo mounted" 2>/dev/null; mount -t cgroup2 x /tmp/c 2>/dev/null && echo mounted; true'
	bundle_edit '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["unshare"], "action": "SCMP_ACT_ERRNO"}]}'
	each_way ran ''
}

@test "CVE-2024-3154: systemd executes nothing for an annotation: what it is asked for is a scope" {
	local name
	COMMANDS=run MODES=root
	for name in ExecStartPre User BindPaths ExecStart Slice; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit --arg name "org.systemd.property.$name" --arg to "$H/pwned" '.annotations = {($name): ("[(\"/bin/touch\", [\"touch\", \"" + $to + "\"], false)]")}'
		each_way harmless || finding "$name"
		[[ $KIND == orlop ]] || continue
		# For systemd it is a scope, which executes nothing, where the config's path has it.
		run oci --systemd-cgroup plan --bundle "$BUNDLE" --host "$BATS_TEST_DIRNAME/../golden/host.txt" "$NAME"
		[[ $status -ne 0 ]] || grep -qE "^  unit +orlop-$NAME\.scope\$" <<<"$output" || finding "$name: $(grep '^  unit ' <<<"$output")"
	done
	no_findings
}

@test "CVE-2017-18367 CVE-2019-9893: the arguments of a rule are all to match, and all their 64 bits" {
	process_shell 'kill -0 $$ && echo same; kill -10 $$; echo lived'
	# kill(pid, sig): denied when sig is 10 and pid is 1; with "or" kill -0 would be denied as well.
	bundle_edit '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["kill"], "action": "SCMP_ACT_ERRNO",
		"args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 10, "op": "SCMP_CMP_EQ"}]}]}'
	each_way ran $'same\nlived'
	bundle_edit '.linux.seccomp.syscalls[0].args = [{"index": 0, "value": 4294967297, "op": "SCMP_CMP_GE"}]'
	process_shell 'kill -0 $$ && echo same'
	each_way ran same
}

@test "CVE-2025-23266 CVE-2024-0132 CVE-2025-23359: a hook has the environment of its config and none of the process's" {
	echo trojan >"$ROOTFS/evil.so"
	bundle_edit --arg to "$PWD/hook-env" '.process.env += ["LD_PRELOAD=/evil.so", "EVIL=1"]
		| .hooks = (["prestart", "createRuntime", "createContainer", "poststart", "poststop"]
		| map({(.): [{"path": "/bin/sh", "args": ["sh", "-c", ("(echo \(.); env) >>" + $to)]}]}) | add)'
	COMMANDS='run create' MODES=root each_way ran
	[[ $(grep -c -E '^(prestart|createRuntime|poststart|poststop)$' hook-env) -ge 6 ]]
	not grep -E 'EVIL|LD_PRELOAD' hook-env
}
