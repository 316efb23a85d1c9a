#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# Device nodes and who may use them: runtime-spec config-linux.md, "Devices", "Default Devices", "Allowed Device list".
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

# So that only the device rules stand between the program and /dev/kmsg.
allow_kernel_log() { bundle_edit '.process.capabilities[] += ["CAP_SYSLOG"]'; }

@test "devices: the default ones with their numbers and modes (config-linux.md, Default Devices)" {
	container_run sh -c 'cd /dev && stat -c "%n %F %t:%T %a" null zero full random urandom tty'
	expect_status 0
	expect_output 'null character special file 1:3 666
zero character special file 1:5 666
full character special file 1:7 666
random character special file 1:8 666
urandom character special file 1:9 666
tty character special file 5:0 666'
}

@test "devices: they work" {
	container_run sh -c 'echo x >/dev/null && head -c3 /dev/zero | wc -c && head -c3 /dev/urandom | wc -c; echo x >/dev/full'
	[[ $status -ne 0 ]]
	expect_output $'3\n3'
}

@test "devices: the symlinks of /dev (config-linux.md, Dev symbolic links)" {
	container_run sh -c 'for l in fd stdin stdout stderr ptmx; do echo $l $(readlink /dev/$l); done; echo to >/dev/stderr; echo in | cat /dev/stdin'
	expect_status 0
	expect_output 'fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
ptmx pts/ptmx
in'
	[[ $stderr == to ]]
}

@test "devices: /dev/ptmx makes terminals of the container's own devpts" {
	container_run sh -c 'stat -c "%t:%T" /dev/pts/ptmx; ls /dev/pts'
	expect_status 0
	expect_output $'5:2\nptmx'
}

@test "devices: those listed, with mode and owner, directories made (config-linux.md, Devices)" {
	bundle_edit '.linux.devices = [
		{"path": "/dev/dir/my-null", "type": "c", "major": 1, "minor": 3, "fileMode": 384, "uid": 12, "gid": 34},
		{"path": "/dev/my-fifo", "type": "p", "fileMode": 416},
		{"path": "/dev/my-block", "type": "b", "major": 7, "minor": 99, "fileMode": 432}]'
	container_run sh -c 'cd /dev && stat -c "%n %F %t:%T %a %u:%g" dir/my-null my-fifo my-block'
	expect_status 0
	[[ ${lines[0]} == 'dir/my-null character special file 1:3 600 12:34' ]]
	[[ ${lines[1]} == 'my-fifo fifo '*' 640 0:0' ]]
	[[ ${lines[2]} == 'my-block block special file 7:63 660 0:0' ]]
}

@test "devices: u is a character device; the mode is not cut by the umask (config-linux.md, Devices)" {
	bundle_edit '.linux.devices = [{"path": "/dev/open", "type": "u", "major": 1, "minor": 5, "fileMode": 438}]'
	process_args stat -c '%F %a' /dev/open
	run --separate-stderr bash -c 'umask 077; exec "$@"' bash "${OCI[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 0
	expect_output 'character special file 666'
}

@test "devices: an unknown type is an error" {
	peer_skip crun 'takes it'
	bundle_edit '.linux.devices = [{"path": "/dev/x", "type": "q", "major": 1, "minor": 3}]'
	container_run true
	[[ $status -ne 0 ]]
}

@test "devices: outside /dev" {
	bundle_edit '.linux.devices = [{"path": "/somewhere/null", "type": "c", "major": 1, "minor": 3, "fileMode": 438}]'
	container_run sh -c 'stat -c %t:%T /somewhere/null'
	expect_status 0
	expect_output 1:3
}

@test "devices: a default one that is listed keeps the listed mode" {
	peer_skip runc '1.1.5: then denies it'
	bundle_edit '.linux.devices = [{"path": "/dev/null", "type": "c", "major": 1, "minor": 3, "fileMode": 438, "uid": 0, "gid": 0}]'
	container_run sh -c 'stat -c "%t:%T %a" /dev/null'
	expect_status 0
	expect_output '1:3 666'
}

@test "devices: denied by the rules: all but the defaults (config-linux.md, Allowed Device list)" {
	peer_skip crun 'has no cgroup here'
	allow_kernel_log
	bundle_edit '.linux.resources.devices = [{"allow": false, "access": "rwm"}]
		| .linux.devices = [{"path": "/dev/loop-x", "type": "b", "major": 7, "minor": 0, "fileMode": 438},
			{"path": "/dev/kmsg-x", "type": "c", "major": 1, "minor": 11, "fileMode": 438}]'
	container_run sh -c 'for d in null zero full random urandom; do : </dev/$d || echo $d; done
		(: </dev/kmsg-x) 2>/dev/null && echo kmsg; (: </dev/loop-x) 2>/dev/null && echo loop; true'
	expect_status 0
	expect_output ''
}

@test "devices: allowed by a rule: by number, and only as told (config-linux.md, Allowed Device list)" {
	peer_skip crun 'has no cgroup here'
	allow_kernel_log
	bundle_edit '.linux.resources.devices = [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 1, "minor": 11, "access": "r"}]
		| .linux.devices = [{"path": "/dev/kmsg-x", "type": "c", "major": 1, "minor": 11, "fileMode": 438}]'
	container_run sh -c '(: </dev/kmsg-x) && echo read; (: >/dev/kmsg-x) 2>/dev/null && echo wrote; true'
	expect_status 0
	expect_output read
}

@test "devices: the later of two rules stands" {
	peer_skip crun 'has no cgroup here'
	allow_kernel_log
	bundle_edit '.linux.resources.devices = [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 1, "minor": 11, "access": "rwm"},
			{"allow": false, "type": "c", "major": 1, "minor": 11, "access": "rwm"}]
		| .linux.devices = [{"path": "/dev/kmsg-x", "type": "c", "major": 1, "minor": 11, "fileMode": 438}]'
	container_run sh -c '(: </dev/kmsg-x) 2>/dev/null && echo read; true'
	expect_status 0
	expect_output ''
}
