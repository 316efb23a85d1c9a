/* SPDX-License-Identifier: Apache-2.0 */
/* The table itself: every row is complete, unique, reachable and takes its own texts back. Conversions: resource_convert_test.c. */
#include "libsandbox/cgroup/resource_table.h"

#include <errno.h>

#include "conformance/unit/check.h"
#include "libbase/text.h"

static struct arena arena;

/* The row's file with "2MB" for the star. */
static const char *file_of(const struct resource_row *row)
{
	const char *star = strchr(row->file, '*');

	if (!star)
		return row->file;
	return arena_printf(&arena, "%.*s2MB%s", (int)(star - row->file), row->file, star + 1);
}

TEST(every_file_finds_its_own_row)
{
	for (size_t i = 0; i < resource_rows_count; i++)
		CHECK(resource_row_of_file(file_of(&resource_rows[i])) == &resource_rows[i]);
	arena_cleanup(&arena);
}

TEST(every_file_is_unique)
{
	for (size_t i = 0; i < resource_rows_count; i++) {
		for (size_t j = 0; j < i; j++)
			CHECK(!text_equal(resource_rows[i].file, resource_rows[j].file));
	}
}

TEST(every_property_is_unique)
{
	for (size_t i = 0; i < resource_rows_count; i++) {
		const struct resource_row *row = &resource_rows[i];

		/* To be idle is to have the weight 0 in systemd's words. */
		if (!row->property || row->property_type == PROPERTY_CPU_IDLE)
			continue;
		for (size_t j = 0; j < resource_rows_count; j++) {
			const struct resource_row *other = &resource_rows[j];

			if (i == j || other->property_type == PROPERTY_CPU_IDLE)
				continue;
			CHECK(!text_equal(row->property, other->property));
			CHECK(!text_equal(row->property, other->property_2));
		}
	}
}

TEST(every_row_is_complete_and_reachable)
{
	for (size_t i = 0; i < resource_rows_count; i++) {
		const struct resource_row *row = &resource_rows[i];

		CHECK(row->field && row->file);
		/* From the spec by a field, or from `unified` alone; the latter stands here for its property only. */
		CHECK((row->field[0] != '\0') == (row->convert != NULL));
		CHECK(row->convert || row->property);
		CHECK((row->property != NULL) == (row->property_type != PROPERTY_NONE));
		CHECK((row->property_2 != NULL) == (row->property_type == PROPERTY_USEC_PER_SEC));
		CHECK(!row->option || row->convert);
		CHECK_INT(resource_controller_of_file(file_of(row)), row->controller);
	}
	arena_cleanup(&arena);
}

TEST(controllers_go_by_name_and_back)
{
	for (int i = CONTROLLER_CPU; i <= CONTROLLER_MISC; i++) {
		CHECK(resource_controller_name(i));
		CHECK_INT(resource_controller_of_file(resource_controller_name(i)), i);
	}
	CHECK(!resource_controller_name(0));
	CHECK(!resource_controller_name(CONTROLLER_MISC + 1));
	CHECK_INT(resource_controller_of_file("cpuset.cpus"), CONTROLLER_CPUSET);
	CHECK_INT(resource_controller_of_file("cpu.max"), CONTROLLER_CPU);
	CHECK_INT(resource_controller_of_file("cgroup.max.depth"), 0);
	CHECK_INT(resource_controller_of_file(""), 0);
}

TEST(files_without_a_row)
{
	static const char *const files[] = { "",
					     "memory",
					     "memory.max.",
					     "hugetlb.max",
					     "hugetlb..max",
					     "hugetlb.2MB.min",
					     "cpu.pressure",
					     "hugetlb.a.b.max",
					     "hugetlb.2MB.rsvd.",
					     "memory.maxx" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		CHECK(!resource_row_of_file(files[i]));
	CHECK_TEXT(resource_row_of_file("hugetlb.1GB.rsvd.max")->file, "hugetlb.*.rsvd.max");
	CHECK_TEXT(resource_row_of_file("hugetlb.1GB.max")->file, "hugetlb.*.max");
}

TEST(numbers_of_file_texts)
{
	static const struct {
		const char *file, *value;
		bool is_number;
		uint64_t number;
	} cases[] = {
		{ "memory.max", "max", true, UINT64_MAX },
		{ "memory.max", " 4096\n", true, 4096 },
		{ "memory.max", "64M", true, 64 << 20 },
		{ "memory.high", "1g", true, 1 << 30 },
		{ "memory.max", "16777216T", false, 0 }, /* more than 64 bits */
		{ "memory.max", "M", false, 0 },
		{ "memory.max", "-1", false, 0 },
		{ "memory.max", "", false, 0 },
		{ "memory.max", "12 13", false, 0 },
		{ "memory.min", "0", true, 0 },
		{ "pids.max", "5K", false, 0 }, /* only memory's files read suffixes */
		{ "pids.max", "0", true, 1 },   /* what systemd takes for none */
		{ "cpu.weight", "0", true, 1 },
		{ "io.weight", "default 300", true, 300 },
		{ "io.weight", "200", true, 200 },
		{ "io.weight", "8:0 200", false, 0 },
		{ "io.max", "8:0 rbps=1", false, 0 }, /* no property */
		{ "cpu.max", "max", true, UINT64_MAX },
		{ "cpu.max", "max 20000", true, UINT64_MAX },
		{ "cpu.max", "50000", true, 500000 },
		{ "cpu.max", "50000 100000", true, 500000 },
		{ "cpu.max", "200000 100000", true, 2000000 },
		{ "cpu.max", "12345 100000", true, 130000 }, /* up to whole percents */
		{ "cpu.max", "1000 1000000", true, 10000 },
		{ "cpu.max", "1 0", false, 0 },
		{ "cpu.max", "1 x", false, 0 },
		{ "cpu.max", "1 2 3", false, 0 },
		{ "cpu.max", "18446744073709551614 100000", true, UINT64_MAX },
		{ "cpu.idle", "1", true, 1 },
		{ "cpu.idle", "2", false, 0 },
		{ "memory.oom.group", "1\n", true, 1 },
		{ "memory.oom.group", "max", false, 0 },
		{ "cpuset.cpus", "0", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t number = 0;

		if (resource_number(resource_row_of_file(cases[i].file), cases[i].value, &number) != cases[i].is_number)
			check_fail(__FILE__, __LINE__, "%s '%s': number or not", cases[i].file, cases[i].value);
		if (cases[i].is_number && number != cases[i].number)
			check_fail(__FILE__, __LINE__, "%s '%s': %llu", cases[i].file, cases[i].value,
				   (unsigned long long)number);
	}
}

TEST(cpu_max_texts)
{
	uint64_t quota = 0, period = 0;

	CHECK(resource_cpu_max_parse("max 50000", &quota, &period));
	CHECK(quota == UINT64_MAX);
	CHECK_INT(period, 50000);
	CHECK(resource_cpu_max_parse("2500 \t 1000\n", &quota, &period));
	CHECK_INT(quota, 2500);
	CHECK_INT(period, 1000);
	CHECK(resource_cpu_max_parse("7000", &quota, &period));
	CHECK_INT(quota, 7000);
	CHECK_INT(period, 100000);
	CHECK(!resource_cpu_max_parse("max max", &quota, &period));
	CHECK(!resource_cpu_max_parse("-1 1000", &quota, &period));
}

TEST(values_that_ask_for_nothing)
{
	static const struct {
		const char *file, *value;
		bool nothing;
	} cases[] = {
		{ "memory.max", "max", true },
		{ "memory.max", "1", false },
		{ "memory.swap.max", "max", true },
		{ "memory.swap.max", "0", false },
		{ "cpu.weight", "100", true },
		{ "cpu.weight", "1000", false },
		{ "cpu.weight", "10", false },
		{ "cpu.max", "max 100000", true },
		{ "cpu.max", "maximum 100000", false },
		{ "cpu.max", "1000 100000", false },
		{ "cpu.idle", "0", true },
		{ "cpu.idle", "1", false },
		{ "cpu.max.burst", "0", true },
		{ "io.max", "8:0 rbps=max\n8:0 wbps=max", true },
		{ "io.max", "8:0 rbps=max\n8:0 wbps=5", false },
		{ "io.bfq.weight", "100\n8:0 100", false },
		{ "pids.max", "max", true },
		{ "hugetlb.2MB.max", "max", true },
		{ "hugetlb.2MB.max", "0", false },
		{ "cpuset.cpus", "0", false },
		{ "rdma.max", "mlx hca_handle=1", false },
		{ "memory.min", "0", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan_resource resource = { .row = resource_row_of_file(cases[i].file),
						  .file = cases[i].file,
						  .value = cases[i].value };

		if (resource_asks_nothing(&resource) != cases[i].nothing)
			check_fail(__FILE__, __LINE__, "%s '%s'", cases[i].file, cases[i].value);
	}
	CHECK(!resource_asks_nothing(&(struct plan_resource){ .file = "misc.max", .value = "max" }));
}

TEST(a_value_takes_the_place_of_an_earlier_one)
{
	struct resource_out out = { 0 };
	struct resource_work work = { .arena = &arena, .out = &out };

	for (int i = 0; i < 100; i++)
		CHECK_INT(resource_add(&work, NULL, arena_printf(&arena, "misc.%d", i), "1"), 1);
	CHECK_INT(resource_add(&work, resource_row_of_file("pids.max"), "pids.max", "7"), 1);
	CHECK_INT(out.count, 101);
	CHECK_INT(resource_add(&work, resource_row_of_file("pids.max"), "pids.max", "max"), 1);
	CHECK_INT(out.count, 101);
	CHECK_TEXT(out.items[100].value, "max");
	CHECK(out.items[100].has_number && out.items[100].number == UINT64_MAX);
	CHECK_TEXT(out.items[42].file, "misc.42");
	CHECK(!out.items[42].has_number);
	CHECK_INT(resource_add(&work, NULL, "misc.max", NULL), -ENOMEM);
	arena_cleanup(&arena);
}
