/* SPDX-License-Identifier: Apache-2.0 */
/* On which CPUs a process may run. Read: sched_setaffinity(2), cpuset(7). */
#ifndef ORLOP_LIBSANDBOX_PRIV_AFFINITY_H
#define ORLOP_LIBSANDBOX_PRIV_AFFINITY_H

#include "libbase/error.h"

/* The calling process on the CPUs of a list, "0-3,7". */
int affinity_set(const char *cpus, struct error *err) _warn_unused_;

/*
 * The calling process on every CPU that its cpuset allows: since Linux 6.2 an affinity that somebody set outlives the move to another
 * cgroup, so the caller's own would bind the container. Failing is no harm.
 */
void affinity_reset(void);

#endif
