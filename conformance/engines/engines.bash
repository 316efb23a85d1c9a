# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # bats sets status and output; the suites read what is set here
# What the engines' suites share: `load engines`. They change the system (daemons, images) and run in the machine only.
#
# The runtime under test is $RUNTIME when set (a path or a name), otherwise $ORLOP.

load ../bats/helpers

engines_setup_file() {
	[[ -n ${MACHINE:-} ]] || {
		echo 'only in the machine: ./dev machine conformance/machine/suites.sh conformance/engines/NAME.bats'
		return 1
	}
	OCI_RUNTIME=$(command -v "${RUNTIME:-${ORLOP:?the path of the orlop binary}}")
	IMAGE_TAR=$BATS_FILE_TMPDIR/image.tar
	export OCI_RUNTIME IMAGE_TAR
	image_make "$IMAGE_TAR"
}

# image_make FILE [NAME [CONFIG]]: an image of Debian's busybox named box:latest, as an archive that all engines read.
image_make() {
	local dir=$BATS_FILE_TMPDIR/image-${2:-box} applet digest
	mkdir -p "$dir/root"/{bin,dev,etc,proc,root,run,sys,tmp,usr}
	cp -- "$(command -v busybox)" "$dir/root/bin/busybox"
	for applet in sh cat echo sleep true false id kill ps tty tail stat touch ls env pwd grep head wc dd hostname mount test chmod mkdir rm stty tr; do
		ln -s busybox "$dir/root/bin/$applet"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\nsomebody:x:1000:1000::/:/bin/sh\n' >"$dir/root/etc/passwd"
	printf 'root:x:0:\nsomebody:x:1000:\n' >"$dir/root/etc/group"
	chmod 1777 "$dir/root/tmp"
	tar -C "$dir/root" --sort=name --owner=0 --group=0 --numeric-owner -cf "$dir/layer.tar" .
	digest=$(sha256sum <"$dir/layer.tar")
	jq -n --arg diff "sha256:${digest%% *}" --argjson config "${3:-"{}"}" '{architecture: "amd64", os: "linux", created: "2025-01-01T00:00:00Z",
		config: ({Env: ["PATH=/bin"], Cmd: ["sh"]} + $config), rootfs: {type: "layers", diff_ids: [$diff]},
		history: [{created: "2025-01-01T00:00:00Z", created_by: "busybox"}]}' >"$dir/config.json"
	jq -n --arg name "docker.io/library/${2:-box}:latest" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >"$dir/manifest.json"
	tar -C "$dir" -cf "$1" manifest.json config.json layer.tar
}

# recorder_make FILE CALLS: a program that is the runtime under test and writes down in the file CALLS how it was called, a call a line.
recorder_make() {
	printf '#!/bin/sh\necho "$0 $*" >>"%s"\nexec %q "$@"\n' "$2" "$OCI_RUNTIME" >"$1"
	chmod 755 "$1"
}

# How many of the calls in the file $CALLS match.
calls() { grep -cE -- "$1" "$CALLS"; }

# What Docker's daemon is told: the runtime under test, and no network of its own. `docker_configure [KEY=JSON...]`
docker_configure() {
	local more
	mkdir -p /etc/docker
	jq -n --arg path "$OCI_RUNTIME" '{iptables: false, ip6tables: false, bridge: "none", "exec-opts": ["native.cgroupdriver=systemd"],
		runtimes: {tested: {path: $path}}, "default-runtime": "tested"}' >/etc/docker/daemon.json
	for more in "$@"; do
		jq --arg key "${more%%=*}" --argjson value "${more#*=}" '.[$key] = $value' /etc/docker/daemon.json >/etc/docker/new.json
		mv /etc/docker/new.json /etc/docker/daemon.json
	done
}

# wait_until COMMAND...: tries until it succeeds, half a minute at most.
wait_until() {
	local try
	for ((try = 0; try < 300; try++)); do
		if "$@" >/dev/null 2>&1; then return; fi
		sleep 0.1
	done
	printf 'waited in vain for: %s\n' "$*"
	return 1
}

# no_state DIRECTORY: no container of the runtime's is in it. Programs that its cache keeps are meant to stay.
no_state() { [[ -z $(find "$1" -mindepth 1 -maxdepth 1 ! -name @seccomp 2>/dev/null) ]]; }

# expect_value WHAT GOT WANT
expect_value() {
	[[ $2 == "$3" ]] && return
	printf '%s: want %s, got %s\n' "$1" "$3" "$2"
	return 1
}

# The cgroup of a process, as a directory.
cgroup_of() { printf '/sys/fs/cgroup%s' "$(sed -n 's/^0:://p' "/proc/$1/cgroup")"; }

# No cgroup and no unit has the word in its name.
nothing_left() {
	! find /sys/fs/cgroup -type d -name "*$1*" | grep . && ! systemctl list-units --all --plain --no-legend "*$1*" | grep .
}
