/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The uid and gid maps of a new user namespace, written from outside.
 *
 * Not for: maps of mounts.
 */
#ifndef ORLOP_LIBSANDBOX_NS_IDMAP_H
#define ORLOP_LIBSANDBOX_NS_IDMAP_H

#include <sys/types.h>

#include "libbase/error.h"
#include "libsandbox/plan.h"

struct idmap_target {
	int proc_fd;           /* libbase/proc.h */
	pid_t pid;             /* a process in the new namespace, as that procfs and the caller number it */
	const char *newuidmap; /* absolute paths of the helpers: for ID_WRITER_HELPERS */
	const char *newgidmap;
};

/*
 * Writes both maps, and "deny" to setgroups first when the plan says so. Without privileges the process must be dumpable meanwhile: its
 * files in /proc, and the helpers' idea of whose it is, depend on that.
 */
int idmap_write(const struct idmap_target *target, const struct plan_ids *ids, struct error *err) _warn_unused_;

#endif
