#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets status, output, stderr, lines; unit_show sets shown
# Containers as units of systemd: names, places and properties, annotations, what was there before, delegation, and a systemd that is absent,
# silent or goes away. Needs systemd and cgroup v2: run by ./dev machine. runtime-spec config-linux.md, "Cgroups Path".
bats_require_minimum_version 1.5.0
load helpers
load container
load systemd

setup() { systemd_setup; }
teardown() { systemd_teardown; }

# -- names and places --------------------------------------------------------------------------------------------------------------

@test "without cgroupsPath: a scope in system.slice, named after the runtime and the container" {
	container_start sleep 1000
	unit_show
	expect_property LoadState loaded
	expect_property ActiveState active
	expect_property Slice system.slice
	expect_property ControlGroup "/system.slice/$UNIT"
	expect_property Delegate yes
	expect_property DefaultDependencies no
	expect_property Transient yes
	[[ $(grep -cxE '(CPU|IO|Memory|Tasks)Accounting=yes' <<<"$shown") -ge 3 ]]
	[[ $(grep '^Description=' <<<"$shown") == *"container $NAME" ]]
	[[ $(sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup") == "/system.slice/$UNIT"* ]]
	run oci exec "$NAME" sh -c 'cat /proc/self/cgroup; exit 7'
	expect_status 7
	# The manager forgets it with its last process, before any delete.
	oci kill "$NAME" KILL
	wait_until not unit_is_left "$NAME"
	oci delete "$NAME"
}

place_is() {
	local path=$1 unit=$2 place=$3
	cgroup_at "$path"
	container_start sleep 1000
	unit_show "$unit"
	expect_property ControlGroup "$place"
	[[ $(sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup") == "$place"* ]]
	oci delete --force "$NAME"
}
@test "slice:prefix:name: nested slices, parts left out" {
	place_is "$NAME-a-b.slice:pre:$NAME" "pre-$NAME.scope" "$(slice_path "$NAME-a-b")/pre-$NAME.scope"
	[[ $KIND == crun ]] || place_is ":pre:$NAME" "pre-$NAME.scope" "/system.slice/pre-$NAME.scope"
	# runc calls it "-$NAME.scope".
	[[ $KIND == runc ]] || place_is "system.slice::$NAME" "$NAME.scope" "/system.slice/$NAME.scope"
	# Slices that systemd made for it go when nothing is in them and they are stopped, as with every runtime.
	systemctl stop "${NAME%%-*}.slice"
}
# "/t.slice/t-a.slice" for "t-a".
slice_path() {
	local part so_far='' path=''
	local -a parts
	IFS=- read -ra parts <<<"$1"
	for part in "${parts[@]}"; do
		so_far+=${so_far:+-}$part
		path+=/$so_far.slice
	done
	printf '%s' "$path"
}

@test "a name that is a slice's: the container is in the slice itself, which is stopped at delete" {
	peer_skip crun 'makes a scope of that name'
	peer_skip runc '1.1 leaves the slice behind'
	cgroup_at "system.slice:pre:$NAME.slice"
	bundle_edit '.linux.resources.pids.limit = 40'
	container_start sleep 1000
	unit_show "$NAME.slice"
	expect_property TasksMax 40
	[[ $(sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup") == "$(slice_path "$NAME")" ]]
	oci delete --force "$NAME"
}

@test "a cgroupsPath that names no unit is refused with the form that is wanted" {
	skip_unless_orlop
	local path
	for path in /some/path system.slice:two a:b:c:d; do
		cgroup_at "$path"
		refused "slice:prefix:name"
	done
	cgroup_at "sys/tem.slice:pre:$NAME"
	refused 'invalid slice name'
	cgroup_at "a--b.slice:pre:$NAME"
	refused 'invalid slice name'
	cgroup_at "system.slice:pre:white space"
	refused 'want what systemd takes as a name'
	cgroup_at "system.slice:pre:$(printf 'x%.0s' {1..300})"
	refused 'want what systemd takes as a name'
}

@test "features and plan tell of the driver" {
	skip_unless_orlop
	"$ORLOP" features | jq -e '.linux.cgroup | .v2 and .systemd and .systemdUser'
	cgroup_at "orlop-deep.slice:pre:$NAME"
	"${OCI[@]}" plan --bundle "$BUNDLE" --format json "$NAME" >plan.json
	jq -e --arg unit "pre-$NAME.scope" '.. | strings | select(. == $unit)' plan.json
	jq -e --arg path "/orlop.slice/orlop-deep.slice/pre-$NAME.scope" '.. | strings | select(. == $path)' plan.json
}

# -- limits, devices and annotations -----------------------------------------------------------------------------------------------

all_limits_hold() {
	unit_show
	expect_property MemoryMax 67108864
	expect_property MemorySwapMax 33554432
	expect_property MemoryLow 16777216
	expect_property MemoryHigh 50331648
	expect_property CPUQuotaPerSecUSec 500ms
	expect_property CPUQuotaPeriodUSec 50ms
	expect_property CPUWeight 100
	expect_property TasksMax 40
	expect_file memory.max 67108864
	expect_file memory.swap.max 33554432
	expect_file memory.low 16777216
	expect_file memory.high 50331648
	expect_file cpu.max '25000 50000'
	expect_file cpu.weight 100
	expect_file pids.max 40
	expect_file cgroup.max.depth 9
}
devices_hold() {
	run oci exec "$NAME" sh -c ': </dev/null && : >/dev/zero && ! head -c 1 /dev/kmsg 2>/dev/null && echo held'
	expect_output held
}
@test "all limits at once are properties; a reload of systemd revokes neither them nor device rules" {
	peer_skip crun '1.21: the former formula of shares'
	peer_skip runc '1.1.15: the former formula of shares'
	bundle_edit '.linux.resources = {
		memory: {limit: 67108864, swap: 100663296, reservation: 16777216}, cpu: {quota: 25000, period: 50000, shares: 1024},
		pids: {limit: 40}, unified: {"memory.high": "50331648", "cgroup.max.depth": "9"},
		devices: [{allow: false, access: "rwm"}]}
		| .linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11, fileMode: 438}]'
	container_start sleep 1000
	all_limits_hold
	expect_property DevicePolicy strict
	[[ $(grep -c '^DeviceAllow=' <<<"$shown") -gt 3 ]]
	devices_hold
	systemctl daemon-reload
	all_limits_hold
	devices_hold
	# What was changed since holds as well, and so does what only the file has.
	oci update --pids-limit 50 --memory 80m "$NAME"
	systemctl daemon-reload
	unit_show
	expect_property TasksMax 50
	expect_file pids.max 50
	expect_property MemoryMax 83886080
	expect_file memory.max 83886080
	expect_file cgroup.max.depth 9
	devices_hold
}

@test "annotations are properties of the unit, each by its type" {
	bundle_edit '.annotations = {
		"org.systemd.property.TimeoutStopUSec": "uint64 123456789",
		"org.systemd.property.CollectMode": "'"'inactive-or-failed'"'",
		"org.systemd.property.Before": "['"'shutdown.target'"']",
		"org.systemd.property.DefaultDependencies": "true",
		"org.systemd.property.MemoryHigh": "uint64 50331648"}'
	container_start sleep 1000
	unit_show
	expect_property TimeoutStopUSec '2min 3.456789s'
	expect_property CollectMode inactive-or-failed
	expect_property DefaultDependencies yes
	expect_property MemoryHigh 50331648
	grep '^Before=' <<<"$shown" | grep -qw shutdown.target
	expect_file memory.high 50331648
	oci delete --force "$NAME"
	# The documented names of times end in Sec, and count seconds.
	[[ $KIND != crun ]] || return 0
	bundle_edit '.annotations = {"org.systemd.property.TimeoutStopSec": "7"}'
	container_start sleep 1000
	unit_show
	expect_property TimeoutStopUSec 7s
}

@test "annotations that are no values, and properties that systemd does not take, are refused and leave nothing" {
	skip_unless_orlop
	local key=org.systemd.property.TimeoutStopUSec value
	for value in '' 'uint64 x' "'open" '[1,' 'uint64 1 2'; do
		bundle_edit --arg key "$key" --arg value "$value" '.annotations = {($key): $value}'
		refused "$key" 'GVariant'
	done
	bundle_edit '.annotations = {"org.systemd.property.TimeoutStopSec": "soon"}'
	refused 'want a number of seconds' soon
	# Of another type than systemd wants.
	bundle_edit '.annotations = {"org.systemd.property.TimeoutStopUSec": "true"}'
	refused "$UNIT"
	bundle_edit '.annotations = {"org.systemd.property.NoSuchThing": "true"}'
	refused NoSuchThing
	bundle_edit '.annotations = {"org.systemd.property.CollectMode": "'"'never'"'"}'
	refused "$UNIT" never
}

# -- what was there before -----------------------------------------------------------------------------------------------------------

@test "a running unit of that name is left alone, and the container refused" {
	systemd-run --quiet --scope --unit "$UNIT" sleep 1000 3>&- &
	local pid=$!
	wait_until systemctl is-active --quiet "$UNIT"
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 ]]
	[[ $KIND != orlop ]] || expect_message "$UNIT"
	[[ ! -e $STATE/$NAME ]]
	systemctl is-active --quiet "$UNIT"
	kill -0 "$pid"
	systemctl stop "$UNIT"
	wait "$pid" || true
}

unit_failed() { [[ $(systemctl show --value --property ActiveState "$UNIT") == failed ]]; }
@test "a failed unit of that name is forgotten, and makes room" {
	peer_skip crun '1.21: refuses'
	systemd-run --quiet --scope --unit "$UNIT" --property RuntimeMaxSec=200ms sleep 1000 3>&- || true
	wait_until unit_failed
	container_start sleep 1000
	unit_show
	expect_property ActiveState active
}

@test "a container that ends badly leaves no failed unit" {
	bundle_edit '.linux.resources.memory = {limit: 33554432, swap: 33554432}'
	container_run sh -c 'exec tail /dev/zero'
	expect_status 137
	expect_nothing_left
	container_start sh -c 'exec tail /dev/zero'
	wait_until is_container stopped
	oci delete "$NAME"
}

@test "a unit that somebody stopped takes the container with it; delete and a new one work" {
	# The first process of a pid namespace hears no signal that it does not ask for.
	container_start sh -c 'trap "exit 0" TERM; echo 1 >/tmp/ready; sleep 1000 & wait'
	wait_until test -s "$ROOTFS/tmp/ready"
	systemctl stop "$UNIT"
	wait_until is_container stopped
	oci delete "$NAME"
	container_start sleep 1000
}

@test "create that fails late leaves no unit" {
	process_args /bin/absent
	detached create --bundle "$BUNDLE" "$NAME"
	[[ $status -ne 0 && ! -e $STATE/$NAME ]]
	expect_nothing_left
}

# -- delegation ------------------------------------------------------------------------------------------------------------------------

@test "delegation: the container makes groups below its own and limits them; exec follows it; all goes at delete" {
	peer_skip runc '1.1: exec does not follow init'
	bundle_edit '.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}])
		| .mounts |= (map(select(.destination != "/sys/fs/cgroup"))
			+ [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev"]}])'
	process_shell 'cd /sys/fs/cgroup && mkdir in in/deep out && echo $$ >in/deep/cgroup.procs &&
		echo "+pids +memory" >cgroup.subtree_control && echo 17 >out/pids.max && echo ready >/tmp/ready; exec sleep 1000'
	container_start
	wait_until test -s "$ROOTFS/tmp/ready"
	unit_show
	expect_file out/pids.max 17
	run oci exec "$NAME" sh -c 'cat /proc/self/cgroup; wc -l </sys/fs/cgroup/in/deep/cgroup.procs'
	expect_status 0
	[[ ${lines[0]} == */in/deep && ${lines[1]} -ge 2 ]]
	# systemd leaves alone what it gave away.
	systemctl daemon-reload
	expect_file out/pids.max 17
	run oci exec "$NAME" true
	expect_status 0
	[[ $(oci ps --format json "$NAME" | jq length) -eq 1 ]]
	oci pause "$NAME"
	oci resume "$NAME"
	oci delete --force "$NAME"
}

# -- systemd is not there, or not listening ------------------------------------------------------------------------------------------

@test "no bus: told at once by the places that were tried" {
	skip_unless_orlop
	OCI=(unshare --mount sh -c 'mount -t tmpfs none /run/dbus && mount --bind /dev/null /run/systemd/private && exec "$@"' sh "${OCI[@]}")
	SECONDS=0
	refused 'systemd cannot be reached: no bus' "$UNIT"
	((SECONDS < 10))
}

@test "without a bus daemon systemd's own socket does" {
	skip_unless_orlop
	OCI=(unshare --mount sh -c 'mount -t tmpfs none /run/dbus && exec "$@"' sh "${OCI[@]}")
	container_start sleep 1000
	oci update --pids-limit 44 "$NAME"
	unit_show
	expect_property TasksMax 44
}

@test "root asks systemd on its own socket, whatever the bus does; where there is none, the bus" {
	skip_unless_orlop
	local silent bare=("${OCI[@]}")
	bus_silent
	OCI=(unshare --mount sh -c 'mount --bind silent /run/dbus/system_bus_socket && exec "$@"' sh "${bare[@]}")
	container_start sleep 1000
	oci delete --force "$NAME"
	bus_silent_end
	OCI=(unshare --mount sh -c 'mount --bind /dev/null /run/systemd/private && exec "$@"' sh "${bare[@]}")
	container_start sleep 1000
	oci update --pids-limit 44 "$NAME"
	unit_show
	expect_property TasksMax 44
}

# -- orlop-systemd is not there, dies, or hangs ----------------------------------------------------------------------------------------

# bus_silent: a bus that says nothing, at $SILENT; its pid is $silent.
bus_silent() {
	SILENT=unix:path=$PWD/silent
	perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5); push @c, $s->accept while 1' "$PWD/silent" 3>&- &
	silent=$!
	wait_until test -S silent
}
bus_silent_end() {
	kill "$silent"
	wait "$silent" || true
}

# create_asking NAME: a create that waits for the silent bus; $asking is its pid, $program that of its orlop-systemd.
create_asking() {
	DBUS_SYSTEM_BUS_ADDRESS=$SILENT "$ORLOP" --root "$PWD/asks-$1" --systemd-cgroup create --bundle "$BUNDLE" "$1" \
		</dev/null >"out-$1" 2>"err-$1" 3>&- &
	asking=$!
	wait_until pgrep -P "$asking" -x orlop-systemd
	program=$(pgrep -P "$asking" -x orlop-systemd)
}

# asked_in_vain NAME PID WORD...: that create failed in one line with these words, and left neither a container nor a process.
asked_in_vain() {
	local id=$1 pid=$2 code=0 word
	shift 2
	wait "$pid" || code=$?
	output=$(cat "out-$id" "err-$id")
	for word; do expect_message "$word"; done
	[[ $code -eq 1 && $(wc -l <"err-$id") -eq 1 && ! -e asks-$id/$id ]]
	not pgrep -f -- "--root $PWD/asks-$id"
	not pgrep -x orlop-systemd
}

@test "orlop-systemd is missing: told with the places, exit 1, nothing left; who has no unit does without" {
	skip_unless_orlop
	mkdir alone
	cp -- "$(type -P "$ORLOP")" alone/orlop
	OCI=("$PWD/alone/orlop" --root "$STATE" --systemd-cgroup)
	refused "$UNIT" "the systemd driver needs orlop-systemd, which cannot be executed: there is none at $PWD/alone/orlop-systemd or "
	[[ $status -eq 1 && $output != *'No such file'* ]]
	printf '#!/bin/sh\n' >alone/orlop-systemd
	chmod 0777 alone/orlop-systemd
	refused "$UNIT" "'$PWD/alone/orlop-systemd' may be written by others than its owner"
	OCI=("$PWD/alone/orlop" --root "$STATE")
	container_start sleep 1000
	oci update --pids-limit 44 "$NAME"
	oci delete --force "$NAME"
}

@test "orlop-systemd is found from a link to orlop, from a relative path, and by a name in PATH" {
	skip_unless_orlop
	local place
	place=$(dirname -- "$(type -P "$ORLOP")")
	ln -s "$(type -P "$ORLOP")" link
	OCI=(./link --root "$STATE" --systemd-cgroup)
	container_start sleep 1000
	OCI=(env -C "$place" ./orlop --root "$STATE" --systemd-cgroup)
	oci update --pids-limit 44 "$NAME"
	unit_show
	expect_property TasksMax 44
	OCI=(env PATH="$place:$PATH" orlop --root "$STATE" --systemd-cgroup)
	oci delete --force "$NAME"
}

init_has_its_dialogue() {
	local init
	init=$(pgrep -P "$1" -x orlop:init) && [[ $(find "/proc/$init/fd" -mindepth 1 -printf '%l\n' | grep -c '^socket:\|pidfd') -eq 1 ]]
}
@test "orlop-systemd is killed while it is asked: told at once, and nothing left" {
	skip_unless_orlop
	local silent asking program
	bus_silent
	create_asking "$NAME"
	# Born while it lives: of what orlop has of it init keeps nothing.
	# It has its name before it closes them.
	wait_until init_has_its_dialogue "$asking"
	SECONDS=0
	kill -KILL "$program"
	asked_in_vain "$NAME" "$asking" "$UNIT" 'orlop-systemd was killed by signal 9 while it was asked'
	((SECONDS < 15))
	bus_silent_end
}

@test "orlop that is killed while it asks takes orlop-systemd with it" {
	skip_unless_orlop
	local silent asking program
	bus_silent
	create_asking "$NAME"
	kill -KILL "$asking"
	wait "$asking" || true
	wait_until not pgrep -x orlop-systemd
	bus_silent_end
	"$ORLOP" --root "$PWD/asks-$NAME" delete --force "$NAME"
}

# -- the user's manager ------------------------------------------------------------------------------------------------------------------

@test "rootless: a unit of the user's manager, from outside of his session" {
	user_manager_setup
	cgroup_at "user.slice:pre:$NAME"
	bundle_edit '.linux.resources = {pids: {limit: 40}, memory: {limit: 67108864}}'
	UNIT=pre-$NAME.scope
	container_start sleep 1000
	unit_show
	expect_property ActiveState active
	expect_property Delegate yes
	expect_property TasksMax 40
	expect_property MemoryMax 67108864
	[[ $(grep '^ControlGroup=' <<<"$shown") == */user@$SOMEBODY.service/user.slice/$UNIT ]]
	expect_file pids.max 40
	# Cloned into a cgroup that is not below the caller's: systemd moves it.
	run oci exec "$NAME" sh -c 'cat /proc/self/cgroup; id -u; exit 3'
	expect_status 3
	[[ ${lines[0]} == "0::/"* && ${lines[1]} == 0 ]]
	oci exec --detach "$NAME" sleep 2000 </dev/null >/dev/null 2>&1
	[[ $(oci ps --format json "$NAME" | jq length) -eq 2 ]]
	[[ $(wc -l <"/sys/fs/cgroup$(sed -n 's/^ControlGroup=//p' <<<"$shown")/cgroup.procs") -eq 2 ]]
	oci update --pids-limit 30 "$NAME"
	unit_show
	expect_property TasksMax 30
	expect_file pids.max 30
	oci pause "$NAME"
	expect_container paused
	oci resume "$NAME"
	oci delete --force "$NAME"
	wait_until not user_unit_is_left
}
user_unit_is_left() { "${USER_ENV[@]}" systemctl --user list-units --all --no-legend --plain "*$NAME*" | grep .; }

@test "rootless: no manager of the user's is told as such" {
	user_manager_setup
	OCI=(unshare --mount sh -c 'mount -t tmpfs none /run/user && exec "$@"' sh "${OCI[@]}")
	refused "the user's systemd cannot be reached: no bus" "$UNIT"
}

# user_create_on_stopped_manager: starts a create that the manager does not answer; $creating is its pid.
user_create_on_stopped_manager() {
	manager=$(systemctl show --value --property MainPID "user@$SOMEBODY.service")
	kill -STOP "$manager"
	oci create --bundle "$BUNDLE" "$NAME" </dev/null >out 2>err &
	creating=$!
	# Its init is there, waiting; what is next is the call.
	wait_until test -d "$STATE/$NAME"
	wait_until pgrep -x orlop-systemd
}
# told_of WORD...: what $creating wrote is one line with these words; nothing of the container is left.
told_of() {
	local word status=0
	wait "$creating" || status=$?
	output=$(cat out err)
	for word; do expect_message "$word"; done
	[[ $status -ne 0 && $(wc -l <err) -eq 1 && ! -e $STATE/$NAME ]]
	expect_nothing_left
	not pgrep -f -- "--root $STATE"
}

# Beside sockets and what has no name: standard output, which is standard error, and that.
holds_streams() { [[ $(find "/proc/$1/fd" -mindepth 1 -printf '%l\n' | grep -cv '^socket:\|^anon_inode:') -eq 2 ]]; }

@test "rootless: a manager that is slow is waited for" {
	user_manager_setup
	user_create_on_stopped_manager
	sleep 1.5
	kill -0 "$creating"
	# Meanwhile its rights are nobody else's, not even of the same user, and what it has of orlop's are a socket and standard error.
	program=$(pgrep -x orlop-systemd)
	[[ $(stat -c %u "/proc/$program/fd") == 0 ]]
	[[ $(tr '\0' '\n' <"/proc/$program/environ" | sed 's/=.*//' | sort | tr '\n' ' ') == 'XDG_RUNTIME_DIR ' ]]
	wait_until holds_streams "$program"
	kill -CONT "$manager"
	wait "$creating"
	expect_container created
}

@test "a bus, a user's manager and an orlop-systemd that say nothing are given up after their time, and leave nothing" {
	user_manager_setup
	local manager creating silent asking program
	user_create_on_stopped_manager
	bus_silent
	create_asking "$NAME-stopped"
	kill -STOP "$program"
	# The system's bus meanwhile.
	SECONDS=0
	run --separate-stderr env "DBUS_SYSTEM_BUS_ADDRESS=$SILENT" "$ORLOP" --root "$PWD/other" --systemd-cgroup create \
		--bundle "$BUNDLE" "$NAME-other" </dev/null 3>&-
	((SECONDS >= 25 && SECONDS < 50))
	[[ $status -ne 0 && ${#stderr_lines[@]} -eq 1 && ! -e other/$NAME-other ]]
	expect_message 'systemd does not answer'
	expect_message "orlop-$NAME-other.scope"
	unset stderr
	told_of "the user's systemd does not answer" "$UNIT"
	asked_in_vain "$NAME-stopped" "$asking" 'orlop-systemd does not answer' "orlop-$NAME-stopped.scope"
	bus_silent_end
	kill -CONT "$manager"
	# It finds the question now; who asked is gone.
	"${USER_ENV[@]}" systemctl --user is-system-running --wait || true
	wait_until not user_unit_is_left
}

@test "a manager that is killed while it is asked: told at once, and nothing left" {
	user_manager_setup
	local manager creating
	user_create_on_stopped_manager
	SECONDS=0
	kill -KILL "$manager"
	told_of "the user's systemd" "$UNIT"
	((SECONDS < 15))
	[[ $output == *'went away while it was asked'* || $output == *'cannot be reached'* ]]
	systemctl reset-failed "user@$SOMEBODY.service" || true
	systemctl start "user@$SOMEBODY.service"
}
