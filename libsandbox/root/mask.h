/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masked and read-only paths, after the pivot: paths are resolved from the new "/", symlinks within it, magic links never. Paths that are not
 * there are skipped.
 *
 * What masks a file is the host's null device, opened before anything of the container existed: the container's own could be a link to
 * anything (CVE-2025-31133).
 * Read: runtime-spec config-linux.md "Masked Paths", "Readonly Paths".
 */
#ifndef ORLOP_LIBSANDBOX_MASK_H
#define ORLOP_LIBSANDBOX_MASK_H

#include "libbase/error.h"
#include "libspec/spec.h"

/* `*null_fd`: the tree of device_null_open; it may be attached, and stays the caller's. Directories share one empty read-only tmpfs. */
int paths_mask(int root_fd, const struct spec_strings *paths, int null_fd, struct error *err) _warn_unused_;

/* Each path and all that is mounted below it becomes read-only; other attributes stay. */
int paths_make_read_only(int root_fd, const struct spec_strings *paths, struct error *err) _warn_unused_;

#endif
