#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154 # jq has variables too; bats sets status and output, container.bash the rest
# process.selinuxLabel, linux.mountLabel, `exec --process-label` (config.md, "Linux Process"; config-linux.md, "Mount Label"): what was asked for
# is in force, or there is no container. `./dev machine --lsm selinux` has a policy that is enforced; a host without it refuses.
bats_require_minimum_version 1.5.0
load helpers
load container
load lsm

LEVEL=s0:c1,c2
PROCESS=system_u:system_r:container_t:$LEVEL
CONTENT=system_u:object_r:container_file_t:$LEVEL
OTHERS=system_u:object_r:container_file_t:s0:c7,c8

selinux_is_on() { [[ $(cat /sys/fs/selinux/enforce 2>/dev/null) == 1 ]]; }
need_selinux() { selinux_is_on || skip 'needs SELinux, which ./dev machine --lsm selinux has'; }

setup() {
	container_setup
	HOST=()
	mkdir "$ROOTFS/run" && mkdir "$ROOTFS/secret"
	if selinux_is_on; then
		chcon -R "$CONTENT" "$ROOTFS"
		echo mine >"$ROOTFS/mine" && chcon "$CONTENT" "$ROOTFS/mine"
		echo theirs >"$ROOTFS/theirs" && chcon "$OTHERS" "$ROOTFS/theirs"
	fi
}
teardown() { container_teardown; }

# The runtime under test, behind the words of $HOST.
oci() { timeout --foreground --kill-after=5 60 "${HOST[@]}" "${OCI[@]}" "$@" 3>&-; }

labels() {
	bundle_edit --arg process "$1" --arg content "${2:-}" '.process.selinuxLabel = $process
		| if $content == "" then del(.linux.mountLabel) else .linux.mountLabel = $content end'
}
privileges() { bundle_edit --argjson no "$1" '.process.noNewPrivileges = $no'; }

label_of() { tr -d '\0\n' <"/proc/$1/attr/current"; }
# What runs by now is the program, `sleep 1000`: what comes before it has another label.
program_label() { wait_until process_is "$(container_pid)" 'sleep 1000' && label_of "$(container_pid)"; }
# The label of a path in the container, as the host sees it.
label_at() { stat -c %C "/proc/$(container_pid)/root/$1"; }
expect_label() {
	local got
	got=$(label_at "$1")
	[[ $got == "$2" ]] || { printf 'want on %s: %s\ngot: %s\n' "$1" "$2" "$got" && return 1; }
}
expect_no_container() { [[ $status -ne 0 && -z $(state_ids) ]]; }

probe() { process_shell 'cat /proc/self/attr/current | tr "\0" "\n"; cat /mine; cat /theirs 2>/dev/null; echo x >/written && cat /written'; }
expect_confined() {
	expect_status 0
	expect_output "$1"$'\nmine\nx'
}

@test "selinux: a host without it refuses labels, at create and at exec" {
	! selinux_is_on || skip 'the host has SELinux'
	[[ $KIND != crun ]] || skip 'crun: leaves them out'
	labels "$PROCESS"
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	expect_message elinux
	[[ $KIND != orlop ]] || expect_message '/process/selinuxLabel: selinux label is specified in config, but selinux is disabled or not supported'
	labels '' "$CONTENT"
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	[[ $KIND != orlop ]] || expect_message '/linux/mountLabel: selinux label is specified in config, but selinux is disabled or not supported'
	labels ''
	container_start sleep 1000
	run oci exec --process-label "$PROCESS" "$NAME" true
	[[ $status -ne 0 ]]
	expect_message elinux
	[[ $KIND != orlop ]] || jq -e '.annotations["io.orlop.host.selinux"] == "false" and .linux.selinux.enabled' <<<"$(oci features)"
}

@test "selinux: features tells of the build, and orlop's of the host" {
	need_selinux
	run --separate-stderr oci features
	jq -e '.linux.selinux.enabled' <<<"$output"
	[[ $KIND != orlop ]] || jq -e '.annotations["io.orlop.host.selinux"] == "true"' <<<"$output"
}

@test "selinux: the policy confines the program, with and without no_new_privs" {
	local no
	need_selinux
	labels "$PROCESS" "$CONTENT"
	probe
	for no in true false; do
		privileges "$no"
		container_run
		expect_confined "$PROCESS"
	done
}

@test "selinux: in a user namespace" {
	need_selinux
	labels "$PROCESS" "$CONTENT"
	probe
	chmod 0777 "$ROOTFS"
	chmod 0711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$BUNDLE"
	bundle_edit '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = .linux.uidMappings | .mounts |= map(select(.destination != "/sys"))'
	container_run
	expect_confined "$PROCESS"
}

@test "selinux: rootless; a label that the policy does not have is an error" {
	need_selinux
	[[ $KIND == orlop ]] || skip 'peers want cgroups'
	labels "$PROCESS" "$CONTENT"
	probe
	rootless
	container_run
	expect_confined "$PROCESS"
	labels system_u:system_r:absent_t:s0
	container_run
	[[ $status -ne 0 && $stderr == *"'system_u:system_r:absent_t:s0': the loaded policy has no such label"* ]]
}

@test "selinux: without a label, and with '', the program has the runtime's" {
	local own
	need_selinux
	process_args sleep 1000
	for own in absent ''; do
		[[ $own == absent ]] || labels ''
		detached run --detach --bundle "$BUNDLE" "$NAME"
		expect_status 0
		[[ $(program_label) != *container_t* ]]
		oci delete --force "$NAME"
	done
}

@test "selinux: a label that the policy does not have is an error of create that names it" {
	local label
	need_selinux
	for label in system_u:system_r:absent_t:s0 container_t 'a:b:c:d' "$PROCESS,c9999" "$PROCESS "; do
		labels "$label"
		detached create --bundle "$BUNDLE" "$NAME"
		expect_no_container
		[[ $KIND != orlop ]] || expect_message "selinux failed to set key label '$label': the loaded policy has no such label"
		[[ $KIND != orlop || $(wc -l <err) == 1 ]]
		[[ $KIND == orlop ]] || continue
		detached create --no-new-keyring --bundle "$BUNDLE" "$NAME"
		expect_no_container
		expect_message "selinux failed to set exec label '$label': the loaded policy has no such label"
	done
	labels '' system_u:object_r:absent_t:s0
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	[[ $KIND != orlop ]] || expect_message "mount '/dev'"
	[[ $KIND != orlop || $(wc -l <err) == 1 ]]
}

@test "selinux: a label that the kernel would cut off is refused" {
	need_selinux
	[[ $KIND == orlop ]] || skip 'peers differ'
	# What a page holds of it is a label.
	labels "$PROCESS$(printf ',c1%.0s' {1..2000})"
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	labels '' "$CONTENT$(printf ',c1%.0s' {1..2000})"
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
}

@test "selinux: where AppArmor is built in and not on, a profile is refused" {
	need_selinux
	[[ -e /sys/module/apparmor ]] || skip 'this kernel has no AppArmor'
	[[ $KIND != crun ]] || skip 'crun: leaves it out'
	bundle_edit '.process.apparmorProfile = "deck"'
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	[[ $KIND != orlop ]] || expect_message 'apparmor: config provided but apparmor not supported'
	bundle_edit 'del(.process.apparmorProfile)'
	container_start sleep 1000
	run oci exec --apparmor deck "$NAME" true
	[[ $status -ne 0 ]]
	expect_message pparmor
}

@test "selinux mountLabel: file systems that are made get it; proc, sysfs, cgroup2 and binds keep their own; mqueue's root is relabelled" {
	local path
	need_selinux
	labels "$PROCESS" "$CONTENT"
	mkdir source && chcon "$OTHERS" source
	bundle_edit --arg from "$PWD/source" '.mounts += [{"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]},
		{"destination": "/bound", "type": "bind", "source": $from, "options": ["rbind"]}]
		| .linux.maskedPaths += ["/secret"]'
	container_start sleep 1000
	for path in /dev /dev/null /dev/fd /dev/pts /dev/pts/ptmx /dev/shm /dev/mqueue /run / /etc; do
		expect_label "$path" "$CONTENT"
	done
	[[ $(label_at /proc) == *:proc_t:s0 && $(label_at /sys) == *:sysfs_t:s0 ]]
	expect_label /bound "$OTHERS"
	# It hides what is below, and the container may see that nothing is there.
	expect_label /secret "$CONTENT"
	run oci exec "$NAME" ls -A /secret /dev/shm /run
	expect_status 0
	run oci exec "$NAME" sh -c 'echo x >/dev/shm/x && echo x >/run/x && echo x >/dev/null && cat /run/x'
	expect_output x
	[[ $(label_at /run/x) == "$CONTENT" ]]
}

@test "selinux mountLabel: overlays, tmpcopyup, ramfs, a remount; not the sources of binds, id-mapped or not, nor what masks files" {
	local name
	need_selinux
	labels "$PROCESS" "$CONTENT"
	mkdir -p lower upper work source "$ROOTFS"/{copied,file-place}
	chcon "$OTHERS" lower upper work source
	for name in lower source "$ROOTFS/copied"; do
		echo "$name" >"$name/file" && chcon "$OTHERS" "$name/file"
	done
	echo secret >"$ROOTFS/plain" && chcon "$CONTENT" "$ROOTFS/plain"
	bundle_edit --arg at "$PWD" '.mounts += [
		{"destination": "/overlay", "type": "overlay", "source": "overlay",
			"options": ["lowerdir=\($at)/lower", "upperdir=\($at)/upper", "workdir=\($at)/work"]},
		{"destination": "/copied", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "mode=755"]},
		{"destination": "/ramfs", "type": "ramfs", "source": "ramfs"},
		{"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]},
		{"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["remount", "ro"]},
		{"destination": "/bound", "type": "bind", "source": "\($at)/source", "options": ["bind"]},
		{"destination": "/bound-file", "type": "bind", "source": "\($at)/source/file", "options": ["bind", "ro"]}]
		| .linux.maskedPaths += ["/plain"]'
	[[ $KIND != orlop ]] || bundle_edit --arg at "$PWD" '.mounts += [{"destination": "/mapped", "type": "bind", "source": "\($at)/source", "options": ["bind"],
		"uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}], "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}]}]'
	container_start sleep 1000
	for name in /overlay /overlay/file /copied /copied/file /ramfs /run; do
		expect_label "$name" "$CONTENT"
	done
	for name in /bound /bound/file /bound-file $([[ $KIND != orlop ]] || echo /mapped /mapped/file); do
		expect_label "$name" "$OTHERS"
	done
	[[ $(label_at /plain) == *:null_device_t:* || $(label_at /plain) == "$CONTENT" ]]
	run oci exec "$NAME" sh -c 'cat /overlay/file /copied/file; echo new >/overlay/new && cat /overlay/new; cat /bound/file /bound-file /mapped/file 2>/dev/null; cat /plain'
	expect_status 0
	expect_output "lower"$'\n'"$ROOTFS/copied"$'\nnew'
	# The layer's own label is another.
	[[ $(stat -c %C lower/file) == "$OTHERS" ]]
}

@test "selinux mountLabel: what stands for a cgroup that is not there, and what covers, have it too" {
	local made
	need_selinux
	[[ $KIND == orlop ]] || skip 'about calls that orlop makes'
	labels "$PROCESS" "$CONTENT"
	# No cgroup2 of the host's is in sight.
	HOST=(unshare --mount --propagation private bash -c 'umount -R /sys/fs/cgroup && exec "$@"' -)
	bundle_edit '.mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]}]'
	container_start sleep 1000
	expect_label /sys/fs/cgroup "$CONTENT"
	run oci exec "$NAME" ls -A /sys/fs/cgroup
	expect_status 0
	expect_output ''
	oci delete --force "$NAME"
	# Locked mounts of the host's /proc and /sys are covered; no path leads there.
	bundle_edit '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 65536}]
		| .linux.gidMappings = .linux.uidMappings | .linux.maskedPaths = []'
	HOST=(strace -f -qq -s 200 -e 'trace=fsopen,fsconfig' -o trace)
	process_args true
	run --separate-stderr oci run --no-pivot --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 0
	made=$(grep -c 'fsopen("\(tmpfs\|devpts\)"' trace)
	[[ $made -ge 5 && $made == "$(grep -cF "FSCONFIG_SET_STRING, \"context\", \"$CONTENT\"" trace)" ]]
}

@test "selinux mountLabel: no option of another mount comes with it" {
	local label
	need_selinux
	peer_skip crun 'an option that is quoted in takes effect'
	for label in "$CONTENT,mode=777" "$CONTENT,size=4k" "$CONTENT,c9999" "$CONTENT\",mode=777,fscontext=\"$CONTENT" "\"$CONTENT\"" "$CONTENT"$'\n' " $CONTENT" \
		"$CONTENT\\,exec" unlabeled container_file_t; do
		labels "$PROCESS" "$label"
		detached create --bundle "$BUNDLE" "$NAME"
		expect_no_container || { printf 'took: %s\n' "$label" && return 1; }
		[[ $KIND != orlop || $(wc -l <err) == 1 ]]
	done
	# Nor with a mount's own.
	labels "$PROCESS" "$CONTENT"
	for label in "context=$OTHERS:mode=777" "context=\"$OTHERS" "context=\"$OTHERS\"mode=777" 'context=' 'context=""' 'context'; do
		bundle_edit --arg own "$label" '.mounts = (.mounts | map(select(.destination != "/run"))) + [{"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": [$own]}]'
		detached create --bundle "$BUNDLE" "$NAME"
		expect_no_container || { printf 'took: %s: %s\n' "$label" "$(grep ' /run ' "/proc/$(container_pid)/mountinfo")" && return 1; }
	done
}

@test "selinux mountLabel: a mount's own context wins, in quotes as podman writes it" {
	need_selinux
	labels "$PROCESS" "$CONTENT"
	bundle_edit --arg own "context=\"$OTHERS\"" '.mounts += [{"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": [$own]}]'
	peer_skip crun 'adds its own beside it'
	peer_skip runc 'adds its own beside it'
	container_start sleep 1000
	expect_label /run "$OTHERS"
	run oci exec "$NAME" ls /run
	[[ $status -ne 0 ]]
}

@test "selinux: the session keyring has the process's label" {
	local serial
	need_selinux
	labels "$PROCESS" "$CONTENT"
	container_start sleep 1000
	serial=$(awk -v name="$NAME:" '$8 == "keyring" && ($9 == "_ses." name || $9 == name) { print $1 }' /proc/keys)
	[[ -n $serial ]]
	# keyctl(KEYCTL_GET_SECURITY)
	run perl -e 'my $label = "\0" x 256; syscall(250, 17, hex($ARGV[0]), $label, 256) > 0 or die $!; $label =~ s/\0.*//s; print $label' "$serial"
	expect_output "$PROCESS"
}

@test "selinux: the init that waits for start has the label for its program alone, and none for keys any more" {
	local pid
	need_selinux
	[[ $KIND == orlop ]] || skip 'about calls that orlop makes'
	labels "$PROCESS" "$CONTENT"
	container_create
	pid=$(container_pid)
	[[ $(label_of "$pid") != *container_t* ]]
	[[ $(tr -d '\0' <"/proc/$pid/attr/exec") == "$PROCESS" ]]
	[[ -z $(tr -d '\0' <"/proc/$pid/attr/keycreate") && -z $(tr -d '\0' <"/proc/$pid/attr/fscreate") && -z $(tr -d '\0' <"/proc/$pid/attr/sockcreate") ]]
	oci delete --force "$NAME"
	HOST=(strace -f -qq -s 200 -e 'trace=openat,openat2,write' -y -o trace)
	container_run true
	expect_status 0
	# In this order, each by the thread that it is about, below a procfs that nobody else can mount on.
	[[ $(grep -oE '^[0-9]+ +write\([0-9]+</[0-9]+/task/[0-9]+/attr/[a-z]+>, "[^"]*"' trace | sed -E 's/^([0-9]+) +write\([0-9]+<.*attr/attr/') == \
		"attr/keycreate>, \"$PROCESS\\0\""$'\n''attr/keycreate>, ""'$'\n'"attr/exec>, \"$PROCESS\\0\"" ]]
	[[ $(grep -oE '^[0-9]+ +write\([0-9]+</[0-9]+/task/[0-9]+/attr/' trace | sed -E 's/^([0-9]+).*/\1/' | sort -u | wc -l) == 1 ]]
	not grep -E 'openat2\([0-9]+.*/attr/(exec|keycreate)", [^R]*(}|RESOLVE_IN_ROOT)' trace
	not grep -E 'open(at)?\(.*"/proc/[^"]*/attr/' trace
}

@test "selinux: hooks of the host keep its label; startContainer hooks have the container's" {
	need_selinux
	[[ $KIND == orlop ]] || skip 'peers differ'
	labels "$PROCESS" "$CONTENT"
	printf '#!/bin/sh\ncat /proc/self/attr/current >/hook\n' >"$ROOTFS/hook.sh"
	printf '#!/bin/sh\ncat /proc/self/attr/current >%s\n' "$PWD/host-hook" >host.sh
	chmod 0755 "$ROOTFS/hook.sh" host.sh
	chcon "$CONTENT" "$ROOTFS/hook.sh"
	bundle_edit --arg host "$PWD/host.sh" '.hooks = {"startContainer": [{"path": "/hook.sh"}], "createRuntime": [{"path": $host}]}'
	container_start sleep 1000
	[[ $(program_label) == "$PROCESS" ]]
	[[ $(tr -d '\0' <"$ROOTFS/hook") == "$PROCESS" && $(tr -d '\0' <host-hook) != *container_t* ]]
}

@test "selinux: a terminal is the container's to use" {
	need_selinux
	labels "$PROCESS" "$CONTENT"
	bundle_edit '.process.terminal = true'
	process_shell 'tty; test -w /dev/console && echo writable; cat /theirs 2>/dev/null; echo done'
	on_terminal timeout --foreground --kill-after=5 60 "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	expect_status 0
	[[ $output == *writable*done* && $output != *theirs* ]]
}

@test "selinux exec: the container's label, another by --process-label, and none that is not there" {
	need_selinux
	labels "$PROCESS" "$CONTENT"
	container_start sleep 1000
	run oci exec "$NAME" sh -c 'cat /proc/self/attr/current | tr "\0" "\n"; cat /mine; cat /theirs 2>/dev/null; echo x >/written && cat /written'
	expect_confined "$PROCESS"
	run oci exec --process-label "${PROCESS%c1,c2}c7,c8" "$NAME" cat /theirs
	[[ $output != *theirs* ]] # it may not run the program, which is not its own
	run oci exec --process-label "${PROCESS%c1,c2}c1,c2,c7,c8" "$NAME" cat /theirs
	expect_output theirs
	run oci exec --process-label system_u:system_r:absent_t:s0 "$NAME" touch /ran
	[[ $status -ne 0 && ! -e $ROOTFS/ran ]]
	[[ $KIND != orlop ]] || expect_message "selinux failed to set key label 'system_u:system_r:absent_t:s0': the loaded policy has no such label"
}

@test "selinux exec: a label into a container that has none, with no_new_privs and without" {
	local options
	need_selinux
	labels '' "$CONTENT"
	container_start sleep 1000
	for options in '' --no-new-privs; do
		run oci exec $options --process-label "$PROCESS" "$NAME" sh -c 'cat /proc/self/attr/current | tr "\0" "\n"; cat /mine; cat /theirs 2>/dev/null; echo x >/written && cat /written'
		expect_confined "$PROCESS"
	done
}

@test "selinux exec CVE-2015-1334 CVE-2025-52881: into a container whose root covered /proc, its files, or had them masked" {
	local how
	need_selinux
	bundle_edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"]) | .linux.readonlyPaths = []'
	mkdir -p "$ROOTFS/fake"/{1,self,thread-self}/attr "$ROOTFS/fake"/{1,self,thread-self}/task/1/attr
	touch "$ROOTFS/fake"/{1,self,thread-self}/attr/{exec,current,keycreate}
	chcon -R "$CONTENT" "$ROOTFS/fake"
	cp "$BUNDLE/config.json" base.json
	for how in 'mount -o bind /fake /proc' 'mount -t tmpfs tmpfs /proc && cp -r /fake/* /proc' \
		'for file in exec keycreate; do mount -o bind /fake/self/attr/$file /proc/1/attr/$file; mount -o bind /fake/self/attr/$file /proc/1/task/1/attr/$file; done' \
		'umount /proc' masked; do
		cp base.json "$BUNDLE/config.json"
		if [[ $how == masked ]]; then
			bundle_edit '.linux.maskedPaths = ["/proc/1/attr", "/proc/1/task", "/proc/self/attr", "/proc/thread-self/attr"]'
			how=:
		else
			bundle_edit '.linux.maskedPaths = []'
		fi
		process_shell "$how && touch /ready && exec sleep 1000"
		detached run --detach --bundle "$BUNDLE" "$NAME"
		# runc looks for its own attributes there.
		if [[ $KIND == runc && $how == : && $status -ne 0 ]]; then continue; fi
		expect_status 0
		wait_until test -e "$ROOTFS/ready"
		mkfifo "$ROOTFS/wait" && chcon "$CONTENT" "$ROOTFS/wait"
		status=0
		oci exec --detach --pid-file exec.pid --process-label "$PROCESS" "$NAME" sh -c 'read x </wait' </dev/null >/dev/null 2>&1 || status=$?
		# To refuse is as good; orlop has no need to.
		if [[ $status -eq 0 || $KIND == orlop ]]; then
			wait_until grep -qx sh "/proc/$(<exec.pid)/comm"
			[[ $(label_of "$(<exec.pid)") == "$PROCESS" ]]
		fi
		[[ -z $(find "$ROOTFS/fake" -type f -size +0) ]]
		oci delete --force "$NAME"
		rm -f -- "$ROOTFS"/{ready,wait} exec.pid
	done
}

@test "selinux exec --process: the document's label, else the container's" {
	local document='{"args": ["cat", "/proc/self/attr/current"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}'
	need_selinux
	labels "$PROCESS" "$CONTENT"
	container_start sleep 1000
	jq -c --arg label "$PROCESS,c5" '.selinuxLabel = $label' <<<"$document" >process.json
	[[ $(oci exec --process process.json "$NAME" | tr -d '\0') == "$PROCESS,c5" ]]
	peer_skip runc 'what the document does not say is not confined'
	printf '%s' "$document" >process.json
	[[ $(oci exec --process process.json "$NAME" | tr -d '\0') == "$PROCESS" ]]
}

@test "selinux CVE-2019-16884 CVE-2023-28642 CVE-2025-52881: a /proc that is none, or is covered, gets no label, and no unconfined container" {
	local kind
	need_selinux
	labels "$PROCESS" "$CONTENT"
	process_args sleep 1000
	mkdir -p volume/{1,self,thread-self}/attr && touch volume/{1,self,thread-self}/attr/{exec,current,keycreate}
	cp "$BUNDLE/config.json" base.json
	for kind in bind tmpfs link attributes; do
		cp base.json "$BUNDLE/config.json"
		rm -rf "${ROOTFS:?}/proc" && mkdir "$ROOTFS/proc"
		case $kind in
		bind) bundle_edit --arg from "$PWD/volume" '.mounts[0] = {"destination": "/proc", "type": "bind", "source": $from, "options": ["rbind"]}' ;;
		tmpfs) bundle_edit '.mounts[0] = {"destination": "/proc", "type": "tmpfs", "source": "tmpfs"}' ;;
		link) rmdir "$ROOTFS/proc" && cp -r volume "$ROOTFS/fake" && ln -s fake "$ROOTFS/proc" ;;
		attributes) bundle_edit --arg from "$PWD/volume/self/attr/exec" '.mounts += [{"destination": "/proc/thread-self/attr/exec",
			"type": "bind", "source": $from, "options": ["bind"]}]' ;;
		esac
		detached run --detach --bundle "$BUNDLE" "$NAME"
		if ((status == 0)); then
			[[ $(program_label) == "$PROCESS" ]] || { printf 'not with: %s\n' "$kind" && return 1; }
			oci delete --force "$NAME"
		fi
		[[ -z $(state_ids) && -z $(find volume -type f -size +0) ]]
	done
}
