/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that are newer than the libseccomp which is linked may be: since number 424 a call has the same number on every architecture,
 * counted from where its numbers begin.
 *
 * Not for: the others, which libseccomp knows.
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_CALLS_H
#define ORLOP_LIBSANDBOX_SECCOMP_CALLS_H

#include <stdbool.h>
#include <stdint.h>

/* False: not in the table. `*ret` counts from seccomp_abi.first. */
bool call_number(const char *name, uint32_t *ret);

#endif
