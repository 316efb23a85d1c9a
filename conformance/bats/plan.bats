#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `plan`: what is decided and shown, that nothing is done, and what is refused. Golden plans are in conformance/golden.
bats_require_minimum_version 1.5.0
load helpers

setup() {
	skip_unless_orlop
	cd "$BATS_TEST_TMPDIR" || return
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	mkdir -p "$BUNDLE/rootfs"
	runtime spec --bundle "$BUNDLE"
}

plan() { runtime plan --bundle "$BUNDLE" "$@"; }

# A host that lacks nothing, whatever runs the test.
make_host() {
	runtime plan --show-host |
		sed -e 's/^\(cgroup  *\).*/\1unified/; s/^\(cgroup_mount  *\).*/\1\/sys\/fs\/cgroup/' \
			-e 's/^\(controllers\).*/\1 cpuset cpu io memory hugetlb pids rdma misc/' >host.txt
}

@test "text: the sections that a reader looks for, the steps last" {
	run --separate-stderr plan web
	expect_status 0
	[[ -z $stderr ]]
	[[ ${lines[0]} =~ ^container\ +web$ ]]
	[[ ${lines[1]} =~ ^bundle\ +"$BUNDLE"$ ]]
	for section in process namespaces mounts devices cgroup steps; do
		grep -q "^$section" <<<"$output"
	done
	[[ $output == *' /dev/shm '*'masked paths'*steps* ]]
	run ! grep -n '[[:space:]]$' <<<"$output"
}

@test "json: one object with the same facts" {
	run --separate-stderr plan --format json web
	expect_status 0
	jq -es 'length == 1' <<<"$output"
	jq -e --arg bundle "$BUNDLE" '.container == "web" and .bundle == $bundle' <<<"$output"
	jq -e '.process.args == ["sh"] and (.steps | length > 10) and (.mounts | length == 7)' <<<"$output"
	[[ $(plan -f=json web) == "$output" ]]
}

@test "the same input gives the same plan" {
	plan web >first
	plan web >second
	cmp first second
}

@test "options may follow the id; the bundle is the current directory unless told" {
	plan web >want
	runtime plan web --bundle "$BUNDLE" >got
	cmp want got
	cd bundle
	runtime plan web >../got
	cmp ../want ../got
}

@test "the bundle is shown without symlinks" {
	ln -s bundle link
	run runtime plan --bundle link/../link web
	expect_status 0
	[[ ${lines[1]} =~ ^bundle\ +"$BUNDLE"$ ]]
}

@test "needs no privilege" {
	skip_unless_root
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_TEST_TMPDIR"
	cp -- "$ORLOP" runtime
	mkdir rootless
	runtime spec --rootless --bundle rootless
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups ./runtime plan --bundle rootless web
	expect_status 0
	expect_output_has steps
	[[ -z $stderr ]]
	run setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all ./runtime plan --show-host
	expect_status 0
	[[ $output =~ euid\ +65534 ]]
}

# A mount namespace in which nobody else mounts, though a mount of another test's goes with its directory; and an id that nobody else has.
@test "changes nothing" {
	skip_unless_root
	rmdir bundle/rootfs
	cat >changes.sh <<-'END'
		mounts() { awk -v own="$PWD/" 'index($0, own) || !/\/bats-run-/' /proc/self/mountinfo; }
		mounts >mounts-before
		"$ORLOP" --root "$PWD/state" plan --bundle bundle "$1" >/dev/null
		"$ORLOP" --root "$PWD/state" --systemd-cgroup plan --bundle bundle "$1" >/dev/null 2>&1 || true
		mounts >mounts-after
	END
	unshare --mount --propagation private bash -e changes.sh "nothing-$$"
	cmp mounts-before mounts-after
	[[ -z $(find /sys/fs/cgroup -type d -name "*nothing-$$*" 2>/dev/null) ]]
	[[ ! -e state && $(find bundle | sort | xargs) == 'bundle bundle/config.json' ]]
}

@test "--show-host: facts that --host reads back" {
	runtime plan --show-host >host.txt
	grep -qE '^kernel_major +[0-9]+$' host.txt
	plan web >want
	plan --host host.txt web >got
	cmp want got
	runtime plan --host host.txt --show-host >again.txt
	cmp host.txt again.txt
}

@test "--host: another host's plan" {
	make_host
	bundle_edit '.linux.resources.memory = {limit: 67108864} | .linux.resources.pids = {limit: 50}'
	run plan --host host.txt web
	expect_status 0
	[[ $output =~ memory.max\ +67108864 && $output =~ pids.max\ +50 ]]
	sed -i 's/^\(controllers\).*/\1 cpu/' host.txt
	run --separate-stderr plan --host host.txt web
	expect_status 1
	[[ -z $output && $stderr == *'memory controller'*'pids controller'* || $stderr == *'pids controller'*'memory controller'* ]]
}

@test "--host: what cannot be read is told with its line" {
	runtime plan --show-host >host.txt
	echo 'nosuch 1' >>host.txt
	run --separate-stderr plan --host host.txt web
	expect_status 1
	[[ $stderr == *host.txt*nosuch* ]]
	run --separate-stderr plan --host nosuch.txt web
	expect_status 1
	[[ $stderr == *nosuch.txt*'No such file or directory'* ]]
	run --separate-stderr plan --host . web
	expect_status 1
	[[ $stderr == *'Is a directory'* ]]
	run --separate-stderr plan --host /dev/zero web
	expect_status 1
	[[ $stderr == *"'/dev/zero': not a regular file"* ]]
}

@test "the caller's options reach the plan" {
	make_host
	run plan --no-pivot --no-new-keyring --host host.txt web
	expect_status 0
	[[ $output != *'pivot_root'* && $output != *'session keyring'* ]]
	run plan --host host.txt web
	[[ $output == *'pivot_root'* && $output == *'session keyring'* ]]
	run runtime --cgroup-manager disabled plan --bundle "$BUNDLE" --host host.txt web
	expect_status 0
	[[ $output != *cgroup-make* ]]
	sed -i 's/^\(systemd \).*/\1 yes/' host.txt
	run runtime --systemd-cgroup plan --bundle "$BUNDLE" --host host.txt web
	expect_status 0
	expect_output_has 'orlop-web.scope'
	run runtime --systemd-cgroup --cgroup-manager cgroupfs plan --bundle "$BUNDLE" --host host.txt web
	expect_status 0
	[[ $output != *orlop-web.scope* ]]
}

@test "--detach without a console socket for a terminal is refused, with one it is not" {
	run plan --detach web
	expect_status 1
	expect_output_has 'without setting console socket'
	plan --detach --console-socket /nonexistent web >/dev/null
}

@test "ids" {
	for id in a 0 web-1 A_b+c.d ... .x "$(printf 'a%.0s' {1..255})"; do
		plan "$id" >/dev/null
	done
	for id in . .. a/b 'a b' 'a,b' $'a\n' é "$(printf 'a%.0s' {1..256})"; do
		run --separate-stderr plan "$id"
		expect_status 1
		[[ -z $output && $stderr == *'invalid container ID format'* ]]
	done
	run --separate-stderr plan ''
	expect_status 1
	[[ $stderr == *'container id cannot be empty'* ]]
}

@test "no id" {
	run --separate-stderr plan
	expect_status 1
	[[ ${lines[0]} == 'Incorrect Usage.' && $stderr == *'requires exactly 1 argument(s)'* ]]
	run --separate-stderr plan --show-host=false
	expect_status 1
	run plan a b
	expect_status 1
}

@test "no bundle, no config" {
	run --separate-stderr runtime plan --bundle nosuch web
	expect_status 1
	[[ -z $output && $stderr == *nosuch*'No such file or directory'* ]]
	run --separate-stderr runtime plan web
	expect_status 1
	[[ $stderr == *'JSON specification file config.json not found'* ]]
	touch file
	run --separate-stderr runtime plan --bundle file web
	expect_status 1
	[[ $stderr == *'Not a directory'* ]]
}

@test "a config that is not a file does not hang" {
	rm bundle/config.json
	mkfifo bundle/config.json
	run timeout 10 "$ORLOP" plan --bundle bundle web
	expect_status 1
	expect_output_has 'config.json: not a regular file'
	rm bundle/config.json
	mkdir bundle/config.json
	run timeout 10 "$ORLOP" plan --bundle bundle web
	expect_status 1
	expect_output_has 'config.json: Is a directory'
	rmdir bundle/config.json
	ln -s /dev/zero bundle/config.json
	run timeout 10 "$ORLOP" plan --bundle bundle web
	expect_status 1
}

# Writes config.json from standard input and wants it refused in one line: $1, as the log writes it.
expect_refusal() {
	cat >bundle/config.json
	run --separate-stderr plan --host "$BATS_TEST_DIRNAME/../golden/host.txt" web
	expect_status 1
	[[ -z $output && ${#stderr_lines[@]} == 1 && $stderr == *" msg=\"config.json: $1\"" ]] && return
	printf 'want: %s\ngot: %s\n' "$1" "$stderr"
	return 1
}

# A config whose process has the members $1 on line 3 and whose linux has $2 on line 5.
config_of() {
	printf '{ "ociVersion": "1.2.0", "root": { "path": "rootfs" },\n"process": {\n%s },\n"linux": {\n%s }\n}\n' "$1" "$2"
}

@test "slips of the pen: one line that says where" {
	expect_refusal "line 3, column 1: want ',' or '}' behind the value, got '\\\"'" <<<$'{\n"ociVersion": "1.2.0"\n"root": {}\n}'
	expect_refusal "line 3, column 1: want a key in double quotes, got '}'" <<<$'{\n"ociVersion": "1.2.0",\n}'
	expect_refusal "line 2, column 1: comments are not JSON, got '/'" <<<$'{\n// no\n}'
	expect_refusal 'the document is empty' </dev/null
	expect_refusal 'line 1: want an object, got an array' <<<'[]'
}

@test "slips of meaning: the line, the property, what was wanted and what was found" {
	local process='"args": ["sh"], "cwd": "/"'

	expect_refusal 'line 3: /process/args: want an array, got a string' < <(config_of '"args": "sh", "cwd": "/"')
	expect_refusal 'line 3: /process/cwd: given twice' < <(config_of "$process"', "cwd": "/x"')
	expect_refusal "line 2: /process: missing required property 'cwd': Cwd property must not be empty" < <(
		config_of '"args": ["sh"]'
	)
	expect_refusal "line 5: /linux/namespaces/0/type: want one of cgroup, ipc, mount, network, pid, time, user, uts, got 'pids'" < <(
		config_of "$process" '"namespaces": [{"type": "pids"}]'
	)
	expect_refusal 'line 5: /linux/resources/memory/limit: want an integer, got a string' < <(
		config_of "$process" '"resources": {"memory": {"limit": "64M"}}'
	)
}

@test "what the host cannot do has its line too" {
	expect_refusal "line 5: /linux/resources/unified/bees.max: unified resource \\\"bees.max\\\" can't be set: controller \\\"bees\\\" not available" < <(
		config_of '"args": ["sh"], "cwd": "/"' '"namespaces": [{"type": "mount"}], "resources": {"unified": {"bees.max": "1"}}'
	)
}

@test "a property that nobody knows is passed over, as the specification wants" {
	bundle_edit '.process.argz = ["x"] | .Linux = 5 | .linux.resorces = {}'
	run --separate-stderr plan web
	expect_status 0
	[[ -z $stderr ]]
}

@test "a config that may not be read" {
	skip_unless_root
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_TEST_TMPDIR"
	cp -- "$ORLOP" runtime
	chmod 600 bundle/config.json
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups ./runtime plan --bundle bundle web
	expect_status 1
	[[ ${#stderr_lines[@]} == 1 && $stderr == *'config.json: Permission denied"' ]]
}

@test "every config that engines wrote has a plan" {
	for config in "$BATS_TEST_DIRNAME"/../configs/*.json; do
		cp -- "$config" bundle/config.json
		plan --host "$BATS_TEST_DIRNAME/../golden/host.txt" web >/dev/null 2>&1
		plan --host "$BATS_TEST_DIRNAME/../golden/host.txt" --format json web 2>/dev/null | jq -e .process.args >/dev/null
	done
}

@test "all that is wrong is told at once" {
	bundle_edit '.process.cwd = "tmp" | .linux.namespaces += [{type: "nosuch"}] | .process.user.uid = "0"'
	run --separate-stderr plan web
	expect_status 1
	[[ -z $output && ${#stderr_lines[@]} == 1 ]]
	[[ $stderr == *'/process/user/uid'* && $stderr == *nosuch* ]]
}

@test "warnings go to the log, the plan to standard output" {
	bundle_edit '.process.capabilities.bounding += ["CAP_NOSUCH"]'
	run --separate-stderr runtime --log log --log-format json plan --bundle "$BUNDLE" web
	expect_status 0
	[[ -z $stderr && $output == container* ]]
	jq -es 'length >= 1 and all(.level == "warning") and any(.msg | test("CAP_NOSUCH"))' log
	run --separate-stderr plan web
	[[ $stderr == *'level=warning msg="config.json: '*CAP_NOSUCH* ]]
}

@test "--format: unknown" {
	run --separate-stderr plan --format xml web
	expect_status 1
	[[ -z $output && $stderr == *'invalid format: xml'* ]]
}

@test "--preserve-fds: a number" {
	plan --preserve-fds 3 web >/dev/null
	for n in x -1 99999999999 ''; do
		run --separate-stderr plan --preserve-fds "$n" web
		expect_status 1
		[[ $stderr == *'for flag -preserve-fds'* ]]
	done
}

@test "what runc spec writes has a plan" {
	cp -- "$BATS_TEST_DIRNAME/../configs/runc-spec.json" bundle/config.json
	run --separate-stderr plan web
	expect_status 0
	expect_output_has 'masked paths'
	cp -- "$BATS_TEST_DIRNAME/../configs/runc-spec-rootless.json" bundle/config.json
	run --separate-stderr plan web
	expect_status 0
	expect_output_has 'uid maps'
}

@test "a plan that cannot be written is an error" {
	# shellcheck disable=SC2016 # for that shell
	run --separate-stderr bash -c '"$0" plan --bundle bundle web >/dev/full' "$ORLOP"
	expect_status 1
	[[ $stderr == *'write standard output: No space left on device'* ]]
}
