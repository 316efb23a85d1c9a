/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a mount goes: its destination resolved inside the container's root, made when it is missing, and looked at through the descriptor
 * that is then mounted on.
 *
 * The image chooses what stands in the root, so the rules on destinations (libspec/check/mounts.c) are held again here, against what was
 * opened: nothing on the root itself, nothing on a procfs but what the rules let through, proc and sysfs on real directories only
 * (CVE-2019-19921, CVE-2023-27561, CVE-2025-52881).
 */
#ifndef ORLOP_LIBSANDBOX_TARGET_H
#define ORLOP_LIBSANDBOX_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/error.h"
#include "libbase/fd.h"
#include "libsandbox/plan.h"
#include "libsandbox/root/rootfs.h"

struct target {
	int fd;     /* O_PATH, or read-only when it was made as a file; owned. FD_NONE: it has a name */
	int dir_fd; /* of init's own, which the name is in; borrowed */
	const char *name;
	bool made;     /* it was missing */
	bool covers;   /* it is, or may be, the top of another mount */
	bool straight; /* it is the directory /dev of the root, reached without a link */
};

/* What is known from one mount to the next. */
struct target_own {
	/* The last mounts at /dev and /sys when init has made them, a tmpfs and a sysfs: nobody else reaches them before the program runs, and what
	 * becomes of their names does not matter. Borrowed, or FD_NONE. */
	int dev_fd;
	int sys_fd;
	struct rootfs_facts root;
	int entered_fd;       /* which of the mounts above is the working directory, or FD_NONE */
	struct fd_batch left; /* descriptors of places that are mounted on; to be closed by whoever has this */
};

#define TARGET_OWN_INIT ((struct target_own){ .dev_fd = FD_NONE, .sys_fd = FD_NONE, .entered_fd = FD_NONE })

#define TARGET_INIT ((struct target){ .fd = FD_NONE, .dir_fd = FD_NONE })

/* By fd_leave: init closes all at the end. */
void target_cleanup(struct target *target);

/*
 * `own` may be NULL. `source_fd` is what will be mounted, FD_NONE for a file system that is yet to be made: whether it is a directory decides what is
 * made. Errors do not name the mount. -ENOTDIR: "... not a directory", -EBUSY: the root itself, -EPERM: a procfs.
 */
int target_open(int root_fd, struct target_own *own, const struct plan_mount *mount, int source_fd, struct target *ret,
		struct error *err) _warn_unused_;

/* Whether nothing in the root's own mount is on a procfs. */
bool target_root_is_plain(int root_fd, struct target_own *own);

/* What may be covered now is not to be found by its mount any more. */
void target_own_forget(struct target_own *own);

/*
 * The kernel mounts directories on directories and files on files, and has refused with `code` to mount `source_fd` there: leaves in `err` that this
 * is why, and returns -ENOTDIR, or `err` as it is and `code`.
 */
int target_explain(const struct target *target, int source_fd, int code, struct error *err) _warn_unused_;

/* Instead of its name. */
int target_open_name(struct target *target, struct error *err) _warn_unused_;

/* Makes `fd`, one of own's mounts, the working directory, if it is not. */
bool target_own_enter(struct target_own *own, int fd) _warn_unused_;

/*
 * By what is init's own, and then nothing is left to be looked at: a directory in /dev that was missing, and is made (the umask must be 0), by its
 * name; of sysfs what is there, on no other mount. False: it is none of these, and target_open will tell what it is.
 */
bool target_open_own(const struct target_own *own, const struct plan_mount *mount, struct target *ret) _warn_unused_;

#endif
