/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes of a stopped process that move less than was asked for, and which errors fit the call that it stopped at. */
#ifndef ORLOP_CONFORMANCE_SECURITY_STEPPER_TRANSFER_H
#define ORLOP_CONFORMANCE_SECURITY_STEPPER_TRANSFER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stepper_call;

/* The word of the table that is no errno. */
#define TRANSFER_SHORT "SHORT"

/* Does half of the read or write that the process stopped at, in its place. Returns the bytes moved; negative when that cannot be. */
int64_t transfer_half(int pidfd, const struct seccomp_notif *stop);

/* The errors of the call that can come of what it was given, with commas: no EAGAIN where it would wait, no ENOSPC where nothing is made. */
void errors_fitting(const struct stepper_call *call, int pidfd, const struct seccomp_notif *stop, char *text,
		    size_t size);

#endif
