/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bind mount binds, opened by its name on the host before anything of the container is there.
 *
 * Read: runtime-spec config.md "Mounts".
 */
#ifndef ORLOP_LIBSANDBOX_SOURCE_H
#define ORLOP_LIBSANDBOX_SOURCE_H

#include "libbase/error.h"
#include "libsandbox/plan.h"

/*
 * What a bind mount is to have: where its propagation starts (enum spec_propagation; 0: as it is), and the MOUNT_ATTR_* but those that wait for
 * mount_read_only. `simple`: that is all, and of one mount.
 */
struct settlement {
	int propagation;
	uint64_t set, clear;
	bool simple;
};

/* `propagation`: the one that the config wants of the new mount namespace. */
struct settlement source_settlement(const struct plan_mount *mount, int propagation) _warn_unused_;

/*
 * A detached tree of mount->source; for copy-symlink, when the source is a symlink, an O_PATH descriptor of the link itself. Owned.
 * -EPERM as tree_clone. A simple one has all it is to have, unless `*unsettled` is true then: the kernel has no call for it, or would not, and
 * who mounts it will be told why. When it is true before, nothing is tried.
 */
int source_open(const struct plan_mount *mount, int propagation, bool *unsettled, struct error *err) _warn_unused_;

#endif
