/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record: the only thing later commands know about a container.
 *
 *     ROOT/ID/                0700
 *       record.json           written whole and renamed; versioned (libspec/record.h)
 *       config.json           the spec as it was at create: read only by those who need it (exec, hooks, update)
 *       gate, gate-report     while it waits for start (libsandbox/steps/gate.h)
 *       notify/               where the socket stands that the container's NOTIFY_SOCKET names (runtime/notify.h)
 *     ROOT/@seccomp/          no container: programs that were compiled before (libsandbox/seccomp/cache.h)
 *
 * Everything is opened beneath ROOT's dirfd, no symlinks. A process is named by pid and start time (proc_pid_stat(5), field 22): a reused
 * pid is never taken for the container's. Who makes or removes a container holds an exclusive flock(2) on ROOT/ID; a directory whose record
 * is missing or unreadable is "broken": `list` says so on stderr, `delete --force` removes it.
 */
#ifndef ORLOP_RUNTIME_RECORD_H
#define ORLOP_RUNTIME_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libspec/record.h"

#define RECORD_NAME   "record.json"
#define RECORD_CONFIG "config.json"

/* Opens ROOT (O_PATH). `make`: makes it (0711, or 01700 for who is not root; its parents 0755) when missing; else -ENOENT. -EPERM: others
 * than the caller and root could change what is in it. */
int record_root_open(const char *root, bool make, struct error *err);

/* Makes ROOT/ID and takes its lock. -EEXIST: "container with given ID already exists". Returns the directory's fd. */
int record_directory_make(int root_fd, const char *id, struct error *err);
/* Opens ROOT/ID; `lock` takes the exclusive lock (waits for it). -ENOENT: "container does not exist"; -EPERM:
 * somebody else made it. */
int record_directory_open(int root_fd, const char *id, bool lock, struct error *err);
/* Takes the lock of a directory that is open. -ENOENT: it was removed meanwhile. */
int record_directory_lock(int dir_fd, struct error *err);
/* Whether somebody holds the lock of ROOT/ID. Not for those who may hold it themselves. */
bool record_directory_locked(int root_fd, const char *id);
/* Removes everything in dir_fd, the record last, then ROOT/ID. Missing pieces are no error. `usual`: that is record and config, and most likely no more. */
int record_directory_remove(int root_fd, const char *id, int dir_fd, bool usual, struct error *err);

int record_save(int dir_fd, const struct record *record, struct error *err);

/* A record that is written and is not yet the container's. */
struct record_draft {
	struct path_temporary file;
};
/* record_save in two: all of the work, and the moment. */
int record_draft(int dir_fd, const struct record *record, struct record_draft *ret, struct error *err);
int record_publish(int dir_fd, const struct record_draft *draft, struct error *err);
/* -ENOENT: broken (no record); -EINVAL: broken (not one of ours, or of a newer version). */
int record_load(int dir_fd, struct arena *arena, struct record *ret, struct error *err);

/* A pidfd of the recorded process when it lives and is the recorded one, else -ESRCH. A zombie counts as dead. */
int record_process_open(const struct record *record);
/* Field 22 of /proc/PID/stat; -ESRCH: there is no such process. */
int process_start_time(pid_t pid, uint64_t *ret);
/* The same for a child that was cloned between these two times of clock_boot_ns and is not reaped. Nobody is asked unless the tick changed meanwhile. */
int process_start_time_between(pid_t pid, int64_t after_ns, int64_t before_ns, uint64_t *ret);

#endif
