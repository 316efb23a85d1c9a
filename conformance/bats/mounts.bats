#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# What is mounted: runtime-spec config.md, "Mounts" and "Root"; config-linux.md, "Default Filesystems", "Rootfs Mount Propagation".
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }

# add_mount JSON: behind the others.
add_mount() { bundle_edit --argjson mount "$1" '.mounts += [$mount]'; }

# The mount of `container_facts mounts` at a path: its options, type, source and super options.
mount_line() { sed -n "s|^mount [0-9]* [0-9]* [0-9:]* [^ ]* $1 ||p" <<<"$output" | tail -n1; }
mount_options() { mount_line "$1" | sed 's/ .*//'; }
has_option() { [[ ,$(mount_options "$1"), == *",$2,"* ]]; }

# A directory of the host to bind, with a file in it.
make_source() {
	SOURCE=$BATS_TEST_TMPDIR/source
	mkdir -p "$SOURCE/sub"
	echo here >"$SOURCE/file"
}

@test "mounts: in the order given, each on its destination (config.md, Mounts)" {
	add_mount '{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}'
	add_mount '{"destination": "/tmp/inner", "type": "tmpfs", "source": "inner"}'
	container_facts mounts
	[[ $(mount_line /proc) == *' - proc '* ]]
	[[ $(mount_line /dev) == *' - tmpfs '* ]]
	[[ $(mount_line /dev/pts) == *' - devpts '* ]]
	[[ $(mount_line /sys) == *' - sysfs '* ]]
	[[ $(mount_line /tmp/inner) == *' - tmpfs inner '* ]]
}

@test "mounts: after a second one at /dev, by whatever name, all goes into that" {
	ln -s dev "$BUNDLE/rootfs/alias"
	add_mount '{"destination": "/alias", "type": "tmpfs", "source": "second", "options": ["mode=755"]}'
	add_mount '{"destination": "/dev/third", "type": "tmpfs", "source": "third"}'
	container_run sh -c '/payload mounts; test -c /dev/null && test -L /dev/fd && ! test -e /dev/shm'
	expect_status 0
	[[ $(mount_line /dev) == *' - tmpfs second '* ]]
	[[ $(mount_line /dev/third) == *' - tmpfs third '* ]]
}

@test "mounts: what goes over /dev by another name has the nodes and links as well" {
	ln -s dev "$BUNDLE/rootfs/alias"
	add_mount '{"destination": "/alias", "type": "tmpfs", "source": "second", "options": ["mode=755"]}'
	container_run busybox sh -c 'grep " /dev " /proc/self/mountinfo | grep -c "tmpfs second"; cat /dev/null; busybox readlink /dev/fd'
	expect_status 0
	expect_output $'1\n/proc/self/fd'
}

# seen: what the container has of mounts (without their numbers) and in its /dev.
seen() {
	container_run busybox sh -c 'cut -d" " -f4- /proc/self/mountinfo; cd /dev; busybox find . -exec busybox stat -c "%n %F %a %t:%T %N" {} +'
	expect_status 0
	sed -E 's/(shared|master):[0-9]+//; s/(size|nr_inodes)=[0-9]+k?//' <<<"$output" | sort
}

@test "mounts: the same, and the same nodes, whether init leaves the host's mounts early or late" {
	mkdir "$BUNDLE/rootfs/tmp/a"
	add_mount '{"destination": "/tmp/a", "type": "tmpfs", "source": "a"}'
	make_source
	add_mount "{\"destination\": \"/tmp/a/b\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"rbind\", \"ro\"]}"
	add_mount '{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]}'
	seen >"$BATS_TEST_TMPDIR/early"
	# A hook sees the mounts before the host's are gone.
	bundle_edit '.hooks.createContainer = [{path: "/bin/true"}]'
	seen >"$BATS_TEST_TMPDIR/late"
	[[ $(grep -c 'character special file' "$BATS_TEST_TMPDIR/early") -ge 6 ]]
	diff "$BATS_TEST_TMPDIR/early" "$BATS_TEST_TMPDIR/late"
}

@test "mounts: only those, and what the runtime must add (config-linux.md, Default Filesystems)" {
	container_facts mounts
	local points
	points=$(sed -n 's/^mount [0-9]* [0-9]* [0-9:]* [^ ]* \([^ ]*\) .*/\1/p' <<<"$output" | sort -u |
		grep -vE '^/(proc|sys|dev)(/|$)' | tr '\n' ' ')
	[[ $points == '/ ' ]]
}

@test "mounts: tmpfs with size and mode" {
	add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["nosuid", "nodev", "noexec", "size=64k", "mode=0751"]}'
	container_run sh -c '/payload mounts; stat -c "mode %a" /mnt; df -k /mnt | tail -n1 | awk "{ print \"size\", \$2 }"'
	expect_status 0
	has_option /mnt nosuid
	has_option /mnt nodev
	has_option /mnt noexec
	expect_fact mode 751
	expect_fact size 64
}

@test "mounts: a bind shows the source and writes go there (config.md, Mounts: bind)" {
	make_source
	add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\"]}"
	container_run sh -c 'cat /mnt/file; echo new >/mnt/new'
	expect_status 0
	expect_output here
	[[ $(<"$SOURCE/new") == new ]]
}

@test "mounts: bind and rbind need no type; a relative source is the bundle's (config.md, Mounts: source)" {
	mkdir "$BUNDLE/data"
	echo relative >"$BUNDLE/data/file"
	add_mount '{"destination": "/mnt", "source": "data", "options": ["rbind", "rprivate"]}'
	container_run cat /mnt/file
	expect_status 0
	expect_output relative
}

@test "mounts: a bind of a file; the destination is made when it is missing" {
	make_source
	add_mount "{\"destination\": \"/new/dir/file\", \"type\": \"bind\", \"source\": \"$SOURCE/file\", \"options\": [\"bind\", \"ro\"]}"
	container_run sh -c 'cat /new/dir/file; echo x >/new/dir/file'
	[[ $status -ne 0 && ${lines[0]} == here ]]
	[[ $(<"$SOURCE/file") == here ]]
}

@test "mounts: a read-only bind is read-only there and nowhere else" {
	make_source
	add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\", \"ro\"]}"
	container_run sh -c 'touch /mnt/new 2>/dev/null && echo wrote; touch /new && echo root'
	expect_status 0
	expect_output root
	touch "$SOURCE/still-writable"
}

@test "mounts: nosuid, nodev, noexec, noatime, nodiratime, relatime on a bind" {
	make_source
	add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\",
		\"options\": [\"bind\", \"nosuid\", \"nodev\", \"noexec\", \"noatime\", \"nodiratime\"]}"
	container_facts mounts
	local word
	for word in rw nosuid nodev noexec noatime nodiratime; do
		has_option /mnt "$word" || { mount_line /mnt && return 1; }
	done
}

@test "mounts: of options that undo each other the last one stands" {
	peer_skip crun '1.8.1: not so'
	add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["ro", "rw", "noexec", "exec", "nodev", "dev"]}'
	container_facts mounts
	has_option /mnt rw
	not has_option /mnt noexec
	not has_option /mnt nodev
}

@test "mounts: rbind takes what is mounted below, bind does not" {
	make_source
	mount_tmpfs "$SOURCE/sub"
	touch "$SOURCE/sub/inner"
	add_mount "{\"destination\": \"/r\", \"source\": \"$SOURCE\", \"options\": [\"rbind\"]}"
	add_mount "{\"destination\": \"/b\", \"source\": \"$SOURCE\", \"options\": [\"bind\"]}"
	container_run sh -c 'ls /r/sub /b/sub'
	umount "$SOURCE/sub"
	expect_status 0
	[[ $(grep -c inner <<<"$output") -eq 1 ]]
}

@test "mounts: rro makes all below read-only, ro only the top (config-linux.md, Linux mount options)" {
	peer_skip crun '1.8.1: needs a newer one'
	make_source
	mount_tmpfs "$SOURCE/sub"
	add_mount "{\"destination\": \"/deep\", \"source\": \"$SOURCE\", \"options\": [\"rbind\", \"rro\"]}"
	add_mount "{\"destination\": \"/top\", \"source\": \"$SOURCE\", \"options\": [\"rbind\", \"ro\"]}"
	container_run sh -c 'touch /deep/sub/x 2>/dev/null && echo deep; touch /top/sub/x && echo top; touch /top/x 2>/dev/null && echo no; true'
	umount "$SOURCE/sub"
	expect_status 0
	expect_output top
}

@test "mounts: propagation private, slave, shared and unbindable (config.md, Mounts: options)" {
	peer_skip crun '1.8.1: not shared'
	local word
	for word in private slave shared unbindable; do
		mkdir -p "$BATS_TEST_TMPDIR/p-$word"
		add_mount "{\"destination\": \"/$word\", \"source\": \"$BATS_TEST_TMPDIR/p-$word\", \"options\": [\"bind\", \"$word\"]}"
	done
	container_facts mounts
	[[ $(mount_line /shared) == *' shared:'* ]]
	[[ $(mount_line /private) != *shared:* && $(mount_line /private) != *master:* ]]
	[[ $(mount_line /unbindable) == *unbindable* ]]
}

@test "mounts: a destination symlink leads inside the root only (CVE-2021-30465 class)" {
	make_source
	mkdir -p "$BATS_TEST_TMPDIR/outside" "$ROOTFS$BATS_TEST_TMPDIR"
	ln -s "../../../../../../../../..$BATS_TEST_TMPDIR/outside" "$ROOTFS/link"
	ln -s "$BATS_TEST_TMPDIR/outside" "$ROOTFS/absolute"
	add_mount "{\"destination\": \"/link/a\", \"source\": \"$SOURCE\", \"options\": [\"bind\"]}"
	add_mount "{\"destination\": \"/absolute/b\", \"source\": \"$SOURCE\", \"options\": [\"bind\"]}"
	container_run true
	[[ -z $(ls -A "$BATS_TEST_TMPDIR/outside") ]]
	container_run cat /link/a/file
	[[ $status -ne 0 ]] || expect_output here
}

@test "mounts: a destination below /proc is refused unless it is harmless" {
	make_source
	local destination
	for destination in /proc/self /proc/sys /proc/1/attr; do
		cp "$BATS_TEST_DIRNAME/container.json" "$BUNDLE/config.json"
		add_mount "{\"destination\": \"$destination\", \"source\": \"$SOURCE\", \"options\": [\"bind\"]}"
		container_run true
		[[ $status -ne 0 ]] || { [[ $KIND == crun ]] || { echo "$destination" && return 1; }; }
	done
}

@test "mounts: a missing source, an unknown type, an unknown option are errors that name the mount" {
	add_mount '{"destination": "/mnt", "type": "bind", "source": "/no/such/source", "options": ["bind"]}'
	container_run true
	[[ $status -ne 0 ]]
	[[ $KIND != orlop ]] || expect_message /no/such/source
	cp "$BATS_TEST_DIRNAME/container.json" "$BUNDLE/config.json"
	add_mount '{"destination": "/mnt", "type": "nosuchfs", "source": "x"}'
	container_run true
	[[ $status -ne 0 ]]
	[[ $KIND != orlop ]] || expect_message nosuchfs
	cp "$BATS_TEST_DIRNAME/container.json" "$BUNDLE/config.json"
	add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["nosuchoption=1"]}'
	container_run true
	[[ $status -ne 0 ]]
	[[ -z $(ls -A "$STATE") ]]
}

@test "mounts: a failure half way leaves nothing mounted on the host" {
	add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "x"}'
	add_mount '{"destination": "/late", "type": "nosuchfs", "source": "x"}'
	local before
	before=$(cat /proc/self/mountinfo)
	container_run true
	[[ $status -ne 0 ]]
	expect_no_mounts_since "$before"
}

@test "mounts: nothing of the container's shows on the host" {
	local before
	before=$(cat /proc/self/mountinfo)
	container_start sleep 100
	expect_no_mounts_since "$before"
}

@test "mounts: the old root is gone: nothing of the host's can be seen" {
	container_run sh -c 'ls -a /; ls /proc/1/root'
	expect_status 0
	[[ $output != *"$(basename "$BATS_TEST_TMPDIR")"* && $output != *work* && $output != *boot* ]]
	container_facts mounts
	[[ $(grep -c '^mount .* / / ' <<<"$output") -le 1 ]]
}

@test "root.readonly: the root is read-only, its mounts are not (config.md, Root: readonly)" {
	bundle_edit '.root.readonly = true'
	container_run sh -c 'touch /file 2>/dev/null && echo wrote; touch /dev/shm/file && echo shm; /payload mounts'
	expect_status 0
	[[ $output != *wrote* && $output == *shm* ]]
	has_option / ro
}

@test "root.path: absolute or in the bundle (config.md, Root: path)" {
	container_run true
	expect_status 0
	bundle_edit --arg path "$ROOTFS" '.root.path = $path'
	container_run true
	expect_status 0
	container_run sh -c 'ls /payload'
	expect_output /payload
}

@test "rootfsPropagation: of the container's root (config-linux.md, Rootfs Mount Propagation)" {
	peer_skip runc '1.1.5: is private whatever it says'
	bundle_edit '.linux.rootfsPropagation = "shared"'
	container_facts mounts
	[[ $(mount_line /) == *' shared:'* ]]
	bundle_edit '.linux.rootfsPropagation = "private"'
	container_facts mounts
	[[ $(mount_line /) != *' shared:'* && $(mount_line /) != *master:* ]]
	bundle_edit '.linux.rootfsPropagation = "rslave"'
	container_facts mounts
	[[ $(mount_line /) != *' shared:'* ]]
}

@test "mounts: /proc hides nothing and /sys is read-only as told" {
	container_facts mounts
	has_option /sys ro
	has_option /sys nosuid
	has_option /proc rw
}

@test "mounts: cgroup: the container's own groups, read-only as told" {
	peer_skip crun 'has no cgroup here'
	bundle_edit '.linux.namespaces += [{"type": "cgroup"}]
		| .mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "ro"]}]'
	container_run sh -c '/payload mounts; mkdir /sys/fs/cgroup/x 2>/dev/null && echo wrote; true'
	expect_status 0
	[[ $(mount_line /sys/fs/cgroup) == *cgroup* || $(mount_line /sys/fs/cgroup) == *tmpfs* ]]
	[[ $output != *wrote* ]]
}

@test "mounts: more than a thousand" {
	bundle_edit '.mounts += [range(1000) | {"destination": "/m/\(.)", "type": "tmpfs", "source": "x", "options": ["size=4k"]}]'
	container_run sh -c 'grep -c " /m/" /proc/self/mountinfo'
	expect_status 0
	expect_output 1000
}

@test "mounts: a destination with blanks and other letters" {
	make_source
	add_mount "$(jq -nc --arg s "$SOURCE" '{destination: "/a b/é\"x", source: $s, options: ["bind"]}')"
	container_run sh -c 'cat "/a b/é\"x/file"'
	expect_status 0
	expect_output here
}

@test "mounts: --no-pivot gives the same root" {
	run --separate-stderr oci run --no-pivot --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 0
	process_args sh -c 'ls /payload; test -e /work -o -e /boot && echo host; true'
	run --separate-stderr oci run --no-pivot --bundle "$BUNDLE" "$NAME" </dev/null
	expect_output /payload
}

# A small tmpfs of the test's own; container_teardown has no business with it, so the test unmounts it.
mount_tmpfs() { mount -t tmpfs -o size=64k orlop-test "$1"; }
teardown() {
	! mountpoint -q "$BATS_TEST_TMPDIR/source/sub" || umount "$BATS_TEST_TMPDIR/source/sub"
	container_teardown
}
