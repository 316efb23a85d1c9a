#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2154 # jq has variables too; bats sets status, output, stderr, lines
# A command that cannot finish, whatever the step and whatever the reason, says so in one line and leaves nothing behind.
bats_require_minimum_version 1.5.0
load helpers
load container
load faults

setup() { faults_setup; }
teardown() { faults_teardown; }

# A failure in one line that names the step: `expect_told WHERE STEP TEXT`.
expect_told() {
	local said
	said=$(grep -v 'level=warning' err || true)
	[[ $status -ne 0 ]] || finding "$1" 'succeeded'
	[[ $said == *"step '$2': $3"* ]] || finding "$1" "said: $said"
	[[ $(wc -l <err) -le 1 ]] || finding "$1" "said more than a line: $(<err)"
}

# each_step create|run FUNCTION ARGUMENT...: calls `FUNCTION WHERE STEP ARGUMENT...` for every step of every variant: those of create, or those
# of start as well. `run` in the foreground has no use for a console socket.
each_step() {
	local variant step steps=$1 function=$2 options
	shift 2
	for variant in "${VARIANTS[@]}"; do
		bundle_rich "$variant"
		options=$(console_options)
		[[ $* != run ]] || options=''
		for step in $(steps_of "$steps"); do
			"$function" "$variant $step" "$step" "$@" ${options:+"$options"} --bundle "$BUNDLE" --pid-file "$PID_FILE" "$NAME"
			look_for_rest "$variant $step"
		done
	done
}

fail_at() {
	local where=$1 step=$2
	shift 2
	status=0
	marked --fail-step "$step" "$@" </dev/null >out 2>err || status=$?
	expect_told "$where" "${step#*:}" 'told to fail'
}

# Orlop itself is killed while the step is under way: then all that is left can be deleted.
kill_at() {
	local where=$1 step=$2
	shift 2
	held_run "$step" "$@" || { finding "$where" "never got there: $(<err)" && return; }
	held_end KILL
	run oci delete --force "$NAME"
	[[ $status -eq 0 && -z $output ]] || finding "$where" "delete --force: $status: $output"
	rm -f -- "$PID_FILE"
}

# Init is killed: orlop says where, and that is an error as any other.
kill_init_at() {
	local where=$1 step=$2
	[[ $step == init:* ]] || return 0
	shift 2
	held_run "$step" "$@" || { finding "$where" "never got there: $(<err)" && return; }
	kill -9 "$HELD"
	held_end
	[[ $status -ne 0 ]] || finding "$where" 'succeeded'
	# What exec bears last says nothing of its steps.
	[[ $output == *"init was killed by SIGKILL in step '${step#*:}'"* ||
		("$step $1" =~ ^init:(session-own|program)' exec' && $output == *'init was killed by SIGKILL before it could execute'*) ]] ||
		finding "$where" "said: $output"
}

# Ctrl-C, or a manager that wants no more of it.
interrupt_at() {
	local where=$1 step=$2
	shift 2
	held_run "$step" "$@" || { finding "$where" "never got there: $(<err)" && return; }
	held_end "${SIGNAL:-TERM}"
	[[ $status -eq 1 || ($1 == exec && $status -eq 255) ]] || finding "$where" "status $status"
	[[ $output == *interrupted* ]] || finding "$where" "said: $output"
}

@test "faults: the variants take every step there is" {
	local variant step seen=' ' want
	for variant in "${VARIANTS[@]}"; do
		bundle_rich "$variant"
		seen+="$(steps_of run | tr '\n' ' ')"
	done
	want=$(awk '/^## / { on = /create|start/ } on && /`/ {
			split($0, cell, "|"); side = cell[2] ~ /`/ ? "host" : "init"; split($0, name, "`"); print side ":" name[2] }' \
		"$BATS_TEST_DIRNAME/../../docs/generated/steps.md")
	[[ $(wc -w <<<"$want") -gt 40 ]]
	for step in $want; do
		case $step in
		init:label) continue ;;       # takes AppArmor or SELinux
		host:unit-* | host:delegate | host:rdt-*) continue ;; # take systemd, or a processor with resctrl
		host:net-devices) continue ;; # has a test of its own
		host:limits) [[ $(limit_of_host) != '{}' ]] || continue ;;
		esac
		[[ $seen == *" $step "* ]] || finding "$step" 'in no variant'
	done
	expect_no_findings
}

@test "faults: the variants run when nothing fails, and what belongs to them is seen" {
	local variant options what
	for variant in "${VARIANTS[@]}"; do
		bundle_rich "$variant"
		options=$(console_options)
		status=0
		marked run --detach ${options:+"$options"} --bundle "$BUNDLE" --pid-file "$PID_FILE" "$NAME" </dev/null >out 2>err || status=$?
		[[ $status -eq 0 ]] || finding "$variant" "$(<err)"
		is_container running || finding "$variant" "is $(container_status)"
		host_left >left
		for what in process cgroup state 'pid file'; do
			grep -q "^$what" left || finding "$variant" "no $what is seen"
		done
		run oci delete --force "$NAME"
		[[ $status -eq 0 && -z $output ]] || finding "$variant" "delete: $output"
		rm -f -- "$PID_FILE"
		look_for_rest "$variant"
	done
	expect_no_findings
}

@test "create: whatever step fails, nothing is left" {
	each_step create fail_at create
	expect_no_findings
}

@test "run: whatever step fails, nothing is left" {
	VARIANTS=(own joined_pids agent)
	each_step run fail_at run
	expect_no_findings
}

@test "run --detach: whatever step fails, nothing is left" {
	VARIANTS=(user joined shared)
	each_step run fail_at run --detach
	expect_no_findings
}

@test "create: killed at whatever step, delete --force removes the rest" {
	VARIANTS=(own joined_pids shared)
	each_step create kill_at create
	expect_no_findings
}

@test "create: killed at whatever step, delete --force removes the rest; with a joiner and an agent" {
	VARIANTS=(user agent)
	each_step create kill_at create
	expect_no_findings
}

@test "create without cgroups: killed at whatever step, delete --force removes the rest" {
	OCI+=(--cgroup-manager=disabled)
	VARIANTS=(own joined_pids)
	each_step create kill_at create
	expect_no_findings
}

@test "run: killed at whatever step, delete --force removes the rest" {
	VARIANTS=(own joined_pids)
	each_step run kill_at run
	expect_no_findings
}

@test "create: init killed at whatever step, nothing is left" {
	each_step create kill_init_at create
	expect_no_findings
}

@test "run: init killed at whatever step, nothing is left" {
	VARIANTS=(own unhooked)
	each_step run kill_init_at run
	expect_no_findings
}

@test "create: interrupted at whatever step, nothing is left" {
	VARIANTS=(own joined_pids shared agent)
	each_step create interrupt_at create
	expect_no_findings
}

@test "run: interrupted at whatever step, nothing is left" {
	VARIANTS=(own joined_pids)
	SIGNAL=INT
	each_step run interrupt_at run
	expect_no_findings
}

# In between steps too: what has been told to stop either made nothing or, having made it, says that it did.
@test "create and run: interrupted at any time, all is made or nothing" {
	local command delay options
	bundle_rich own
	for command in create 'run --detach'; do
		for delay in 0 1 2 3 4 5 6 7 8 9 10 11 12 14 16 18 20 25 30; do
			# shellcheck disable=SC2086 # `run --detach` is two words
			marked_background $command --bundle "$BUNDLE" --console-socket "$SOCKET" --pid-file "$PID_FILE" "$NAME"
			sleep "0.$(printf '%03d' "$delay")"
			held_end TERM
			case $status in
			0)
				[[ -e $PID_FILE && $(container_status) == @(created|running) ]] || finding "$command, $delay ms" 'made, and is not there'
				run oci delete --force "$NAME"
				[[ $status -eq 0 && -z $output ]] || finding "$command, $delay ms" "delete: $output"
				rm -f -- "$PID_FILE"
				;;
			1) [[ $output == *interrupted* ]] || finding "$command, $delay ms" "said: $output" ;;
			143) ;; # before there was anything to undo
			*) finding "$command, $delay ms" "status $status: $output" ;;
			esac
			look_for_rest "$command, $delay ms"
		done
	done
	expect_no_findings
}

init_reads() {
	local init number
	init=$(pgrep -P "$RUNNER" -x orlop:init)
	read -r number _ <"/proc/$init/syscall"
	[[ $number == 0 || $number == 47 ]] # read, recvmsg
}

@test "create: a createContainer hook waits until lo is up and the device rules are in force" {
	local step
	for step in host:network-loopback host:device-program; do
		bundle_rich own
		# What else waits for the same is left out.
		bundle_edit --arg log "$BATS_TEST_TMPDIR/log" 'del(.hooks.prestart, .hooks.createRuntime, (.mounts[] | select(.type == "ramfs")))
			| .hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", ("echo >>" + $log)]}]'
		# The host side goes on when it is interrupted, up to where it waits for init: so the hook of the round before may have run.
		rm -f log
		held_run "$step" create --bundle "$BUNDLE" --console-socket "$SOCKET" "$NAME"
		wait_until init_reads
		[[ ! -e $BATS_TEST_TMPDIR/log ]] || finding "$step" 'the hook ran before it'
		held_end TERM
		look_for_rest "$step"
	done
	expect_no_findings
}

@test "create: a network device that cannot be moved, nothing is left" {
	bundle_rich own
	bundle_edit '.linux.netDevices = {"nonesuch0": {}}'
	marked_create
	expect_told nonesuch0 net-devices ''
	[[ $(<err) == *nonesuch0* ]] || finding nonesuch0 "said: $(<err)"
	look_for_rest nonesuch0
	expect_no_findings
}

# --- hooks ----------------------------------------------------------------------------------------------------------------------------

# hook_sleeps POINT: a hook that says that it runs, and then takes its time.
hook_sleeps() {
	bundle_edit --arg point "$1" --arg began "$BATS_TEST_TMPDIR/began" --arg mark "$MARK" \
		'.hooks[$point] = [{"path": "/bin/sh", "args": ["sh", "-c", "echo >" + $began + "; sleep 1000"], "env": ["PATH=/bin:/usr/bin", $mark]}]'
}
# From then on it neither forks nor executes: who is in between has no environment to be found by.
hook_is_asleep() { [[ -e began && $(processes_left "$MARK") == *'(sleep)'* ]]; }

@test "create: interrupted or killed while a hook runs, nothing is left" {
	local variant point signal
	for variant in own joined; do
		for point in prestart createRuntime createContainer; do
			for signal in INT TERM HUP KILL; do
				bundle_rich "$variant"
				hook_sleeps "$point"
				rm -f began
				marked_background create --bundle "$BUNDLE" --console-socket "$SOCKET" "$NAME"
				wait_until hook_is_asleep
				held_end "$signal"
				if [[ $signal == KILL ]]; then
					# What a hook in the host's namespaces started is its own affair.
					[[ $point == createContainer ]] || marked_pids "$MARK" | xargs -r kill -9
					oci delete --force "$NAME"
				else
					[[ $status -eq 1 && $output == *interrupted* ]] || finding "$variant $point $signal" "$status: $output"
				fi
				look_for_rest "$variant $point $signal"
			done
		done
	done
	expect_no_findings
}

@test "run: interrupted while a poststart hook runs, nothing is left" {
	bundle_rich own
	hook_sleeps poststart
	marked_background run --detach --bundle "$BUNDLE" --console-socket "$SOCKET" --pid-file "$PID_FILE" "$NAME"
	wait_until hook_is_asleep
	held_end TERM
	[[ $status -eq 1 && $output == *interrupted* ]] || finding poststart "$status: $output"
	look_for_rest poststart
	expect_no_findings
}

# --- start ----------------------------------------------------------------------------------------------------------------------------

@test "start: whatever step of init fails, the program does not run and delete removes all" {
	local variant step options
	for variant in own joined_pids; do
		bundle_rich "$variant"
		options=$(console_options)
		for step in gate hooks-start-container program; do
			marked --fail-step "init:$step" create --bundle "$BUNDLE" "$options" "$NAME" </dev/null
			# Behind the gate it fails as soon as it is there, not when start comes; a start that is quicker than that is told the step.
			[[ $step != gate ]] || wait_until is_container stopped
			status=0
			oci start "$NAME" >out 2>err || status=$?
			if [[ $step == gate ]]; then
				[[ $status -eq 1 && $(<err) == *'cannot start a container that has stopped'* ]] || finding "$variant gate" "$(<err)"
			else
				expect_told "$variant $step" "$step" 'told to fail'
			fi
			wait_until no_process "$MARK" >/dev/null || finding "$variant $step" 'a process lives on'
			run oci delete --force "$NAME"
			[[ $status -eq 0 && -z $output ]] || finding "$variant $step" "delete: $output"
			look_for_rest "$variant $step"
		done
	done
	expect_no_findings
}

@test "start: a program that has gone since create" {
	bundle_rich own
	cp "$ROOTFS/bin/busybox" "$ROOTFS/sleep"
	bundle_edit '.process.args = ["/sleep", "1000"]'
	marked create --bundle "$BUNDLE" --console-socket "$SOCKET" "$NAME" </dev/null
	rm "$ROOTFS/sleep"
	run oci start "$NAME"
	expect_status 1
	expect_message '/sleep'
	expect_message 'no such file or directory'
	[[ ${#lines[@]} -eq 1 ]]
	oci delete --force "$NAME"
	look_for_rest start
	expect_no_findings
}

@test "start: killed while a startContainer hook runs, delete --force removes all" {
	local variant
	for variant in own joined; do
		bundle_rich "$variant"
		hook_sleeps startContainer
		bundle_edit '.hooks.startContainer[0].args[2] = "echo >/dev/began; sleep 1000"'
		marked create --bundle "$BUNDLE" --console-socket "$SOCKET" "$NAME" </dev/null
		marked_background start "$NAME"
		wait_until test -e "/proc/$(container_pid)/root/dev/began"
		held_end KILL
		run oci delete --force "$NAME"
		[[ $status -eq 0 && -z $output ]] || finding "$variant" "delete: $output"
		look_for_rest "$variant"
	done
	expect_no_findings
}

# --- exec -----------------------------------------------------------------------------------------------------------------------------

# exec_begin VARIANT: a container that runs, and process.json for a process that takes as many steps as can be.
exec_begin() {
	bundle_rich "$1"
	jq --arg mark "$MARK-exec" '.process | .args = ["sleep", "1000"] | .env = ["PATH=/bin", $mark] | .terminal = true' \
		"$BUNDLE/config.json" >process.json
	jq '.args = ["true"]' process.json >short.json
	bundle_edit '.process.terminal = false'
	[[ $1 != agent ]] || bundle_edit '.process.env |= map(select(startswith("ORLOP") | not))'
	marked run --detach --bundle "$BUNDLE" "$NAME" </dev/null >out 2>&1
	PID=$(container_pid)
	STEPS=$(steps_of_exec --process short.json --detach --console-socket "$SOCKET" "$NAME")
	[[ $(wc -w <<<"$STEPS") -gt 15 ]] || finding "$1" "exec's steps: $STEPS"
}

# The container is as it was, and nothing else is in it. What init of exec has left the cgroup a moment later.
exec_look() {
	local left
	left=$(processes_left "$MARK")
	[[ -z $left ]] || finding "$1" "left behind: $left"
	[[ ! -e $PID_FILE ]] || finding "$1" 'left a pid file'
	is_container running || finding "$1" 'the container does not run any more'
	wait_until cgroup_has_only "$PID" || finding "$1" "in the cgroup: $(cat "$(cgroup_find "$NAME" | head -n1)/cgroup.procs")"
	rm -f "$PID_FILE"
}

cgroup_has_only() { [[ $(cat "$(cgroup_find "$NAME" | head -n1)/cgroup.procs") == "$1" ]]; }

# each_exec FUNCTION: on every step of exec, in several containers.
each_exec() {
	local variant step mark=$MARK
	for variant in own user joined_pids agent; do
		exec_begin "$variant"
		MARK=$mark-exec
		for step in $STEPS init:program; do
			"$1" "exec $variant $step" "$step" exec --process process.json --detach --console-socket "$SOCKET" \
				--pid-file "$PID_FILE" "$NAME"
			exec_look "exec $variant $step"
		done
		MARK=$mark
		oci delete --force "$NAME"
		look_for_rest "$variant"
	done
}

@test "exec: whatever step fails, nothing is left and the container runs on" {
	each_exec fail_at
	expect_no_findings
}

@test "exec: its init killed at whatever step, nothing is left and the container runs on" {
	each_exec kill_init_at
	expect_no_findings
}

@test "exec: interrupted at whatever step, nothing is left and the container runs on" {
	each_exec interrupt_at
	expect_no_findings
}

kill_exec_at() {
	local where=$1 step=$2
	shift 2
	held_run "$step" "$@" || { finding "$where" "never got there: $(<err)" && return; }
	held_end KILL
	# Nobody waits for the process any more: it notices a moment later.
	wait_until no_process "$MARK" || true
}

@test "exec: killed at whatever step, nothing is left and the container runs on" {
	each_exec kill_exec_at
	expect_no_findings
}

# --- delete ---------------------------------------------------------------------------------------------------------------------------

@test "delete: killed at any time, another one removes the rest" {
	local delay
	bundle_rich joined_pids
	for delay in 0 1 2 3 4 5 6 8 10 12 15 20 30; do
		marked run --detach --bundle "$BUNDLE" --console-socket "$SOCKET" "$NAME" </dev/null
		marked_background delete --force "$NAME"
		sleep "0.$(printf '%03d' "$delay")"
		held_end KILL
		run oci delete --force "$NAME"
		[[ $status -eq 0 && -z $output ]] || finding "after $delay ms" "delete: $output"
		look_for_rest "after $delay ms"
	done
	expect_no_findings
}

@test "delete: a state directory that cannot be removed is an error, and the container can be deleted later" {
	own_mounts "mount --bind '$STATE' '$STATE'"
	container_start true
	wait_until is_container stopped
	in_mounts mount -o remount,bind,ro "$STATE"
	run oci delete "$NAME"
	expect_status 1
	expect_message 'unable to destroy container: remove the container'
	expect_message 'Read-only file system'
	[[ ${#lines[@]} -eq 1 ]]
	in_mounts mount -o remount,bind,rw "$STATE"
	expect_container stopped
	run oci delete "$NAME"
	expect_status 0
	[[ -z $(state_ids) ]]
}

# --- the host lacks something ---------------------------------------------------------------------------------------------------------

# A state directory on a small file system of its own; `mountpoint` says so before anything is written to it.
small_state() {
	own_mounts "mount -t tmpfs -o '$1' tmpfs '$STATE'; mountpoint -q '$STATE'"
	in_mounts mountpoint -q "$STATE"
}

@test "create: a state directory that becomes full at any file, nothing is left" {
	local inodes made=0
	bundle_rich own
	# The root directory is the first one.
	small_state 'size=1m,nr_inodes=20'
	for ((inodes = 1; inodes < 12; inodes++)); do
		in_mounts mount -o "remount,nr_inodes=$inodes" "$STATE"
		marked_create
		if ((status == 0)); then
			made=$((made + 1))
			oci delete --force "$NAME"
		else
			((made == 0)) || finding "$inodes files" 'fails with more than enough'
			grep -q 'No space left on device' err || finding "$inodes files" "said: $(<err)"
			[[ $(wc -l <err) -eq 1 ]] || finding "$inodes files" "said: $(<err)"
		fi
		[[ -z $(in_mounts ls -A -I @seccomp "$STATE") ]] || finding "$inodes files" "left: $(in_mounts ls -A "$STATE")"
		look_for_rest "$inodes files"
	done
	((made >= 2 && made <= 9)) || finding 'all' "made $made times"
	expect_no_findings
}

@test "create and delete: a state directory without room for a byte" {
	bundle_rich own
	small_state 'size=64k'
	in_mounts sh -c "mountpoint -q '$STATE' && head -c 100000 /dev/zero >'$STATE/ballast'" || true
	marked_create
	expect_told_of_room
	[[ $(in_mounts ls -A -I @seccomp "$STATE") == ballast ]]
	# A container that was made before is not held by it.
	in_mounts rm "$STATE/ballast"
	marked run --detach --bundle "$BUNDLE" --console-socket "$SOCKET" "$NAME" </dev/null
	in_mounts sh -c "mountpoint -q '$STATE' && head -c 100000 /dev/zero >'$STATE/ballast'" || true
	run oci kill "$NAME" TERM
	expect_status 0
	run oci delete --force "$NAME"
	expect_status 0
	[[ $(in_mounts ls -A -I @seccomp "$STATE") == ballast ]]
	in_mounts rm "$STATE/ballast"
	look_for_rest all
	expect_no_findings
}

expect_told_of_room() {
	[[ $status -eq 1 ]]
	[[ $(<err) == *'No space left on device'* ]]
	[[ $(wc -l <err) -eq 1 ]]
}

@test "create: a pid file that cannot be written, nothing is left" {
	bundle_rich own
	local path
	for path in "$BATS_TEST_TMPDIR/none/pid" /proc/1/pid "$BATS_TEST_TMPDIR"; do
		for command in create 'run --detach' run; do
			local options=(--console-socket "$SOCKET")
			[[ $command != run ]] || options=()
			status=0
			# shellcheck disable=SC2086 # `run --detach` is two words
			marked $command --bundle "$BUNDLE" "${options[@]}" --pid-file "$path" "$NAME" </dev/null >out 2>err || status=$?
			[[ $status -eq 1 && $(<err) == *"write pid file '$path'"* ]] || finding "$command $path" "$status: $(<err)"
			look_for_rest "$command $path"
		done
	done
	expect_no_findings
}

@test "create: a read-only state directory" {
	bundle_rich own
	small_state 'size=64k,ro'
	marked_create
	[[ $status -eq 1 ]]
	[[ $(<err) == *'Read-only file system'* && $(wc -l <err) -eq 1 ]]
	look_for_rest create
	OCI+=(--root "$STATE/below")
	marked_create
	[[ $status -eq 1 ]]
	[[ $(<err) == *"state directory '$STATE/below'"*'Read-only file system'* && $(wc -l <err) -eq 1 ]]
	look_for_rest create
	expect_no_findings
}

@test "create: a read-only root file system that lacks what mounts are made on" {
	bundle_rich own
	own_mounts "mount --bind '$ROOTFS' '$ROOTFS'; mount -o remount,bind,ro '$ROOTFS'"
	marked_create
	[[ $status -eq 1 ]]
	# /sys, /proc and /dev are there; what is missing is the working directory.
	[[ $(<err) == *made/here* && $(wc -l <err) -eq 1 ]] || finding cwd "$(<err)"
	look_for_rest cwd
	bundle_edit '.mounts += [{"destination": "/data", "type": "tmpfs", "source": "tmpfs"}] | .process.cwd = "/"'
	marked_create
	[[ $status -eq 1 ]]
	[[ $(<err) == *"mount '/data'"*'Read-only file system'* && $(wc -l <err) -eq 1 ]] || finding mount "$(<err)"
	look_for_rest mount
	expect_no_findings
}

@test "create: a host without cgroup2" {
	bundle_rich own
	own_mounts 'umount -R /sys/fs/cgroup'
	marked_create
	[[ $status -eq 1 ]]
	[[ $(<err) == *cgroup* && $(wc -l <err) -eq 1 ]] || finding create "$(<err)"
	look_for_rest create
	OCI+=(--cgroup-manager=disabled)
	bundle_edit '.linux.resources = {}'
	status=0
	marked run --detach --bundle "$BUNDLE" --console-socket "$SOCKET" "$NAME" </dev/null >out 2>err || status=$?
	[[ $status -eq 0 ]] || finding run "$(<err)"
	is_container running
	run oci delete --force "$NAME"
	expect_status 0
	look_for_rest run
	expect_no_findings
}
