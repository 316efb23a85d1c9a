/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The systemd driver: makes, changes and ends a container's unit. What systemd has no property for is written to the cgroup's files
 * (driver_fs.h) once the unit is there.
 *
 * `program` makes the calls; see bus.h. Every call ends within BUS_TIMEOUT_MS and BUS_GRACE_MS. Errors of the bus are told in one line with the unit's name.
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_DRIVER_SYSTEMD_H
#define ORLOP_LIBSANDBOX_CGROUP_DRIVER_SYSTEMD_H

#include <stdbool.h>
#include <stddef.h>

#include "libbase/error.h"
#include "libsandbox/cgroup/unit_properties.h"
#include "libsandbox/plan.h"

struct bus;

/* For unit_start, as early as one likes: the program starts and connects meanwhile. The bus is the caller's to close (bus.h); what lives, lives in the
 * arena. */
int unit_connect(const struct systemd_program *program, const struct plan_cgroup *cgroup, struct arena *arena,
		 struct bus **ret, struct error *err) _warn_unused_;
/*
 * One StartTransientUnit with all properties and the process; returns when its job is done: the process is in the scope then. A slice that is
 * there already is taken, and given the properties; the process stays where it is. A failed unit of that name is forgotten first.
 */
int unit_start(struct bus *bus, const struct plan_cgroup *cgroup, const char *id, const struct unit_process *process,
	       struct error *err) _warn_unused_;
/* SetUnitProperties; returns when systemd has written what it writes. Nothing is sent where no limit has a property. */
int unit_change(const struct systemd_program *program, const char *unit, bool user_manager,
		const struct plan_resource *resources, size_t count, struct error *err) _warn_unused_;
/* Stops it and forgets that it failed. A unit that is gone is no error. */
int unit_stop(const struct systemd_program *program, const char *unit, bool user_manager, struct error *err)
	_warn_unused_;
/* For who may not move a process across the tree himself: systemd does it. `below` is "" or begins with '/'. */
int unit_attach(const struct systemd_program *program, const char *unit, bool user_manager, const char *below,
		pid_t pid, struct error *err) _warn_unused_;

#endif
