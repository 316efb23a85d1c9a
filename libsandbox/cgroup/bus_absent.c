/* SPDX-License-Identifier: Apache-2.0 */
/* In place of bus.c where orlop is built without sd-bus: each call says so. */
#include <errno.h>

#include "libsandbox/cgroup/bus.h"

static int absent(struct error *err)
{
	return error_say(err, -ENOTSUP, "orlop was built without systemd");
}

int bus_open(const struct systemd_program *program, bool user, int timeout_ms, struct arena *arena, struct bus **ret,
	     struct error *err)
{
	(void)program;
	(void)user;
	(void)timeout_ms;
	(void)arena;
	(void)ret;
	return absent(err);
}

void bus_close(struct bus *bus)
{
	(void)bus;
}

void bus_leave(struct bus *bus)
{
	(void)bus;
}

int bus_version(struct bus *bus, uint32_t *ret, struct error *err)
{
	(void)bus;
	(void)ret;
	return absent(err);
}

int bus_unit_start(struct bus *bus, const char *unit, const struct bus_property *properties, size_t count,
		   struct error *err)
{
	(void)bus;
	(void)unit;
	(void)properties;
	(void)count;
	return absent(err);
}

int bus_unit_stop(struct bus *bus, const char *unit, struct error *err)
{
	(void)bus;
	(void)unit;
	return absent(err);
}

int bus_unit_reset(struct bus *bus, const char *unit, struct error *err)
{
	(void)bus;
	(void)unit;
	return absent(err);
}

int bus_unit_set(struct bus *bus, const char *unit, const struct bus_property *properties, size_t count,
		 struct error *err)
{
	(void)bus;
	(void)unit;
	(void)properties;
	(void)count;
	return absent(err);
}

int bus_unit_attach(struct bus *bus, const char *unit, const char *below, pid_t pid, struct error *err)
{
	(void)bus;
	(void)unit;
	(void)below;
	(void)pid;
	return absent(err);
}
