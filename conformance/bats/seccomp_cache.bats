#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# The cache of compiled seccomp profiles, $STATE/@seccomp: with it and without it a container is the same, whatever stands in its place.
bats_require_minimum_version 1.5.0
load helpers
load container

CONFIGS=$BATS_TEST_DIRNAME/../configs

setup() {
	skip_unless_orlop
	container_setup
	CACHE=$STATE/@seccomp
	cp -- "$(dirname -- "$(payload_find)")/calls" "$ROOTFS/calls"
	forbid getsid
}
teardown() {
	[[ -z ${FULL:-} ]] || umount -l "$FULL"
	container_teardown
}

# forbid CALL [ERRNO]: a profile that lets all pass but that.
forbid() {
	bundle_edit --arg call "$1" --argjson number "${2:-123}" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: [$call], action: "SCMP_ACT_ERRNO", errnoRet: $number}]}'
}

# The container is what its profile says.
expect_filter() {
	container_run /calls getsid
	[[ $output == 'getsid No medium found' && -z ${stderr:-} && $status -eq 0 ]] && return
	printf 'status %s\n%s\n%s\n' "$status" "$output" "$stderr"
	return 1
}

cache_files() { find "$CACHE" -mindepth 1 -printf '%f\n' 2>/dev/null; }
cache_count() { cache_files | wc -l; }
# The one file: which it is, and when it was written.
cache_stamp() { stat -c '%n %i %y %s %a %u' -- "$CACHE/$(cache_files)"; }

@test "seccomp cache: the first container keeps its program, the next finds it; list knows nothing of it" {
	local stamp
	expect_filter
	[[ $(cache_count) -eq 1 && $(cache_files) =~ ^[0-9a-f]{128}$ ]]
	[[ $(stat -c '%a %u' "$CACHE") == "700 $EUID" && $(stat -c '%a %u %h' "$CACHE"/*) == "600 $EUID 1" ]]
	stamp=$(cache_stamp)
	expect_filter
	[[ $(cache_stamp) == "$stamp" ]]
	run oci list --quiet
	expect_status 0
	expect_output ''
	run --separate-stderr oci list
	[[ ${#lines[@]} -eq 1 && -z $stderr ]]
	run oci delete --force @seccomp
	[[ -n $(cache_files) ]]
}

@test "seccomp cache: exec finds what create kept, and keeps what is not there" {
	local stamp
	container_start sleep 100
	stamp=$(cache_stamp)
	run oci exec "$NAME" /calls getsid
	expect_output 'getsid No medium found'
	[[ $(cache_stamp) == "$stamp" ]]
	rm -r -- "$CACHE"
	run oci exec "$NAME" /calls getsid
	expect_output 'getsid No medium found'
	[[ $(cache_count) -eq 1 ]]
}

@test "seccomp cache: --no-seccomp-cache reads none and writes none" {
	OCI+=(--no-seccomp-cache)
	expect_filter
	container_start sleep 100
	run oci exec "$NAME" /calls getsid
	expect_output 'getsid No medium found'
	[[ ! -e $CACHE ]]
}

# bench_filter compiles without a cache, and writes the instructions alone.
@test "seccomp cache: what is kept is what compiling makes, to the byte, for the profiles of the engines" {
	local bench config
	bench=$(dirname -- "$ORLOP")/../conformance/bench/bench_filter
	[[ -x $bench ]]
	for config in docker-default docker-options docker-bench podman-default podman-options; do
		jq --slurpfile engine "$CONFIGS/$config.json" '.linux.seccomp = $engine[0].linux.seccomp | .process.args = ["true"]' \
			"$BUNDLE/config.json" >config.json
		"$bench" config.json "$BATS_TEST_DIRNAME/../golden/host.txt" >want
		[[ -s want ]]
		rm -rf -- "$CACHE"
		run oci run --bundle "$BUNDLE" --config config.json "$NAME" </dev/null
		expect_status 0
		tail -c +145 "$CACHE"/* | cmp - want
		cp -- "$CACHE"/* kept
		run oci run --bundle "$BUNDLE" --config config.json "$NAME" </dev/null
		expect_status 0
		cmp kept "$CACHE"/*
	done
}

@test "seccomp cache: what the config is warned of is told each time" {
	local i
	bundle_edit '.linux.seccomp.syscalls[0].names += ["frobnicate"]'
	for i in 1 2 3; do
		container_run /calls getsid
		expect_status 0
		expect_output 'getsid No medium found'
		[[ $stderr == *"ignoring 'frobnicate': there is no such system call"* ]]
		[[ $(cache_count) -eq 1 ]]
	done
}

@test "seccomp cache: another profile has another program" {
	local i
	for i in 1 2; do
		forbid getsid 123
		expect_filter
		forbid getsid 1
		container_run /calls getsid
		expect_output 'getsid Operation not permitted'
		forbid getppid
		container_run /calls getppid
		expect_output 'getppid No medium found'
	done
	[[ $(cache_count) -eq 3 ]]
}

# Each line makes $file something that was not kept; it is ignored, and in the end the program is there again.
@test "seccomp cache: a file that was changed, cut, exchanged or is something else is ignored and replaced" {
	local file other way
	forbid getsid 1
	container_run /calls getsid
	other=$CACHE/$(cache_files)
	forbid getsid
	expect_filter
	file=$(find "$CACHE" -type f ! -path "$other")
	cp -- "$file" good
	while read -r way; do
		eval "$way"
		expect_filter || { echo "$way" && return 1; }
		[[ -f $file && ! -L $file && $(stat -c '%a %u %h' "$file") == "600 0 1" ]] || { echo "$way" && return 1; }
		cmp "$file" good || { echo "$way" && return 1; }
	done <<-'END'
		printf '\1' | dd of="$file" bs=1 seek=150 conv=notrunc status=none
		printf '\1' | dd of="$file" bs=1 seek=100 conv=notrunc status=none
		truncate -s 100 "$file"
		truncate -s 0 "$file"
		truncate -s 1G "$file"
		cp -- "$other" "$file"
		mv -- "$file" aside && ln -s "$PWD/aside" "$file"
		ln -f -s -- /dev/zero "$file"
		ln -f -s -- nowhere "$file"
		ln -f -- "$file" aside
		rm "$file" && mkfifo -m 600 "$file"
		rm "$file" && mkdir "$file"
		chown 65534 "$file"
		chmod 644 "$file"
		rm "$file"
	END
}

@test "seccomp cache: a directory that is not the caller's alone is not used, and no container minds" {
	local way
	while read -r way; do
		rm -rf -- "$CACHE"
		eval "$way"
		expect_filter || { echo "$way" && return 1; }
		[[ -z $(find "$CACHE/" elsewhere -type f 2>/dev/null) ]] || { echo "$way" && return 1; }
	done <<-'END'
		mkdir -m 777 "$CACHE"
		mkdir -m 1777 "$CACHE"
		mkdir -m 700 "$CACHE" && chown 65534 "$CACHE"
		mkdir elsewhere && ln -s "$PWD/elsewhere" "$CACHE"
		touch "$CACHE"
		mkfifo "$CACHE"
	END
	rm -rf -- "$CACHE"
}

@test "seccomp cache: twenty containers at once, of three profiles" {
	local i pids=()
	for i in 0 1 2; do
		forbid getsid $((120 + i))
		cp -- "$BUNDLE/config.json" "config-$i"
	done
	process_args true
	for i in {1..20}; do
		"${OCI[@]}" run --bundle "$BUNDLE" --config "config-$((i % 3))" "$NAME-$i" </dev/null >"out-$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in "${!pids[@]}"; do
		wait "${pids[i]}" || { cat "out-$((i + 1))" && return 1; }
	done
	[[ $(cache_count) -eq 3 ]]
	forbid getsid
	expect_filter
	[[ $(cache_count) -eq 4 ]]
}

@test "seccomp cache: more profiles than it has room for leave 64 files" {
	local i
	process_args true
	container_start sleep 1000
	# A profile of its own for each, by the cheapest command: exec takes it from the container's config.
	for i in {1..70}; do
		jq --argjson number "$i" '.linux.seccomp.syscalls[0].errnoRet = $number' "$BUNDLE/config.json" >"$STATE/$NAME/config.json"
		run oci exec "$NAME" true
		expect_status 0
	done
	[[ $(cache_count) -eq 64 ]]
}

@test "seccomp cache: on a file system that is full the container runs, and nothing is left half written" {
	FULL=$BATS_TEST_TMPDIR/full
	mkdir "$FULL"
	mount -t tmpfs -o size=64k,mode=0700 tmpfs "$FULL"
	STATE=$FULL/state CACHE=$FULL/state/@seccomp
	OCI[2]=$STATE
	mkdir "$STATE"
	# Room for a container's record and config, but none for a program besides. One page each.
	local free
	container_start sleep 100
	oci delete --force "$NAME"
	rm -rf -- "$CACHE"
	container_start sleep 100
	rm -rf -- "$CACHE"
	free=$(df --output=avail -k "$FULL" | tail -n1)
	head -c "${free}K" /dev/zero >"$FULL/ballast"
	run oci exec "$NAME" /calls getsid
	expect_status 0
	expect_output 'getsid No medium found'
	[[ -z $(cache_files) ]]
	rm "$FULL/ballast"
	run oci exec "$NAME" /calls getsid
	expect_output 'getsid No medium found'
	[[ $(cache_count) -eq 1 ]]
	oci delete --force "$NAME"
}

@test "seccomp cache: read-only, what is there is found, and nothing is missed" {
	local stamp
	FULL=$BATS_TEST_TMPDIR/full
	mkdir "$FULL"
	mount -t tmpfs -o mode=0700 tmpfs "$FULL"
	STATE=$FULL/state CACHE=$FULL/state/@seccomp
	OCI[2]=$STATE
	mkdir "$STATE"
	container_start sleep 100
	stamp=$(cache_stamp)
	mount -o remount,ro "$FULL"
	run oci exec "$NAME" /calls getsid
	expect_status 0
	expect_output 'getsid No medium found'
	[[ $(cache_stamp) == "$stamp" ]]
	mount -o remount,rw "$FULL"
	rm -r -- "$CACHE"
	mount -o remount,ro "$FULL"
	run oci exec "$NAME" /calls getsid
	expect_status 0
	expect_output 'getsid No medium found'
	mount -o remount,rw "$FULL"
	[[ ! -e $CACHE ]]
	oci delete --force "$NAME"
}
