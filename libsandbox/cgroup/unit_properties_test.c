/* SPDX-License-Identifier: Apache-2.0 */
/* Plan to properties. */

#include <string.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/resource_table.h"
#include "libsandbox/cgroup/unit_properties.h"

static const struct plan_variant absent_items[2] = { { .signature = "", .text = "" }, { .signature = "", .text = "" } };
static const struct plan_variant absent = {
	.signature = "", .text = "absent", .number = 4711, .items = absent_items, .count = 4711
};

static const struct plan_variant *find(const struct unit_properties *properties, const char *name)
{
	for (size_t i = 0; i < properties->count; i++) {
		if (text_equal(properties->items[i].name, name))
			return properties->items[i].value;
	}
	return &absent;
}

static bool has(const struct unit_properties *properties, const char *name)
{
	return find(properties, name) != &absent;
}

static struct plan_resource limit(const char *file, const char *value)
{
	struct plan_resource resource = { .row = resource_row_of_file(file), .file = file, .value = value };

	resource.has_number = resource.row && resource_number(resource.row, value, &resource.number);
	return resource;
}

static const struct unit_process process = { .pid = 77, .pidfd = 5 };

TEST(a_scope_is_delegated_and_begins_with_init)
{
	static const struct plan_cgroup cgroup = { .slice = "a.slice", .unit = "x.scope" };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct unit_properties properties = { .arena = &arena };

	unit_properties_new(&properties, &cgroup, "web", &process, 252);
	CHECK(!properties.failed);
	CHECK_TEXT(find(&properties, "Description")->text, "orlop container web");
	CHECK_TEXT(find(&properties, "Slice")->text, "a.slice");
	CHECK(find(&properties, "Delegate")->number == 1);
	CHECK(find(&properties, "DefaultDependencies")->number == 0);
	CHECK(find(&properties, "MemoryAccounting")->number == 1 && find(&properties, "TasksAccounting")->number == 1);
	CHECK_TEXT(find(&properties, "PIDs")->signature, "au");
	CHECK(find(&properties, "PIDs")->items[0].number == 77);
	CHECK(!has(&properties, "PIDFDs") && !has(&properties, "Wants") && !has(&properties, "DeviceAllow"));
	properties.count = 0;
	unit_properties_new(&properties, &cgroup, "web", &process, 257);
	CHECK(!has(&properties, "PIDs"));
	CHECK_TEXT(find(&properties, "PIDFDs")->signature, "ah");
	CHECK(find(&properties, "PIDFDs")->items[0].number == 5);
}

TEST(a_slice_has_no_process_and_hands_nothing_over)
{
	static const struct plan_cgroup cgroup = { .slice = "a.slice", .unit = "a-pod.slice", .unit_is_slice = true };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct unit_properties properties = { .arena = &arena };

	unit_properties_new(&properties, &cgroup, "web", &process, 257);
	CHECK(!has(&properties, "Slice") && !has(&properties, "Delegate"));
	CHECK(!has(&properties, "PIDs") && !has(&properties, "PIDFDs"));
	CHECK_TEXT(find(&properties, "Wants")->items[0].text, "a.slice");
}

TEST(limits_have_the_units_of_systemd)
{
	struct plan_resource limits[] = {
		limit("memory.max", "1048576"),   limit("memory.low", "max"),          limit("pids.max", "0"),
		limit("cpu.max", "33333 100000"), limit("cpu.weight", "17"),           limit("cpuset.cpus", "0-2,9"),
		limit("cpuset.mems", "0"),        limit("io.weight", "default 200"),   limit("memory.oom.group", "1"),
		limit("cpu.max.burst", "5"),      limit("hugetlb.2MB.max", "2097152"),
	};
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct unit_properties properties = { .arena = &arena };
	const struct plan_variant *set;

	unit_properties_limits(&properties, limits, ARRAY_SIZE(limits), 257, true);
	CHECK(find(&properties, "MemoryMax")->number == 1048576);
	CHECK(find(&properties, "MemoryLow")->number == UINT64_MAX);
	CHECK(find(&properties, "TasksMax")->number == 1);
	CHECK(find(&properties, "CPUQuotaPerSecUSec")->number == 340000);
	CHECK(find(&properties, "CPUQuotaPeriodUSec")->number == 100000);
	CHECK(find(&properties, "CPUWeight")->number == 17);
	CHECK(find(&properties, "IOWeight")->number == 200);
	CHECK_TEXT(find(&properties, "OOMPolicy")->text, "kill");
	set = find(&properties, "AllowedCPUs");
	CHECK_TEXT(set->signature, "ay");
	CHECK_INT(set->count, 2);
	CHECK(set->items[0].number == 7 && set->items[1].number == 2);
	CHECK_INT(find(&properties, "AllowedMemoryNodes")->count, 1);
	/* Each of the two has no property. */
	CHECK_INT(properties.count, 10);
}

TEST(what_a_manager_lacks_is_left_to_the_files)
{
	struct plan_resource limits[] = { limit("memory.oom.group", "1"), limit("memory.zswap.max", "0"),
					  limit("cpu.idle", "1"), limit("memory.max", "2G") };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct unit_properties properties = { .arena = &arena };

	unit_properties_limits(&properties, limits, ARRAY_SIZE(limits), 251, true);
	CHECK_INT(properties.count, 1);
	CHECK(find(&properties, "MemoryMax")->number == UINT64_C(2) << 30);
	unit_properties_limits(&properties, limits, ARRAY_SIZE(limits), 257, false);
	CHECK(find(&properties, "MemoryZSwapMax")->number == 0);
	CHECK(find(&properties, "CPUWeight")->number == 0);
	CHECK(!has(&properties, "OOMPolicy"));
}

TEST(cpu_sets_that_are_none_go_by_file)
{
	static const char *const texts[] = { "a", "3-1", "0-9999", "1-", "1;2" };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct unit_properties properties = { .arena = &arena };
	struct plan_resource empty = limit("cpuset.cpus", "");

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct plan_resource resource = limit("cpuset.cpus", texts[i]);

		unit_properties_limits(&properties, &resource, 1, 257, true);
		CHECK_INT(properties.count, 0);
	}
	/* Empty is "all": what an update may go back to. */
	unit_properties_limits(&properties, &empty, 1, 257, false);
	CHECK_INT(find(&properties, "AllowedCPUs")->count, 0);
	CHECK(!properties.failed);
}

TEST(devices_are_never_less_than_the_program_allows)
{
	static const struct plan_device_rule rules[] = {
		{ .allow = false, .type = 'a', .major = -1, .minor = -1, .read = true, .write = true, .mknod = true },
		{ .allow = true, .type = 'c', .major = 1, .minor = 3, .read = true, .write = true, .mknod = true },
		{ .allow = true, .type = 'c', .major = 136, .minor = -1, .read = true, .write = true },
		{ .allow = true, .type = 'a', .major = -1, .minor = -1, .mknod = true },
		{ .allow = true, .type = 'b', .major = -1, .minor = 4, .read = true },
		{ .allow = false, .type = 'c', .major = 1, .minor = 3, .write = true },
	};
	static const char *const wanted[][2] = { { "/dev/char/1:3", "rwm" },
						 { "char-136", "rw" },
						 { "char-*", "m" },
						 { "block-*", "m" },
						 { "block-*", "r" } };
	struct plan_cgroup cgroup = { .devices = rules, .device_count = ARRAY_SIZE(rules), .device_program = true };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct unit_properties properties = { .arena = &arena };
	const struct plan_variant *list;

	unit_properties_devices(&properties, &cgroup);
	CHECK_TEXT(find(&properties, "DevicePolicy")->text, "strict");
	list = find(&properties, "DeviceAllow");
	CHECK_TEXT(list->signature, "a(ss)");
	CHECK_INT(list->count, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		CHECK_TEXT(list->items[i].items[0].text, wanted[i][0]);
		CHECK_TEXT(list->items[i].items[1].text, wanted[i][1]);
	}
	properties.count = 0;
	cgroup.user_manager = true;
	unit_properties_devices(&properties, &cgroup);
	CHECK_INT(properties.count, 0);
}

TEST(a_later_value_stands_and_vital_ones_stay)
{
	static const struct plan_variant number = { .signature = "b", .number = 0 };
	static const struct plan_property own[] = { { .name = "MemoryAccounting", .variant = &number } };
	static const struct plan_cgroup cgroup = {
		.slice = "a.slice", .unit = "x.scope", .properties = own, .property_count = 1
	};
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct unit_properties properties = { .arena = &arena };
	size_t count;

	unit_properties_new(&properties, &cgroup, "web", &process, 252);
	count = properties.count;
	CHECK(find(&properties, "MemoryAccounting") == &number);
	CHECK(unit_properties_drop(&properties, "MemoryAccounting"));
	CHECK_INT(properties.count, count - 1);
	CHECK(!unit_properties_drop(&properties, "MemoryAccounting"));
	CHECK(!unit_properties_drop(&properties, "PIDs") && !unit_properties_drop(&properties, "Slice"));
}
