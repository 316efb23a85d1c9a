#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2046,SC2054,SC2115,SC2153,SC2154,SC2238,SC2317 # jq has variables; bats and security.bash set what is read; traps are called by name
# Advisories about the runtime's binary, descriptors, the working directory and terminals.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load security

setup() {
	security_setup
	own_binary
}
teardown() { security_teardown; }

# One that could be written to: what is not the test's is read-only.
own_binary() {
	local program
	program=$(command -v "${PROGRAM[0]}")
	mkdir own-bin && cp -- "$program" "own-bin/$KIND"
	PROGRAM[0]=$PWD/own-bin/$KIND
	OCI=("${IN_HOST[@]}" "${PROGRAM[@]}")
}

# A container with a watcher as init, which sees every process that joins.
watcher_start() {
	bundle_edit --argjson more "$1" '.process.capabilities |= map_values(. + $more)'
	process_shell '/spy watch /stop >/found 2>/rounds; true'
	container_create
	oci start "$NAME"
	wait_until is_container running
}
watcher_end() {
	touch "$ROOTFS/stop"
	wait_until is_container stopped
	cat "$ROOTFS/rounds"
	[[ ! -s $ROOTFS/found ]] || finding "$WAY found: $(sort "$ROOTFS/found" | uniq -c)"
	oci delete --force "$NAME"
	rm -f "$ROOTFS/stop"
}
binary_print() {
	local program
	program=$(command -v "${PROGRAM[0]}")
	stat -c '%i %Z %s' "$program" && sha256sum <"$program"
}

# Where the container's root has CAP_SYS_PTRACE over the host's user namespace no process can hide from it: then the binary is what counts.
@test "CVE-2016-9962 CVE-2016-8649 CVE-2019-5736: a process that joins cannot be looked into, traced or overwritten" {
	local i before
	before=$(binary_print)
	for WAY in 'root ["CAP_DAC_OVERRIDE"]' 'user ["CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE"]'; do
		"mode_${WAY%% *}"
		watcher_start "${WAY#* }"
		for ((i = 0; i < ${ROUNDS:-40}; i++)); do
			timeout 60 "${OCI[@]}" exec "$NAME" true </dev/null 3>&- || finding 'exec failed'
		done
		watcher_end
		mode_end
	done
	[[ $before == "$(binary_print)" ]] || finding 'the binary changed'
	no_findings
}

@test "CVE-2019-5736: a container that may trace gets no program that it could write to" {
	local i before
	before=$(binary_print)
	watcher_start '["CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE"]'
	for ((i = 0; i < ${ROUNDS:-40}; i++)); do
		timeout 60 "${OCI[@]}" exec "$NAME" true </dev/null 3>&- || true
	done
	touch "$ROOTFS/stop"
	wait_until is_container stopped
	not grep writable "$ROOTFS/found"
	[[ $before == "$(binary_print)" ]]
}

# meet DOCUMENT FILTERS [OPTION...]: what joins is stopped at each of its calls, and met there by a container that may trace it.
meet() {
	local doc=$1 filters=$2 uid privileges
	shift 2
	uid=$(jq .user.uid <<<"$doc") privileges=$(jq 'if .noNewPrivileges then 1 else 0 end' <<<"$doc")
	rm -rf "$ROOTFS/meet" && mkdir "$ROOTFS/meet"
	printf '%s' "$doc" >process.json
	process_shell "exec /spy meet /meet 20 $uid $privileges $filters >/found 2>/stops"
	container_create
	oci start "$NAME"
	wait_until grep -q here "$ROOTFS/stops"
	# The caller has a terminal, and something to hide.
	[[ -p never ]] || mkfifo never
	: >empty # crun gives its input to the user
	status=0
	script -qefc "SECRET=secret-of-the-host $(printf '%q ' timeout --kill-after=5 60 "${IN_HOST[@]}" "$STEPPER" --faults --meet "$ROOTFS/meet" -- \
		"${PROGRAM[@]}" exec "$@" --process process.json "$NAME") <empty >out 2>err" /dev/null 0<>never >/dev/null 3>&- || status=$?
	stderr=$(<err)
	touch "$ROOTFS/meet/stop"
	wait_until is_container stopped
	oci delete --force "$NAME"
	[[ ! -s $ROOTFS/found ]] || finding "$(cut -d : -f 2- "$ROOTFS/found" | sort | uniq -c | head -n 20)"
	((status == 0)) || finding "exec: status $status: $stderr"
	# To the last, when it is about to become the program.
	[[ $(tail -n 1 "$ROOTFS/stops") == execve* ]] || finding "not met: $(tr '\n' ' ' <"$ROOTFS/stops")"
}

@test "CVE-2016-9962, next: what joins is no mightier than the program from birth on, where the container may trace it" {
	! grep -q __asan_init "${PROGRAM[0]}" || skip 'a sanitizer has terabytes of memory to look through'
	local doc filter
	doc='{"cwd": "/", "args": ["true"], "env": ["PATH=/bin"], "noNewPrivileges": true, "user": {"uid": 0, "gid": 0},
		"capabilities": {"bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"]}}'
	filter='.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": $names, "action": "SCMP_ACT_ERRNO"}]}'
	bundle_edit '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE", "CAP_SYS_ADMIN"])
		| .annotations.host = "secret-of-the-host" | .linux.namespaces += [{"type": "cgroup"}]'
	[[ $KIND != orlop ]] || bundle_edit '.linux.namespaces += [{"type": "time"}]'
	WAY='root' meet "$doc" 1
	WAY='a user, on a terminal' meet "$(jq '.user |= {"uid": 1000, "gid": 1000} | .terminal = true' <<<"$doc")" 1
	bundle_edit --argjson names '["clone3", "mkdir"]' "$filter"
	WAY='a filter' meet "$doc" 2
	WAY='a filter without no_new_privs' meet "$(jq '.noNewPrivileges = false | .user |= {"uid": 1000, "gid": 1000}' <<<"$doc")" 2
	# It can only be loaded in the process then.
	bundle_edit --argjson names '["clone", "clone3", "setsid"]' "$filter"
	WAY='a filter that forbids processes' meet "$doc" 1
	no_findings
}

@test "CVE-2019-5736: the container cannot make the runtime execute itself" {
	local before way library
	before=$(binary_print)
	printf '#!/proc/self/exe\n' >"$ROOTFS/bin/evil" && chmod +x "$ROOTFS/bin/evil"
	ln -s /proc/self/exe "$ROOTFS/bin/selflink"
	# With all that it would need there.
	ldd "$(command -v "${PROGRAM[0]}")" | grep -o '/[^ ]*' | while read -r library; do install -D "$library" "$ROOTFS$library"; done
	for way in /bin/evil /proc/self/exe /bin/selflink; do
		cp base.json "$BUNDLE/config.json"
		process_args "$way"
		each_way harmless '' || finding "$way"
	done
	cp base.json "$BUNDLE/config.json"
	container_start sleep 1000
	for way in /bin/evil /proc/self/exe /bin/selflink; do
		run oci exec "$NAME" "$way" --version </dev/null
		[[ $output != *version* ]] || finding "exec $way: $output"
	done
	[[ $before == "$(binary_print)" ]] || finding 'the binary changed'
	no_findings
}

@test "CVE-2019-5736, next: what joins is on no mount that could be written, and has no writable descriptor of the binary" {
	[[ $KIND == orlop ]] || skip 'looks at a step of orlop'
	local pid
	container_start sleep 1000
	"${OCI[@]}" --hold-step init:lookup exec "$NAME" true </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	wait_until pgrep -P "$pid" -x orlop:held
	HELD=$(pgrep -P "$pid" -x orlop:held)
	[[ ! -w /proc/$HELD/exe ]]
	run bash -c "echo x 2>/dev/null >>/proc/$HELD/exe && echo wrote"
	[[ $output != *wrote* ]]
	kill -9 "$pid"
	wait "$pid" || true
}

# unwritable PID: whether neither what it executes nor what it has mapped of that could be opened for writing.
unwritable() {
	local map binary
	binary=$(readlink -f "$(command -v "${PROGRAM[0]}")")
	[[ -w $binary ]] || finding 'nobody could write it anyway'
	[[ ! -w /proc/$1/exe ]] || finding "its file could be written"
	for map in "/proc/$1/map_files"/*; do
		[[ $(readlink "$map") != *"${binary##*/}" || ! -w $map ]] || finding "its mapping could be written: $map"
	done
}

@test "CVE-2019-5736, next: init is on no mount that could be written, whether it moved or the host side did" {
	[[ $KIND == orlop ]] || skip 'looks at a step of orlop'
	local pid hooks traces='.process.capabilities[] += ["CAP_SYS_PTRACE"]'
	process_args sleep 1000
	for hooks in '{}' '{"createRuntime": [{"path": "/bin/true"}]}' traces; do
		if [[ $hooks == traces ]]; then bundle_edit "del(.hooks) | $traces"; else bundle_edit --argjson hooks "$hooks" '.hooks = $hooks'; fi
		WAY="create, hooks $hooks"
		oci create --bundle "$BUNDLE" "$NAME" </dev/null >out 2>err
		unwritable "$(container_pid)"
		oci delete --force "$NAME"
		WAY="run, hooks $hooks"
		"${OCI[@]}" --hold-step init:program run --bundle "$BUNDLE" "$NAME" </dev/null >out 2>err 3>&- &
		pid=$!
		wait_until pgrep -P "$pid" -x orlop:held
		unwritable "$(pgrep -P "$pid" -x orlop:held)"
		# Who may trace, and whom the config shows a /proc of the host's, would see the host side too.
		[[ $hooks != traces ]] || unwritable "$pid"
		kill -9 "$pid"
		wait "$pid" || true
		oci delete --force "$NAME"
	done
	no_findings
}

@test "CVE-2019-5736, next: a trojan library in the root is loaded by nothing of the host" {
	mkdir -p "$ROOTFS/lib" "$ROOTFS/lib64" "$ROOTFS/usr/lib/x86_64-linux-gnu" "$ROOTFS/etc"
	echo /evil.so >"$ROOTFS/etc/ld.so.preload"
	echo trojan | tee "$ROOTFS/evil.so" "$ROOTFS/lib/libseccomp.so.2" "$ROOTFS/lib/libc.so.6" >"$ROOTFS/lib64/ld-linux-x86-64.so.2"
	bundle_edit '.process.env += ["LD_PRELOAD=/evil.so", "LD_LIBRARY_PATH=/lib"]
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}'
	process_args /bin/busybox echo started
	each_way ran
}

@test "CVE-2024-21626: a working directory by a descriptor is refused, whatever its number" {
	local fd
	COMMANDS=run MODES=root
	process_shell 'pwd; cat "$(pwd)/marker" marker ../marker ../../marker 2>/dev/null; echo started'
	cp "$BUNDLE/config.json" base.json
	for fd in {3..12}; do
		trap_link w "/proc/self/fd/$fd"
		for path in "/proc/self/fd/$fd" $( ((fd > 5)) || echo "/proc/self/fd/$fd/../.." "/proc/1/fd/$fd" /w); do
			bundle_edit --arg path "$path" '.process.cwd = $path'
			each_way refused || finding "$path"
		done
	done
	no_findings
}

@test "CVE-2024-21626: nor does a descriptor that the caller leaked help" {
	local path
	for path in /proc/self/fd/7 /proc/self/fd/9 /proc/self/fd/7/..; do
		cp base.json "$BUNDLE/config.json"
		process_shell 'cat marker 2>/dev/null; echo started'
		bundle_edit --arg path "$path" '.process.cwd = $path'
		status=0
		"${IN_HOST[@]}" bash -c 'exec 7</ 9<"$1"; shift; exec "$@"' - "$H" "${PROGRAM[@]}" run --bundle "$BUNDLE" "$NAME" </dev/null >out 2>err 3>&- || status=$?
		output=$(<out) stderr=$(<err)
		refused || finding "$path: $output"
	done
	cp base.json "$BUNDLE/config.json"
	container_start sleep 1000
	for path in /proc/self/fd/7 /proc/self/fd/9 /proc/self/fd/3 /proc/self/fd/5 /proc/self/fd/7/..; do
		status=0
		"${IN_HOST[@]}" bash -c 'exec 7</ 9<"$1"; shift; exec "$@"' - "$H" "${PROGRAM[@]}" exec --cwd "$path" "$NAME" sh -c 'echo started' \
			</dev/null >out 2>err 3>&- || status=$?
		[[ $status -ne 0 && $(<out) != *started* ]] || finding "exec --cwd $path: $(<out)"
		run oci exec "$NAME" "$path/bin/sh" -c 'echo started' </dev/null
		[[ $status -ne 0 && $output != *started* ]] || finding "exec $path/bin/sh"
	done
	no_findings
}

@test "CVE-2024-21626: the program and a hook get no descriptor but those asked for" {
	process_args /spy fds
	local mode
	for mode in root user; do
		"mode_$mode"
		"${IN_HOST[@]}" bash -c 'exec 5</ 7</dev/null 9<"$1" 100<"$1"; shift; exec "$@"' - "$H" "${PROGRAM[@]}" run --bundle "$BUNDLE" "$NAME" \
			</dev/null >out 2>err 3>&- || finding "$mode: $(<err)"
		[[ ! -s out ]] || finding "$mode: $(<out)"
		mode_end
	done
	cp -- "$SPY" "$BATS_TEST_TMPDIR/hook"
	bundle_edit --arg hook "$BATS_TEST_TMPDIR/hook" --arg to "$PWD/hook-fds" '.hooks = (["prestart", "createRuntime", "createContainer", "poststart", "poststop"]
		| map({(.): [{"path": "/bin/sh", "args": ["sh", "-c", ($hook + " fds >>" + $to)]}]}) | add)'
	"${IN_HOST[@]}" bash -c 'exec 5</ 7</dev/null 9<"$1" 100<"$1"; shift; exec "$@"' - "$H" "${PROGRAM[@]}" run --bundle "$BUNDLE" "$NAME" \
		</dev/null >out 2>err 3>&- || finding "hooks: $(<err)"
	oci delete --force "$NAME" 2>/dev/null || true
	[[ -e hook-fds ]] || finding 'no hook ran'
	[[ $KIND != orlop || ! -s hook-fds ]] || finding "hook: $(<hook-fds)"
	cp base.json "$BUNDLE/config.json"
	container_start sleep 1000
	"${IN_HOST[@]}" bash -c 'exec 5</ 7</dev/null 9<"$1" 100<"$1"; shift; exec "$@"' - "$H" "${PROGRAM[@]}" exec "$NAME" /spy fds \
		</dev/null >out 2>err 3>&- || finding "exec: $(<err)"
	[[ ! -s out ]] || finding "exec: $(<out)"
	no_findings
}

@test "CVE-2024-21626, next: a preserved descriptor is the one asked for and no more" {
	process_args /spy fds
	"${IN_HOST[@]}" bash -c 'exec 3<"$1/marker" 4<"$1" 6</; shift; exec "$@"' - "$H" "${PROGRAM[@]}" run --preserve-fds 1 --bundle "$BUNDLE" "$NAME" \
		</dev/null >out 2>err
	[[ $(wc -l <out) -eq 1 && $(<out) == 'fd 3 '* ]]
}

@test "CVE-2016-10124: keys cannot be pushed into the caller's terminal" {
	process_args /spy terminal
	local tty
	on_terminal "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	[[ $output != *pushed* && $output != *opened* ]] || finding "without a terminal: $output"
	bundle_edit '.process.terminal = true'
	on_terminal bash -c '"$@"; read -rt 1 keys; echo "keys: $keys"' - "${OCI[@]}" run --bundle "$BUNDLE" "$NAME"
	[[ $output == *'keys: ' ]] || finding "with one: $output"
	cp base.json "$BUNDLE/config.json"
	container_start sleep 1000
	for tty in '' --tty; do
		on_terminal bash -c '"$@"; read -rt 1 keys; echo "keys: $keys"' - "${OCI[@]}" exec ${tty:+$tty} "$NAME" /spy terminal
		[[ $output == *'keys: ' ]] || finding "exec $tty: $output"
	done
	no_findings
}

@test "CVE-2015-3627: standard streams are not what the image has in /dev" {
	local name
	no_mount /dev
	add_bind "$H" /host
	mkdir "$ROOTFS/host"
	process_shell 'stat -L -c %t:%T /proc/self/fd/0 >/result; echo said >&2'
	prepare() {
		rm -f "$ROOTFS/result"
		for name in stdin stdout stderr null console; do trap_link "dev/$name" /host/victim; done
	}
	each_way harmless ''
	[[ $KIND != orlop || ! -e $ROOTFS/result || $(<"$ROOTFS/result") == 1:3 ]]
}

@test "CVE-2020-15257: no abstract socket of the runtime's can be reached, and those that are files are the owner's" {
	bundle_edit '.linux.namespaces |= map(select(.type != "network")) | .mounts |= map(select(.type != "sysfs"))
		| .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	process_args /spy sockets
	COMMANDS='run create' MODES=root each_way ran ''
	process_args sleep 1000
	container_create
	find "$STATE" \( -type s -o -type p \) -perm /077 | tee loose
	[[ $KIND != orlop || ! -s loose ]]
}
