# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # what is set or used here is of the suites and of container.bash
# What the suites of the security modules share. Behind container.bash.

# rootless: $BUNDLE is somebody's, who has no privileges, and so is who runs `oci` from now on. $1: a prefix of his command.
rootless() {
	local path
	bundle_edit '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 1000, "size": 1}]
		| .linux.gidMappings = .linux.uidMappings | del(.linux.cgroupsPath, .linux.resources)
		| .mounts |= map(select(.destination != "/sys" and .type != "cgroup") | if .options then .options -= ["gid=5"] else . end)'
	for path in "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"; do chmod 0755 "$path"; done
	mkdir -m 0700 state-of-user
	cp -- "${OCI[0]}" orlop
	chown -hR 1000:1000 "$BUNDLE" state-of-user
	OCI=(setpriv --reuid=1000 --regid=1000 --clear-groups "${@}" "$PWD/orlop" --root "$PWD/state-of-user")
}
