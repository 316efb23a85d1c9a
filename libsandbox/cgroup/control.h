/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of a cgroup: freeze, kill, list, move, wait. The same for every driver: systemd too leaves this to the files.
 *
 * Every wait has an end: `timeout_ms` is its bound, -ETIMEDOUT its error.
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_CONTROL_H
#define ORLOP_LIBSANDBOX_CGROUP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "libbase/arena.h"
#include "libbase/error.h"

struct cgroup_events {
	bool populated; /* processes here or below */
	bool frozen; /* all of them are, by this cgroup or one above; of an empty cgroup the kernel may say so wrongly */
};
/* Quiet. A cgroup that was removed meanwhile is -ENODEV. */
int cgroup_events_read(int cgroup_fd, struct cgroup_events *ret) _warn_unused_;
/* The same of the cgroup at `path`, which begins with '/', below the cgroup2 mounted at `mount`. -ENAMETOOLONG: open it first. */
int cgroup_events_read_place(const char *mount, const char *path, struct cgroup_events *ret) _warn_unused_;

/* Returns when all processes stand still. A freeze that does not finish in time is taken back. */
int cgroup_freeze(int cgroup_fd, int timeout_ms, struct error *err) _warn_unused_;
/* Returns when they run; -EBUSY when a cgroup above keeps them frozen. */
int cgroup_thaw(int cgroup_fd, int timeout_ms, struct error *err) _warn_unused_;

/* SIGKILL to every process here and below, frozen ones and those that fork meanwhile included. Does not wait for their end. */
int cgroup_kill(int cgroup_fd, struct error *err) _warn_unused_;
/* Any signal to every process here and below; for SIGKILL the same as cgroup_kill. The cgroup is frozen meanwhile, so that none escapes by
 * forking; a cgroup that was frozen stays so. */
int cgroup_signal(int cgroup_fd, int signal, struct error *err) _warn_unused_;

/* Returns when the cgroup and all below have no process. */
int cgroup_wait_empty(int cgroup_fd, int timeout_ms, struct error *err) _warn_unused_;

/* Process ids here, or here and below, in no order; those that our pid namespace does not show are left out. A
 * threaded cgroup lists the ids of threads: the kernel tells no others there. */
int cgroup_pids(int cgroup_fd, bool below, struct arena *arena, pid_t **ret, size_t *ret_count, struct error *err)
	_warn_unused_;

/* Moves the process (0: the caller) with all its threads. */
int cgroup_move(int cgroup_fd, pid_t pid, struct error *err) _warn_unused_;

#endif
