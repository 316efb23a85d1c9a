/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a cgroup2 tree, each below a directory that was opened and verified once.
 *
 * No message of these says "No such file or directory": engines take these words for a program that is missing in the container.
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_FILE_H
#define ORLOP_LIBSANDBOX_CGROUP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/error.h"

/* Opens where cgroup2 is mounted; -EINVAL when something else is. The fd is the caller's. */
int cgroup_mount_open(const char *mount, struct error *err) _warn_unused_;
/* Opens the directory of a cgroup. `path` begins with '/'; symlinks, ".." and other file systems are refused. -ENOENT: there is none. */
int cgroup_open(int mount_fd, const char *path, struct error *err) _warn_unused_;
/* The same below the cgroup2 at `mount`, or a file in it unless that is NULL, by the whole name and half the calls. Quiet; what fails may work by
 * cgroup_open, which tells why not: -ENAMETOOLONG, -EXDEV for a path with "..", -EINVAL for what is not in cgroup2. */
int cgroup_open_place(const char *mount, const char *path, const char *file, uint64_t flags) _warn_unused_;

/* The denial that a rootless runtime may live with: EACCES, EPERM, EROFS. */
bool cgroup_is_denied(int code);

/* Quiet: -errno. A value is one line, written by one write(2), as the kernel wants it. */
int cgroup_file_write(int cgroup_fd, const char *file, const char *value, size_t length) _warn_unused_;
/* Without the final newline, in `arena`; at most CGROUP_FILE_MAX bytes. */
#define CGROUP_FILE_MAX ((size_t)16 << 20)
int cgroup_file_read(int cgroup_fd, const char *file, struct arena *arena, char **ret) _warn_unused_;
/* For small files that are read often: at most size - 1 bytes, without the final newline. */
int cgroup_file_read_small(int cgroup_fd, const char *file, char *to, size_t size) _warn_unused_;

/* The same of the file of two cgroups, by a call less. */
int cgroup_file_read_two(int first_fd, int second_fd, const char *file, char *first_to, char *second_to, size_t size)
	_warn_unused_;

/* Takes the next word between blanks or newlines off `*rest`; false at the end. Words longer than the room are cut. */
bool cgroup_word_next(const char **rest, char *to, size_t size);
bool cgroup_words_have(const char *words, const char *word);

#endif
