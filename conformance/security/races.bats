#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2153,SC2154,SC2317 # jq has variables too; bats and security.bash set what is read; put_back is called by name
# Races, walked: at each call that takes a path another container exchanges a directory of a shared volume for a link to the host.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load security
load races

setup() {
	security_setup
	leave_late
	walk_setup
	# Nothing of the host's is shown, whatever it was that was reached.
	process_shell '! grep -rqs canary /v /dev/null 2>/dev/null || echo reached; echo started'
	mkdir -p "$V/x" "$V/empty" "$ROOTFS/v"
}
teardown() { security_teardown; }

# The trap: $V/x is a directory, $V/y the link that takes its place; put_back makes it so again.
trap_at() {
	TRAP=$1
	put_back() {
		rm -rf -- "$V/x" "$V/y"
		mkdir "$V/x"
		ln -s "$TRAP" "$V/y"
	}
	put_back
}
not_reached() { [[ $output != *reached* && $output != *astray* ]]; }

@test "CVE-2021-30465: a destination in a shared volume, exchanged at any moment, is mounted in the container or not at all" {
	add_bind "$V" /v
	add_mount '{"destination": "/v/x", "type": "tmpfs", "source": "x"}'
	add_mount '{"destination": "/v/x/deeper", "type": "tmpfs", "source": "deeper"}'
	process_shell "$(in_place 'tmpfs x' 'tmpfs deeper') ! grep -rqs canary /v 2>/dev/null || echo reached; echo started"
	trap_at "$(climb "$H")"
	walk_swap "$V/x" "$V/y" not_reached
}

@test "CVE-2024-45310: what is missing of a destination in a shared volume is never made on the host" {
	add_bind "$V" /v
	add_mount '{"destination": "/v/x/a/b/c", "type": "tmpfs", "source": "x"}'
	add_bind "$H/marker" /v/x/f/file ro
	process_shell "$(in_place 'tmpfs x') echo started"
	trap_at "$(climb "$H")"
	walk_swap "$V/x" "$V/y" not_reached
}

@test "CVE-2019-19921 CVE-2025-52881: /proc from a shared volume, exchanged at any moment, misleads nothing" {
	no_mount /proc
	add_bind "$V" /v
	bundle_edit '.mounts += [{"destination": "/v/x", "type": "proc", "source": "proc"}] | .linux.maskedPaths = [] | .linux.readonlyPaths = []
		| .linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "77"}'
	# Who exchanges it later moves the mount.
	process_shell 'grep -qs " - proc proc " /v/x/self/mountinfo /v/y/self/mountinfo || echo astray; echo started'
	trap_at "$(climb "$H/empty")"
	walk_swap "$V/x" "$V/y" not_reached
}

# The one that counts: what is written through it are labels and kernel parameters.
@test "CVE-2019-19921 CVE-2025-52881, next: /proc itself, exchanged at any moment, is a procfs or nothing" {
	mkdir -p "$H/fake/self/attr/apparmor" "$H/fake/sys/net/ipv4" "$H/fake/thread-self"
	touch "$H"/fake/self/attr/{current,exec,apparmor/exec} "$H"/fake/sys/net/ipv4/{ip_default_ttl,ip_unprivileged_port_start}
	bundle_edit '.linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "77"}'
	# Who exchanges it later moves the mount: it is /proc2 then, and the same has to be hidden there.
	process_shell 'for p in /proc /proc2; do
		port=$(cat $p/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null)
		[ -z "$port" ] || [ "$port" = 77 ] || echo astray
		[ -z "$(cat $p/timer_list $p/keys 2>/dev/null | head -c 1)" ] || echo reached
		for f in sys/kernel/core_pattern sysrq-trigger; do [ ! -e $p/$f ] || ! (: >>$p/$f) 2>/dev/null || echo reached; done
		done; echo started'
	TRAP=$(climb "$H/fake")
	put_back() {
		rm -rf -- "${ROOTFS:?}/proc" "$ROOTFS/proc2"
		mkdir "$ROOTFS/proc"
		ln -s "$TRAP" "$ROOTFS/proc2"
	}
	put_back
	walk_swap "$ROOTFS/proc" "$ROOTFS/proc2" not_reached
}

@test "CVE-2026-41579 CVE-2026-47766: a /dev exchanged at any moment gets nothing of the host's touched" {
	no_mount /dev
	rm -rf "${ROOTFS:?}/dev" && mkdir "$ROOTFS/dev"
	TRAP=$H
	put_back() {
		rm -rf -- "${ROOTFS:?}/dev" "$ROOTFS/dev2"
		mkdir "$ROOTFS/dev"
		ln -s "$TRAP" "$ROOTFS/dev2"
	}
	put_back
	walk_swap "$ROOTFS/dev" "$ROOTFS/dev2" not_reached
}

@test "CVE-2025-31133: a /dev/null exchanged at any moment masks all the same" {
	no_mount /dev
	echo canary >"$ROOTFS/secret"
	bundle_edit '.linux.maskedPaths += ["/secret"]'
	# What it writes to /dev/null would be in /secret.
	process_shell 'grep -qs canary /secret && echo reached; echo started'
	put_back() {
		rm -rf -- "${ROOTFS:?}/dev" "$ROOTFS/null2"
		mkdir "$ROOTFS/dev"
		mknod -m 0666 "$ROOTFS/dev/null" c 1 3
		ln -s /secret "$ROOTFS/null2"
	}
	put_back
	walk_swap "$ROOTFS/dev/null" "$ROOTFS/null2" not_reached
}

@test "CVE-2026-55686, next: a working directory exchanged at any moment is in the container" {
	add_bind "$V" /v
	bundle_edit '.process.cwd = "/v/x/made/here"'
	process_shell 'grep -rqs canary . && echo reached; echo started'
	trap_at "$H"
	walk_swap "$V/x" "$V/y" not_reached
}

# --- exec: its container exchanges what it looks up there ---

exec_setup() {
	add_bind "$V" /v
	sleeper
	BEFORE=running CLEAN=clean_exec
}
# Whatever was exchanged in it, the container runs on.
clean_exec() {
	stay
	runs_on
}

@test "exec: a working directory exchanged at any moment is in the container" {
	exec_setup
	put_back() {
		rm -rf -- "$V/x" "$V/y"
		mkdir -p "$V/x/here"
		ln -s "$(climb "$H/..")" "$V/y"
	}
	put_back
	mkdir "$H/../here" && echo canary >"$H/../here/marker"
	walk_swap "$V/x" "$V/y" not_reached exec --cwd /v/x/here "$NAME" sh -c 'grep -rqs canary . && echo reached; echo started'
}

@test "exec: a program exchanged at any moment is one of the container's" {
	exec_setup
	printf '#!/bin/sh\necho reached\n' >"$H/empty/program"
	chmod +x "$H/empty/program"
	put_back() {
		rm -rf -- "$V/x" "$V/y"
		mkdir "$V/x"
		printf '#!/bin/sh\necho started\n' >"$V/x/program"
		chmod +x "$V/x/program"
		ln -s "$(climb "$H/empty")" "$V/y"
	}
	put_back
	walk_swap "$V/x" "$V/y" not_reached exec --cwd /v "$NAME" /v/x/program
}

@test "exec: a /proc exchanged at any moment misleads nothing" {
	sleeper
	BEFORE=started
	mkdir -p "$H/fake/self/attr/apparmor" "$H/fake/self/fd" "$H/fake/thread-self"
	touch "$H"/fake/self/attr/{current,exec,apparmor/exec} "$H"/fake/self/{oom_score_adj,status,uid_map,setgroups}
	put_back() {
		rm -rf -- "${ROOTFS:?}/proc" "$ROOTFS/proc2"
		mkdir "$ROOTFS/proc"
		ln -s "$(climb "$H/fake")" "$ROOTFS/proc2"
	}
	put_back
	walk_swap "$ROOTFS/proc" "$ROOTFS/proc2" in_order exec --user 1000:7 "$NAME" /payload ids caps
}
# Who ran had what it has when nothing is exchanged; some of that it cannot read without its /proc.
in_order() { [[ $status -ne 0 ]] || ! grep -qvxFf <(echo "$WANT") <<<"$output"; }

# --- delete: its state directory, and the cgroup ---

@test "delete: a state directory exchanged at any moment for a link to the host removes nothing there" {
	sleeper
	BEFORE=started CLEAN=clean_deleted
	mkdir "$H/empty/kept" && cp "$H/marker" "$H/empty/kept/record.json"
	put_back() {
		# The directory itself, wherever it is; what is left of it is a later delete's.
		[[ ! -L $STATE/$NAME ]] || rm "$STATE/$NAME"
		[[ ! -d $BATS_TEST_TMPDIR/link || -L $BATS_TEST_TMPDIR/link ]] || mv -T "$BATS_TEST_TMPDIR/link" "$STATE/$NAME"
		rm -f "$BATS_TEST_TMPDIR/link"
		ln -s "$H/empty" "$BATS_TEST_TMPDIR/link"
	}
	put_back
	walk_swap "$STATE/$NAME" "$BATS_TEST_TMPDIR/link" told_or_done delete --force "$NAME"
}
told_or_done() { [[ $status -eq 0 ]] || told; }
clean_deleted() {
	stay
	put_back
	judge_rest
}

@test "crun #2262: a kernel without the calls that it needs is told of; nothing is done in another way" {
	local call
	[[ $KIND == orlop ]] || skip 'peers have other ways'
	for call in openat2 move_mount open_tree fsopen fsmount mount_setattr; do
		WAY=$call
		canary_record >before
		stepped --deny "$call" -- run --bundle "$BUNDLE" "$NAME"
		stepped_end
		refused || finding "status $status: $output $stderr"
		canary_check
	done
	no_findings
}
