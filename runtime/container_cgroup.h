/* SPDX-License-Identifier: Apache-2.0 */
/* From a container to its cgroup: libsandbox/control.h on the place that the record names. */
#ifndef ORLOP_RUNTIME_CONTAINER_CGROUP_H
#define ORLOP_RUNTIME_CONTAINER_CGROUP_H

#include "libbase/error.h"
#include "libsandbox/control.h"
#include "runtime/container.h"

/* -ENOENT with runc's words "cgroup not exist": it has none, or it is gone. `ret` points into the record. */
int container_cgroup_open(const struct container *container, struct control *ret, struct error *err);

#endif
