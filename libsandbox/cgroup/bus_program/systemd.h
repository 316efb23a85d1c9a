/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls to the service manager by sd-bus, over its own socket, the system's or the user's bus. Part of orlop-systemd, the one program that libsystemd is
 * linked to.
 *
 * Calls, errors and texts are those of libsandbox/cgroup/bus.h, of which this is the inside. Where the user's bus is the environment says:
 * DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR; the system's may be elsewhere, too: DBUS_SYSTEM_BUS_ADDRESS.
 *
 * Not for: who asks, and how (main.c).
 * Read: org.freedesktop.systemd1(5), sd-bus(3).
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_BUS_PROGRAM_SYSTEMD_H
#define ORLOP_LIBSANDBOX_CGROUP_BUS_PROGRAM_SYSTEMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libsandbox/cgroup/bus.h"

struct systemd;

/* Connects: to the manager's own socket, else to the system's bus; only to the bus where `system_bus` names one; for `user` to the user's bus, else to his
 * manager's own socket. All calls together end by `deadline_ns`. */
int systemd_open(bool user, const char *system_bus, int64_t deadline_ns, struct arena *arena, struct systemd **ret,
		 struct error *err) _warn_unused_;
/* NULL is taken. */
void systemd_close(struct systemd *systemd);

int systemd_version(struct systemd *systemd, uint32_t *ret, struct error *err) _warn_unused_;
int systemd_unit_start(struct systemd *systemd, const char *unit, const struct bus_property *properties, size_t count,
		       struct error *err) _warn_unused_;
int systemd_unit_stop(struct systemd *systemd, const char *unit, struct error *err) _warn_unused_;
int systemd_unit_reset(struct systemd *systemd, const char *unit, struct error *err) _warn_unused_;
int systemd_unit_set(struct systemd *systemd, const char *unit, const struct bus_property *properties, size_t count,
		     struct error *err) _warn_unused_;
int systemd_unit_attach(struct systemd *systemd, const char *unit, const char *below, pid_t pid, struct error *err)
	_warn_unused_;

#endif
