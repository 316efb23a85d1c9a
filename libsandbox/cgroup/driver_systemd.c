/* SPDX-License-Identifier: Apache-2.0 */
/* See driver_systemd.h. */
#include "libsandbox/cgroup/driver_systemd.h"

#include <errno.h>
#include <string.h>

#include "libbase/fd.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/bus.h"

/* More than there are properties that some version lacks. */
#define ATTEMPTS_MAX 32

static int told(struct error *err, const char *verb, const char *unit)
{
	return error_wrap(err, "unable to %s unit \"%s\"", verb, unit);
}

static int memory_told(struct error *err, const char *verb, const char *unit)
{
	error_set(err, -ENOMEM, "properties");
	return told(err, verb, unit);
}

/* The manager names the property that it does not take between blanks, commas or quotes. */
static bool text_names(const char *text, const char *name)
{
	static const char ends[] = " ,:'\".\t";
	size_t length = strlen(name);

	for (const char *at = strstr(text, name); at; at = strstr(at + 1, name)) {
		if ((at == text || strchr(ends, at[-1])) && strchr(ends, at[length]))
			return true;
	}
	return false;
}

/* True: one that an older manager lacks was taken out, so another attempt may work. What an annotation asked for is not left out quietly. */
static bool unknown_drop(struct unit_properties *properties, const struct plan_cgroup *cgroup, const char *text)
{
	for (size_t i = 0; i < properties->count; i++) {
		const char *name = properties->items[i].name;
		bool asked = false;

		if (!text_names(text, name))
			continue;
		for (size_t k = 0; cgroup && k < cgroup->property_count; k++)
			asked = asked || text_equal(cgroup->properties[k].name, name);
		return !asked && unit_properties_drop(properties, name);
	}
	return false;
}

struct start {
	struct bus *bus;
	const struct plan_cgroup *cgroup;
	const char *id;
	const struct unit_process *process;
	struct unit_properties properties;
	uint32_t version;
	bool reset; /* a unit of that name was told to forget its failure */
};

/* Asked for nothing but what needs it: a property that the manager does not know is refused by its name, and left out then. UINT32_MAX: not asked. */
static int version_ask(struct bus *bus, const struct plan_resource *resources, size_t count, uint32_t *ret,
		       struct error *err)
{
	*ret = UINT32_MAX;
	return unit_properties_by_version(resources, count) ? bus_version(bus, ret, err) : 0;
}

static bool is_missing_pidfds(const struct error *err, int code)
{
	return code == -EOPNOTSUPP && text_names(error_text(err), "PIDFDs");
}

/* 1: try again. */
static int start_failed(struct start *start, int code, struct error *err)
{
	const char *unit = start->cgroup->unit;
	struct error ignored;

	if (is_missing_pidfds(err, code)) {
		const struct unit_process by_pid = { .pid = start->process->pid, .pidfd = FD_NONE };

		start->properties.count = 0;
		unit_properties_new(&start->properties, start->cgroup, start->id, &by_pid, start->version);
		return start->properties.failed ? -ENOMEM : 1;
	}
	if (code == -EOPNOTSUPP && unknown_drop(&start->properties, start->cgroup, error_text(err)))
		return 1;
	if (code != -EEXIST || start->reset)
		return code;
	if (start->cgroup->unit_is_slice) {
		/* Others may have made it, for several containers. */
		code = bus_unit_set(start->bus, unit, start->properties.items, start->properties.count, err);
		return code;
	}
	ERROR_INIT(&ignored);
	start->reset = true;
	return bus_unit_reset(start->bus, unit, &ignored) < 0 ? code : 1;
}

static int start_try(struct start *start, struct error *err)
{
	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		int r = bus_unit_start(start->bus, start->cgroup->unit, start->properties.items,
				       start->properties.count, err);

		if (r == 0)
			return 0;
		r = start_failed(start, r, err);
		if (r <= 0)
			return r;
	}
	return err ? err->code : -EIO;
}

int unit_connect(const struct systemd_program *program, const struct plan_cgroup *cgroup, struct arena *arena,
		 struct bus **ret, struct error *err)
{
	int r = bus_open(program, cgroup->user_manager, BUS_TIMEOUT_MS, arena, ret, err);

	return r < 0 ? told(err, "start", cgroup->unit) : 0;
}

int unit_start(struct bus *bus, const struct plan_cgroup *cgroup, const char *id, const struct unit_process *process,
	       struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct start start = { .bus = bus, .cgroup = cgroup, .id = id, .process = process };
	struct error own, ignored;
	int r;

	/* What is refused is read off the text. */
	ERROR_INIT(&own);
	err = err ? err : &own;
	r = version_ask(bus, cgroup->resources, cgroup->resource_count, &start.version, err);
	if (r < 0)
		return told(err, "start", cgroup->unit);
	start.properties.arena = &arena;
	unit_properties_new(&start.properties, cgroup, id, process, start.version);
	if (start.properties.failed)
		return memory_told(err, "start", cgroup->unit);
	r = start_try(&start, err);
	if (r == 0)
		return 0;
	/* A job that failed leaves a failed unit; one of somebody else is not ours to touch. */
	ERROR_INIT(&ignored);
	if (r != -EEXIST && !cgroup->unit_is_slice)
		(void)!bus_unit_reset(bus, cgroup->unit, &ignored);
	return told(err, "start", cgroup->unit);
}

/* Several containers may live in one slice: its start-only properties do not matter here. */
static int change_send(struct bus *bus, const char *unit, struct unit_properties *properties, struct error *err)
{
	uint32_t version;

	for (int i = 0; i < ATTEMPTS_MAX && properties->count > 0; i++) {
		int r = bus_unit_set(bus, unit, properties->items, properties->count, err);

		if (r == 0)
			return bus_version(bus, &version, err);
		if (r != -EOPNOTSUPP || !unknown_drop(properties, NULL, error_text(err)))
			return r;
	}
	return 0;
}

int unit_change(const struct systemd_program *program, const char *unit, bool user_manager,
		const struct plan_resource *resources, size_t count, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(bus_cleanup) struct bus *bus = NULL;
	struct unit_properties properties = { .arena = &arena };
	struct error own;
	uint32_t version;
	int r;

	/* What is refused is read off the text. */
	ERROR_INIT(&own);
	err = err ? err : &own;
	unit_properties_limits(&properties, resources, count, UINT32_MAX, false);
	if (properties.count == 0)
		return 0;
	r = bus_open(program, user_manager, BUS_TIMEOUT_MS, &arena, &bus, err);
	if (r == 0)
		r = version_ask(bus, resources, count, &version, err);
	if (r == 0) {
		properties.count = 0;
		unit_properties_limits(&properties, resources, count, version, false);
		r = properties.failed ? error_set(err, -ENOMEM, "properties")
				      : change_send(bus, unit, &properties, err);
	}
	return r < 0 ? told(err, "change", unit) : 0;
}

int unit_stop(const struct systemd_program *program, const char *unit, bool user_manager, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(bus_cleanup) struct bus *bus = NULL;
	struct error ignored;
	int r = bus_open(program, user_manager, BUS_TIMEOUT_MS, &arena, &bus, err);

	if (r == 0)
		r = bus_unit_stop(bus, unit, err);
	if (r < 0 && r != -ENOENT)
		return told(err, "stop", unit);
	/* One that is not loaded any more did not fail either. */
	ERROR_INIT(&ignored);
	(void)!bus_unit_reset(bus, unit, &ignored);
	return 0;
}

int unit_attach(const struct systemd_program *program, const char *unit, bool user_manager, const char *below,
		pid_t pid, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(bus_cleanup) struct bus *bus = NULL;
	int r = bus_open(program, user_manager, BUS_TIMEOUT_MS, &arena, &bus, err);

	if (r == 0)
		r = bus_unit_attach(bus, unit, below, pid, err);
	return r < 0 ? told(err, "enter", unit) : 0;
}
