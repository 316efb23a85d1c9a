/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's view of cgroup2: a mount of its own, or a bind of what the host has.
 *
 * Not for: making cgroups or limits (libsandbox/cgroup). Read: cgroup_namespaces(7).
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_MOUNT_H
#define ORLOP_LIBSANDBOX_CGROUP_MOUNT_H

#include <stdbool.h>

#include "libbase/error.h"
#include "libsandbox/plan.h"

/*
 * Returns the detached mount with the attributes of `mount`; owned. With a cgroup namespace of its own that is a new cgroup2 mount, or when
 * the kernel refuses that, a bind of the container's cgroup (`cgroup_fd`, FD_NONE when it has none); when there is no such cgroup an empty
 * read-only directory. Without one it is the host's tree. `context`: the SELinux word for an empty directory, or NULL; cgroup2 takes none.
 */
int cgroup_mount_make(const struct plan_cgroup *cgroup, int cgroup_fd, bool own_namespace,
		      const struct plan_mount *mount, const char *context, struct error *err) _warn_unused_;

/* The first of these by mount(2), on a name in the working directory as filesystem_put_at has it. False: nothing is mounted. */
bool cgroup_mount_put(int cgroup_fd, bool own_namespace, const struct plan_mount *mount, const char *name)
	_warn_unused_;

#endif
