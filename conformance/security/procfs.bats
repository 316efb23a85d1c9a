#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2046,SC2054,SC2115,SC2153,SC2154,SC2238,SC2317 # jq has variables; bats and security.bash set what is read; traps are called by name
# Advisories about /proc, labels, masks, sysctls and the terminal.
bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/container
load security

setup() { security_setup; }
teardown() { security_teardown; }

# kinds_of_trap NAME: calls `$2...` with $ROOTFS/NAME as each thing that is no ordinary directory.
kinds_of_trap() {
	local name=$1 kind
	shift
	mkdir -p "$ROOTFS/elsewhere"
	for kind in absolute relative climbing dangling loop self file fifo; do
		rm -rf -- "${ROOTFS:?}/$name"
		case $kind in
		absolute) ln -s /elsewhere "$ROOTFS/$name" ;;
		relative) ln -s elsewhere "$ROOTFS/$name" ;;
		climbing) ln -s "$(climb "$H/empty")" "$ROOTFS/$name" ;;
		dangling) ln -s /nowhere "$ROOTFS/$name" ;;
		loop) ln -s "/$name" "$ROOTFS/$name" ;;
		self) ln -s /proc/self/root "$ROOTFS/$name" ;;
		file) echo x >"$ROOTFS/$name" ;;
		fifo) mkfifo "$ROOTFS/$name" ;;
		esac
		"$@" || finding "/$name is $kind"
	done
}

@test "CVE-2023-27561 CVE-2023-28642 CVE-2025-54867 CVE-2019-19921: /proc and /sys that are no ordinary directories are refused" {
	COMMANDS=run
	kinds_of_trap proc each_way refused "step 'mounts': mount '/proc'"
	rm -rf "${ROOTFS:?}/proc" && mkdir "$ROOTFS/proc"
	MODES=root
	kinds_of_trap sys each_way refused "mount '/sys'"
	no_findings
}

@test "CVE-2023-27561, next: a destination that reaches /proc by a symlinked directory" {
	ln -s /proc "$ROOTFS/a"
	add_mount '{"destination": "/a/sys/kernel", "type": "tmpfs", "source": "x"}'
	each_way refused 'mount '
}

@test "CVE-2015-3630 CVE-2015-3631 CVE-2019-16884: nothing is mounted over or into /proc" {
	local destination
	mkdir "$ROOTFS/fake" && ln -s /proc/self "$ROOTFS/x" && ln -s proc "$ROOTFS/y"
	MODES=root COMMANDS=run
	for destination in /proc/self/attr /proc/sys /proc/1 /proc/self /x /x/attr /y/sys /proc/thread-self/attr/exec /proc/../proc/sys /proc/./self; do
		cp base.json "$BUNDLE/config.json"
		add_mount "{\"destination\": \"$destination\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}"
		each_way refused || finding "tmpfs on $destination"
		cp base.json "$BUNDLE/config.json"
		add_bind "$H" "$destination"
		each_way refused || finding "bind on $destination"
	done
	no_findings
}

@test "CVE-2019-16884 CVE-2015-1334: a /proc that is no procfs gets no label and no sysctl" {
	mkdir -p "$V/self/attr/apparmor" "$V/sys/net/ipv4"
	touch "$V"/self/attr/{current,exec,apparmor/exec} "$V/sys/net/ipv4/ip_default_ttl"
	bundle_edit '.linux.maskedPaths = [] | .linux.readonlyPaths = [] | .linux.sysctl = {"net.ipv4.ip_default_ttl": "42"}'
	no_mount /proc
	add_bind "$V" /proc
	each_way refused 'proc'
	bundle_edit '.mounts |= map(select(.destination != "/proc")) + [{"destination": "/proc", "type": "tmpfs", "source": "tmpfs"}]'
	each_way refused 'proc'
	[[ -z $(find "$V" -type f -size +0) ]]
}

@test "CVE-2025-65105 CVE-2025-64750: a label that cannot be set is refused, never left out" {
	[[ ! -d /sys/kernel/security/apparmor ]] || skip 'the host has AppArmor'
	bundle_edit '.process.apparmorProfile = "no-such-profile"'
	each_way refused 'pparmor'
	bundle_edit 'del(.process.apparmorProfile) | .process.selinuxLabel = "system_u:system_r:container_t:s0"'
	each_way refused 'elinux'
	bundle_edit 'del(.process.selinuxLabel) | .linux.mountLabel = "system_u:object_r:container_file_t:s0"'
	each_way refused 'elinux'
}

@test "CVE-2015-1334 CVE-2019-16884 CVE-2025-52881, next: exec writes no label to what the container put on its /proc, and nothing runs without it" {
	local how
	[[ $KIND == orlop ]] || skip 'peers leave it out, or believe the file: apparmor.bats tries them where there is AppArmor'
	# So it seems to be on; the kernel refuses the label, and only a trap would take it.
	in_host bash -c 'mount -t tmpfs tmpfs /sys/module && mkdir -p /sys/module/apparmor/parameters && echo Y >/sys/module/apparmor/parameters/enabled'
	mkdir -p "$ROOTFS/fake"/{1,self,thread-self}/attr/apparmor
	touch "$ROOTFS/fake"/{1,self,thread-self}/attr/{exec,current,keycreate,apparmor/{exec,current}}
	bundle_edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"]) | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	for how in 'mount -o bind /fake /proc' 'mount -t tmpfs tmpfs /proc && cp -r /fake/* /proc' ':'; do
		WAY=$how
		process_shell "$how && touch /ready && exec sleep 1000"
		container_start
		wait_until test -e "$ROOTFS/ready"
		run --separate-stderr oci exec --apparmor no-such-profile "$NAME" echo started
		STARTED=1 refused 'apparmor failed to apply profile' || finding "status $status, said: $output $stderr"
		[[ -z $(find "$ROOTFS/fake" -type f -size +0) ]] || finding 'written'
		oci delete --force "$NAME"
		rm -f "$ROOTFS/ready"
	done
	process_shell 'echo started'
	bundle_edit '.process.apparmorProfile = "no-such-profile"'
	MODES=root each_way refused 'apparmor failed to apply profile'
	no_findings
}

@test "CVE-2025-65105 CVE-2025-64750, next: a directory that looks like SELinux is not believed" {
	local filter
	[[ ! -d /sys/fs/selinux ]] || skip 'the host has SELinux'
	[[ $KIND == orlop ]] || skip 'peers differ'
	in_host bash -c 'set -e
		mount -t tmpfs tmpfs /sys/fs && mkdir /sys/fs/selinux && echo 1 | tee /sys/fs/selinux/enforce >/sys/fs/selinux/policyvers'
	for filter in '.process.selinuxLabel = "system_u:system_r:container_t:s0"' '.linux.mountLabel = "system_u:object_r:container_file_t:s0"' \
		'.linux.mountLabel = "system_u:object_r:container_file_t:s0" | .linux.namespaces |= map(select(.type != "mount"))
			| .mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = []'; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit "$filter"
		WAY=$filter
		launch run
		refused 'selinux is disabled or not supported' || finding "status $status, said: $output $stderr"
	done
	jq -e '.annotations["io.orlop.host.selinux"] == "false"' <<<"$(oci features)"
	no_findings
}

@test "CVE-2025-65105, next: no option of another mount comes with a mount label" {
	local label
	[[ $KIND == orlop ]] || skip 'peers differ'
	for label in 'a:b:c:s0",mode=777,x="' 'a:b:c:s0"' $'a:b:c:s0\nmode=777'; do
		bundle_edit --arg value "$label" '.linux.mountLabel = $value'
		MODES=root each_way refused '/linux/mountLabel: want a label without quotes and newlines' || finding "'$label'"
	done
	no_findings
}

@test "CVE-2017-16539 CVE-2018-10892 CVE-2015-3630 GHSA-7ww5-4wqc-m92c: what the standard config hides is hidden" {
	local path
	[[ $KIND == orlop ]] || skip 'about the config that orlop writes'
	rm -f "$BUNDLE/config.json"
	"${PROGRAM[0]}" spec --bundle "$BUNDLE"
	for path in /proc/acpi /proc/asound /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/timer_stats /proc/sched_debug \
		/proc/scsi /sys/firmware /sys/devices/virtual/powercap; do
		jq -e --arg path "$path" '.linux.maskedPaths | index($path)' "$BUNDLE/config.json" || finding "$path is not masked"
	done
	bundle_edit '.process.terminal = false | .process.args = ["sh", "-c", "for path; do cat $path 2>/dev/null; ls -A $path 2>/dev/null | grep -v ^/proc;
		umount $path 2>/dev/null && echo $path; echo x 2>/dev/null >$path; done; true", "x"] + .linux.maskedPaths'
	COMMANDS=run
	each_way ran ''
}

@test "CVE-2017-16539, next: a mask named twice, with dots, by a symlink and below another masks once" {
	mkdir "$ROOTFS/secret" && echo secret | tee "$ROOTFS/secret/file" >"$ROOTFS/plain" && ln -s secret "$ROOTFS/way"
	bundle_edit '.linux.maskedPaths = ["/secret", "/secret", "/way", "/secret/", "/plain", "/./plain", "/secret/file", "/a/../plain"]'
	process_shell 'cat /secret/file /way/file /plain 2>/dev/null; umount /plain /secret 2>/dev/null; cat /plain /secret/file 2>/dev/null; true'
	each_way harmless ''
}

# A /dev of the image's, with `null` as given by `prepare`.
hostile_null() {
	no_mount /dev
	echo secret >"$ROOTFS/secret-file"
	mkdir -p "$ROOTFS/secret-dir" "$ROOTFS/hostbind" && echo secret >"$ROOTFS/secret-dir/file"
	add_bind "$H" /hostbind
	bundle_edit '.linux.maskedPaths = ["/secret-file", "/secret-dir", "/proc/kcore"] | .linux.readonlyPaths = []'
	process_shell 'cat /secret-file /secret-dir/* 2>/dev/null; echo x 2>/dev/null >/secret-file; /spy write /secret-dir; stat -c %t:%T /secret-file'
}

@test "CVE-2025-31133 CVE-2025-62161: a mask is the host's null device, whatever the image has in /dev/null" {
	local kind
	hostile_null
	for kind in link-proc link-bind file other-device fifo absent directory; do
		prepare() {
			rm -rf "$ROOTFS/dev/null"
			case $kind in
			link-proc) ln -s /proc/sys/net/ipv4/ip_default_ttl "$ROOTFS/dev/null" ;;
			link-bind) ln -s /hostbind/victim "$ROOTFS/dev/null" ;;
			file) echo fake >"$ROOTFS/dev/null" ;;
			other-device) mknod "$ROOTFS/dev/null" c 1 5 ;;
			fifo) mkfifo "$ROOTFS/dev/null" ;;
			absent) : ;;
			directory) mkdir "$ROOTFS/dev/null" ;;
			esac
		}
		COMMANDS=run
		each_way harmless 1:3 || finding "$kind"
	done
	no_findings
}

@test "CVE-2025-31133, next: a mask over a symlink hides what it names inside the root and mounts nothing outside" {
	trap_link etc/shadow "$(climb "$H/victim")"
	trap_link leads /etc/real
	echo secret >"$ROOTFS/etc/real"
	bundle_edit '.linux.maskedPaths = ["/etc/shadow", "/leads"] | .linux.readonlyPaths = ["/etc/shadow"]'
	process_shell 'cat /etc/real /etc/shadow 2>/dev/null; true'
	each_way harmless ''
}

@test "CVE-2026-88265: a /dev/null of the image's gets neither the program's standard streams nor an owner" {
	hostile_null
	mkdir -p "$ROOTFS/m"
	add_bind "$H" /m
	trap_link dev/null /m/victim
	bundle_edit '.process.user = {"uid": 1234, "gid": 1234} | .linux.maskedPaths = []'
	process_args /payload ids
	prepare() { trap_link dev/null /m/victim; }
	local redirect
	for redirect in '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '0<&- 2>&-' '1>&- 2>&-' '0<&- 1>&- 2>&-' '</dev/null >/dev/null 2>&1'; do
		canary_record >before
		timeout 60 "${IN_HOST[@]}" bash -c "exec $redirect; exec \"\$@\"" - "${PROGRAM[@]}" run --bundle "$BUNDLE" "$NAME" >/dev/null 2>&1 3>&- || true
		WAY=$redirect
		canary_check
		oci delete --force "$NAME" >/dev/null 2>&1 || true
	done
	no_findings
}

@test "CVE-2026-88265, next: a stream that is a device or file of the host keeps its owner" {
	[[ $KIND == orlop ]] || skip 'peers give away whatever they are given'
	bundle_edit '.process.user = {"uid": 1234, "gid": 1234}'
	local stream
	for stream in '/dev/zero' '/dev/full' "$H/victim"; do
		WAY=$stream
		canary_record >before
		timeout 60 "${IN_HOST[@]}" bash -c 'exec <"$1" >/dev/null; shift; exec "$@"' - "$stream" "${PROGRAM[@]}" run --bundle "$BUNDLE" "$NAME" 3>&-
		canary_check
	done
	no_findings
}

hostile_console() {
	no_mount /dev
	mkdir -p "$ROOTFS/dev/pts"
	add_mount '{"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666", "mode=0620"]}'
	bundle_edit '.process.terminal = true'
	process_shell 'stat -c %t /dev/console >/result; tty >>/result'
	receiver_start
	OPTIONS="--console-socket=$SOCKET"
	COMMANDS=create
}

@test "CVE-2026-88264: a /dev/console of the image's makes and changes no file of the host's" {
	local read_only kind
	hostile_console
	for read_only in false true; do
		bundle_edit --argjson only "$read_only" '.root.readonly = $only'
		for kind in climbing-new climbing-victim setuid $([[ $read_only == true ]] || echo new victim directory fifo procfs); do
			prepare() {
				rm -rf "$ROOTFS/dev/console"
				case $kind in
				new) ln -s "$H/new" "$ROOTFS/dev/console" ;;
				climbing-new) ln -s "$(climb "$H/new")" "$ROOTFS/dev/console" ;;
				victim) ln -s "$H/victim" "$ROOTFS/dev/console" ;;
				climbing-victim) ln -s "$(climb "$H/victim")" "$ROOTFS/dev/console" ;;
				directory) mkdir "$ROOTFS/dev/console" ;;
				fifo) mkfifo "$ROOTFS/dev/console" ;;
				setuid) echo x >"$ROOTFS/dev/console" && chmod 4777 "$ROOTFS/dev/console" ;;
				procfs) ln -s /proc/sys/net/ipv4/ip_default_ttl "$ROOTFS/dev/console" ;;
				esac
			}
			each_way harmless '' || finding "$kind, read-only $read_only"
		done
	done
	no_findings
}

@test "CVE-2026-88264, next: neither does a /dev, or a /dev/pts, that is a symlink" {
	hostile_console
	bundle_edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	prepare() { trap_link dev "$H"; }
	each_way harmless '' || finding 'dev'
	prepare() { trap_link dev "$(climb "$H")"; }
	each_way harmless '' || finding 'dev, climbing'
	prepare() {
		rm -rf "$ROOTFS/dev" && mkdir "$ROOTFS/dev"
		ln -s "$(climb /dev/pts)" "$ROOTFS/dev/pts"
	}
	each_way harmless '' || finding 'dev/pts'
	no_findings
}

@test "CVE-2025-52565: a terminal is from a devpts, not from a directory that looks like one" {
	no_mount /dev
	# One that works: the kernel looks for a devpts beside such a node.
	touch "$V/0" && mknod "$V/1" c 1 5 && mknod -m 0666 "$V/ptmx" c 5 2 && mkdir "$V/pts"
	add_bind "$V" /dev/pts
	mkdir -p "$ROOTFS/dev/pts"
	bundle_edit '.process.terminal = true'
	cp -- "$BUNDLE/config.json" one.json
	add_mount '{"destination": "/dev/pts/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666", "mode=0620"]}'
	receiver_start
	OPTIONS="--console-socket=$SOCKET" COMMANDS=create
	each_way refused 'devpts'
	cp -- one.json "$BUNDLE/config.json"
	rm "$V/ptmx" && touch "$V/ptmx"
	each_way refused 'devpts'
}

@test "CVE-2025-52881 CVE-2025-62596: sysctl names that climb, and targets that are covered, are refused before anything is written" {
	local name
	MODES=root COMMANDS=run
	for name in kernel/../../sysrq-trigger net..ipv4 net.ipv4/../../kernel.domainname /proc/sys/net/ipv4/ip_default_ttl 'net/../kernel/shmmni' \
		net.ipv4.ip_default_ttl/ 'net.ipv4.\u0000' '' . net. 'net/ipv4/../../../sysrq-trigger'; do
		cp base.json "$BUNDLE/config.json"
		bundle_edit ".linux.sysctl = {\"$name\": \"42\"}"
		each_way refused || finding "'$name'"
	done
	cp base.json "$BUNDLE/config.json"
	bundle_edit '.linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "777"}'
	process_args cat /proc/sys/net/ipv4/ip_unprivileged_port_start
	COMMANDS='run create' each_way ran 777
	no_findings
}

@test "CVE-2023-25809: no cgroup below /sys can be written by a user namespace's root" {
	local with
	for with in '' '[{"type": "cgroup"}]'; do
		cp base.json "$BUNDLE/config.json"
		process_shell '/spy write $(find /sys/fs/cgroup -name cgroup.procs | head -n 20); mkdir /sys/fs/cgroup/x 2>/dev/null && echo made; true'
		[[ -z $with ]] || bundle_edit --argjson with "$with" '.linux.namespaces += $with'
		add_mount '{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro", "nosuid", "nodev", "noexec"]}'
		MODES='user rootless' COMMANDS=run
		each_way harmless '' || finding "with ${with:-no cgroup namespace}"
		bundle_edit '.mounts |= map(select(.destination | startswith("/sys") | not))'
		add_bind /sys /sys ro
		bundle_edit '.mounts |= map(if .destination == "/sys" then .options = ["rbind", "rro"] else . end)'
		each_way harmless '' || finding "rbind with ${with:-no cgroup namespace}"
	done
	no_findings
}
