/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers of a system call, by its name, on one architecture.
 *
 * Some architectures have socket and System V IPC calls behind one number each (socketcall, ipc), with the call as first argument; newer
 * kernels have numbers of their own for them as well. A rule must then be there for both.
 * Not built without libseccomp, which knows the numbers; calls that are newer than it are in calls.h.
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_NUMBERS_H
#define ORLOP_LIBSANDBOX_SECCOMP_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libsandbox/seccomp/names.h"

#define NUMBERS_SUBS 25

/* All zero but `abi` at first. */
struct numbers {
	struct seccomp_abi abi;
	bool scanned;
	uint32_t own[2][NUMBERS_SUBS]; /* of the calls behind socketcall and ipc: the number of their own, or 0 */
	int shared[2];                 /* of socketcall and ipc; negative: not on this architecture */
};

struct call_place {
	uint32_t number;
	uint32_t sub; /* the first argument, for a call behind socketcall or ipc; 0 for others */
};

#define CALL_PLACES_MAX 2

/* Returns how many there are: 0 when the architecture has no such call. */
size_t numbers_find(struct numbers *numbers, const char *name, struct call_place to[CALL_PLACES_MAX]);

#endif
