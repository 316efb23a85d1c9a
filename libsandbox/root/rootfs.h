/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's root as a mount: cloned from its directory on the host, attached where that directory is.
 *
 * Not for: what is mounted in it (mount.h), or making it "/" (pivot.h).
 */
#ifndef ORLOP_LIBSANDBOX_ROOTFS_H
#define ORLOP_LIBSANDBOX_ROOTFS_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/error.h"

/* The directory at `path`, O_PATH; its last component is no symlink. */
int rootfs_open(const char *path, struct error *err) _warn_unused_;

/* A detached tree of it and all that is mounted below; quiet, -EPERM when the caller may not (see tree.h). `*ret_slave`: all of it is a slave of the
 * host's already, by the same call. */
int rootfs_clone(int directory_fd, bool *ret_slave) _warn_unused_;

/* What init asks about the mount of its root, once: it stays. */
struct rootfs_facts {
	uint64_t mount;    /* STATX_MNT_ID */
	bool known, plain; /* when it is plain, nothing in it is on a procfs */
};

/* False: not a directory; then it counts as known, and not as plain. */
bool rootfs_look(int fd, struct rootfs_facts *ret);

/* The three above by fewer calls (Linux 6.15): a tree that is a slave, or FD_NONE, quietly: then they tell what is the matter. */
int rootfs_copy(const char *path, struct rootfs_facts *ret) _warn_unused_;

/* In a new mount namespace: lets go of the host's propagation groups, so that nothing of what follows goes out, and what the host unmounts goes
 * here too; then attaches the tree: with `named` at `path` if init can go there, else on top of "/", where who is in it already sees nothing of
 * it. */
int rootfs_attach(int tree_fd, bool is_slave, const char *path, bool named, struct error *err) _warn_unused_;

#endif
