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

/* A detached tree of mount->source; for copy-symlink, when the source is a symlink, an O_PATH descriptor of the link itself. Owned.
 * -EPERM as tree_clone. */
int source_open(const struct plan_mount *mount, struct error *err) _warn_unused_;

#endif
