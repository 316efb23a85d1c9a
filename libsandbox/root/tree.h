/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mount trees by descriptor: clone, change, attach. A tree is made detached, gets all its attributes, and is attached last, so nobody ever
 * sees it without them.
 *
 * Return >= 0 or -errno, without words: callers know what the tree is for.
 * Read: open_tree(2), mount_setattr(2), move_mount(2).
 */
#ifndef ORLOP_LIBSANDBOX_TREE_H
#define ORLOP_LIBSANDBOX_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/cleanup.h"

/* A detached copy of what stands at (dir_fd, path). `flags`: AT_RECURSIVE for what is mounted below it too, AT_EMPTY_PATH,
 * AT_SYMLINK_NOFOLLOW. -EPERM: the caller has no power over its mount namespace; -EINVAL: the mount is another namespace's, is
 * unbindable, or (without AT_RECURSIVE) hides something that must stay hidden. */
int tree_clone(int dir_fd, const char *path, unsigned int flags) _warn_unused_;

/* Clones and does as tree_settle does, by one call (Linux 6.15); with AT_RECURSIVE to all of the copy. */
int tree_clone_settled(int dir_fd, const char *path, unsigned int flags, int propagation, uint64_t set, uint64_t clear)
	_warn_unused_;

/* Sets and clears MOUNT_ATTR_*; nothing is called when both are 0. `recursive`: also on all mounts below. -EPERM: locked by the owner of
 * the mount; -EBUSY: read-only, while something is open for writing. */
int tree_change(int tree_fd, uint64_t set, uint64_t clear, bool recursive) _warn_unused_;

/* The two above for this mount alone, by one call. `propagation` 0: as it is. */
int tree_settle(int tree_fd, int propagation, uint64_t set, uint64_t clear) _warn_unused_;

/* This mount alone: private to all, with these MOUNT_ATTR_* set. */
int tree_make_private(int tree_fd, uint64_t set) _warn_unused_;

/* enum spec_propagation; the recursive ones reach all mounts below. */
int tree_propagate(int tree_fd, int propagation) _warn_unused_;

/* Mounts the tree on what `place_fd` names, on top of what is mounted there already. Detached trees and attached ones (then they move). */
int tree_attach(int tree_fd, int place_fd) _warn_unused_;
/* The same by a name, for where nobody else can change it. A link at its end is not followed. */
int tree_attach_at(int tree_fd, int dir_fd, const char *name) _warn_unused_;

#endif
