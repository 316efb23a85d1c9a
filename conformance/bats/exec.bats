#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# `exec`: one more process in a container.
bats_require_minimum_version 1.5.0
load helpers
load container

setup() { container_setup; }
teardown() { container_teardown; }

start_sleeper() { container_start sleep 1000; }

# As `run`, without standard input.
exec_in() { run --separate-stderr oci exec "$@" </dev/null; }

@test "exec: the exit status of the program is its own; 128 and the number for a signal" {
	start_sleeper
	local code
	for code in 0 1 7 255; do
		exec_in "$NAME" sh -c "exit $code"
		expect_status "$code"
	done
	exec_in "$NAME" sh -c 'kill -9 $$'
	expect_status 137
	exec_in "$NAME" sh -c 'kill -15 $$'
	expect_status 143
	expect_container running
}

@test "exec: input, output and errors, apart and whole" {
	start_sleeper
	run --separate-stderr oci exec "$NAME" sh -c 'cat; echo err >&2' <<<'some words'
	expect_output 'some words'
	[[ $stderr == err ]]
	oci exec "$NAME" sh -c 'dd if=/dev/zero bs=1024 count=1024 2>/dev/null' </dev/null >got
	[[ $(wc -c <got) -eq 1048576 ]]
}

@test "exec: all namespaces are the container's" {
	container_start sh -c '/payload namespaces >/first; sleep 1000'
	wait_until has_line ns.uts "$ROOTFS/first"
	exec_in "$NAME" /payload namespaces
	[[ $output == "$(cat "$ROOTFS/first")" ]]
	exec_in "$NAME" hostname
	expect_output box
	exec_in "$NAME" sh -c 'cat /proc/1/cmdline | tr "\0" " "'
	expect_output_has 'sleep'
}

@test "exec: the environment is config.json's and what --env adds, which wins" {
	peer_skip crun '1.8.1: takes its own environment'
	bundle_edit '.process.env += ["A=config", "B=config"]'
	start_sleeper
	exec_in --env B=option --env C=option "$NAME" sh -c 'echo $A $B $C'
	expect_output 'config option option'
}

@test "exec: config.json's cwd and user, unless told" {
	peer_skip crun '1.8.1: does not'
	mkdir "$ROOTFS/work"
	chmod 0777 "$ROOTFS/work"
	bundle_edit '.process.cwd = "/work" | .process.user = {"uid": 12, "gid": 34, "additionalGids": [56]}'
	start_sleeper
	exec_in "$NAME" /payload process ids
	expect_fact cwd /work
	expect_fact uid '12 12 12'
	expect_fact gid '34 34 34'
	exec_in --cwd /tmp --user 78:90 "$NAME" /payload process ids
	expect_fact cwd /tmp
	[[ $KIND != orlop ]] || expect_fact umask 0022
	expect_fact uid '78 78 78'
	expect_fact gid '90 90 90'
	# Nothing enters "/" by its name: who joins stands there.
	exec_in --cwd / "$NAME" sh -c 'pwd; cd -P . && pwd; ls -di . / | sort -u -k1,1 | wc -l'
	expect_output "/"$'\n/\n1'
}

@test "exec: --user with a uid only keeps the gid" {
	start_sleeper
	exec_in --user 78 "$NAME" /payload ids
	expect_fact uid '78 78 78'
	expect_fact gid '0 0 0'
}

@test "exec: --additional-gids" {
	peer_skip crun 'has no such option'
	start_sleeper
	exec_in --additional-gids 100 --additional-gids 65 "$NAME" /payload ids
	[[ " $(fact groups) " == *' 100 '* && " $(fact groups) " == *' 65 '* ]]
}

@test "exec: the capabilities of config.json, and what --cap adds" {
	peer_skip crun '1.8.1: drops the others'
	start_sleeper
	exec_in "$NAME" /payload caps
	expect_fact caps.bounding 0000000020000420
	expect_fact caps.effective 0000000020000420
	exec_in --cap CAP_SYS_PTRACE "$NAME" /payload caps
	expect_fact caps.bounding 0000000020080420
	expect_fact caps.effective 0000000020080420
}

@test "exec: no_new_privs as config.json says, or on by --no-new-privs" {
	bundle_edit '.process.noNewPrivileges = false'
	start_sleeper
	exec_in "$NAME" /payload process
	expect_fact no_new_privs 0
	exec_in --no-new-privs "$NAME" /payload process
	expect_fact no_new_privs 1
}

@test "exec: rlimits and oom_score_adj of config.json are the new process's too" {
	peer_skip crun '1.8.1: are not'
	bundle_edit '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 64, "hard": 128}, {"type": "RLIMIT_CORE", "soft": 1000, "hard": 2000}]
		| .process.oomScoreAdj = 321'
	start_sleeper
	exec_in "$NAME" /payload limits process
	expect_fact rlimit.CORE '1000 2000'
	# Go's runtime raises the soft one at its start, which in runc 1.1.5 may be later than its parent's setting it.
	[[ $KIND == runc ]] || expect_fact rlimit.NOFILE '64 128'
	[[ $KIND != orlop ]] || expect_fact oom_score_adj 321
}

# Who joins is there beside what it bears, for a moment.
@test "exec: one free place is enough where nobody in the container may trace" {
	[[ $KIND == orlop ]] || skip "of orlop's own order"
	# The kernel counts a user's processes wherever they are: those of a suite that runs beside this one have another.
	local uid=$((100000 + $$))
	cat >process.json <<-END
		{"args": ["/payload", "ids"], "cwd": "/", "user": {"uid": $uid, "gid": $uid},
		 "rlimits": [{"type": "RLIMIT_NPROC", "soft": 1, "hard": 1}]}
	END
	start_sleeper
	exec_in --process process.json "$NAME"
	expect_status 0
	expect_fact uid "$uid $uid $uid"
	oci delete --force "$NAME"
	bundle_edit '.process.capabilities.bounding += ["CAP_SYS_PTRACE"]'
	start_sleeper
	exec_in --process process.json "$NAME"
	expect_status 255
	[[ $stderr == *"step 'birth': clone the process: Resource temporarily unavailable"* ]]
}

@test "exec --cgroup: no way out of the container's cgroup" {
	[[ $KIND == orlop ]] || skip "1.1.5 and crun 1.8.1: none of their promises"
	start_sleeper
	local path
	for path in .. ../x /.. a/../..; do
		exec_in --cgroup "$path" "$NAME" true
		expect_status 255
		[[ $stderr == *'bad sub cgroup path'* || $stderr == *'has no cgroup'* ]]
	done
}

@test "exec --process: a scheduling policy that a child does not inherit is the program's" {
	peer_skip crun '1.8.1: has no flags of it'
	peer_skip runc '1.1.5: has no scheduler'
	start_sleeper
	# Who keeps this test's pipes would be waited for.
	oci exec --detach --pid-file pid --process <(
		echo '{"args": ["/bin/sleep", "100"], "cwd": "/", "scheduler": {"policy": "SCHED_BATCH", "flags": ["SCHED_FLAG_RESET_ON_FORK"]}}'
	) "$NAME" </dev/null >/dev/null 2>&1
	[[ $(chrt -p "$(<pid)") == *'SCHED_BATCH|SCHED_RESET_ON_FORK'* ]]
}

@test "exec --process, update --resources: the document may come through a pipe that the caller names" {
	start_sleeper
	exec_in --process <(echo '{"args": ["/payload", "ids"], "cwd": "/", "user": {"uid": 7, "gid": 8}}') "$NAME"
	expect_status 0
	expect_fact uid '7 7 7'
	run oci update --resources <(echo '{}') "$NAME"
	expect_status 0
	[[ $KIND == orlop ]] || return 0
	exec_in --process <(echo '{"args": 1}') "$NAME"
	expect_status 255
	[[ $stderr == *'/args'* ]]
}

@test "exec --process: all of it is the file's, nothing config.json's" {
	bundle_edit '.process.env += ["A=config"]'
	start_sleeper
	cat >process.json <<-'END'
		{"args": ["/payload", "process", "ids", "env", "caps"], "cwd": "/tmp", "env": ["PATH=/bin", "B=file"],
		 "user": {"uid": 5, "gid": 6, "additionalGids": [7], "umask": 63}, "noNewPrivileges": true}
	END
	exec_in --process process.json "$NAME"
	expect_status 0
	expect_fact cwd /tmp
	expect_fact uid '5 5 5'
	expect_fact groups 7
	[[ $KIND == runc ]] || expect_fact umask 0077 # 1.1.5 does not
	expect_output_has 'env B=file'
	[[ $output != *A=config* ]]
	expect_fact caps.effective 0000000000000000
}

@test "exec --process: a broken file is an error" {
	start_sleeper
	local text
	for text in '' '{' '{}' '{"args": []}' '{"args": ["true"], "cwd": "relative"}'; do
		printf %s "$text" >process.json
		exec_in --process process.json "$NAME"
		[[ $status -ne 0 ]] || { printf 'taken: %s\n' "$text" && return 1; }
	done
	exec_in --process /nowhere "$NAME"
	[[ $status -ne 0 ]]
	expect_container running
}

@test "exec: what does not exist is 255 and runc's words, which docker makes 127 of" {
	peer_skip crun 'has its own'
	start_sleeper
	exec_in "$NAME" no-such-program
	expect_status 255
	expect_message 'exec: "no-such-program": executable file not found in $PATH'
	exec_in "$NAME" /no/such/program
	expect_status 255
	[[ $stderr == *'no such file or directory'* ]]
}

@test "exec: what may not be executed is 255 and 'permission denied', which docker makes 126 of" {
	peer_skip crun 'has its own'
	start_sleeper
	echo >"$ROOTFS/file"
	exec_in "$NAME" /file
	expect_status 255
	[[ $stderr == *'permission denied'* ]]
	exec_in "$NAME" /tmp
	expect_status 255
	[[ $stderr == *'permission denied'* || $stderr == *'is a directory'* ]]
}

@test "exec: a stopped container and an unknown one are errors" {
	container_start true
	wait_until is_container stopped
	exec_in "$NAME" true
	[[ $status -ne 0 ]]
	[[ $KIND == crun ]] || [[ $stderr == *'cannot exec in a stopped container'* || $stderr == *'container not running'* ]]
	oci delete "$NAME"
	exec_in "$NAME" true
	[[ $status -ne 0 ]]
	[[ $KIND == crun || $stderr == *'container does not exist'* ]]
}

@test "exec: a container that is created but not started" {
	container_create
	exec_in "$NAME" sh -c 'echo early'
	expect_status 0
	expect_output early
	expect_container created
}

@test "exec --detach: returns at once; --pid-file has the host's pid without a newline" {
	start_sleeper
	detached exec --detach --pid-file "$PWD/pid" "$NAME" sleep 1001
	expect_status 0
	[[ $(<pid) =~ ^[0-9]+$ && $(tail -c1 pid) == [0-9] ]]
	wait_until process_is "$(<pid)" 'sleep 1001'
	expect_container running
}

@test "exec: options end at the id" {
	start_sleeper
	exec_in "$NAME" echo --tty -d --user x
	expect_status 0
	expect_output '--tty -d --user x'
}

@test "exec: the id alone is an error" {
	start_sleeper
	exec_in "$NAME"
	[[ $status -ne 0 ]]
}

@test "exec --tty: a terminal of the container's" {
	peer_skip crun '1.8.1: loses what was said last, at times'
	start_sleeper
	on_terminal "${OCI[@]}" exec --tty "$NAME" sh -c '/payload tty; exit 6'
	expect_status 6
	expect_fact tty.0 1
	expect_fact tty.1 1
}

@test "exec: descriptors of the caller stay outside; --preserve-fds lets them in" {
	start_sleeper
	echo three >three
	exec 7<three
	exec_in "$NAME" /payload fds
	exec 7<&-
	[[ $(grep -c '^fd\.' <<<"$output") -eq 3 ]]
	run "${OCI[@]}" exec --preserve-fds 1 "$NAME" sh -c 'cat <&3' </dev/null 3<three
	expect_output three
}

@test "exec: the process is in the container's cgroup, and goes with the container" {
	peer_skip crun 'has no cgroup here'
	start_sleeper
	detached exec --detach --pid-file "$PWD/pid" "$NAME" sleep 1002
	expect_status 0
	grep -q "$NAME" "/proc/$(<pid)/cgroup"
	oci delete --force "$NAME"
	wait_until process_is_gone "$(<pid)"
}

@test "exec: many at once" {
	start_sleeper
	local i pids=()
	for ((i = 0; i < 12; i++)); do
		oci exec "$NAME" sh -c "echo $i; exit $i" </dev/null >"out$i" 2>&1 &
		pids+=($!)
	done
	for ((i = 0; i < 12; i++)); do
		status=0
		wait "${pids[i]}" || status=$?
		expect_status "$i"
		[[ $(<"out$i") == "$i" ]]
	done
}

@test "exec: the read-only root and masked paths are the container's" {
	echo secret >"$ROOTFS/etc/secret"
	bundle_edit '.root.readonly = true | .linux.maskedPaths += ["/etc/secret"]'
	start_sleeper
	exec_in "$NAME" touch /file
	[[ $status -ne 0 ]]
	exec_in "$NAME" cat /etc/secret
	expect_output ''
}

@test "exec: the end of init ends it" {
	start_sleeper
	oci exec "$NAME" sh -c 'echo >/ready; exec sleep 1003' </dev/null >/dev/null 2>&1 &
	local job=$!
	wait_until test -e "$ROOTFS/ready"
	oci kill "$NAME" KILL
	status=0
	wait "$job" || status=$?
	expect_status 137
}
