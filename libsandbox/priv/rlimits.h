/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource limits of the program: init sets them, who knows when it needs no more descriptors, memory or file size for its own work. In a user
 * namespace it lacks the privilege to raise a hard limit, which then is the host side's to do before.
 */
#ifndef ORLOP_LIBSANDBOX_PRIV_RLIMITS_H
#define ORLOP_LIBSANDBOX_PRIV_RLIMITS_H

#include <stddef.h>
#include <sys/types.h>

#include "libbase/error.h"
#include "libspec/spec.h"

/* Host side: makes sure that the hard limits of `pid` are not below the wanted ones. */
int rlimits_raise(pid_t pid, const struct spec_rlimit *rlimits, size_t count, struct error *err) _warn_unused_;

/* Init: sets them exactly. */
int rlimits_set(const struct spec_rlimit *rlimits, size_t count, struct error *err) _warn_unused_;

#endif
