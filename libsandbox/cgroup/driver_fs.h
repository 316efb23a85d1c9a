/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroupfs driver: makes, limits, hands over and removes a cgroup by its files.
 *
 * Not for: its processes (control.h), device rules (devices_bpf.h).
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_DRIVER_FS_H
#define ORLOP_LIBSANDBOX_CGROUP_DRIVER_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/error.h"
#include "libsandbox/plan.h"

/*
 * Makes what is missing of `path` (begins with '/') below the mount, and enables on the way down every controller that can be: statistics
 * need them too. `needed` are the bits (RESOURCE_CONTROLLER_BIT) that must be there in the end.
 *
 * Returns the cgroup's fd, ready for clone3 and the calls of control.h; *ret_made says whether the cgroup is new. One that was there is
 * taken when it has no process and is not frozen. On failure whatever was made is removed again; cgroup_is_denied(code) tells a denial.
 */
int cgroup_make(int mount_fd, const char *path, uint64_t needed, bool *ret_made, struct error *err) _warn_unused_;

/*
 * Hands the `needed` controllers, and no other, down to the cgroup `leaf_fd` at `path`, which somebody else made. One that cannot be had is
 * named in the error.
 */
int cgroup_controllers_enable(int mount_fd, const char *path, int leaf_fd, uint64_t needed, struct error *err)
	_warn_unused_;

/*
 * Writes limits in their order, line by line; those refused at first are tried again after the rest, since a live cgroup may refuse one
 * until another is changed.
 */
int cgroup_apply(int cgroup_fd, const struct plan_resource *resources, size_t count, struct error *err) _warn_unused_;

/* Gives the directory and the files that the kernel names for it (/sys/kernel/cgroup/delegate) to the user, id as on the host. */
int cgroup_delegate(int cgroup_fd, uint32_t uid, struct error *err) _warn_unused_;

/*
 * Removes the cgroup and all below it, deepest first. What is removed already is no error. Processes are waited for, not killed: -EBUSY
 * when some are left after timeout_ms.
 */
int cgroup_remove(int mount_fd, const char *path, int timeout_ms, struct error *err) _warn_unused_;

#endif
