/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a compiled filter would say to a call: so the host side can know before the clone which calls will pass.
 *
 * Not for: judging profiles; a program is run as the kernel's machine runs it, and nothing is looked up by name.
 * Read: seccomp(2), "Linux Socket Filtering" of the kernel's networking/filter.rst.
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_VERDICT_H
#define ORLOP_LIBSANDBOX_SECCOMP_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libsandbox/seccomp/filter.h"

struct seccomp_call {
	int64_t number; /* SYS_* */
	uint64_t args[6];
};

/* Whether each of these calls, made by this program's own architecture, is let pass: run, or logged and run. False also for a program that
 * makes no sense. */
bool seccomp_passes(const struct seccomp_program *program, const struct seccomp_call *calls, size_t count);

#endif
