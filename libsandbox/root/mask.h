/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masked and read-only paths, after the pivot: paths are resolved from the new "/", symlinks within it, magic links never. Paths that are not
 * there are skipped.
 *
 * What is below /proc and /sys is looked for from the mounts themselves: somebody who renames a directory of the root file system while it is set up
 * moves the mount with it, and would take what has to be hidden out of the paths' way.
 *
 * What masks a file is the host's null device, opened before anything of the container existed: the container's own could be a link to
 * anything (CVE-2025-31133).
 * Read: runtime-spec config-linux.md "Masked Paths", "Readonly Paths".
 */
#ifndef ORLOP_LIBSANDBOX_MASK_H
#define ORLOP_LIBSANDBOX_MASK_H

#include <stdbool.h>

#include "libbase/error.h"
#include "libspec/spec.h"

/* Where paths begin. Borrowed; the mounts may be FD_NONE. */
struct mask_roots {
	int root_fd;
	int proc_fd; /* what was mounted on /proc */
	int sys_fd;  /* on /sys */
	bool proc_new,
		sys_new; /* init has made that procfs, that sysfs; nothing but what a config may put there is mounted in it */
};

/*
 * `null_fd`: the tree of device_null_open; it may be attached, and stays the caller's. Directories get an empty read-only tmpfs, whose
 * SELinux word is `label` ("context=...") or NULL: without it the container might not even see that they are empty.
 */
int paths_mask(const struct mask_roots *roots, const struct spec_strings *paths, int null_fd, const char *label,
	       struct error *err) _warn_unused_;

/* Each path and all that is mounted below it becomes read-only; other attributes stay. */
int paths_make_read_only(const struct mask_roots *roots, const struct spec_strings *paths, struct error *err)
	_warn_unused_;

#endif
