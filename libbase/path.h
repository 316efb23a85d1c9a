/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening by intent, always relative to a directory fd, always through openat2(2), always close-on-exec.
 *
 *     in root   below a container's root: "/" and ".." and absolute symlinks stay inside it  (RESOLVE_IN_ROOT)
 *     beneath   below a tree of our own: any symlink or ".." is refused                      (RESOLVE_BENEATH|NO_SYMLINKS)
 *     host      a path that the trusted config or command line names, on the host's own terms
 *
 * Magic links (/proc/PID/fd/N and their like) are never followed in the first two. Resolution that lost a race (EAGAIN) is retried a
 * bounded number of times. Check and use the fd that comes back, never the name again.
 * Return >= 0 (the new fd, owned by the caller) or -errno; these are quiet, callers add the words. `mode` counts only where a file is
 * made, less the umask.
 */
#ifndef ORLOP_LIBBASE_PATH_H
#define ORLOP_LIBBASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/arena.h"

int path_open_in_root(int root_fd, const char *path, uint64_t flags, mode_t mode) _warn_unused_;
int path_open_beneath(int dir_fd, const char *path, uint64_t flags, mode_t mode) _warn_unused_;
/* As beneath, and the walk stays on the mount of dir_fd: whatever is mounted on the way is refused with -EXDEV (RESOLVE_NO_XDEV). */
int path_open_on_mount(int dir_fd, const char *path, uint64_t flags, mode_t mode) _warn_unused_;
int path_open_host(int dir_fd, const char *path, uint64_t flags, mode_t mode) _warn_unused_;

/*
 * Make what is missing of `path` inside root_fd, with `mode` whatever the umask. Symlinks are resolved in root at each component, on fds; one
 * that leads nowhere gets the target it names made, inside the root as well. ".." in `path` itself is refused (-EINVAL); something else
 * than a directory in the way is -ENOTDIR. `*ret_made`, unless NULL, says whether anything was missing.
 */
/* All of `path` is directories. Returns an O_PATH fd of the last one. */
int path_make_directories_in_root(int root_fd, const char *path, mode_t mode) _warn_unused_;
/* With S_IFDIR in `type_mode` the same. With S_IFREG the last component is an empty file, its directories get 0755; what exists there is taken
 * as it is, whatever its type. Returns an fd to name it by: O_PATH, or read-only for a file that was made. */
int path_make_in_root(int root_fd, const char *path, mode_t type_mode, bool *ret_made) _warn_unused_;
/* The same for who has found that it is missing; whoever was faster is no error. */
int path_make_missing_in_root(int root_fd, const char *path, mode_t type_mode) _warn_unused_;
/* Below dir_fd, through real directories only: a symlink is -ELOOP. Returns an O_PATH fd of the last one. */
int path_make_directories_beneath(int dir_fd, const char *path, mode_t mode) _warn_unused_;

bool path_is_absolute(const char *path);
/* One component: not empty, not "." or "..", no '/'. */
bool path_is_name(const char *name);
/* Lexical: "//a/./b/../c/" becomes "/a/c"; ".." above the top is dropped for absolute paths and kept for relative ones; "" becomes ".".
 * NULL when memory is gone. */
char *path_clean(struct arena *arena, const char *path);
/* Lexical join; an absolute `path` wins. The result is clean. */
char *path_join(struct arena *arena, const char *directory, const char *path);

/* A regular file only: a FIFO, directory, socket or device is refused (-EINVAL, -EISDIR) without blocking on it; more than `max` bytes is
 * -EFBIG, told from its size before anything is read. */
int path_read_file(int dir_fd, const char *path, size_t max, struct arena *arena, char **ret, size_t *ret_length)
	_warn_unused_;

/* For fd_read_regular: opened before it is looked at, which a FIFO or socket does not block and a device may take for more. So for what decides by
 * its bytes what the caller executes, where another kind of file is no more to be feared. */
int path_open_document(int dir_fd, const char *path) _warn_unused_;

/* A new file with these bytes, for a directory of which nobody reads yet: -EEXIST, and on any failure nothing of it is left. */
int path_write_file_new(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode) _warn_unused_;

/* Makes or replaces `name` in dir_fd, a file with these bytes and whole whenever it is there: a new one is written without a name (O_TMPFILE), so
 * that of a writer that is killed nothing stays; one that takes another's place, and any where that cannot be, beside it under a name of its own. */
int path_write_file_atomic(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode) _warn_unused_;

#define PATH_TEMPORARY_SIZE 32

/* The same in two: a file under a name that nobody has, then that name changed. Who does not come to the second removes it, or its directory. */
struct path_temporary {
	char name[PATH_TEMPORARY_SIZE];
};
int path_write_temporary(int dir_fd, const void *bytes, size_t length, mode_t mode, struct path_temporary *ret)
	_warn_unused_;
int path_temporary_rename(int dir_fd, const struct path_temporary *temporary, const char *name) _warn_unused_;

#endif
