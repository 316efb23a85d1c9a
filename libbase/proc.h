/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A handle on the real procfs.
 *
 * Whoever can mount on /proc, or on one file in it, can make a runtime write a label, an id map or a sysctl somewhere else, or believe
 * that it wrote it (CVE-2019-16884, CVE-2025-31133, CVE-2025-52565, CVE-2025-52881). So /proc is never named: it is opened once here,
 * best as a private mount that nobody else can mount on, and seen to be procfs; everything in it is opened relative to that handle, without
 * symlinks and without crossing a mount, and so is of the same procfs.
 *
 * Paths are relative to the handle. A leading "self" or "thread-self" is the caller, as that procfs knows it; -ENOENT when it does not.
 * Not for: the container's own /proc, which is mounted like any other file system.
 */
#ifndef ORLOP_LIBBASE_PROC_H
#define ORLOP_LIBBASE_PROC_H

#include <stddef.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/cleanup.h"

/*
 * The procfs of the caller's pid namespace. In this order: a new private mount (needs CAP_SYS_ADMIN), a private clone of /proc without
 * what is mounted on it, /proc itself. Each is verified; -EXDEV: what is there is no procfs.
 */
int proc_open(void) _warn_unused_;
/* The same with subset=pid when a new mount can be made: no /proc/sys and the like, which keeps a leaked handle harmless. */
int proc_open_pids(void) _warn_unused_;
/* The procfs mounted at `path`, verified. */
int proc_open_mounted(const char *path) _warn_unused_;

/* `flags` as open(2); O_PATH | O_NOFOLLOW opens a link itself. -ELOOP: a symlink; -EXDEV: something is mounted there. */
int proc_open_at(int proc_fd, const char *path, uint64_t flags) _warn_unused_;
/* proc_open_at of "thread-self/<path>": "attr/apparmor/exec". */
int proc_open_self(int proc_fd, const char *path, uint64_t flags) _warn_unused_;
/* Follows a magic link, and only such: "123/ns/net", "self/exe", "self/fd/7" (which opens that file anew, with these flags). */
int proc_open_link(int proc_fd, const char *path, uint64_t flags) _warn_unused_;

/* The whole file, with a NUL behind; -EFBIG beyond `max` bytes. */
int proc_read(int proc_fd, const char *path, size_t max, struct arena *arena, char **ret, size_t *ret_length)
	_warn_unused_;
/* One write(2), as such files want it; -EIO when it was short. */
int proc_write(int proc_fd, const char *path, const void *bytes, size_t length) _warn_unused_;

#endif
