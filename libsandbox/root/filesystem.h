/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New file system instances: fsopen, the words, fsmount. Failures carry the kernel's own message: "tmpfs: Bad value for 'size'".
 * Where mount(2) can say the same, it does so in one call (filesystem_put).
 *
 * Not for: where they are mounted (mount.h). Read: fsopen(2), fsconfig(2), fsmount(2), mount(2).
 */
#ifndef ORLOP_LIBSANDBOX_FILESYSTEM_H
#define ORLOP_LIBSANDBOX_FILESYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/error.h"
#include "libspec/spec.h"

struct filesystem {
	const char *type;
	const char *source;               /* NULL: none */
	const struct spec_strings *words; /* for the superblock, "key=value" or "flag"; may be NULL */
	const char *label;                /* one more word, or NULL */
	const char *mode;                 /* one more word, or NULL */
	uint64_t attributes;              /* MOUNT_ATTR_* of the mount */
	bool shared; /* its superblock is in use elsewhere: the "read-only" of mount(2) is the mount's alone */
};

/* Returns the detached mount; owned. */
int filesystem_make(const struct filesystem *filesystem, struct error *err) _warn_unused_;

/*
 * What filesystem_make and attaching its mount to the directory `place_fd` would do, by two calls that walk no name: fchdir(2), and mount(2) on ".". The
 * working directory is then what is covered. False: nothing is mounted, for mount(2) could not say it or failed, and filesystem_make will tell.
 */
bool filesystem_put(const struct filesystem *filesystem, int place_fd) _warn_unused_;
/* The same on a name in the working directory, which is no link, and where nobody else can change it. */
bool filesystem_put_at(const struct filesystem *filesystem, const char *name) _warn_unused_;

/* The smallest thing to hide a directory behind: empty, with room for nothing. `attributes` and `label` as above. */
int filesystem_make_empty(uint64_t attributes, const char *label, struct error *err) _warn_unused_;

/* The same as filesystem_put. */
bool filesystem_put_empty(const char *label, int place_fd) _warn_unused_;
/* As filesystem_put_at; when it is false, errno is mount(2)'s, or as it was. */
bool filesystem_put_empty_at(const char *label, const char *name) _warn_unused_;

/* Gives the superblock of the mount at `mount_fd` these words (remount). */
int filesystem_reconfigure(int mount_fd, const struct spec_strings *words, struct error *err) _warn_unused_;

#endif
