#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The binary of the build directory `$1` has the hardening that meson.build asks for.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

binary=${1:?build directory}/runtime/orlop
if [[ ! -f $binary ]]; then
	echo "meson.build:1: $binary is missing: run ./dev build"
	exit 1
fi
parts=$(readelf -hldW -- "$binary")
# Of a program that is linked whole the functions are its own.
symbols=$(readelf --syms -W -- "$binary")

# want REGEX TEXT WHAT: the text has it.
want() { grep -qE -- "$1" <<<"$2" || printf 'meson.build:1: %s has no %s: see the flags in meson.build\n' "$binary" "$3"; }
{
	want 'Type: +DYN' "$parts" 'position-independent code'
	want 'GNU_RELRO' "$parts" 'read-only relocations'
	want 'Flags: .*NOW' "$parts" 'binding at start'
	want 'GNU_STACK .* RW ' "$parts" 'stack that is not executable'
	# Archives bring some of these along: main is orlop's own, and the other is asked for by nobody else.
	want '__stack_chk_fail' "$(objdump -d --disassemble=main -- "$binary")" 'stack protector'
	want '__explicit_bzero_chk' "$symbols" 'fortified functions'
} | end_with
