#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2153,SC2154 # jq has variables too; bats sets status, output, stderr, lines; container.bash sets NAME
# Many containers, one after the other and all at once, and many commands on one: nothing piles up, nothing comes between.
bats_require_minimum_version 1.5.0
load helpers
load container
load faults

setup() { faults_setup; }
teardown() { faults_teardown; }

# Where a round is slow, the caller asks for fewer; the names of the tests tell how many there were.
ROUNDS=${LEAKS_ROUNDS:-200}
ALIVE=${LEAKS_ALIVE:-50}

# A container as an engine makes it, with a bit of everything.
bundle_usual() {
	bundle_rich own
	bundle_edit '.process.terminal = false | .process.args = ["sleep", "1000"] | .hooks = {}'
}

# What the kernel counts for the whole machine.
host_counts() {
	printf 'ptys %s\n' "$(cat /proc/sys/kernel/pty/nr)"
	printf 'mounts %s\n' "$(grep -c . /proc/self/mountinfo)"
}

# Others use the machine too, but not more and more of it: what comes to less than one for ten rounds is theirs.
counts_are_near() {
	local name count before most=$((ROUNDS < 100 ? 10 : ROUNDS / 10))
	while read -r name count <&4 && read -r name before <&5; do
		((count - before < most)) || return 1
	done 4< <(host_counts) 5< <(printf '%s\n' "$1")
}

# What is named after a container of the test's.
names_left() {
	host_left
	grep -F -- "$NAME" /proc/keys | sed 's/^/keyring /' || true
}
nothing_left() { [[ -z $(names_left) ]]; }

expect_nothing_left() { wait_until nothing_left || { names_left && return 1; }; }

expect_as_before() {
	wait_until counts_are_near "$1" || { printf 'before:\n%s\nafter:\n%s\n' "$1" "$(host_counts)" && return 1; }
	expect_nothing_left
}

# Every line of standard input is a command of the runtime, all run at once. Statuses, one a line, into `statuses`.
at_once() {
	local line pids=() pid code
	while read -r line; do
		# shellcheck disable=SC2086 # words
		oci $line </dev/null >>at_once.log 2>&1 &
		pids+=($!)
	done
	: >statuses
	for pid in "${pids[@]}"; do
		code=0
		wait "$pid" || code=$?
		echo "$code" >>statuses
	done
}

@test "leaks: $ROUNDS containers created, started and deleted, one after the other" {
	local before round
	bundle_usual
	before=$(host_counts)
	for ((round = 0; round < ROUNDS; round++)); do
		marked create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$NAME" </dev/null >/dev/null
		oci start "$NAME"
		oci delete --force "$NAME"
		rm -f -- "$PID_FILE"
	done
	expect_as_before "$before"
}

@test "leaks: $ROUNDS containers run, with a terminal" {
	local before round
	bundle_rich own
	bundle_edit '.process.args = ["true"] | .hooks = {}'
	before=$(host_counts)
	for ((round = 0; round < ROUNDS; round++)); do
		marked run --bundle "$BUNDLE" "$NAME" </dev/null >/dev/null
	done
	expect_as_before "$before"
}

@test "leaks: $ALIVE containers alive at once" {
	local before i
	bundle_usual
	before=$(host_counts)
	for ((i = 0; i < ALIVE; i++)); do
		marked create --bundle "$BUNDLE" "$NAME-$i" </dev/null >/dev/null
	done
	[[ $(oci list --format json | jq '[.[] | select(.status == "created")] | length') -eq $ALIVE ]]
	[[ $(marked_pids "$MARK" | wc -l) -eq $ALIVE ]]
	for ((i = 0; i < ALIVE; i++)); do
		oci start "$NAME-$i"
	done
	[[ $(oci list --quiet | wc -l) -eq $ALIVE ]]
	[[ $(oci list --format json | jq '[.[] | select(.status == "running") | .pid] | unique | length') -eq $ALIVE ]]
	run oci exec "$NAME-$((ALIVE - 1))" echo here
	expect_output here
	for ((i = 0; i < ALIVE; i++)); do
		oci delete --force "$NAME-$i"
	done
	[[ -z $(oci list --quiet) ]]
	expect_as_before "$before"
}

@test "leaks: $ROUNDS processes in one container" {
	local before round pid fds
	bundle_usual
	marked run --detach --bundle "$BUNDLE" "$NAME" </dev/null >/dev/null
	pid=$(container_pid)
	# run returns when the first of what closes by itself is closed.
	wait_until holds_streams_only "$pid"
	before=$(host_counts)
	fds=$(echo "/proc/$pid/fd"/*)
	for ((round = 0; round < ROUNDS / 2; round++)); do
		oci exec "$NAME" true </dev/null >/dev/null
		oci exec --tty "$NAME" true </dev/null >/dev/null
	done
	wait_until counts_are_near "$before" || { printf 'before:\n%s\nafter:\n%s\n' "$before" "$(host_counts)" && return 1; }
	[[ $(cat "$(cgroup_find "$NAME")/cgroup.procs") == "$pid" ]]
	[[ $(echo "/proc/$pid/fd"/*) == "$fds" ]]
	oci delete --force "$NAME"
}

@test "leaks: an init that waits holds what it needs and nothing of its maker's" {
	local pid fd target
	bundle_usual
	mkfifo pipe
	{
		cat pipe
		echo end >at_end
	} 3>&- &
	exec 7>pipe
	container_create
	exec 7>&-
	# A pipe of the caller's that it had open without saying --preserve-fds closes with the caller.
	wait_until test -e at_end
	expect_container created
	pid=$(container_pid)
	for fd in "/proc/$pid/fd"/*; do
		target=$(readlink "$fd")
		case ${fd##*/}:$target in
		[012]:*) ;;
		*:"$STATE/$NAME/gate" | *:"$STATE/$NAME/gate-report") ;;
		*:"socket:["*) ;; # the dialogue; its other end is gone
		*) printf 'init holds %s: %s\n' "${fd##*/}" "$target" && return 1 ;;
		esac
	done
	oci start "$NAME"
	# start returns when the first of them is closed by execve: the others are about to be.
	wait_until holds_streams_only "$pid" || { ls -l "/proc/$pid/fd" && return 1; }
}
holds_streams_only() { [[ $(cd "/proc/$1/fd" && echo *) == '0 1 2' ]]; }

@test "at once: commands on one container that do not change it" {
	local i
	bundle_usual
	container_start
	for i in 1 2 3 4 5 6 7 8; do
		printf '%s\n' "state $NAME" "exec $NAME true" "kill $NAME 0" "ps $NAME" 'list'
	done | at_once
	[[ $(sort -u statuses) == 0 ]] || { cat at_once.log && return 1; }
	expect_container running
}

@test "at once: one of several creates, and one of several starts, wins" {
	local i round
	bundle_usual
	for round in 1 2 3 4 5; do
		for i in 1 2 3 4 5 6 7 8; do
			echo "create --bundle $BUNDLE $NAME"
		done | at_once
		[[ $(grep -cx 0 statuses) -eq 1 && $(grep -cx 1 statuses) -eq 7 ]] || { cat statuses at_once.log && return 1; }
		expect_container created
		for i in 1 2 3 4 5 6 7 8; do
			echo "start $NAME"
		done | at_once
		[[ $(grep -cx 0 statuses) -eq 1 && $(grep -cx 1 statuses) -eq 7 ]] || { cat statuses at_once.log && return 1; }
		expect_container running
		for i in 1 2 3 4 5 6 7 8; do
			echo "delete --force $NAME"
		done | at_once
		[[ $(sort -u statuses) == 0 ]] || { cat at_once.log && return 1; }
		expect_nothing_left
	done
	[[ $(grep -c 'container with given ID already exists' at_once.log) -eq 35 ]] || { sort at_once.log | uniq -c && return 1; }
}

@test "at once: kills, states and deletes while it ends" {
	local i round
	bundle_usual
	for round in 1 2 3 4 5; do
		container_start
		for i in 1 2 3 4 5 6 7 8; do
			printf '%s\n' "kill $NAME KILL" "state $NAME" "delete --force $NAME"
		done | at_once
		! grep -qvx '[01]' statuses || { sort statuses at_once.log | uniq -c && return 1; }
		expect_nothing_left
	done
}

# What it does is left to chance; what it leaves is not. `stir SEED`
stir() {
	local verbs=(create create run start kill delete state exec pause resume ps list) round verb id
	RANDOM=$1
	for ((round = 0; round < 40; round++)); do
		verb=${verbs[RANDOM % ${#verbs[@]}]}
		id=$NAME-$((RANDOM % 3))
		case $verb in
		create) set -- create --bundle "$BUNDLE" "$id" ;;
		run) set -- run --detach --bundle "$BUNDLE" "$id" ;;
		kill) set -- kill "$id" KILL ;;
		delete) set -- delete --force "$id" ;;
		exec) set -- exec "$id" true ;;
		list) set -- list ;;
		*) set -- "$verb" "$id" ;;
		esac
		status=0
		timeout --kill-after=5 20 "${OCI[@]}" "$@" </dev/null >stir.out.$BASHPID 2>&1 || status=$?
		case $status in
		0 | 1 | 255) ;;
		137) [[ $verb == exec ]] || echo "$verb: status $status: $(<stir.out.$BASHPID)" >>stirred ;;
		*) echo "$verb: status $status: $(<stir.out.$BASHPID)" >>stirred ;;
		esac
	done
}

@test "at once: all commands by chance on three containers" {
	local worker pids=()
	bundle_usual
	: >stirred
	for worker in 1 2 3 4 5 6 7 8; do
		stir "$worker" &
		pids+=($!)
	done
	wait "${pids[@]}"
	for worker in 0 1 2; do
		run oci delete --force "$NAME-$worker"
		[[ $status -eq 0 && -z $output ]] || echo "delete: $output" >>stirred
	done
	cat stirred
	[[ ! -s stirred ]]
	expect_nothing_left
}

# The most that a process of the command had in memory at once, as busybox counts it. A container keeps the streams, so these are files.
peak() {
	"$ROOTFS/bin/busybox" time -v "$@" </dev/null >/dev/null 2>peak.log 3>&-
	sed -n 's/.*Maximum resident set size (kbytes): //p' peak.log
}

@test "leaks: how much memory orlop takes" {
	local command kb unit
	bundle_usual
	# Some versions take the kernel's kilobytes for pages; a process of a known size tells.
	unit=$(($(peak "$ROOTFS/bin/busybox" dd if=/dev/zero of=/dev/null bs=32M count=1) / 32768))
	((unit > 0))
	bundle_edit --slurpfile docker "$BATS_TEST_DIRNAME/../configs/docker-default.json" '.linux.seccomp = $docker[0].linux.seccomp'
	for command in "create --bundle $BUNDLE $NAME" "start $NAME" "state $NAME" "exec $NAME true" "delete --force $NAME"; do
		# shellcheck disable=SC2086 # words
		kb=$(($(peak "${OCI[@]}" $command) / unit))
		echo "# peak resident memory of ${command%% *}: $kb kB" >&3
		# Sanitizers take what they like.
		grep -q __asan_init "${OCI[0]}" || ((kb > 100 && kb < 6144))
	done
}
