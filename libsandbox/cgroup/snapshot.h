/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What limits a live cgroup has before they are changed, in a form that brings them back.
 *
 * Not for: changing them (driver_fs.h, driver_systemd.h).
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_SNAPSHOT_H
#define ORLOP_LIBSANDBOX_CGROUP_SNAPSHOT_H

#include <stddef.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libsandbox/plan.h"

/*
 * The present values of the files that `resources` would change; of files with a line for each device, of those devices only. Files that are not
 * there, or that cannot be read, are left out. Everything lives in `arena`.
 */
int cgroup_snapshot(int cgroup_fd, const struct plan_resource *resources, size_t count, struct arena *arena,
		    struct plan_resource **ret, size_t *ret_count, struct error *err) _warn_unused_;

/* Writes them back, last first. Does what it can: for who has an error to tell already. */
void cgroup_restore(int cgroup_fd, const struct plan_resource *snapshot, size_t count);

#endif
