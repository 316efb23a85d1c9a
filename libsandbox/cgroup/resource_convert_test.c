/* SPDX-License-Identifier: Apache-2.0 */
/* Every row's conversion, from the spec's members to the text and the number. */
#include "libsandbox/cgroup/resource_convert.h"

#include <errno.h>
#include <math.h>

#include "conformance/unit/check.h"
#include "libbase/text.h"

#define SET(number)          \
	{                    \
		true, number \
	}

struct converted {
	struct arena arena;
	struct problems problems;
	struct resource_out out;
	int made;
	const char *field;
};

static void convert(struct converted *c, const char *file, const struct spec_resources *resources, bool bfq)
{
	const struct resource_row *row = resource_row_of_file(file);
	const struct host host = { .cgroup_bfq = bfq };
	struct resource_work work = { .resources = resources,
				      .host = &host,
				      .arena = &c->arena,
				      .problems = &c->problems,
				      .out = &c->out,
				      .where = "/linux/resources",
				      .field = row->field };

	problems_init(&c->problems, &c->arena);
	c->out = (struct resource_out){ 0 };
	c->made = row->convert(row, &work);
	c->field = work.field;
	CHECK(c->made < 0 || (size_t)c->made == c->out.count);
}

/* The one value that the row of `file` makes; NULL when it makes none. */
static const char *value_of(struct converted *c, const char *file, const struct spec_resources *resources)
{
	convert(c, file, resources, false);
	CHECK(c->made == 0 || c->made == 1);
	if (c->made == 0)
		return NULL;
	CHECK_TEXT(c->out.items[0].file, file);
	CHECK(c->out.items[0].row == resource_row_of_file(file));
	return c->out.items[0].value;
}

/* Shares, weight, and so on: computed with 40 decimals by other means than the code under test. */
static const uint64_t weights[] = {
	0,      0,    1,      1,    2,      1,    3,      2,     4,      2,     5,      2,     7,          3,
	8,      3,    10,     4,    16,     5,    20,     6,     32,     8,     50,     10,    64,         12,
	99,     17,   100,    17,   128,    21,   200,    29,    250,    34,    256,    35,    300,        39,
	400,    49,   500,    58,   512,    59,   600,    66,    700,    75,    800,    83,    900,        91,
	1000,   99,   1023,   100,  1024,   100,  1025,   101,   1500,   136,   2000,   170,   2048,       174,
	3000,   236,  3072,   240,  4096,   303,  5000,   356,   8192,   532,   10000,  627,   10240,      639,
	16384,  942,  20000,  1112, 32768,  1681, 50000,  2402,  65535,  3023,  65536,  3023,  100000,     4340,
	116225, 4938, 131072, 5478, 185194, 7389, 196547, 7781,  200000, 7899,  200416, 7914,  220620,     8603,
	226073, 8789, 230091, 8925, 250000, 9595, 262143, 10000, 262144, 10000, 262145, 10000, UINT64_MAX, 10000
};

TEST(weights_are_those_of_the_formula)
{
	for (size_t i = 0; i < ARRAY_SIZE(weights); i += 2) {
		if (resource_cpu_weight(weights[i]) != weights[i + 1])
			check_fail(__FILE__, __LINE__, "shares %llu: weight %llu", (unsigned long long)weights[i],
				   (unsigned long long)resource_cpu_weight(weights[i]));
	}
}

TEST(weights_are_those_of_libm)
{
	for (uint64_t shares = 3; shares < 262144; shares++) {
		double l = log2((double)shares);
		uint64_t wanted = shares == 1024 ? 100 : (uint64_t)ceil(pow(10, (l * l + 125 * l) / 612 - 7.0 / 34));

		if (resource_cpu_weight(shares) != wanted)
			check_fail(__FILE__, __LINE__, "shares %llu: weight %llu, not %llu", (unsigned long long)shares,
				   (unsigned long long)resource_cpu_weight(shares), (unsigned long long)wanted);
	}
}

TEST(weights_never_fall)
{
	uint64_t last = 0;

	for (uint64_t shares = 1; shares <= 262144; shares++) {
		uint64_t weight = resource_cpu_weight(shares);

		CHECK(weight >= last && weight >= 1 && weight <= 10000);
		last = weight;
	}
}

TEST(block_weights_span_the_range)
{
	CHECK_INT(resource_io_weight(0), 0);
	CHECK_INT(resource_io_weight(10), 1);
	CHECK_INT(resource_io_weight(100), 910);
	CHECK_INT(resource_io_weight(500), 4950);
	CHECK_INT(resource_io_weight(1000), 10000);
}

TEST(nothing_asked_makes_nothing)
{
	static const struct spec_memory memory;
	static const struct spec_cpu cpu = { .cpus = "", .shares = SET(0), .quota = SET(0), .period = SET(0) };
	static const struct spec_pids pids;
	static const struct spec_block_io block_io = { .weight = SET(0) };
	static const struct spec_rdma rdma = { .key = "mlx4_0" };
	const struct spec_resources empty = { 0 };
	const struct spec_resources hollow = {
		.memory = &memory, .cpu = &cpu, .pids = &pids, .block_io = &block_io, .rdma = { &rdma, 1 }
	};
	struct converted c = { 0 };

	for (size_t i = 0; i < resource_rows_count; i++) {
		if (!resource_rows[i].convert)
			continue;
		convert(&c, text_starts(resource_rows[i].file, "hugetlb") ? "hugetlb.2MB.max" : resource_rows[i].file,
			&empty, false);
		CHECK_INT(c.made, 0);
		convert(&c, text_starts(resource_rows[i].file, "hugetlb") ? "hugetlb.2MB.max" : resource_rows[i].file,
			&hollow, true);
		CHECK_INT(c.made, 0);
	}
	arena_cleanup(&c.arena);
}

TEST(process_numbers)
{
	static const struct {
		int64_t limit;
		const char *value;
		uint64_t number;
	} cases[] = { { 5, "5", 5 }, { 0, "1", 1 }, { -1, "max", UINT64_MAX }, { -7, "max", UINT64_MAX } };
	struct converted c = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct spec_pids pids = { .limit = SET(cases[i].limit) };

		CHECK_TEXT(value_of(&c, "pids.max", &(struct spec_resources){ .pids = &pids }), cases[i].value);
		CHECK(c.out.items[0].has_number && c.out.items[0].number == cases[i].number);
	}
	arena_cleanup(&c.arena);
}

TEST(memory_limits)
{
	struct spec_memory memory = { .limit = SET(67108864), .reservation = SET(33554432) };
	const struct spec_resources resources = { .memory = &memory };
	struct converted c = { 0 };

	CHECK_TEXT(value_of(&c, "memory.max", &resources), "67108864");
	CHECK_INT(c.out.items[0].number, 67108864);
	CHECK(!c.out.items[0].optional);
	CHECK_TEXT(value_of(&c, "memory.low", &resources), "33554432");
	memory.limit.value = -1;
	memory.reservation.value = -1;
	CHECK_TEXT(value_of(&c, "memory.max", &resources), "max");
	CHECK(c.out.items[0].number == UINT64_MAX);
	CHECK_TEXT(value_of(&c, "memory.low", &resources), "max");
	arena_cleanup(&c.arena);
}

TEST(swap_is_what_is_above_memory)
{
	static const struct {
		struct opt_i64 limit, swap;
		const char *value;
		bool optional;
	} cases[] = {
		{ SET(100), SET(300), "200", false },
		{ SET(100), SET(100), "0", true },
		{ SET(100), SET(-1), "max", true },
		{ SET(-1), { false, 0 }, "max", true },
		{ SET(-1), SET(0), "max", true },
		{ SET(-1), SET(-1), "max", true },
		{ SET(-1), SET(500), "500", false },
		{ { false, 0 }, SET(-1), "max", true },
		{ SET(100), { false, 0 }, NULL, false },
		{ SET(100), SET(0), NULL, false },
		{ { false, 0 }, { false, 0 }, NULL, false },
	};
	struct converted c = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct spec_memory memory = { .limit = cases[i].limit, .swap = cases[i].swap };

		CHECK_TEXT(value_of(&c, "memory.swap.max", &(struct spec_resources){ .memory = &memory }),
			   cases[i].value);
		if (cases[i].value)
			CHECK_INT(c.out.items[0].optional, cases[i].optional);
	}
	arena_cleanup(&c.arena);
}

TEST(swap_needs_a_memory_limit_below_it)
{
	struct spec_memory memory = { .swap = SET(100) };
	const struct spec_resources resources = { .memory = &memory };
	struct converted c = { 0 };

	convert(&c, "memory.swap.max", &resources, false);
	CHECK_INT(c.made, -EINVAL);
	CHECK_INT(c.problems.errors, 1);
	CHECK_TEXT(c.problems.items[0]->path, "/linux/resources/memory/swap");
	CHECK_TEXT(c.problems.items[0]->text, "unable to set swap limit without memory limit");
	memory.limit = (struct opt_i64)SET(200);
	convert(&c, "memory.swap.max", &resources, false);
	CHECK_INT(c.made, -EINVAL);
	CHECK_HAS(c.problems.items[0]->text, "memory+swap limit should be >= memory limit");
	arena_cleanup(&c.arena);
}

TEST(cpu_bandwidth)
{
	static const struct {
		struct opt_i64 quota;
		struct opt_u64 period;
		const char *value, *field;
		uint64_t number;
	} cases[] = {
		{ SET(50000), SET(200000), "50000 200000", "/cpu/quota", 250000 },
		{ SET(50000), { false, 0 }, "50000 100000", "/cpu/quota", 500000 },
		{ { false, 0 }, SET(20000), "max 20000", "/cpu/period", UINT64_MAX },
		{ SET(-1), { false, 0 }, "max 100000", "/cpu/quota", UINT64_MAX },
		{ SET(-1), SET(50000), "max 50000", "/cpu/quota", UINT64_MAX },
		{ SET(0), SET(50000), "max 50000", "/cpu/period", UINT64_MAX },
		{ SET(33333), SET(100000), "33333 100000", "/cpu/quota", 340000 },
	};
	struct converted c = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct spec_cpu cpu = { .quota = cases[i].quota, .period = cases[i].period };

		CHECK_TEXT(value_of(&c, "cpu.max", &(struct spec_resources){ .cpu = &cpu }), cases[i].value);
		CHECK_TEXT(c.field, cases[i].field);
		CHECK(c.out.items[0].has_number && c.out.items[0].number == cases[i].number);
	}
	arena_cleanup(&c.arena);
}

TEST(cpu_rest)
{
	struct spec_cpu cpu = { .shares = SET(2048), .burst = SET(0), .idle = SET(0), .cpus = "0-3,7", .mems = "1" };
	const struct spec_resources resources = { .cpu = &cpu };
	struct converted c = { 0 };

	CHECK_TEXT(value_of(&c, "cpu.weight", &resources), "174");
	CHECK_INT(c.out.items[0].number, 174);
	CHECK_TEXT(value_of(&c, "cpu.max.burst", &resources), "0");
	CHECK_TEXT(value_of(&c, "cpu.idle", &resources), "0");
	CHECK_TEXT(value_of(&c, "cpuset.cpus", &resources), "0-3,7");
	CHECK_TEXT(value_of(&c, "cpuset.mems", &resources), "1");
	/* An idle group refuses a weight. */
	cpu.idle.value = 1;
	CHECK_TEXT(value_of(&c, "cpu.idle", &resources), "1");
	CHECK_TEXT(value_of(&c, "cpu.weight", &resources), NULL);
	CHECK_INT(c.problems.warnings, 1);
	CHECK_INT(c.problems.errors, 0);
	arena_cleanup(&c.arena);
}

TEST(block_weights_with_and_without_bfq)
{
	static const struct spec_weight_device devices[] = {
		{ .major = 8, .minor = 0, .weight = SET(300) },
		{ .major = 8, .minor = 16, .leaf_weight = SET(300) },
		{ .major = 259, .minor = 1, .weight = SET(10) },
	};
	const struct spec_block_io block_io = { .weight = SET(500), .weight_device = { devices, 3 } };
	const struct spec_resources resources = { .block_io = &block_io };
	struct converted c = { 0 };

	convert(&c, "io.bfq.weight", &resources, true);
	CHECK_INT(c.made, 1);
	CHECK_TEXT(c.out.items[0].value, "500\n8:0 300\n259:1 10");
	convert(&c, "io.weight", &resources, true);
	CHECK_INT(c.made, 0);

	CHECK_TEXT(value_of(&c, "io.weight", &resources), "4950");
	CHECK_INT(c.out.items[0].number, 4950);
	CHECK_TEXT(value_of(&c, "io.bfq.weight", &resources), NULL);
	CHECK_INT(c.problems.warnings, 1);
	CHECK_TEXT(c.problems.items[0]->path, "/linux/resources/blockIO/weightDevice/0");
	arena_cleanup(&c.arena);
}

TEST(block_throttles)
{
	static const struct spec_throttle_device read_bps[] = { { 8, 0, SET(1048576) }, { 8, 16, SET(0) } };
	static const struct spec_throttle_device write_iops[] = { { 8, 0, SET(UINT64_MAX) } };
	const struct spec_block_io block_io = { .throttle_read_bps = { read_bps, 2 },
						.throttle_write_bps = { read_bps, 1 },
						.throttle_read_iops = { read_bps + 1, 1 },
						.throttle_write_iops = { write_iops, 1 } };
	struct converted c = { 0 };

	CHECK_TEXT(value_of(&c, "io.max", &(struct spec_resources){ .block_io = &block_io }),
		   "8:0 rbps=1048576\n8:16 rbps=max\n8:0 wbps=1048576\n8:16 riops=max\n8:0 "
		   "wiops=18446744073709551615");
	CHECK_TEXT(c.field, "/blockIO/throttleWriteIOPSDevice");
	arena_cleanup(&c.arena);
}

TEST(huge_pages)
{
	static const struct spec_hugepage_limit limits[] = { { "2MB", 0 }, { "1GB", UINT64_MAX }, { "2MB", 4194304 } };
	const struct spec_resources resources = { .hugepage_limits = { limits, 3 } };
	struct converted c = { 0 };

	convert(&c, "hugetlb.2MB.rsvd.max", &resources, false);
	CHECK_INT(c.made, 2);
	CHECK_TEXT(c.out.items[0].file, "hugetlb.2MB.rsvd.max");
	CHECK_TEXT(c.out.items[0].value, "4194304"); /* the last one said */
	CHECK_TEXT(c.out.items[1].file, "hugetlb.1GB.rsvd.max");
	CHECK_TEXT(c.out.items[1].value, "max");
	CHECK(c.out.items[0].optional && c.out.items[1].optional);
	convert(&c, "hugetlb.2MB.max", &resources, false);
	CHECK_INT(c.made, 2);
	CHECK_TEXT(c.out.items[0].file, "hugetlb.2MB.max");
	CHECK(!c.out.items[0].optional);
	arena_cleanup(&c.arena);
}

TEST(rdma_devices)
{
	static const struct spec_rdma devices[] = {
		{ "mlx5_1", SET(3), SET(10000) },
		{ "none", { false, 0 }, { false, 0 } },
		{ "rxe3", { false, 0 }, SET(0) },
	};
	struct converted c = { 0 };

	CHECK_TEXT(value_of(&c, "rdma.max", &(struct spec_resources){ .rdma = { devices, 3 } }),
		   "mlx5_1 hca_handle=3 hca_object=10000\nrxe3 hca_object=0");
	arena_cleanup(&c.arena);
}
