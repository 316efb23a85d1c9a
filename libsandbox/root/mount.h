/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one mount of the plan in the container's root.
 *
 * Init side, after rootfs_attach and before the pivot: the host's mounts are still there to be seen, which a new proc or sysfs in a user
 * namespace needs.
 */
#ifndef ORLOP_LIBSANDBOX_MOUNT_H
#define ORLOP_LIBSANDBOX_MOUNT_H

#include <stdbool.h>

#include "libbase/error.h"
#include "libsandbox/plan.h"
#include "libsandbox/root/target.h"

/* What all mounts of one container share. Borrowed. */
struct mount_site {
	int root_fd;         /* the container's root, attached */
	int propagation;     /* enum spec_propagation: where a bind mount starts from; its own words come after */
	const char *label;   /* linux.mountLabel, or NULL */
	const char *context; /* the same as a file system's word, or NULL */
	const struct plan_cgroup *cgroup;
	int cgroup_fd;         /* the container's cgroup, or FD_NONE */
	bool cgroup_namespace; /* it has one of its own */
	bool sources_settled;  /* source_open has given all that is simple what it is to have */
	struct target_own *
		own; /* or NULL: see target.h; what a mount may go on top of is forgotten, a new tmpfs at /dev is put in */
};

/*
 * `*source_fd`: in, what source_open made for a bind mount; it is used up. Out: FD_NONE, or the mount: for one that is made read-only late
 * (mount->readonly_late), for mount_read_only; those of /proc and /sys, in which things are hidden; and site->own->dev_fd.
 */
int mount_make(const struct mount_site *site, const struct plan_mount *mount, int *source_fd, struct error *err)
	_warn_unused_;

/* Whether the config gives its root a mode, and that is without the set-gid bit. */
bool mount_has_plain_mode(const struct plan_mount *mount);

/* Makes the mount at `fd` read-only; waits a little for writers to finish. `what` is for the error. */
int mount_read_only(int fd, const char *what, struct error *err) _warn_unused_;

#endif
