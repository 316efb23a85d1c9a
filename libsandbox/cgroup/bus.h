/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls to the service manager, over a socket of its own or a bus. They are made by a program of its own, orlop-systemd (bus_program/), which is
 * executed when a bus is opened and ends when it is closed: orlop is not linked with libsystemd, and who does not ask for systemd neither needs it
 * nor waits for it.
 *
 * Not for: which properties a container's unit has (unit_properties.h), what is done when a call is refused (driver_systemd.h).
 * Read: org.freedesktop.systemd1(5), sd-bus(3).
 *
 * Everything on one struct bus together ends within the timeout it was opened with. Errors, beside what sd-bus gives:
 *   -EEXIST      there is a unit of that name
 *   -ENOENT      there is none
 *   -EOPNOTSUPP  a property is not known, or may not be set now: the text names it
 *   -ETIMEDOUT   no answer in time
 *   -ECONNRESET  the other side went away
 * A program that is killed is told as such (-ECONNRESET); one that does not answer is killed BUS_GRACE_MS after that timeout (-ETIMEDOUT).
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_BUS_H
#define ORLOP_LIBSANDBOX_CGROUP_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libsandbox/plan.h"
#include "libsandbox/systemd_program.h"

#define BUS_TIMEOUT_MS 30000
#define BUS_GRACE_MS   3000

struct bus;

struct bus_property {
	const char *name;
	const struct plan_variant *value;
};

/* Executes the program and lets it connect: to the manager's own socket, else to the system's bus, or only to the bus that DBUS_SYSTEM_BUS_ADDRESS names;
 * for `user` to the user's bus, else to his manager's socket. It does not wait for that: what went wrong the first call tells. -ENOTSUP: there is no
 * orlop-systemd, it cannot be executed, or orlop was built without. */
int bus_open(const struct systemd_program *program, bool user, int timeout_ms, struct arena *arena, struct bus **ret,
	     struct error *err) _warn_unused_;
/* NULL is taken. */
void bus_close(struct bus *bus);
/* In a clone of the caller, which is not to have it: the program goes on for the caller. NULL is taken. */
void bus_leave(struct bus *bus);
static inline void bus_cleanup(struct bus **bus)
{
	bus_close(*bus);
}

/* The manager's version: 252. Its answer comes after all that was asked for before was acted on. */
int bus_version(struct bus *bus, uint32_t *ret, struct error *err) _warn_unused_;

/* Makes a transient unit and starts it; returns when its job is done. */
int bus_unit_start(struct bus *bus, const char *unit, const struct bus_property *properties, size_t count,
		   struct error *err) _warn_unused_;
/* Returns when its job is done. */
int bus_unit_stop(struct bus *bus, const char *unit, struct error *err) _warn_unused_;
/* Forgets that it failed. */
int bus_unit_reset(struct bus *bus, const char *unit, struct error *err) _warn_unused_;
/* Changes properties until the next boot. */
int bus_unit_set(struct bus *bus, const char *unit, const struct bus_property *properties, size_t count,
		 struct error *err) _warn_unused_;
/* Moves a process of ours into the unit's cgroup, or into the one at `below` ("/a") in it. */
int bus_unit_attach(struct bus *bus, const char *unit, const char *below, pid_t pid, struct error *err) _warn_unused_;

#endif
