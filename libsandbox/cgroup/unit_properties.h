/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container's unit is given: from the plan to properties. Pure.
 *
 * Not for: sending them (bus.h); limits without a property, and the exact values of all, which are written to files (driver_fs.h).
 * Read: systemd.resource-control(5), org.freedesktop.systemd1(5).
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_UNIT_PROPERTIES_H
#define ORLOP_LIBSANDBOX_CGROUP_UNIT_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/arena.h"
#include "libsandbox/cgroup/bus.h"
#include "libsandbox/plan.h"

struct unit_properties {
	struct arena *arena;
	struct bus_property *items;
	size_t count, capacity;
	bool failed; /* memory ran out */
};

/* The process that a scope begins with. */
struct unit_process {
	pid_t pid;
	int pidfd; /* used where the manager takes pidfds (PIDFDs=); FD_NONE: by pid */
};

/* All that a new unit needs. `id` is the container's, `version` the manager's. */
void unit_properties_new(struct unit_properties *to, const struct plan_cgroup *cgroup, const char *id,
			 const struct unit_process *process, uint32_t version);
/* Limits as properties; `is_new` for those that can be set on a new unit only. */
void unit_properties_limits(struct unit_properties *to, const struct plan_resource *resources, size_t count,
			    uint32_t version, bool is_new);
/* True: some limit has a property, or a value of one, that is newer than what every manager has; without one the version does not matter. */
bool unit_properties_by_version(const struct plan_resource *resources, size_t count);
/*
 * DevicePolicy= and DeviceAllow=: whatever any rule allows. systemd has no rules that take away, so this is more than the container's own
 * program lets through, and must never be less: a request has to pass both, and systemd attaches its own again whenever it reloads.
 */
void unit_properties_devices(struct unit_properties *to, const struct plan_cgroup *cgroup);

/* Takes out one that the manager does not know. False: there is none of that name, or the unit makes no sense without it. */
bool unit_properties_drop(struct unit_properties *properties, const char *name);

#endif
