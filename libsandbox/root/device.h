/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device nodes and the links of /dev, in the container's root.
 *
 * `dev_fd` is what init itself has mounted at /dev, or FD_NONE: then all is reached from the root, `root_fd`.
 *
 * Every directory on the way is a real one: an image that links /dev elsewhere is refused, or nodes would be made, and files removed, where a
 * link leads (CVE-2026-41579, CVE-2026-47766).
 * Read: runtime-spec config-linux.md "Devices", "Default Devices", "Dev symbolic links".
 */
#ifndef ORLOP_LIBSANDBOX_DEVICE_H
#define ORLOP_LIBSANDBOX_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "libbase/error.h"
#include "libsandbox/plan.h"

/* A node that is there already with the right type, number, mode and owner is kept; anything else with its name, but no directory, is removed.
 * `dev_plain`: what is mounted at /dev has no set-gid bit, which gives its group away. With device->bind, or when mknod is not allowed, the host's node of the same path is bound. The umask must be 0:
 * the modes are the config's, and a chmod afterwards would have to name the node again. */
int devices_make(int root_fd, int dev_fd, bool dev_plain, const struct plan_device *devices, size_t count,
		 struct error *err) _warn_unused_;

/* The links of /dev, while the root is still the host's; /dev/core only where the host has what it names. /dev/ptmx takes the place of whatever file is there, of the others a file that is there stays. */
int device_links_make(int root_fd, int dev_fd, const struct plan_symlink *links, size_t count, struct error *err)
	_warn_unused_;

/* The host's null device as a detached read-only tree, checked to be one: for masks (mask.h). Owned. */
int device_null_open(struct error *err) _warn_unused_;

#endif
