#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
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
	kill -9 "$RUNNER"
	held_end
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
	case $step in
	*:gate | *:hooks-start-container | *:program) [[ $output == *'init was killed by SIGKILL before it could execute the program'* ]] ;;
	*) [[ $output == *"init was killed by SIGKILL in step '${step#*:}'"* ]] ;;
	esac || finding "$where" "said: $output"
}

# Ctrl-C, or a manager that wants no more of it.
interrupt_at() {
	local where=$1 step=$2
	shift 2
	held_run "$step" "$@" || { finding "$where" "never got there: $(<err)" && return; }
	kill -"${SIGNAL:-TERM}" "$RUNNER"
	held_end
	[[ $status -ne 0 && $status -lt 128 ]] || finding "$where" "status $status"
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
	VARIANTS=(own joined_pids)
	each_step run kill_init_at run
	expect_no_findings
}

@test "create: interrupted at whatever step, nothing is left" {
	each_step create interrupt_at create
	expect_no_findings
}

@test "run: interrupted at whatever step, nothing is left" {
	VARIANTS=(own joined_pids)
	SIGNAL=INT
	each_step run interrupt_at run
	expect_no_findings
}
