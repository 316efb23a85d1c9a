#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2154 # jq has variables too; bats sets status, output, stderr, lines
# Real input: config.json files as engines make them, and Debian as debootstrap makes it, run as they are.
bats_require_minimum_version 1.5.0
load helpers
load container

setup_file() {
	# Its trouble is that of the tests which need it.
	"$BATS_TEST_DIRNAME/debian.sh" >"$BATS_FILE_TMPDIR/debian" 2>"$BATS_FILE_TMPDIR/debian.log" </dev/null 3>&- || true
}
setup() { container_setup; }
teardown() { container_teardown; }

# --- config.json of engines -----------------------------------------------------------------------------------------------------------

# The controllers of the cgroup2 that orlop uses, between blanks.
controllers() {
	local path
	for path in /sys/fs/cgroup/unified /sys/fs/cgroup; do
		[[ ! -e $path/cgroup.controllers ]] || break
	done
	printf ' %s ' "$(cat "$path/cgroup.controllers" 2>/dev/null || true)"
}

LOOK='/payload ids caps process limits
sed -n "s/^Seccomp:./seccomp /p" /proc/self/status
echo root.readonly $(touch /bin/written 2>/dev/null && echo false || echo true)'

# engine_config FILE: $BUNDLE/config.json is what an engine wrote, but for what belongs to the machine that it ran on: where the root file system
# is, what it bound from the host, who its hook is, and the program, which says what it sees.
engine_config() {
	local index source destination
	cp -- "$BATS_TEST_DIRNAME/../configs/$1.json" "$BUNDLE/config.json"
	mkdir -p "$ROOTFS"/{run,data,sbin}
	bundle_edit --arg name "$NAME" --arg look "$LOOK" --arg hook "$PWD/hook" --argjson nofile "$(ulimit -Hn | sed 's/unlimited/1048576/')" \
		--argjson nproc "$(ulimit -Hu | sed 's/unlimited/4194304/')" '
		def at_most($most): .hard = ([.hard, $most] | min) | .soft = ([.soft, .hard] | min);
		.root.path = "rootfs"
		| .process.terminal = false
		| .process.args = (if .process.args[1] == "--" then .process.args[:2] else [] end) + ["sh", "-c", $look]
		| if .linux.cgroupsPath then .linux.cgroupsPath |= sub("[^/]*$"; "") + $name else . end
		| if .hooks then .hooks[][].path = $hook else . end
		| if .process.rlimits then .process.rlimits |= map(
			if .type == "RLIMIT_NOFILE" then at_most($nofile) elif .type == "RLIMIT_NPROC" then at_most($nproc) else . end) else . end'
	printf '#!/bin/sh\ncat >%q\n' "$PWD/hook.state" >hook
	chmod +x hook
	mkdir -p binds
	while IFS=$'\t' read -r index source destination; do
		case $destination in
		/data | /dev/shm) mkdir "binds/$index" ;;
		/sbin/docker-init) printf '#!/bin/sh\nshift\nexec "$@"\n' >"binds/$index" && chmod +x "binds/$index" ;;
		/sys) continue ;;
		*) echo "$destination" >"binds/$index" ;;
		esac
		bundle_edit --argjson index "$index" --arg source "$PWD/binds/$index" '.mounts[$index].source = $source'
	done < <(jq -r '.mounts | to_entries[] | select(.value.source[:1] == "/") | [.key, .value.source, .value.destination] | @tsv' "$BUNDLE/config.json")
}

# Limits are refused by name where their controllers are not; then the rest of the config is run without them.
without_missing_controllers() {
	local controller member have missing=()
	[[ $KIND == orlop ]] || return 0
	have=$(controllers)
	for controller in memory cpu pids; do
		# What is 0, and 1024 shares, is what a cgroup has anyway.
		member=$(jq -r --arg of "$controller" '.linux.resources[$of] // {} | del(.disableOOMKiller) | map(select(. != 0 and . != 1024)) | length' \
			"$BUNDLE/config.json")
		[[ $have == *" $controller "* || $member -eq 0 ]] || missing+=("$controller")
	done
	((${#missing[@]})) || return 0
	run --separate-stderr oci run --bundle "$BUNDLE" "$NAME" </dev/null
	expect_status 1
	for controller in "${missing[@]}"; do
		expect_message "the $controller controller is not available"
		bundle_edit --arg of "$controller" 'del(.linux.resources[$of])'
	done
}

# Nor can a machine that lacks a capability give it away.
without_missing_capability() {
	local bounding
	bounding=$(sed -n 's/^CapBnd:.//p' /proc/self/status)
	((16#$bounding >> 24 & 1)) || bundle_edit '.process.capabilities |= map_values(. - ["CAP_SYS_RESOURCE"])'
}

bits() {
	local word=$((16#$1)) count=0
	for (( ; word; word &= word - 1)); do count=$((count + 1)); done
	echo "$count"
}

config_says() { jq -r "$1" "$BUNDLE/config.json"; }

# The config, run: what the program sees is what the config says.
engine_run() {
	local want
	engine_config "$1"
	without_missing_controllers
	without_missing_capability
	run --separate-stderr oci run --bundle "$BUNDLE" "$NAME" </dev/null
	[[ -z $stderr ]] || printf 'stderr: %s\n' "$stderr"
	expect_status 0
	[[ $(config_says .hooks) == null ]] || [[ $(jq -r .id hook.state) == "$NAME" ]]
	want=$(config_says .process.user.uid)
	expect_fact uid "$want $want $want"
	want=$(config_says .process.user.gid)
	expect_fact gid "$want $want $want"
	expect_fact cwd "$(config_says .process.cwd)"
	expect_fact hostname "$(config_says ".hostname // \"$(uname -n)\"")"
	expect_fact no_new_privs "$(config_says 'if .process.noNewPrivileges then 1 else 0 end')"
	expect_fact seccomp "$(config_says 'if .linux.seccomp then 2 else 0 end')"
	want=$(config_says '.process.rlimits // [] | map(select(.type == "RLIMIT_NOFILE"))[] | "\(.soft) \(.hard)"')
	[[ -z $want ]] || expect_fact rlimit.NOFILE "$want"
	# The user 1000 could not write there either way.
	[[ $(config_says .process.user.uid) != 0 ]] || expect_fact root.readonly "$(config_says '.root.readonly // false')"
	[[ $(bits "$(fact caps.bounding)") -eq $(config_says '.process.capabilities.bounding | length') ]]
}

@test "engines: containerd's config.json (ctr run)" { engine_run ctr-default; }
@test "engines: Docker's config.json" { engine_run docker-default; }
@test "engines: Docker's config.json, a seccomp rule for each system call" { engine_run docker-bench; }
@test "engines: Docker's config.json, with limits, a user, an init and a read-only root" { engine_run docker-options; }
@test "engines: Docker's config.json, privileged" { engine_run docker-privileged; }
@test "engines: podman's config.json" { engine_run podman-default; }
@test "engines: podman's config.json, with limits, a user, sysctls and a read-only root" { engine_run podman-options; }
@test "engines: runc's template" { engine_run runc-spec; }
@test "engines: runc's rootless template" { engine_run runc-spec-rootless; }

@test "engines: each config.json that is kept is run here" {
	local file
	for file in "$BATS_TEST_DIRNAME"/../configs/*.json; do
		grep -q "{ engine_run $(basename -- "$file" .json); }" "$BATS_TEST_FILENAME"
	done
}

# --- Debian ---------------------------------------------------------------------------------------------------------------------------

# Sets DEBIAN, the tree; not to be written to.
debian_need() {
	DEBIAN=$(<"$BATS_FILE_TMPDIR/debian")
	[[ -x $DEBIAN/usr/bin/dpkg ]] && return
	cat "$BATS_FILE_TMPDIR/debian.log"
	return 1
}

# The template of `spec` for the tree, for a program instead of a terminal.
debian_bundle() {
	debian_need
	rm -- "$BUNDLE/config.json"
	oci spec --bundle "$BUNDLE"
	bundle_edit --arg tree "$DEBIAN" '.root.path = $tree | .process.terminal = false'
}

@test "debian: README's five lines" {
	skip_unless_orlop
	debian_need
	mkdir tools
	# The tree is made already, the state is the test's own, and there is nobody to page.
	printf '#!/bin/sh\n[ "$*" = "--variant=minbase bookworm web/rootfs" ] && cp -a %q web/rootfs\n' "$DEBIAN" >tools/debootstrap
	printf '#!/bin/sh\nexec %q --root %q "$@"\n' "${OCI[0]}" "$STATE" >tools/orlop
	printf '#!/bin/sh\nexec cat\n' >tools/less
	chmod +x tools/*
	awk '/^Five lines run/ { on = 1 } on && /^    / { print substr($0, 5); n++ } n == 5 { exit }' "$BATS_TEST_DIRNAME/../../README.md" >lines
	[[ $(grep -c . lines) -eq 5 ]]
	printf '%s\n' 'head -c 3 /etc/debian_version; hostname' 'apt-get --version | head -n 1' 'echo $(dpkg -l | grep -c ^ii) packages' 'tty' 'echo it is $((6 * 7))' 'exit 5' >typed
	PATH=$PWD/tools:$PATH run timeout --foreground 60 script -qec 'sh -e lines; echo left with $?' /dev/null <typed 3>&-
	output=${output//$'\r'/}
	expect_output_has 'pivot'
	expect_output_has '12.'
	expect_output_has 'apt 2.'
	[[ $output =~ [0-9][0-9]+' packages' ]]
	expect_output_has '/dev/pts/0'
	expect_output_has 'it is 42'
	expect_output_has 'left with 5'
	# The status of the shell is that of the line, and ends the script: the last line is still to come.
	run tools/orlop list
	expect_status 0
	[[ ${#lines[@]} -eq 1 ]]
	rm -rf --one-file-system web
}

@test "debian: apt-get and dpkg in the template's container" {
	debian_bundle
	container_run apt-get --version
	expect_status 0
	[[ $output == apt\ 2.* ]]
	container_run dpkg -l
	expect_status 0
	[[ $(grep -c '^ii ' <<<"$output") -gt 50 ]]
	container_run dpkg --audit
	expect_status 0
	[[ -z $output$stderr ]]
	container_run perl -e 'print "$^V $>\n"; open(my $f, ">", "/etc/new") or print "$!\n"'
	expect_status 0
	[[ $output == v5.*' 0'$'\n'"Read-only file system" ]]
}

@test "debian: a user of its passwd" {
	debian_bundle
	bundle_edit '.process.user = {"uid": 33, "gid": 33} | .process.env |= map(select(startswith("HOME=") | not))'
	container_run sh -c 'id; echo $HOME; head -c 1 /etc/shadow'
	expect_status 1
	[[ ${lines[0]} == 'uid=33(www-data) gid=33(www-data) groups=33(www-data)' ]]
	[[ ${lines[1]} == /var/www ]]
	[[ $stderr == *'Permission denied' ]]
}

@test "debian: exec in it" {
	debian_bundle
	container_start sleep 1000
	run oci exec "$NAME" cat /etc/debian_version
	expect_output "$(<"$DEBIAN/etc/debian_version")"
	run oci exec --user 8:8 "$NAME" id -un
	expect_output mail
	run oci exec --env GREETING=hello --cwd /var/lib/dpkg "$NAME" /bin/bash -c 'echo $GREETING from $PWD'
	expect_output 'hello from /var/lib/dpkg'
	run oci exec "$NAME" nonesuch
	expect_status 255
	# crun 1.8.1 loses what was said last on a terminal, at times.
	[[ $KIND != crun ]] || return 0
	on_terminal "${OCI[@]}" exec --tty "$NAME" bash -c 'tty; stty size | wc -w'
	expect_output $'/dev/pts/0\n2'
}

@test "debian: a package built and installed in a tree that may be written to" {
	debian_bundle
	cp -a -- "$DEBIAN" tree
	bundle_edit --arg tree "$PWD/tree" '.root = {"path": $tree}'
	mkdir -p tree/pkg/DEBIAN tree/pkg/usr/bin
	printf 'Package: greeter\nVersion: 1\nArchitecture: all\nMaintainer: none <none@example.org>\nDescription: greets\n' >tree/pkg/DEBIAN/control
	printf '#!/bin/sh\necho greetings\n' >tree/pkg/usr/bin/greeter
	chmod 0755 tree/pkg/usr/bin/greeter
	container_run sh -ec 'dpkg-deb --build /pkg /greeter.deb; dpkg -i /greeter.deb; greeter; dpkg -r greeter; test ! -e /usr/bin/greeter'
	expect_status 0
	expect_output_has greetings
	rm -rf --one-file-system tree
}
