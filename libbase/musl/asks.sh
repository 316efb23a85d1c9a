#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What do archives that were compiled against the host's libc ask of a libc? asks.sh SCRATCH COMPILER ARCHIVES_AND_LINK_ARGUMENTS...
# Prints what is not known to be the same in every libc: memory, strings, numbers and plain descriptors are, and streams that are only handed
# on. Whatever takes a struct (stat, dirent, termios, sigaction, jmp_buf), and what only one libc has, is not on the list.
set -eu
scratch=$1
shift
known=' __assert_fail __errno_location __stack_chk_fail abort calloc free malloc realloc qsort
	memchr memcmp memcpy memmove memset strcat strchr strcmp strcpy strdup strlen strncmp strncpy strrchr strspn strstr strtod strtol strtoul
	__fprintf_chk __memcpy_chk __memmove_chk __memset_chk __snprintf_chk __sprintf_chk __strcat_chk __strcpy_chk __vsnprintf_chk
	fprintf snprintf sprintf vsnprintf fclose fdopen fflush fwrite close dup ioctl prctl read syscall write _GLOBAL_OFFSET_TABLE_ '
known=" $(echo "$known" | tr -s '\n\t' '  ') "
"$@" -r -nostdlib -o "$scratch/asks.o"
for name in $(nm -u "$scratch/asks.o" | awk '{ print $NF }'); do
	case $known in
	*" $name "*) ;;
	*) printf '%s ' "$name" ;;
	esac
done
