/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for a container's id: it becomes a directory's name, a part of a cgroup's name, and callers type it. */
#ifndef ORLOP_RUNTIME_CONTAINER_ID_H
#define ORLOP_RUNTIME_CONTAINER_ID_H

#include "libbase/error.h"

/* Letters, digits and "_+.-" of ASCII, at most 255, not "." or "..". 0, or -EINVAL with runc's words. */
int container_id_check(const char *id, struct error *err);

#endif
