#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows that each rule of the lint is alive: feeds it a small tree that breaks the rule and one that does not. Prints TAP.
set -euo pipefail

lint=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
top=$(mktemp -d)
trap 'rm -rf -- "$top"' EXIT
tree=$top/tree
number=0
head=$'/* SPDX-License-Identifier: Apache-2.0 */\n/* A file of the self test. */\n'

new_tree() {
	rm -rf -- "$tree"
	mkdir -- "$tree"
	cd -- "$tree"
}

# put PATH TEXT: a C file with a proper head; TEXT begins on line 3.
put() {
	mkdir -p -- "$(dirname -- "$1")"
	printf '%s%s\n' "$head" "$2" >"$1"
}

report() {
	number=$((number + 1))
	printf '%s %s - %s\n' "$1" "$number" "$2"
}

# fires NAME CHECK TEXT [ARGUMENT...]: the check fails and one of its lines holds the text.
fires() {
	local name=$1 check=$2 text=$3 output code=0
	shift 3
	output=$("$lint/$check.sh" "$@" 2>&1) || code=$?
	if ((code == 1)) && grep -qF -- "$text" <<<"$output"; then
		report ok "$name"
	else
		printf '# %s ended with %s, want 1 and "%s"; output:\n' "$check" "$code" "$text"
		printf '%s\n' "$output" | sed 's/^/#   /'
		report 'not ok' "$name"
	fi
}

# passes NAME CHECK [ARGUMENT...]: the check finds nothing.
passes() {
	local name=$1 check=$2 output code=0
	shift 2
	output=$("$lint/$check.sh" "$@" 2>&1) || code=$?
	if ((code == 0)) && [[ -z $output ]]; then
		report ok "$name"
	else
		printf '# %s ended with %s; output:\n' "$check" "$code"
		printf '%s\n' "$output" | sed 's/^/#   /'
		report 'not ok' "$name"
	fi
}

rows() { grep -vE '^[[:space:]]*(#|$)' "$1"; }

test_format() {
	new_tree
	cp -- "$lint/../../.clang-format" .
	put libbase/x.c $'int f(void);\nint  f( void ) {return 1;}'
	fires 'format: unformatted code' format 'libbase/x.c:4: not formatted'
	put libbase/x.c $'int f(void);\nint f(void)\n{\n\treturn 1;\n}'
	passes 'format: formatted code' format
}

# One tree for all rows, a file for each call, and one run; a row is alive when each of its calls is found.
test_banned() {
	local row where file name names row_number=0 output
	new_tree
	while IFS= read -r row; do
		row_number=$((row_number + 1))
		if [[ $row == /* ]]; then
			put "libspec/row$row_number.c" "${row##* | }"
		else
			read -ra names <<<"${row%% | *}"
			for name in "${names[@]}"; do
				put "libspec/row${row_number}_$name.c" $'int f(void)\n{\n\treturn '"$name"$'(1);\n}'
			done
		fi
	done < <(rows "$lint/banned.txt")
	output=$("$lint/banned.sh" || true)
	row_number=0
	while IFS= read -r row; do
		row_number=$((row_number + 1))
		names=()
		for file in libspec/row"$row_number".c libspec/row"${row_number}"_*.c; do
			if [[ -f $file ]] && ! grep -qE -- "^$file:[0-9]+: .+: .+" <<<"$output"; then names+=("$file"); fi
		done
		if ((${#names[@]})); then
			printf '# not found: %s\n' "${names[*]}"
			report 'not ok' "banned: ${row%% | *}"
		else
			report ok "banned: ${row%% | *}"
		fi
	done < <(rows "$lint/banned.txt")

	new_tree
	while IFS='|' read -r name where _; do
		[[ $name != /* ]] || continue
		read -ra names <<<"$where"
		for file in "${names[@]}"; do
			[[ $file == libbase/*.c ]] || continue
			put "$file" $'int f(void)\n{\n\treturn '"${name%% *}"$'(1);\n}'
		done
	done < <(rows "$lint/banned.txt")
	put libspec/words.c $'/* malloc(1) */\nint f(struct ops *o)\n{\n\treturn o->open("strcpy(a)") + my_exit(2) + o.free; // system("x")\n}'
	put libspec/x_test.c $'int f(void)\n{\n\treturn malloc(1) + open(2);\n}'
	put libspec/parse/fixture.h $'int f(void)\n{\n\treturn malloc(1) + open(2);\n}'
	put libbase/kernel.h $'#ifndef SYS_openat2\n#define SYS_openat2 437\n#endif'
	put libspec/x.h $'#ifndef ORLOP_X_H\n#define ORLOP_X_H\n#endif'
	passes 'banned: not where it is allowed, in comments, strings or members' banned
}

test_floors() {
	local row header file include
	new_tree
	while read -r file include; do
		put "$file" "#include \"$include\""
		fires "floors: $file may not include $include" floors "$file:3: includes \"$include\""
		rm -- "$file"
	done <<-'EOF'
		libbase/x.c libspec/spec.h
		libspec/x.c hooks/hooks.h
		libspec/parse/x.c libsandbox/plan.h
		hooks/x.c libsandbox/plan.h
		hooks/x.c libspec/parse/json.h
		libsandbox/x.c runtime/cli.h
		libsandbox/steps/x.c runtime/cli.h
		libsandbox/ns/x.c libsandbox/root/mount.h
		libsandbox/root/x.c libsandbox/cgroup/cgroup.h
		libsandbox/cgroup/x.c libsandbox/priv/caps.h
		libsandbox/priv/x.c libsandbox/lsm/lsm.h
		libsandbox/lsm/x.c libsandbox/seccomp/filter.h
		libsandbox/seccomp/x.c libsandbox/ns/idmap.h
		libsandbox/plan/x.c libsandbox/root/mount.h
		libsandbox/plan/x.c libsandbox/cgroup/cgroup.h
		runtime/x.c libsandbox/ns/idmap.h
		runtime/x.c conformance/unit/check.h
		libbase/x.c error.h
		libsandbox/ns/x.c ../root/mount.h
		libsandbox/ns/x.c libsandbox/ns/../root/mount.h
	EOF
	put strange/x.c 'int x;'
	fires 'floors: a folder that is no floor' floors 'strange/x.c:1: no floor'
	put libsandbox/strange/x.c 'int x;'
	fires 'floors: a folder of libsandbox without a row' floors 'libsandbox/strange/x.c:1: no floor'

	new_tree
	put libsandbox/steps/x.c $'#include "libsandbox/ns/idmap.h"\n#include "libsandbox/root/mount.h"\n#include "libspec/spec.h"'
	put libsandbox/plan/x.c $'#include "libsandbox/cgroup/resource_table.h"\n#include "libsandbox/root/mount_options.h"'
	put libsandbox/ns/x_test.c $'#include "conformance/unit/check.h"\n#include "libsandbox/ns/x.h"\n#include <sched.h>'
	put libbase/path_fixture.h '#include "conformance/unit/check.h"'
	put runtime/x.c $'#include "orlop_version.h"\n#include "libsandbox/sandbox.h"\n#include "hooks/hooks.h"'
	put conformance/fuzz/x.c '#include "libspec/parse/json.h"'
	passes 'floors: downward includes' floors

	new_tree
	while IFS= read -r row; do
		header=${row%% *}
		put runtime/x.c "#include <${header/\*/x.h}>"
		fires "floors: <$header> outside its quarantine" floors 'runtime/x.c:3: includes <'
	done < <(rows "$lint/headers.txt")
	new_tree
	put libspec/parse/json.c '#include <yajl/yajl_parse.h>'
	put libsandbox/seccomp/filter.c '#include <seccomp.h>'
	put libsandbox/priv/caps.c '#include <sys/capability.h>'
	put libsandbox/cgroup/bus_program/systemd.c '#include <systemd/sd-bus.h>'
	passes 'floors: third parties at their place' floors
}

lines() { yes "$2" | head -n "$1" || true; }

test_size() {
	new_tree
	put libbase/long.c "$(lines 599 'int f(int);')"
	fires 'size: a file of 601 lines' size 'libbase/long.c:1: 601 lines'
	put libbase/long.c "$(lines 598 'int f(int);')"
	passes 'size: a file of 600 lines' size
	put libbase/long.c $'static const int table[] = {\n'"$(lines 80 $'\t1,')"$'\n};\n\nint f(int a,\n      int b)\n{\n'"$(lines 57 $'\tb++;')"$'\n}'
	fires 'size: a function of 61 lines' size 'f has 61 lines'
	put libbase/long.c $'int f(int a,\n      int b)\n{\n'"$(lines 56 $'\tb++;')"$'\n}\n\nTEST(g)\n{\n'"$(lines 57 $'\tb++;')"$'\n}'
	passes 'size: functions of 60 lines' size
	put libbase/long.c $'TEST(g)\n{\n'"$(lines 58 $'\tb++; /* { */')"$'\n}'
	fires 'size: a test of 61 lines' size 'g has 61 lines'
	mkdir -- "$top/data"
	echo 'function-size | libbase/long.c:g | the self test' >"$top/data/exceptions.txt"
	LINT_DATA=$top/data passes 'size: a named exception' size
	echo 'function-size | libbase/long.c:f | the self test' >"$top/data/exceptions.txt"
	LINT_DATA=$top/data fires 'size: an exception of another name' size 'g has 61 lines'
}

test_heads() {
	new_tree
	mkdir libbase
	printf '/* A file. */\nint x;\n' >libbase/x.c
	fires 'heads: no licence' heads 'libbase/x.c:1: no licence'
	printf '/* SPDX-License-Identifier: Apache-2.0 */\nint x;\n' >libbase/x.c
	fires 'heads: no head comment' heads 'libbase/x.c:2: no head comment'
	put libbase/x.c 'int x;'
	passes 'heads: licence and head comment' heads
	echo 'echo' >x.sh
	fires 'heads: a script without licence' heads 'x.sh:1: no licence'
}

test_words() {
	local word
	for word in TO-DO FIX-ME XX-X HA-CK /wor-k/main /tmp/buil-d-x '<<<<<<-<'; do
		new_tree
		printf 'one\n%s\n' "${word/-/}" >notes.md
		fires "words: $word" words 'notes.md:2: matches'
	done
	new_tree
	printf 'mktemp /tmp/x.%s HA%sING /home/network/x\n' XXXXXX CK >notes.md
	passes 'words: their like' words
}

test_shell() {
	new_tree
	# shellcheck disable=SC2016
	printf '#!/bin/bash\nrm $1\n' >x.sh
	fires 'shell: an unquoted word' shell 'x.sh:2:'
	# shellcheck disable=SC2016
	printf '#!/usr/bin/env bats\n@test "x" {\n\tcd $1\n}\n' >x.bats
	rm x.sh
	fires 'shell: in a bats file' shell 'x.bats:3:'
	# shellcheck disable=SC2016
	printf '#!/bin/bash\nrm -- "$1"\n' >x.bats
	passes 'shell: clean' shell
}

test_variables() {
	local text
	new_tree
	mkdir -p build/libspec/libspec.a.p build/libbase/libbase.a.p
	while IFS= read -r text; do
		put libspec/parse/x.c "$text"
		gcc -O2 -fPIE -c -o build/libspec/libspec.a.p/parse_x.c.o libspec/parse/x.c
		fires "variables: $text" variables 'libspec/parse/x.c:3: changeable can change' build
	done <<-'EOF'
		int changeable;
		int changeable = 1;
		_Thread_local int changeable;
		const char *changeable = "x";
		int f(void); int f(void) { static int changeable; return changeable++; }
	EOF
	put libspec/parse/x.c $'extern const char *const names[]; const char *const names[] = { "a", "b" };\nint f(void); int f(void) { int x = 1; return x; }'
	gcc -O2 -fPIE -c -o build/libspec/libspec.a.p/parse_x.c.o libspec/parse/x.c
	put libbase/log.c 'int sink;'
	gcc -c -o build/libbase/libbase.a.p/log.c.o libbase/log.c
	put libspec/parse/x_test.c 'int count;'
	gcc -c -o build/libspec/libspec.a.p/parse_x_test.c.o libspec/parse/x_test.c
	passes 'variables: const tables, the log sink and tests' variables build
	fires 'variables: no build' variables 'no build directory' missing
}

test_hardening() {
	# shellcheck disable=SC2054 # commas of the linker's options
	local good=(-O2 -fPIE -pie -fstack-protector-all -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
	local what
	local -a bad
	new_tree
	mkdir -p build/runtime
	put x.c $'#include <string.h>\nint main(int argc, char **argv)\n{\n\tchar text[100];\n\texplicit_bzero(text, (size_t)argc);\n\treturn *argv[0] + text[0];\n}'
	gcc -w "${good[@]}" -o build/runtime/orlop x.c
	passes 'hardening: all of it' hardening build
	while IFS='|' read -r bad what; do
		read -ra bad <<<"$bad"
		gcc -w "${good[@]}" "${bad[@]}" -o build/runtime/orlop x.c
		fires "hardening: ${bad[*]}" hardening "has no $what" build
	done <<-'EOF'
		-fno-pie -no-pie|position-independent code
		-Wl,-z,norelro|read-only relocations
		-Wl,-z,lazy|binding at start
		-Wl,-z,execstack|stack that is not executable
		-fno-stack-protector|stack protector
		-U_FORTIFY_SOURCE|fortified functions
	EOF
	gcc -w "${good[@]}" -o build/runtime/orlop x.c
	gcc -w "${good[@]}" -fno-stack-protector -o build/runtime/orlop-systemd x.c
	fires 'hardening: the other program' hardening 'orlop-systemd has no stack protector' build
	fires 'hardening: no binary' hardening 'is missing' missing
}

test_docs() {
	new_tree
	mkdir -p conformance/docs docs/generated
	# shellcheck disable=SC2016
	printf '#!/bin/sh\necho new >"$2/a.md"\n' >conformance/docs/generate.sh
	chmod +x conformance/docs/generate.sh
	fires 'docs: a missing page' docs 'docs/generated/a.md:1: missing' build
	echo old >docs/generated/a.md
	fires 'docs: a stale page' docs 'docs/generated/a.md:1: stale' build
	echo new >docs/generated/a.md
	passes 'docs: fresh pages' docs build
	echo old >docs/generated/b.md
	fires 'docs: a page that nothing generates' docs 'docs/generated/b.md:1: nothing generates it' build
	printf '#!/bin/sh\necho no >&2; exit 1\n' >conformance/docs/generate.sh
	fires 'docs: a generator that fails' docs 'fails: no' build
}

# Not a lint, but it keeps watch as one: what archives may ask of another libc.
test_asks() {
	local wanted code
	new_tree
	while IFS='|' read -r wanted code; do
		put x.c "#include <stdlib.h>"$'\n'"#include <string.h>"$'\n'"#include <sys/stat.h>"$'\n'"$code"
		gcc -w -O0 -c -o x.o x.c
		if [[ $(sh "$lint/../../libbase/musl/asks.sh" . gcc x.o) == "$wanted" ]]; then
			report ok "asks: '$wanted'"
		else
			report 'not ok' "asks: '$wanted'"
		fi
	done <<-'EOF'
		|void *f(const char *a) { return memcpy(malloc(strlen(a)), a, 1); }
		fstat |int f(struct stat *st) { return fstat(0, st); }
	EOF
}

# The flags are meson.build's own: a project of one file with the real option lines, tried with each compiler.
test_warnings() {
	local compiler text
	for compiler in gcc clang; do
		new_tree
		sed -n "/^project(/,/^)/p; /^cc = /p; /^add_project_arguments($/,/^)/p" "$lint/../../meson.build" |
			sed '/_dep\.found/d' >meson.build
		echo "static_library('x', 'x.c')" >>meson.build
		put x.c 'int f(void); int f(void) { return 1; }'
		CC=$compiler meson setup build >/dev/null
		passes "warnings: $compiler: clean" warnings build
		while IFS= read -r text; do
			put x.c "$text"
			fires "warnings: $compiler: $text" warnings 'x.c:3:' build
		done <<-'EOF'
			int f(int a); int f(int a) { { int a = 1; return a; } return a; }
			int f(void) { return 1; }
			char *f(const char *a); char *f(const char *a) { return (char *)a; }
		EOF
	done
	new_tree
	fires 'warnings: no build' warnings 'missing is not configured' missing
}

test_format
test_banned
test_floors
test_size
test_heads
test_words
test_shell
test_variables
test_hardening
test_docs
test_asks
test_warnings
printf '1..%s\n' "$number"
