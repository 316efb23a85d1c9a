#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154 # jq has variables too; bats sets status and output, container.bash the rest
# process.apparmorProfile, `exec --apparmor` (config.md, "Linux Process"): the program runs under the profile that was asked for, or not at all.
# `./dev machine` has AppArmor on; a host without it refuses.
bats_require_minimum_version 1.5.0
load helpers
load container
load lsm

APPARMOR=/sys/kernel/security/apparmor

apparmor_is_on() { [[ $(cat /sys/module/apparmor/parameters/enabled 2>/dev/null) == Y && -d $APPARMOR ]]; }

# deck, deck2: for containers; cargo: one that may mount; keel: for the runtime itself, which may change to deck alone; bilge: as Ubuntu has them
# for programs that it does not confine.
profiles() {
	local rest='file, capability, network, signal, ptrace, umount,'
	printf 'profile deck flags=(attach_disconnected,mediate_deleted) { %s deny /denied w, }\n' "$rest"
	printf 'profile deck2 flags=(attach_disconnected,mediate_deleted) { %s deny /denied2 w, }\n' "$rest"
	printf 'profile cargo flags=(attach_disconnected,mediate_deleted) { %s mount, pivot_root, }\n' "$rest"
	printf 'profile bilge flags=(unconfined) { }\n'
	printf 'profile keel flags=(attach_disconnected,mediate_deleted) { %s mount, pivot_root, userns, unix, mqueue, dbus,
		change_profile -> deck, change_profile -> &deck, }\n' "$rest"
}
inner_profile() { printf 'profile mess flags=(attach_disconnected,mediate_deleted) { file, capability, network, signal, deny /denied w, }\n'; }

setup_file() {
	((EUID == 0)) && apparmor_is_on || return 0
	profiles | apparmor_parser --replace --skip-cache
	mkdir -p "$APPARMOR/policy/namespaces/hold"
	inner_profile | apparmor_parser --replace --skip-cache --namespace hold
}

teardown_file() {
	((EUID == 0)) && apparmor_is_on || return 0
	profiles | apparmor_parser --remove
	rmdir "$APPARMOR/policy/namespaces/hold"
}

setup() {
	container_setup
	HOST=()
}
teardown() { container_teardown; }

need_apparmor() { apparmor_is_on || skip 'needs AppArmor, which ./dev machine has'; }

# The runtime under test, behind the words of $HOST, which change what it runs under.
oci() { timeout --foreground --kill-after=5 60 "${HOST[@]}" "${OCI[@]}" "$@" 3>&-; }
# under LABEL: what `oci` runs from now on changes to this label first, as AppArmor's own words ask for it.
under() { HOST=(bash -c 'printf %s "$0" >/proc/self/attr/apparmor/exec && exec "$@"' "$1"); }

confine() { bundle_edit --arg profile "$1" '.process.apparmorProfile = $profile'; }
privileges() { bundle_edit --argjson no "$1" '.process.noNewPrivileges = $no'; }
label_of() { cat "/proc/$1/attr/apparmor/current"; }

# What runs by now is the program, `sleep 1000`: what comes before it has another label.
program_label() {
	wait_until process_is "$(container_pid)" 'sleep 1000' && label_of "$(container_pid)"
}

# Says under which label it is and whether /denied can be written to.
probe() { process_shell 'cat /proc/self/attr/current; echo x 2>/dev/null >/denied && echo wrote; echo x >/allowed && echo wrote allowed'; }
expect_confined() {
	expect_status 0
	expect_output "$1"$'\nwrote allowed'
}
expect_no_container() {
	[[ $status -ne 0 && -z $(state_ids) ]]
}

@test "apparmor: a host without it refuses a profile, at create and at exec" {
	! apparmor_is_on || skip 'the host has AppArmor'
	confine deck
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	expect_message pparmor
	expect_message "$([[ $KIND == orlop ]] && echo 'apparmor: config provided but apparmor not supported')"
	bundle_edit 'del(.process.apparmorProfile)'
	container_start sleep 1000
	run oci exec --apparmor deck "$NAME" true
	[[ $status -ne 0 ]]
	expect_message pparmor
	confine ''
	[[ $KIND != orlop ]] || jq -e '.annotations["io.orlop.host.apparmor"] == "false" and .linux.apparmor.enabled' <<<"$(oci features)"
}

@test "apparmor: features tells of the build, and orlop's of the host" {
	need_apparmor
	run --separate-stderr oci features
	jq -e '.linux.apparmor.enabled' <<<"$output"
	[[ $KIND != orlop ]] || jq -e '.annotations["io.orlop.host.apparmor"] == "true"' <<<"$output"
}

@test "apparmor: the profile is in force, with and without no_new_privs" {
	local no
	need_apparmor
	confine deck
	probe
	for no in true false; do
		privileges "$no"
		container_run
		expect_confined 'deck (enforce)'
	done
}

@test "apparmor: without a profile, with '' and with 'unconfined' there is none" {
	need_apparmor
	process_args cat /proc/self/attr/current
	container_run
	expect_output unconfined
	confine unconfined
	container_run
	expect_output unconfined
	peer_skip crun "'' is a profile that is not there"
	confine ''
	container_run
	expect_output unconfined
}

@test "apparmor: a profile that is not loaded is an error of create that names it" {
	need_apparmor
	confine absent
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	[[ $KIND == crun ]] || expect_message 'failed to apply profile'
	[[ $KIND != orlop ]] || expect_message "apparmor failed to apply profile 'absent': no such profile is loaded"
	confine ':nowhere:deck'
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	[[ $KIND != orlop ]] || expect_message "apparmor failed to apply profile ':nowhere:deck': no such profile is loaded"
}

@test "apparmor: several profiles at once" {
	local no
	need_apparmor
	confine 'deck//&deck2'
	probe
	for no in true false; do
		privileges "$no"
		container_run
		expect_confined 'deck//&deck2 (enforce)'
	done
	confine 'deck//&absent'
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	# Into a container without any.
	bundle_edit 'del(.process.apparmorProfile)'
	container_start sleep 1000
	run oci exec --apparmor deck "$NAME" cat /proc/self/attr/current
	expect_output 'deck (enforce)'
	run oci exec --apparmor 'deck2//&deck' "$NAME" cat /proc/self/attr/current
	expect_output 'deck//&deck2 (enforce)'
}

@test "apparmor: a name that the kernel would cut off is refused" {
	need_apparmor
	# What a page holds of it is the name of a profile, in words that mean nothing.
	confine "$(printf '//&deck%.0s' {1..1000} | cut -c 4-)"
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	[[ $(wc -l <err) -le 1 ]]
}

# By the kernel's own files a Linux before 5.8 is imitated: they are not there.
@test "apparmor: a kernel that has attr/exec alone" {
	local at paths=()
	need_apparmor
	[[ $KIND == orlop ]] || skip 'about calls that orlop makes'
	confine deck
	probe
	# In a pid namespace of its own all the numbers there may be are known.
	for at in {1..60}; do paths+=(-P "$at/task/$at/attr/apparmor/exec" -P "$at/task/$at/attr/apparmor/current"); done
	OCI=(unshare --pid --fork --mount-proc strace -f -qq -e 'trace=openat2' -e inject=openat2:error=ENOENT "${paths[@]}" -o trace "${OCI[@]}")
	container_run
	expect_confined 'deck (enforce)'
	grep -E 'attr/apparmor/exec".*ENOENT.*INJECTED' trace
}

@test "apparmor: names that are nearly a profile's never end unconfined" {
	local name
	need_apparmor
	process_args sleep 1000
	for name in 'deck ' 'deck//&' '//' 'a b c' 'deck changeprofile unconfined'; do
		confine "$name"
		detached run --detach --bundle "$BUNDLE" "$NAME"
		[[ $status -eq 0 ]] || { expect_no_container && continue; }
		[[ $(program_label) == deck*' (enforce)' ]] || { printf 'took "%s"\n' "$name" && return 1; }
		oci delete --force "$NAME"
	done
}

@test "apparmor: in a user namespace, and as another user" {
	need_apparmor
	confine deck
	probe
	bundle_edit '.process.user = {"uid": 1000, "gid": 1000}'
	chmod 0777 "$ROOTFS"
	container_run
	expect_confined 'deck (enforce)'
	bundle_edit '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = .linux.uidMappings | .mounts |= map(select(.destination != "/sys"))'
	rm "$ROOTFS/allowed"
	chmod 0711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$BUNDLE"
	container_run
	expect_confined 'deck (enforce)'
}

@test "apparmor: rootless, with and without no_new_privs; a profile that is not loaded is an error" {
	local no
	need_apparmor
	[[ $KIND == orlop ]] || skip 'peers want cgroups'
	confine deck
	probe
	rootless
	for no in true false; do
		privileges "$no"
		container_run
		expect_confined 'deck (enforce)'
	done
	OCI=("${OCI[@]:0:4}" --no-new-privs "${OCI[@]:4}")
	container_run
	expect_confined 'deck (enforce)'
	confine absent
	container_run
	[[ $status -ne 0 && $stderr == *"profile 'absent': no such profile is loaded"* ]]
}

@test "apparmor: the init that waits for start is not under it yet, its startContainer hooks and its program are" {
	need_apparmor
	[[ $KIND == orlop ]] || skip 'peers differ'
	confine deck
	printf '#!/bin/sh\ncat /proc/self/attr/current >/hook\n' >"$ROOTFS/hook.sh"
	chmod 0755 "$ROOTFS/hook.sh"
	printf '#!/bin/sh\ncat /proc/self/attr/current >%s\n' "$PWD/host-hook" >host.sh
	chmod 0755 host.sh
	bundle_edit --arg host "$PWD/host.sh" '.hooks = {"startContainer": [{"path": "/hook.sh"}], "createRuntime": [{"path": $host}]}'
	process_args sleep 1000
	container_create
	[[ $(label_of "$(container_pid)") == unconfined && $(<host-hook) == unconfined ]]
	oci start "$NAME"
	[[ $(program_label) == 'deck (enforce)' ]]
	[[ $(<"$ROOTFS/hook") == 'deck (enforce)' ]]
}

@test "apparmor exec: the container's profile, another by --apparmor, and none that is not loaded" {
	need_apparmor
	confine deck
	container_start sleep 1000
	run oci exec "$NAME" sh -c 'cat /proc/self/attr/current; echo x 2>/dev/null >/denied && echo wrote; echo x >/allowed && echo wrote allowed'
	expect_confined 'deck (enforce)'
	run oci exec --apparmor deck2 "$NAME" cat /proc/self/attr/current
	expect_output 'deck2 (enforce)'
	run oci exec --apparmor unconfined "$NAME" cat /proc/self/attr/current
	expect_output unconfined
	run oci exec --apparmor absent "$NAME" touch /ran
	[[ $status -ne 0 && ! -e $ROOTFS/ran ]]
	[[ $KIND != orlop ]] || expect_message "apparmor failed to apply profile 'absent': no such profile is loaded"
}

@test "apparmor exec --process: the document's profile, else the container's" {
	local document='{"args": ["cat", "/proc/self/attr/current"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}'
	need_apparmor
	confine deck
	container_start sleep 1000
	jq -c '.apparmorProfile = "deck2"' <<<"$document" >process.json
	run oci exec --process process.json "$NAME"
	expect_output 'deck2 (enforce)'
	peer_skip runc 'what the document does not say is not confined'
	printf '%s' "$document" >process.json
	run oci exec --process process.json "$NAME"
	expect_output 'deck (enforce)'
}

@test "apparmor: a runtime that is confined itself changes to what its profile lets it" {
	need_apparmor
	under 'exec keel'
	probe
	confine deck
	privileges false
	container_run
	expect_confined 'deck (enforce)'
	confine deck2
	detached create --bundle "$BUNDLE" "$NAME"
	expect_no_container
	[[ $KIND != orlop ]] || expect_message "the profile of orlop itself, 'keel (enforce)', has no rule 'change_profile -> deck2'"
	confine deck
	container_start sleep 1000
	run oci exec "$NAME" cat /proc/self/attr/current
	expect_output 'deck (enforce)'
	run oci exec --apparmor deck2 "$NAME" touch /ran
	[[ $status -ne 0 && ! -e $ROOTFS/ran ]]
	[[ $KIND != orlop ]] || expect_message "has no rule 'change_profile -> deck2'"
}

@test "apparmor: a runtime whose own profile confines nothing, with no_new_privs" {
	need_apparmor
	peer_skip crun 'the program has both profiles'
	under 'exec bilge'
	probe
	confine deck
	container_run
	expect_confined 'deck (enforce)'
	confine ''
	container_run cat /proc/self/attr/current
	expect_output 'bilge (unconfined)'
}

@test "apparmor: a runtime that is confined itself, with no_new_privs: both profiles at once" {
	need_apparmor
	peer_skip runc 'the program cannot be executed'
	under 'exec keel'
	probe
	confine deck
	container_run
	expect_confined 'deck//&keel (enforce)'
	container_start sleep 1000
	[[ $(program_label) == 'deck//&keel (enforce)' ]]
	run oci exec "$NAME" cat /proc/self/attr/current
	[[ $KIND == crun ]] || expect_output 'deck//&keel (enforce)' # crun's exec has no no_new_privs unless asked
}

@test "apparmor: on a host in a policy namespace, or stacked with one, the namespace's profiles count" {
	local host
	need_apparmor
	confine mess
	probe
	for host in 'exec :hold:unconfined' 'stack :hold:unconfined' 'exec unconfined//&:hold:unconfined'; do
		under "$host"
		container_run
		expect_confined 'mess (enforce)'
	done
	HOST=()
	container_run
	[[ $status -ne 0 ]]
	under 'exec :hold:unconfined'
	confine deck
	container_run
	[[ $status -ne 0 ]]
	[[ $KIND != orlop ]] || expect_message "'deck': no such profile is loaded"
	HOST=()
	confine ':hold:mess'
	container_start sleep 1000
	run program_label
	expect_output ':hold:mess (enforce)'
}

# A tree with the files that a label could be written to.
fake_proc() {
	mkdir -p "$1"/{1,self,thread-self}/attr/apparmor "$1"/{1,self,thread-self}/task/1/attr/apparmor
	touch "$1"/{1,self,thread-self}/attr/{exec,current,apparmor/{exec,current}}
}
# nothing_written DIRECTORY: the runtime fell for none of them.
nothing_written() { [[ -z $(find "$1" -type f -size +0) ]]; }
# The container came about confined, or not at all.
refused_or_confined() {
	detached run --detach --bundle "$BUNDLE" "$NAME"
	if ((status == 0)); then
		[[ $(program_label) == 'deck (enforce)' ]]
		oci delete --force "$NAME"
	else
		[[ -z $(state_ids) ]]
	fi
}

@test "apparmor CVE-2019-16884 CVE-2019-19921 CVE-2023-28642: a /proc that is none gets no label, and no unconfined container" {
	local kind
	need_apparmor
	confine deck
	process_args sleep 1000
	fake_proc volume
	fake_proc "$ROOTFS/fake"
	cp "$BUNDLE/config.json" base.json
	for kind in bind tmpfs absent link attributes; do
		cp base.json "$BUNDLE/config.json"
		rm -rf "${ROOTFS:?}/proc"
		mkdir "$ROOTFS/proc"
		case $kind in
		bind) bundle_edit --arg from "$PWD/volume" '.mounts[0] = {"destination": "/proc", "type": "bind", "source": $from, "options": ["rbind"]}' ;;
		tmpfs) bundle_edit '.mounts[0] = {"destination": "/proc", "type": "tmpfs", "source": "tmpfs"}' ;;
		absent) bundle_edit 'del(.mounts[0])' && fake_proc "$ROOTFS/proc" ;;
		link) rmdir "$ROOTFS/proc" && ln -s fake "$ROOTFS/proc" ;;
		attributes) bundle_edit --arg from "$PWD/volume/self/attr/exec" '.mounts += [{"destination": "/proc/thread-self/attr/apparmor/exec",
			"type": "bind", "source": $from, "options": ["bind"]}]' ;;
		esac
		refused_or_confined || { printf 'not with: %s\n' "$kind" && return 1; }
		nothing_written volume && nothing_written "$ROOTFS/fake" && nothing_written "$ROOTFS/proc"
	done
}

@test "apparmor CVE-2015-1334 CVE-2025-52881: exec into a container whose root covered /proc, or its files" {
	local how pid
	need_apparmor
	confine cargo
	privileges false
	bundle_edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"]) | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	fake_proc "$ROOTFS/fake"
	for how in 'mount -o bind /fake /proc' 'mount -t tmpfs tmpfs /proc && cp -r /fake/* /proc' \
		'for file in /proc/1/attr/exec /proc/1/attr/apparmor/exec /proc/1/task/1/attr/exec; do mount -o bind /fake/self/attr/exec $file; done'; do
		process_shell "$how && touch /ready && exec sleep 1000"
		container_start
		wait_until test -e "$ROOTFS/ready"
		mkfifo "$ROOTFS/wait"
		status=0
		oci exec --detach --pid-file exec.pid --apparmor deck "$NAME" sh -c 'read x </wait' </dev/null >/dev/null 2>&1 || status=$?
		# To refuse is as good; orlop has no need to.
		if [[ $status -eq 0 || $KIND == orlop ]]; then
			pid=$(<exec.pid)
			wait_until grep -qx sh "/proc/$pid/comm"
			[[ $(label_of "$pid") == 'deck (enforce)' ]]
		fi
		nothing_written "$ROOTFS/fake"
		oci delete --force "$NAME"
		rm -f -- "$ROOTFS"/{ready,wait} exec.pid
	done
}

@test "apparmor: the label goes once, to a file below a procfs that nobody else can mount on" {
	need_apparmor
	[[ $KIND == orlop ]] || skip 'about calls that orlop makes'
	confine deck
	process_args true
	OCI=(strace -f -qq -e 'trace=openat,openat2,write,fsmount' -y -o trace "${OCI[@]}")
	container_run
	expect_status 0
	[[ $(grep -c '"exec deck"' trace) == 1 ]]
	grep -Eq 'write\([0-9]+</[0-9]+/task/[0-9]+/attr/apparmor/exec>, "exec deck"' trace
	grep -E 'openat2\([0-9]+.*"[0-9]+/task/[0-9]+/attr/apparmor/exec"' trace | grep -q 'RESOLVE_NO_XDEV'
	not grep -E 'open(at)?\(.*"(/proc/)[^"]*/attr/' trace
}
