/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scheduler, I/O priority and personality of the calling process; the program inherits them.
 *
 * Not for: memory policy (priv/memory_policy.h), CPU affinity (priv/affinity.h). Rules on the values are libspec's.
 */
#ifndef ORLOP_LIBSANDBOX_PRIV_SCHEDULING_H
#define ORLOP_LIBSANDBOX_PRIV_SCHEDULING_H

#include <stdbool.h>
#include <sys/types.h>

#include "libbase/error.h"
#include "libspec/spec.h"

int scheduler_set(const struct spec_scheduler *scheduler, struct error *err) _warn_unused_;
/* Whether a child does not get it, or cannot be had with it: then its parent sets it. */
bool scheduler_ends_at_fork(const struct spec_scheduler *scheduler);
/* The same for another process, before it may run what it likes. */
int scheduler_set_of(pid_t pid, const struct spec_scheduler *scheduler, struct error *err) _warn_unused_;
/* Of the whole process group, as the spec wants it. */
int io_priority_set(const struct spec_io_priority *priority, struct error *err) _warn_unused_;
int personality_set(const struct spec_personality *personality, struct error *err) _warn_unused_;

#endif
