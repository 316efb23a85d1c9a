/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the words of the runtime-spec (libspec/names.h) to the numbers of the kernel and libseccomp.
 *
 * Architectures are looked up by name in the libseccomp that is linked, so the list of those it knows is its own. Without libseccomp none is
 * known.
 * Not for: filter flags, whose kernel numbers stand in libspec's table; numbers of system calls (numbers.h); operators, which are emit.c's own.
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_NAMES_H
#define ORLOP_LIBSANDBOX_SECCOMP_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a set of system calls is told apart from others, and how it is numbered. */
struct seccomp_abi {
	uint32_t token;        /* libseccomp's number: SCMP_ARCH_* */
	uint32_t audit;        /* the kernel's, in seccomp_data.arch: AUDIT_ARCH_*; x86_64 and x32 share one */
	uint32_t first;        /* calls are numbered from here on, */
	uint32_t end;          /* up to before this, where those of another architecture begin; 0: no end */
	uint32_t private_from; /* numbers from here on are of no order that tells new from old; 0: there are none */
	bool unknown_is_0;     /* a call that the kernel does not know arrives as number 0 */
	bool narrow;           /* arguments are 32 bits wide */
	bool big_endian;
};

/* False: this libseccomp does not know the architecture. `arch` is a value of names_seccomp_archs. */
bool seccomp_abi_find(int arch, struct seccomp_abi *ret);
/* The one that the program is built for; all 0 without libseccomp. */
struct seccomp_abi seccomp_abi_native(void);
/* Bits (value - 1) of names_seccomp_archs. */
uint64_t seccomp_archs_known(void);

/* Whether any architecture has a call of that name. Without libseccomp: true. */
bool seccomp_call_known(const char *name);

/* SECCOMP_RET_* of an enum spec_seccomp_action; `errno_ret` counts with SECCOMP_ERRNO and SECCOMP_TRACE. */
uint32_t seccomp_action_number(int action, uint32_t errno_ret);
/* "2.5.4" of the libseccomp that is linked; "" without it. */
#define SECCOMP_VERSION_SIZE 32
void seccomp_version_text(char to[SECCOMP_VERSION_SIZE]);

#endif
