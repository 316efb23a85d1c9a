/* SPDX-License-Identifier: Apache-2.0 */
/* See unit_properties.h. */
#include "libsandbox/cgroup/unit_properties.h"

#include <string.h>

#include "libbase/text.h"
#include "libsandbox/cgroup/resource_table.h"

#define PIDFDS_SINCE  254
#define CPUS_MAX      8192
#define CPU_SET_BYTES (CPUS_MAX / 8)

/* -- values ----------------------------------------------------------------------------------------------------------------------- */

static struct plan_variant *variant_make(struct unit_properties *to, const char *signature)
{
	struct plan_variant *value = arena_new(to->arena, struct plan_variant);

	if (value)
		*value = (struct plan_variant){ .signature = signature };
	return value;
}

/* A name given before is given again: the later value stands, in the place of the earlier. */
static void property_add(struct unit_properties *to, const char *name, const struct plan_variant *value)
{
	for (size_t i = 0; i < to->count; i++) {
		if (text_equal(to->items[i].name, name)) {
			to->items[i].value = value;
			to->failed = to->failed || !value;
			return;
		}
	}
	if (to->count == to->capacity) {
		size_t wanted = to->capacity ? 2 * to->capacity : 32;
		void *grown = arena_grow(to->arena, to->items, to->capacity, wanted, sizeof(*to->items));

		if (!grown) {
			to->failed = true;
			return;
		}
		to->items = grown;
		to->capacity = wanted;
	}
	to->failed = to->failed || !value;
	to->items[to->count++] = (struct bus_property){ .name = name, .value = value };
}

static void add_text(struct unit_properties *to, const char *name, const char *text)
{
	struct plan_variant *value = text ? variant_make(to, "s") : NULL;

	if (value)
		value->text = text;
	property_add(to, name, value);
}

static void add_number(struct unit_properties *to, const char *name, const char *signature, uint64_t number)
{
	struct plan_variant *value = variant_make(to, signature);

	if (value)
		value->number = number;
	property_add(to, name, value);
}

/* An array of one. */
static void add_list(struct unit_properties *to, const char *name, const char *signature,
		     const struct plan_variant *item)
{
	struct plan_variant *value = variant_make(to, signature);

	if (value) {
		value->items = item;
		value->count = 1;
	}
	property_add(to, name, item ? value : NULL);
}

/* -- the unit ----------------------------------------------------------------------------------------------------------------------- */

static void add_process(struct unit_properties *to, const struct unit_process *process, uint32_t version)
{
	bool by_fd = process->pidfd >= 0 && version >= PIDFDS_SINCE;
	struct plan_variant *item = variant_make(to, by_fd ? "h" : "u");

	if (item)
		item->number = by_fd ? (uint64_t)process->pidfd : (uint64_t)process->pid;
	add_list(to, by_fd ? "PIDFDs" : "PIDs", by_fd ? "ah" : "au", item);
}

static void add_place(struct unit_properties *to, const struct plan_cgroup *cgroup, const struct unit_process *process,
		      uint32_t version)
{
	if (cgroup->unit_is_slice) {
		/* A slice is where its name says, holds no process at its start, and hands nothing over. */
		struct plan_variant *item = variant_make(to, "s");

		if (item)
			item->text = cgroup->slice;
		add_list(to, "Wants", "as", item);
		return;
	}
	add_text(to, "Slice", cgroup->slice);
	add_number(to, "Delegate", "b", 1);
	add_process(to, process, version);
}

void unit_properties_new(struct unit_properties *to, const struct plan_cgroup *cgroup, const char *id,
			 const struct unit_process *process, uint32_t version)
{
	static const char *const accounting[] = { "MemoryAccounting", "CPUAccounting", "IOAccounting",
						  "TasksAccounting" };

	add_text(to, "Description", arena_printf(to->arena, "orlop container %s", id));
	add_place(to, cgroup, process, version);
	for (size_t i = 0; i < ARRAY_SIZE(accounting); i++)
		add_number(to, accounting[i], "b", 1);
	/* Else it would be stopped before, and started after, what has nothing to do with it. */
	add_number(to, "DefaultDependencies", "b", 0);
	for (size_t i = 0; i < cgroup->property_count; i++)
		property_add(to, cgroup->properties[i].name, cgroup->properties[i].variant);
	unit_properties_limits(to, cgroup->resources, cgroup->resource_count, version, true);
	unit_properties_devices(to, cgroup);
}

bool unit_properties_drop(struct unit_properties *properties, const char *name)
{
	static const char *const vital[] = { "Slice", "Wants", "PIDs", "Delegate" };

	for (size_t i = 0; i < ARRAY_SIZE(vital); i++) {
		if (text_equal(vital[i], name))
			return false;
	}
	for (size_t i = 0; i < properties->count; i++) {
		if (!text_equal(properties->items[i].name, name))
			continue;
		properties->count--;
		memmove(&properties->items[i], &properties->items[i + 1],
			(properties->count - i) * sizeof(*properties->items));
		return true;
	}
	return false;
}

/* -- limits ------------------------------------------------------------------------------------------------------------------------- */

static bool number_take(const char **at, uint64_t *ret)
{
	size_t digits = strspn(*at, "0123456789");
	char text[16];

	if (digits == 0 || digits >= sizeof(text))
		return false;
	memcpy(text, *at, digits);
	text[digits] = '\0';
	*at += digits;
	return number_parse_u64(text, CPUS_MAX - 1, ret) == 0;
}

/* "0-3,5" as bits, the first processor the lowest of the first byte. Returns how many bytes; 0 for an empty list; -1: no such list. */
static int cpu_set_read(const char *text, uint8_t bytes[CPU_SET_BYTES])
{
	int used = 0;

	memset(bytes, 0, CPU_SET_BYTES);
	for (text += strspn(text, " \t\n,"); *text; text += strspn(text, " \t\n,")) {
		uint64_t first, last;

		if (!number_take(&text, &first))
			return -1;
		last = first;
		if (*text == '-') {
			text++;
			if (!number_take(&text, &last) || last < first)
				return -1;
		}
		for (uint64_t i = first; i <= last; i++)
			bytes[i / 8] = (uint8_t)(bytes[i / 8] | 1U << (i % 8));
		used = (int)(last / 8) + 1 > used ? (int)(last / 8) + 1 : used;
	}
	return used;
}

static void add_cpu_set(struct unit_properties *to, const char *name, const char *text)
{
	uint8_t bytes[CPU_SET_BYTES];
	struct plan_variant *items, *value;
	int used = cpu_set_read(text, bytes);

	/* What the kernel takes and we do not read goes by file alone. */
	if (used < 0)
		return;
	items = arena_calloc(to->arena, (size_t)used, sizeof(*items));
	value = variant_make(to, "ay");
	for (int i = 0; items && i < used; i++)
		items[i] = (struct plan_variant){ .signature = "y", .number = bytes[i] };
	if (value) {
		value->items = items;
		value->count = (size_t)used;
	}
	property_add(to, name, items ? value : NULL);
}

static void add_cpu_max(struct unit_properties *to, const struct plan_resource *resource)
{
	uint64_t quota, period;

	add_number(to, resource->row->property, "t", resource->number);
	if (resource_cpu_max_parse(resource->value, &quota, &period))
		add_number(to, resource->row->property_2, "t", period);
}

static void add_limit(struct unit_properties *to, const struct plan_resource *resource, bool is_new)
{
	const struct resource_row *row = resource->row;

	if (row->property_type == PROPERTY_CPU_SET) {
		add_cpu_set(to, row->property, resource->value);
		return;
	}
	if (!resource->has_number)
		return;
	switch (row->property_type) {
	case PROPERTY_U64:
		add_number(to, row->property, "t", resource->number);
		break;
	case PROPERTY_USEC_PER_SEC:
		add_cpu_max(to, resource);
		break;
	case PROPERTY_OOM_POLICY:
		if (is_new)
			add_text(to, row->property, resource->number ? "kill" : "continue");
		break;
	case PROPERTY_CPU_IDLE:
		if (resource->number)
			add_number(to, row->property, "t", 0);
		break;
	default:
		break;
	}
}

void unit_properties_limits(struct unit_properties *to, const struct plan_resource *resources, size_t count,
			    uint32_t version, bool is_new)
{
	for (size_t i = 0; i < count; i++) {
		const struct resource_row *row = resources[i].row;

		if (row && row->property && row->systemd_since <= version)
			add_limit(to, &resources[i], is_new);
	}
}

bool unit_properties_by_version(const struct plan_resource *resources, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct resource_row *row = resources[i].row;

		if (row && row->property && row->systemd_since > 0)
			return true;
	}
	return false;
}

/* -- devices ------------------------------------------------------------------------------------------------------------------------ */

/* The name under which systemd finds the device by its numbers, whether there is a node or not; more than asked where it has no such name. */
static const char *device_name(struct arena *arena, char type, const struct plan_device_rule *rule)
{
	const char *kind = type == 'c' ? "char" : "block";

	if (rule->major < 0)
		return arena_printf(arena, "%s-*", kind);
	if (rule->minor < 0)
		return arena_printf(arena, "%s-%lld", kind, (long long)rule->major);
	return arena_printf(arena, "/dev/%s/%lld:%lld", kind, (long long)rule->major, (long long)rule->minor);
}

static void device_fill(struct unit_properties *to, struct plan_variant *item, char type,
			const struct plan_device_rule *rule)
{
	struct plan_variant *pair = arena_calloc(to->arena, 2, sizeof(*pair));

	*item = (struct plan_variant){ .signature = "(ss)", .items = pair, .count = 2 };
	if (!pair) {
		to->failed = true;
		return;
	}
	pair[0] = (struct plan_variant){ .signature = "s", .text = device_name(to->arena, type, rule) };
	pair[1] = (struct plan_variant){ .signature = "s",
					 .text = arena_printf(to->arena, "%s%s%s", rule->read ? "r" : "",
							      rule->write ? "w" : "", rule->mknod ? "m" : "") };
	to->failed = to->failed || !pair[0].text || !pair[1].text;
}

void unit_properties_devices(struct unit_properties *to, const struct plan_cgroup *cgroup)
{
	struct plan_variant *value, *items;
	size_t count = 0;

	/* The user's manager may load no program. */
	if (cgroup->user_manager || !cgroup->device_program)
		return;
	value = variant_make(to, "a(ss)");
	items = arena_calloc(to->arena, 2 * cgroup->device_count, sizeof(*items));
	if (!value || !items) {
		to->failed = true;
		return;
	}
	for (size_t i = 0; i < cgroup->device_count; i++) {
		const struct plan_device_rule *rule = &cgroup->devices[i];

		if (!rule->allow || (!rule->read && !rule->write && !rule->mknod))
			continue;
		if (rule->type != 'b')
			device_fill(to, &items[count++], 'c', rule);
		if (rule->type != 'c')
			device_fill(to, &items[count++], 'b', rule);
	}
	value->items = items;
	value->count = count;
	add_text(to, "DevicePolicy", "strict");
	property_add(to, "DeviceAllow", value);
}
