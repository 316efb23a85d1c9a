#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Inside the machine: what the job's unit runs. machine.sh wrote `job.env` beside this file: tree, build, arguments and what goes into the
# environment. Standard output and error of the job go to serial lines or consoles, which are machine.sh's own.
set -u
export LC_ALL=C.UTF-8 HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

job=/run/machine
full='' tree='' build='' arguments=()
# shellcheck disable=SC1091
source "$job/job.env"
export RESULTS=$job/results

line_set() { stty -F "$1" raw -echo; }

# The host's directories stand where they stand on the host, read-only.
tree_mount() {
	mkdir -p -- "$2"
	if [[ -n $full ]]; then
		mount --bind "/run/share$1" "$2"
	else
		mount -t hostfs -o "ro,hostfs=$1" none "$2"
	fi
}

lines=(/dev/ttyS0 /dev/ttyS1)
[[ -z $full ]] || lines=(/dev/hvc0 /dev/hvc1)
line_set "${lines[0]}"
line_set "${lines[1]}"
# Not by exec: the leader of a session would make the line its terminal.
mkfifo /run/machine-out /run/machine-err
cat </run/machine-out >"${lines[0]}" &
out=$!
cat </run/machine-err >"${lines[1]}" &
err=$!

# An image without a policy of its own gets the small one; of the host everything is then what the policy calls its kernel.
policy_load() {
	[[ -e /sys/fs/selinux/load && $(tr -d '\0' </proc/self/attr/current) == kernel ]] || return 0
	secilc --output /run/machine-policy --filecontexts /dev/null --policyvers "$(cat /sys/fs/selinux/policyvers)" \
		"$tree/conformance/machine/selinux.cil" && dd if=/run/machine-policy of=/sys/fs/selinux/load bs=16M status=none &&
		chcon system_u:object_r:null_device_t:s0 /dev/{null,zero,full,tty,random,urandom}
}
policy_enforce() { [[ ! -e /sys/fs/selinux/enforce ]] || printf %s "$1" >/sys/fs/selinux/enforce; }

code=125
tree_mount /tree "$tree" && { [[ -z $build ]] || tree_mount /build "$build"; } && cd -- "$tree" && policy_load && {
	policy_enforce 1
	"${arguments[@]}" </dev/null
	code=$?
	policy_enforce 0
} >/run/machine-out 2>/run/machine-err
printf '%s\n' "$code" >"$job/status"

# Who still writes is not waited for.
for ((try = 0; try < 20; try++)); do
	kill -0 "$out" 2>/dev/null || kill -0 "$err" 2>/dev/null || break
	sleep 0.1
done
cd /
umount "$job" 2>/dev/null || sync
exit 0
