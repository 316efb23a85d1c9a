/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the instructions of a filter: which architecture, then a binary search for the number of the call, then conditions on arguments.
 *
 * Numbers with the same answer are one range, so an ordinary profile needs a few dozen comparisons, of which a call passes seven or so. The kernel
 * runs the program once for each number without its arguments, and remembers the calls that are always allowed.
 * Not for: what a profile means (compile.c).
 * Read: linux/filter.h, linux/seccomp.h, Documentation/userspace-api/seccomp_filter.rst.
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_EMIT_H
#define ORLOP_LIBSANDBOX_SECCOMP_EMIT_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libspec/spec.h"

/* One rule for one number. */
struct emit_rule {
	uint32_t number;
	uint32_t action;                      /* SECCOMP_RET_* */
	const struct spec_seccomp_call *call; /* whose conditions count */
	uint32_t
		sub; /* the call is one of several behind this number: its first argument is this; 0: it is the number's own */
	uint32_t order; /* in the profile */
};

struct emit_range {
	uint32_t from;                 /* up to the next range */
	uint32_t action;               /* when no rule holds */
	const struct emit_rule *rules; /* the first that holds counts */
	size_t rule_count;
	bool narrow; /* arguments are 32 bits wide: only those of a value count */
};

struct emit_block {
	uint32_t audit;                  /* AUDIT_ARCH_* */
	const struct emit_range *ranges; /* ascending; the first begins at 0 */
	size_t range_count;
};

/* Conditions of a rule of which two are on the same argument are alternatives; else all must hold. */
bool emit_alternatives(const struct spec_seccomp_call *call);

/* Other architectures get `other`. Returns the number of instructions written to `to`, or -E2BIG when `max` do not do. */
ssize_t emit_program(const struct emit_block *blocks, size_t count, uint32_t other, struct sock_filter *to, size_t max);

#endif
