# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # bats sets status and output
# What the command line's suites share: `load helpers` at the top of a .bats file. Only functions; nothing runs on loading.
#
# The runtime under test is $RUNTIME when set (a path or a name: runc, crun), otherwise $ORLOP, the binary that `./dev test` built.
# Each test has a directory of its own, $BATS_TEST_TMPDIR, that bats removes. Containers live below $STATE.

# Makes what a test needs: $STATE (state directory), $BUNDLE (with rootfs and, from the runtime, config.json), $NAME (a unique id).
setup_bundle() {
	STATE=$BATS_TEST_TMPDIR/state
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	NAME=t$$-$BATS_TEST_NUMBER
	bundle_make_rootfs "$BUNDLE/rootfs"
	runtime spec --bundle "$BUNDLE"
}

# Removes what a test may have left running; for teardown().
teardown_bundle() {
	[[ -n ${STATE:-} && -d $STATE/$NAME ]] || return 0
	runtime --root "$STATE" delete --force "$NAME" >/dev/null 2>&1 || true
}

# The runtime under test.
runtime() { "${RUNTIME:-${ORLOP:?the path of the orlop binary}}" "$@"; }

# Makes a root file system of Debian's static busybox in the new directory $1: one binary, hard-linked under each applet's name.
bundle_make_rootfs() {
	mkdir -p -- "$1"/{bin,dev,etc,proc,root,sys,tmp}
	cp -- "$(command -v busybox)" "$1/bin/busybox"
	"$1/bin/busybox" --install "$1/bin"
}

# Changes the bundle's config.json by a jq filter: bundle_edit '.process.args = ["true"]'.
bundle_edit() {
	jq "$@" "$BUNDLE/config.json" >"$BUNDLE/config.json.new"
	mv -- "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

# After `run`: shows what came when it is not what was wanted.
expect_status() {
	[[ $status -eq $1 ]] && return
	printf 'want status %s, got %s, output:\n%s\n' "$1" "$status" "$output${stderr:-}"
	return 1
}

expect_output() {
	[[ $output == "$1" ]] && return
	printf 'want output:\n%s\ngot:\n%s\n' "$1" "$output"
	return 1
}

expect_output_has() {
	[[ $output == *"$1"* ]] && return
	printf 'want output with:\n%s\ngot:\n%s\n' "$1" "$output"
	return 1
}

skip_unless_root() { ((EUID == 0)) || skip 'needs root'; }
skip_unless_orlop() { [[ -z ${RUNTIME:-} ]] || skip "only orlop has it"; }
