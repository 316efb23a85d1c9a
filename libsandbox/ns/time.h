/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clocks of a new time namespace. Read: time_namespaces(7).
 */
#ifndef ORLOP_LIBSANDBOX_NS_TIME_H
#define ORLOP_LIBSANDBOX_NS_TIME_H

#include <stddef.h>

#include "libbase/error.h"
#include "libsandbox/plan.h"

/*
 * Sets the offsets of the namespace that the caller made by unshare(CLONE_NEWTIME): possible as long as no process is in it, that is before
 * the caller's next clone. Needs CAP_SYS_TIME over it. `proc_fd`: libbase/proc.h.
 */
int time_offsets_write(int proc_fd, const struct plan_time_offset *offsets, size_t count, struct error *err)
	_warn_unused_;

#endif
