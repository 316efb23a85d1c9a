#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines
# Kubernetes' way to a runtime: containerd's CRI plugin with the runtime under test as the binary of its handler, under systemd's cgroup driver, and
# a pod's network of its own by CNI. What a kubelet asks for: pods, containers, exec, attach, logs, limits, statistics, and an end.
bats_require_minimum_version 1.5.0
load engines
load cri

setup_file() {
	engines_setup_file
	CALLS=$BATS_FILE_TMPDIR/calls
	export CALLS
	recorder_make "$BATS_FILE_TMPDIR/recorder" "$CALLS"
	[[ ! -f /etc/containerd/config.toml ]] || cp /etc/containerd/config.toml "$BATS_FILE_TMPDIR/config.toml"
	mkdir -p /etc/containerd "$BATS_FILE_TMPDIR/networks"
	cat >/etc/containerd/config.toml <<-TOML
		version = 2
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "docker.io/library/pause:latest"
		[plugins."io.containerd.grpc.v1.cri".cni]
		  bin_dir = "/usr/lib/cni"
		  conf_dir = "$BATS_FILE_TMPDIR/networks"
		[plugins."io.containerd.grpc.v1.cri".containerd]
		  default_runtime_name = "tested"
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested]
		  runtime_type = "io.containerd.runc.v2"
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested.options]
		  BinaryName = "$BATS_FILE_TMPDIR/recorder"
		  SystemdCgroup = true
	TOML
	printf '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "ptp", "ipam": {"type": "host-local", "subnet": "10.11.0.0/24"}}]}' \
		>"$BATS_FILE_TMPDIR/networks/pods.conflist"
	# A pod without names of its own has the host's, which has none.
	: >>/etc/resolv.conf
	systemctl start containerd.service 3>&-
	image_make "$BATS_FILE_TMPDIR/pause.tar" pause '{"Entrypoint": ["sleep", "1000000"], "Cmd": []}'
	ctr --namespace k8s.io images import "$IMAGE_TAR" 3>&-
	ctr --namespace k8s.io images import "$BATS_FILE_TMPDIR/pause.tar" 3>&-
	wait_until cri Status
}

teardown_file() {
	systemctl stop containerd.service 3>&-
	[[ ! -f $BATS_FILE_TMPDIR/config.toml ]] || cp "$BATS_FILE_TMPDIR/config.toml" /etc/containerd/config.toml
}

setup() {
	POD='' CONTAINER=''
	LOGS=$BATS_TEST_TMPDIR/logs
	mkdir "$LOGS"
}

teardown() {
	if [[ -n $POD ]]; then
		cri StopPodSandbox "id: '$POD'"
		cri RemovePodSandbox "id: '$POD'"
	fi
	wait_until no_state /run/containerd/runc/k8s.io && wait_until nothing_left cri-containerd
}

# pod_start [WORDS-OF-PodLinux [HOST-NAME]]: sets POD.
pod_start() {
	POD_CONFIG="metadata { name: 'p' uid: 'u$BATS_TEST_NUMBER' namespace: 'default' } hostname: '${2-inside}' log_directory: '$LOGS'
		linux { cgroup_parent: 'kubepods-u$BATS_TEST_NUMBER.slice' ${1:-} }"
	POD=$(cri RunPodSandbox "handler: 'tested' config { $POD_CONFIG }") || {
		printf '%s\n' "$POD"
		POD=''
		return 1
	}
	POD=$(field_of id <<<"$POD")
}

# container_create COMMAND [WORDS-OF-ContainerConfig]: sets CONTAINER, of a shell's command.
container_create() {
	local answer
	answer=$(cri CreateContainer "pod: '$POD' pod_config { $POD_CONFIG } config { metadata { name: 'c' } image { name: 'docker.io/library/box:latest' }
		command: ['sh', '-c', '${1//$'\n'/;}'] log_path: 'c.log' ${2:-} }") || {
		printf '%s\n' "$answer"
		return 1
	}
	CONTAINER=$(field_of id <<<"$answer")
}
container_start() {
	container_create "$@"
	cri StartContainer "id: '$CONTAINER'"
}
container_is() { cri ContainerStatus "id: '$CONTAINER'" | grep -q "state: $1"; }
# expect_exit STATUS: it ends so. What is 0 is not told.
expect_exit() {
	wait_until container_is EXITED
	run cri ContainerStatus "id: '$CONTAINER'"
	[[ $1 -eq 0 && $output != *exit_code* || $output == *"exit_code: $1"* ]] || {
		printf 'want exit status %s, got:\n%s\n' "$1" "$output"
		return 1
	}
}
# The log without its times: STREAM F|P TEXT.
logged() { cut -d ' ' -f 2- "$LOGS/c.log"; }
cgroup_of_container() { find /sys/fs/cgroup -type d -name "cri-containerd-$CONTAINER.scope"; }

@test "CRI: a pod, a container: output in the log, exit status, exec, stop by its signal, remove" {
	pod_start
	container_start 'echo hello; echo error >&2; exit 7'
	expect_exit 7
	run logged
	[[ $output == *'stdout F hello'* && $output == *'stderr F error'* ]]
	cri RemoveContainer "id: '$CONTAINER'"
	container_start 'trap "exit 3" TERM; hostname; echo ready; while :; do sleep 0.1; done'
	wait_until eval 'logged | grep -q ready'
	run eval 'logged | tail -n 2'
	expect_output $'stdout F inside\nstdout F ready'
	run cri ExecSync "id: '$CONTAINER' cmd: ['sh', '-c', 'echo out; echo err >&2; exit 5']"
	[[ $output == *'stdout: "out\n"'* && $output == *'stderr: "err\n"'* && $output == *'exit_code: 5'* ]]
	cri StopContainer "id: '$CONTAINER' timeout: 20"
	expect_exit 3
	cri RemoveContainer "id: '$CONTAINER'"
	grep -qE -- '--systemd-cgroup create --bundle' "$CALLS"
	grep -qE -- ' exec --process .* --detach ' "$CALLS"
}

# bats test_tags=long
@test "CRI: exec and attach by a stream, with input and with a terminal" {
	pod_start
	container_start 'echo begin; read -r word; echo "word $word"; read -r word; echo "another $word"; exit 4' 'stdin: true'
	run cri_stream "$(cri Exec "id: '$CONTAINER' cmd: ['sh', '-c', 'read -r word; echo got \$word; exit 9'] stdin: true stdout: true stderr: true" | field_of url)" $'this\n'
	expect_output_has 'got this'
	[[ $output == *ExitCode*9* ]]
	# The last words of a terminal may get lost on the way, with any runtime: they are in a file.
	cri_stream "$(cri Exec "id: '$CONTAINER' cmd: ['sh', '-c', 'tty >/tty'] tty: true stdin: true stdout: true" | field_of url)"
	run cri ExecSync "id: '$CONTAINER' cmd: ['cat', '/tty']"
	expect_output_has 'stdout: "/dev/pts/0\n"'
	run cri_stream "$(cri Attach "id: '$CONTAINER' stdin: true stdout: true stderr: true" | field_of url)" $'one\ntwo\n'
	expect_output_has 'another two'
	expect_exit 4
}

# bats test_tags=long
@test "CRI: a container with a terminal" {
	pod_start
	container_start 'tty; stty -a >/dev/null 2>&1; test -t 0 && echo terminal' 'tty: true stdin: true'
	expect_exit 0
	run logged
	expect_output_has 'stdout F terminal'
}

# bats test_tags=long
@test "CRI: what cannot start says so in the runtime's words" {
	pod_start
	container_create true
	CONTAINER=$(cri CreateContainer "pod: '$POD' pod_config { $POD_CONFIG } config { metadata { name: 'd' } image { name: 'docker.io/library/box:latest' }
		command: ['/bin/absent'] log_path: 'd.log' }" | field_of id)
	run cri StartContainer "id: '$CONTAINER'"
	expect_status 1
	[[ $output == *absent* && $output == *'no such file or directory'* ]]
	container_is EXITED
}

# bats test_tags=long
@test "CRI: user, groups, capabilities, seccomp, no new privileges, a read-only root, mounts" {
	mkdir "$BATS_TEST_TMPDIR"/{ro,rw}
	chmod 777 "$BATS_TEST_TMPDIR/rw"
	pod_start
	container_start 'id -u; id -G; grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status; touch /x 2>/dev/null || echo refused
		touch /ro/x 2>/dev/null || echo refused; touch /rw/x && echo "$WORD $(pwd)"; cat /proc/timer_list | wc -c' "
		directory: '/tmp' environment { key: 'WORD' value: 'value' }
		mounts { container_path: '/ro' host_path: '$BATS_TEST_TMPDIR/ro' read_only: true }
		mounts { container_path: '/rw' host_path: '$BATS_TEST_TMPDIR/rw' }
		linux { security { user { value: 1000 } group { value: 1000 } groups: [7, 8] read_only_root: true no_new_privileges: true capabilities { drop: 'ALL' }
			seccomp { type: 0 } masked: '/proc/timer_list' read_only: '/proc/sys' } }"
	expect_exit 0
	run logged
	expect_output "stdout F 1000
stdout F 1000 7 8
stdout F CapEff:	0000000000000000
stdout F NoNewPrivs:	1
stdout F Seccomp:	2
stdout F refused
stdout F refused
stdout F value /tmp
stdout F 0"
}

# bats test_tags=long
@test "CRI: limits in the cgroup and in systemd's unit, changed while it runs; statistics" {
	local dir unit
	pod_start
	container_start 'sleep 1000' 'linux { resources { memory: 67108864 cpu_quota: 50000 cpu_period: 100000 oom_score_adj: 900 } }'
	dir=$(cgroup_of_container) unit=cri-containerd-$CONTAINER.scope
	[[ $dir == */kubepods.slice/kubepods-u$BATS_TEST_NUMBER.slice/* ]]
	expect_value memory.max "$(cat "$dir/memory.max")" 67108864
	expect_value cpu.max "$(cat "$dir/cpu.max")" '50000 100000'
	expect_value MemoryMax "$(systemctl show --property MemoryMax --value "$unit")" 67108864
	expect_value oom_score_adj "$(cat "/proc/$(head -n1 "$dir/cgroup.procs")/oom_score_adj")" 900
	cri UpdateContainerResources "id: '$CONTAINER' linux { memory: 100663296 cpu_quota: 25000 cpu_period: 100000 }"
	expect_value memory.max "$(cat "$dir/memory.max")" 100663296
	expect_value cpu.max "$(cat "$dir/cpu.max")" '25000 100000'
	expect_value MemoryMax "$(systemctl show --property MemoryMax --value "$unit")" 100663296
	run cri ContainerStats "id: '$CONTAINER'"
	[[ $output == *usage* && $output == *working_set* ]]
}

# bats test_tags=long
@test "CRI: who takes more memory than allowed is killed, and that is told" {
	pod_start
	# What happens before containerd watches it is no news to it, and whose cgroup goes at once takes the news along.
	container_start 'until test -e /go; do sleep 0.1; done; tail /dev/zero; echo $?; exec sleep 1000' 'linux { resources { memory: 16777216 memory_swap: 16777216 } }'
	cri ExecSync "id: '$CONTAINER' cmd: ['touch', '/go']"
	wait_until eval 'cri ContainerStatus "id: \"$CONTAINER\"" | grep -q OOMKilled'
	run logged
	expect_output_has 'stdout F 137'
}

# bats test_tags=long
@test "CRI: namespaces of the pod, of another container, of the node; sysctls of the pod" {
	local first
	pod_start "security { namespaces { pid: POD } } sysctls { key: 'net.ipv4.ip_forward' value: '1' } sysctls { key: 'kernel.shm_rmid_forced' value: '1' }"
	container_start 'sleep 1000' 'linux { security { namespaces { pid: POD } } }'
	first=$CONTAINER
	run cri ExecSync "id: '$first' cmd: ['sh', '-c', 'cat /proc/1/comm /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced; ls /sys/class/net']"
	[[ $output == *'stdout: "sleep\n1\n1\neth0\nlo\n"'* ]]
	CONTAINER=$(cri CreateContainer "pod: '$POD' pod_config { $POD_CONFIG } config { metadata { name: 'd' } image { name: 'docker.io/library/box:latest' }
		command: ['sh', '-c', 'ps -o args; sleep 1000'] log_path: 'd.log' linux { security { namespaces { pid: TARGET target: '$first' } } } }" | field_of id)
	cri StartContainer "id: '$CONTAINER'"
	wait_until grep -q 'sleep 1000000' "$LOGS/d.log"
	cri StopPodSandbox "id: '$POD'"
	cri RemovePodSandbox "id: '$POD'"
	# The host's network comes with the host's name, and a kubelet gives none then.
	pod_start 'security { namespaces { network: NODE pid: NODE ipc: NODE } }' ''
	container_start 'cat /proc/1/comm; stat -L -c %i /proc/self/ns/net' 'linux { security { namespaces { network: NODE pid: NODE ipc: NODE } } }'
	expect_exit 0
	run logged
	expect_output "stdout F systemd
stdout F $(stat -L -c %i /proc/self/ns/net)"
}

# bats test_tags=long
@test "CRI: a restart of containerd: what ran still runs, can be entered and stopped" {
	pod_start
	container_start 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'
	wait_until eval 'logged | grep -q ready'
	systemctl restart containerd.service 3>&-
	wait_until cri Status
	container_is RUNNING
	run cri ExecSync "id: '$CONTAINER' cmd: ['echo', 'still']"
	expect_output_has still
	cri StopContainer "id: '$CONTAINER' timeout: 20"
	expect_exit 3
}
