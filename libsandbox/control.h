/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of a container that another process made: freeze, kill, list them, remove their cgroup. Found by the cgroup's place, as the
 * caller recorded it; no plan, no sandbox.
 *
 * Every call ends: waits are bounded by CONTROL_TIMEOUT_MS.
 */
#ifndef ORLOP_LIBSANDBOX_CONTROL_H
#define ORLOP_LIBSANDBOX_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libbase/fd.h"
#include "libsandbox/limits.h"
#include "libsandbox/systemd_program.h"

#define CONTROL_TIMEOUT_MS 10000

struct control {
	int mount_fd;
	int cgroup_fd;
	const char *path;  /* below the mount; borrowed */
	const char *unit;  /* systemd's name for it; NULL: no unit; borrowed. Set by the caller after control_open */
	bool user_manager; /* the unit is of the user's service manager */
	const struct systemd_program
		*program; /* where there is a unit, for control_apply and control_remove; borrowed */
};

#define CONTROL_INIT ((struct control){ .mount_fd = FD_NONE, .cgroup_fd = FD_NONE })

/* `mount` is where cgroup2 is mounted, `path` (begins with '/') is below it. -ENOENT: there is no such cgroup. */
int control_open(struct control *control, const char *mount, const char *path, struct error *err) _warn_unused_;
void control_cleanup(struct control *control);

/* Whether the processes there stand still; false too when there is no such cgroup. For who asks nothing else: no control_open, by fewer calls. */
bool control_is_frozen(const char *mount, const char *path) _warn_unused_;
/* Returns when all stand still; one that fails is taken back. */
int control_freeze(const struct control *control, struct error *err) _warn_unused_;
int control_thaw(const struct control *control, struct error *err) _warn_unused_;
/* To every process here and below. */
int control_signal(const struct control *control, int signal, struct error *err) _warn_unused_;
/* Host pids, ascending. */
int control_pids(const struct control *control, struct arena *arena, pid_t **ret, size_t *ret_count, struct error *err)
	_warn_unused_;
/*
 * Changes limits of a live cgroup: the unit's properties where there is a unit (SetUnitProperties), and in every case the files, which then have
 * exactly what was asked for. Device rules are not touched; what is not in `limits` stays. `limits` is of limits_build.
 *
 * All or nothing: on failure what was changed is put back, by properties and files, to the values that the files had before the call. The
 * error names the limit that was refused.
 */
int control_apply(const struct control *control, const struct limits *limits, struct error *err) _warn_unused_;
/* Kills what is left, waits for its end, stops the unit if there is one, removes the cgroup and all below. */
int control_remove(struct control *control, struct error *err) _warn_unused_;

/* Removes the cgroup if it has neither processes nor cgroups below. False: it is still there, or never was; control_open tells. */
bool control_remove_empty(int mount_fd, const char *path) _warn_unused_;

/* For who asks more than once: where cgroup2 is mounted, opened and looked at. */
int control_mount_open(const char *mount, struct error *err) _warn_unused_;
/* False only when there is certainly no such cgroup. */
bool control_may_exist(int mount_fd, const char *path) _warn_unused_;

/* For a unit whose cgroup is gone already: stops it, forgets that it failed. A unit that is gone too is no error. */
int control_unit_stop(const struct systemd_program *program, const char *unit, bool user_manager, struct error *err)
	_warn_unused_;

#endif
