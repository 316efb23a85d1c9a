#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# Namespaces and ids: runtime-spec config-linux.md, "Namespaces", "User namespace mappings", "Offset for Time Namespace".
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

# Host side of `fact ns.x`.
host_ns() { readlink "/proc/self/ns/$1"; }

@test "namespaces: a new one of each type listed (config-linux.md, Namespaces)" {
	bundle_edit '.linux.namespaces += [{"type": "cgroup"}]'
	container_facts namespaces
	local name
	for name in pid net ipc uts mnt cgroup; do
		[[ $(fact "ns.$name") == "$name":* && $(fact "ns.$name") != "$(host_ns "$name")" ]] || { echo "$name" && return 1; }
	done
	[[ $(fact ns.user) == "$(host_ns user)" ]]
}

@test "namespaces: those that are not listed are the caller's (config-linux.md, Namespaces)" {
	bundle_edit '.linux.namespaces = [{"type": "mount"}] | del(.hostname)
		| .mounts |= map(select(.destination != "/sys" and .destination != "/dev/mqueue"))'
	container_facts namespaces process
	local name
	for name in pid net ipc uts user; do
		expect_fact "ns.$name" "$(host_ns "$name")"
	done
	expect_fact hostname "$(uname -n)"
}

@test "namespaces: pid: the program is number 1" {
	container_facts process
	expect_fact pid 1
	expect_fact ppid 0
}

@test "namespaces: the same type twice is an error (config-linux.md, Namespaces)" {
	peer_skip crun 'takes it'
	bundle_edit '.linux.namespaces += [{"type": "pid"}]'
	container_run true
	[[ $status -ne 0 ]]
}

@test "namespaces: an unknown type is an error" {
	bundle_edit '.linux.namespaces += [{"type": "nosuch"}]'
	container_run true
	[[ $status -ne 0 ]]
}

@test "namespaces: joined by path (config-linux.md, Namespaces: path)" {
	container_start sleep 100
	local first=$NAME pid name
	pid=$(container_pid)
	NAME=$NAME-b
	bundle_edit --arg pid "$pid" 'del(.hostname) | .linux.namespaces |= map(
		if .type == "network" then .path = "/proc/" + $pid + "/ns/net"
		elif .type == "ipc" then .path = "/proc/" + $pid + "/ns/ipc"
		elif .type == "uts" then .path = "/proc/" + $pid + "/ns/uts"
		elif .type == "pid" then .path = "/proc/" + $pid + "/ns/pid" else . end)'
	container_facts namespaces process
	for name in net ipc uts pid; do
		expect_fact "ns.$name" "$(readlink "/proc/$pid/ns/$name")"
	done
	[[ $(fact ns.mnt) != "$(readlink "/proc/$pid/ns/mnt")" ]]
	expect_fact hostname box
	[[ $(fact pid) -gt 1 ]]
	NAME=$first
}

@test "namespaces: a path of another type is an error (config-linux.md, Namespaces: path)" {
	bundle_edit '(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/uts"'
	container_run true
	[[ $status -ne 0 ]]
}

@test "namespaces: a path that is not there, or is no namespace, is an error" {
	local path
	for path in /nowhere /etc/passwd relative /dev/null; do
		bundle_edit --arg path "$path" '(.linux.namespaces[] | select(.type == "network")).path = $path'
		container_run true
		[[ $status -ne 0 ]] || { echo "$path" && return 1; }
		[[ -z $(ls -A "$STATE") ]]
	done
}

@test "namespaces: network: only lo, and it is up" {
	container_run sh -c 'ls /sys/class/net; cat /sys/class/net/lo/operstate /sys/class/net/lo/flags; ping -c1 -W2 127.0.0.1 >/dev/null 2>&1; echo $?'
	[[ ${lines[0]} == lo ]]
	[[ $((lines[2] & 1)) -eq 1 ]]
}

@test "user namespace: ids are mapped as given (config-linux.md, User namespace mappings)" {
	user_namespace
	process_shell '/payload ids namespaces; sleep 100'
	container_run /payload ids namespaces
	[[ -z $stderr ]] || echo "$stderr"
	expect_status 0
	expect_fact uid '0 0 0'
	[[ $(fact uid_map | tr -s ' ') == ' 0 100000 65536' ]]
	[[ $(fact gid_map | tr -s ' ') == ' 0 200000 65536' ]]
	[[ $(fact ns.user) != "$(host_ns user)" ]]
	container_start sleep 100
	[[ $(stat -c %u "/proc/$(container_pid)") == 100000 ]]
}

@test "user namespace: another user than root in it" {
	user_namespace
	bundle_edit '.process.user = {"uid": 1000, "gid": 1001, "additionalGids": [1002]}'
	container_facts ids
	expect_fact uid '1000 1000 1000'
	expect_fact gid '1001 1001 1001'
}

@test "user namespace: root in it has no power over the host's files" {
	user_namespace
	echo secret >"$ROOTFS/root-only"
	chmod 0600 "$ROOTFS/root-only"
	chown 0:0 "$ROOTFS/root-only"
	container_run cat /root-only
	[[ $status -ne 0 ]]
}

@test "user namespace: without a mapping it is an error" {
	bundle_edit '.linux.namespaces += [{"type": "user"}]'
	container_run true
	[[ $status -ne 0 ]]
}

@test "user namespace: devices are there, and can be used" {
	user_namespace
	container_run sh -c 'echo x >/dev/null && head -c4 /dev/zero | wc -c && head -c4 /dev/urandom | wc -c'
	expect_status 0
	expect_output $'4\n4'
}

@test "time namespace: offsets of the monotonic and the boot clock (config-linux.md, Offset for Time Namespace)" {
	peer_skip runc '1.1.5: does not know it'
	peer_skip crun '1.8.1: does not know it'
	bundle_edit '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"monotonic": {"secs": 1000}, "boottime": {"secs": 100000000}}'
	container_run sh -c '/payload namespaces; cut -d. -f1 /proc/uptime'
	[[ -z $stderr ]] || echo "$stderr"
	expect_status 0
	[[ $(fact ns.time) != "$(host_ns time)" ]]
	[[ ${lines[-1]} -ge 100000000 ]]
}

@test "cgroup namespace: the container sees its own cgroup as the top" {
	peer_skip crun 'has no cgroup here'
	bundle_edit '.linux.namespaces += [{"type": "cgroup"}]'
	container_run sh -c 'grep "^0:" /proc/self/cgroup'
	expect_status 0
	expect_output '0::/'
}

user_namespace() {
	chown -R 100000:200000 "$ROOTFS"
	chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" "$BUNDLE"
	bundle_edit '.linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
}

# What a program sees of its network, and of what is mounted around it; nothing that differs from run to run.
network_seen() {
	container_run sh -c 'for d in /sys/class/net/*; do echo "${d##*/} $(cat "$d/flags" "$d/mtu")"; done
		sed -n "s/:.*//p" /proc/net/dev; grep -c 127.0.0.1 /proc/net/fib_trie
		cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ping_group_range /proc/sys/net/ipv6/conf/lo/disable_ipv6
		cat /proc/net/if_inet6; cut -d" " -f4-6 /proc/self/mountinfo; ping -c 1 -W 5 127.0.0.1 | grep received'
	expect_status 0
	seen=$output
}

@test "namespaces: network: one that is handed over is as one that init is born in" {
	[[ $KIND == orlop ]] || skip 'about two ways of orlop'
	local seen handed
	bundle_edit '.linux.sysctl = {"net.ipv4.ip_forward": "1", "net.ipv4.ping_group_range": "0 0"} | .process.capabilities[] += ["CAP_NET_RAW"]
		| .mounts += [{"destination": "/tmp", "type": "ramfs", "source": "ramfs"}, {"destination": "/root", "type": "tmpfs", "source": "tmpfs"}]'
	[[ $(oci plan --bundle "$BUNDLE" x) == *network-make*network-enter*mounts-devices* ]]
	network_seen
	handed=$seen
	[[ $handed == 'lo 0x9'$'\n'* ]]
	# For a hook of the host's the host side comes back from it.
	bundle_edit '.hooks.poststop = [{path: "/bin/true"}]'
	network_seen
	[[ $seen == "$handed" ]] || { diff <(echo "$handed") <(echo "$seen") && return 1; }
	# To enter a pid namespace takes a joiner, and it makes all at once.
	bundle_edit '(.linux.namespaces[] | select(.type == "pid")).path = "/proc/self/ns/pid"'
	[[ $(oci plan --bundle "$BUNDLE" x) != *network-make* ]]
	network_seen
	[[ $seen == "$handed" ]] || { diff <(echo "$handed") <(echo "$seen") && return 1; }
}

@test "namespaces: network: hooks, program, exec and who joins it are in the same; hooks of the runtime's stay in the host's" {
	local log=$BATS_TEST_TMPDIR/log host pid first=$NAME inside
	host=$(host_ns net)
	bundle_edit --arg log "$log" '.hooks = {
		prestart: [{path: "/bin/sh", args: ["sh", "-c", ("cat >/dev/null; echo prestart $(readlink /proc/self/ns/net) >>" + $log)]}],
		createRuntime: [{path: "/bin/sh", env: ["PATH=/usr/bin:/bin"], args: ["sh", "-c", ("pid=$(jq -r .pid)
			echo createRuntime $(readlink /proc/self/ns/net) $(readlink /proc/$pid/ns/net) >>" + $log + "
			nsenter --net=/proc/$pid/ns/net sh -c \"echo up \\$(grep -c 127.0.0.1 /proc/net/fib_trie | sed s/[1-9].*/yes/) >>" + $log + "\"")]}],
		createContainer: [{path: "/bin/sh", env: ["PATH=/usr/bin:/bin"], args: ["sh", "-c", ("cat >/dev/null
			echo createContainer $(readlink /proc/self/ns/net) $(grep -c 127.0.0.1 /proc/net/fib_trie | sed s/[1-9].*/yes/) >>" + $log)]}]}'
	container_start sleep 100
	pid=$(container_pid)
	inside=$(readlink "/proc/$pid/ns/net")
	[[ $inside == net:* && $inside != "$host" ]]
	echo "$(<"$log")"
	[[ $(<"$log") == "prestart $host
createRuntime $host $inside
up yes
createContainer $inside yes" ]]
	run --separate-stderr oci exec "$NAME" sh -c 'readlink /proc/self/ns/net; ls /sys/class/net'
	expect_output "$inside"$'\nlo'
	NAME=$NAME-b
	bundle_edit --arg pid "$pid" 'del(.hooks) | (.linux.namespaces[] | select(.type == "network")).path = "/proc/" + $pid + "/ns/net"'
	container_run readlink /proc/self/ns/net
	expect_output "$inside"
	NAME=$first
	[[ $(host_ns net) == "$host" ]]
}

@test "namespaces: network: each hook of the runtime's runs in the host's, whichever is the only one" {
	local point log=$BATS_TEST_TMPDIR/log host
	host=$(host_ns net)
	for point in prestart createRuntime poststart poststop; do
		bundle_edit --arg point "$point" --arg log "$log" '.hooks = {($point): [{path: "/bin/sh", args: ["sh", "-c",
			("cat >/dev/null; echo " + $point + " $(readlink /proc/self/ns/net) >>" + $log)]}]}'
		container_run readlink /proc/self/ns/net
		expect_status 0
		[[ $output == net:* && $output != "$host" ]]
	done
	[[ $(<"$log") == "$(printf "%s $host\n" prestart createRuntime poststart poststop)" ]]
}

@test "namespaces: network: loopback is up when the program begins" {
	local try
	for ((try = 0; try < 10; try++)); do
		container_run cat /sys/class/net/lo/flags
		expect_output 0x9
	done
}

# jailed RULE...: orlop itself below a filter with these rules, which orlop as well puts on it: a "container" that has everything of the host's.
jailed() {
	local jail=$BATS_TEST_TMPDIR/jail
	mkdir -p "$jail"
	jq -n --argjson rules "$(jq -nc '$ARGS.positional' --jsonargs -- "$@")" --argjson args "$(jq -nc '$ARGS.positional' --args -- "${OCI[@]}" run --bundle "$BUNDLE" "$NAME")" \
		'["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN",
			"SYS_CHROOT", "SYS_PTRACE", "AUDIT_WRITE"] | map("CAP_" + .) as $caps | {
		ociVersion: "1.0.2", root: {path: "/"}, process: {cwd: "/", args: $args, env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
			capabilities: {bounding: $caps, effective: $caps, permitted: $caps}},
		linux: {namespaces: [], resources: {devices: [{allow: true, access: "rwm"}]},
			seccomp: {defaultAction: "SCMP_ACT_ALLOW", syscalls: $rules}}}' >"$jail/config.json"
	run --separate-stderr oci --cgroup-manager disabled run --bundle "$jail" "$NAME-jail" </dev/null
}

@test "namespaces: network: who would not be let back does not leave, and the container has its own all the same" {
	[[ $KIND == orlop ]] || skip 'about two ways of orlop'
	local hooks
	process_args sh -c 'readlink /proc/self/ns/net; ls /sys/class/net; cat /sys/class/net/lo/flags'
	# With a hook of the host's it would have to come back; without it leaves, and init is not let in.
	for hooks in '{}' '{"poststop": [{"path": "/bin/true"}]}'; do
		bundle_edit --argjson hooks "$hooks" '.hooks = $hooks'
		jailed '{"names": ["setns"], "action": "SCMP_ACT_ERRNO"}'
		expect_status 0
		[[ ${lines[0]} == net:* && ${lines[0]} != "$(host_ns net)" && ${lines[1]} == lo && ${lines[2]} == 0x9 && ${#lines[@]} -eq 3 ]]
	done
}

@test "namespaces: network: who does not come back makes no container, and says so" {
	[[ $KIND == orlop ]] || skip 'about two ways of orlop'
	bundle_edit --arg log "$BATS_TEST_TMPDIR/log" '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", ("echo poststop >>" + $log)]}]'
	# The second argument is CLONE_NEWNET on the way back alone.
	jailed '{"names": ["setns"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 1073741824, "op": "SCMP_CMP_EQ"}]}'
	[[ $status -ne 0 ]]
	expect_message "step 'network-make': return from the container's network namespace: Operation not permitted"
	[[ -z $(state_ids) && -z $(cgroup_find "$NAME") ]]
	# The hook would have been in a network that is not the host's.
	[[ ! -e $BATS_TEST_TMPDIR/log ]]
}
