#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The binaries of the build directory `$1` have the hardening that meson.build asks for.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

build=${1:?build directory}
if [[ ! -f $build/runtime/orlop ]]; then
	echo "meson.build:1: $build/runtime/orlop is missing: run ./dev build"
	exit 1
fi

# want REGEX TEXT WHAT: the text has it.
want() { grep -qE -- "$1" <<<"$2" || printf 'meson.build:1: %s has no %s: see the flags in meson.build\n' "$binary" "$3"; }

# check FUNCTION CALL: the stack protector is called in the function (nothing: anywhere), and what matches is called.
check() {
	local parts symbols code
	parts=$(readelf -hldW -- "$binary")
	# Of a program that is linked whole the functions are its own.
	symbols=$(readelf --syms -W -- "$binary")
	code=$(objdump -d ${1:+"--disassemble=$1"} -- "$binary")
	want 'Type: +DYN' "$parts" 'position-independent code'
	want 'GNU_RELRO' "$parts" 'read-only relocations'
	want 'Flags: .*NOW' "$parts" 'binding at start'
	want 'GNU_STACK .* RW ' "$parts" 'stack that is not executable'
	want '__stack_chk_fail' "$code" 'stack protector'
	want "$2" "$(grep -v __stack_chk <<<"$symbols")" 'fortified functions'
}

{
	# Archives bring some of these along: main is orlop's own, and the other is asked for by nobody else.
	binary=$build/runtime/orlop
	check main __explicit_bzero_chk
	# Not where libsystemd is missing. Nothing of an archive is in it.
	binary=$build/runtime/orlop-systemd
	[[ ! -f $binary ]] || check '' '__[a-z]+_chk'
} | end_with
