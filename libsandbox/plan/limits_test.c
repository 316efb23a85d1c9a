/* SPDX-License-Identifier: Apache-2.0 */
/* The whole table over one config, `unified` over the table, and what the host lacks. */
#include "libsandbox/limits.h"

#include "conformance/unit/check.h"
#include "libsandbox/cgroup/resource_table.h"

#define SET(number)          \
	{                    \
		true, number \
	}

static const char *const every_controller[] = { "cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc" };
static const char *const hugetlb_only[] = { "hugetlb" };

static const struct host full_host = { .cgroup_mount = "/sys/fs/cgroup", .controllers = { every_controller, 8 } };
static const struct host hybrid_host = { .cgroup_mount = "/sys/fs/cgroup/unified", .controllers = { hugetlb_only, 1 } };
static const struct host bare_host;

struct built {
	struct arena arena;
	struct problems problems;
	struct limits limits;
};

static void build(struct built *b, const struct spec_resources *resources, const struct host *host)
{
	problems_init(&b->problems, &b->arena);
	b->limits = (struct limits){ 0 };
	CHECK_INT(limits_build(resources, host, "/linux/resources", &b->arena, &b->problems, &b->limits), 0);
}

static const struct plan_resource *resource_of(const struct built *b, const char *file)
{
	for (size_t i = 0; i < b->limits.count; i++) {
		if (text_equal(b->limits.items[i].file, file))
			return &b->limits.items[i];
	}
	check_fail(__FILE__, __LINE__, "no %s", file);
}

static const char *problem_of(const struct built *b, const char *path)
{
	for (unsigned int i = 0; i < b->problems.count; i++) {
		if (text_equal(b->problems.items[i]->path, path))
			return b->problems.items[i]->text;
	}
	return NULL;
}

static const struct spec_memory memory = { .limit = SET(1048576), .reservation = SET(4096), .swap = SET(2097152) };
static const struct spec_cpu cpu = { .shares = SET(512),
				     .quota = SET(10000),
				     .period = SET(50000),
				     .burst = SET(500),
				     .idle = SET(0),
				     .cpus = "0",
				     .mems = "0" };
static const struct spec_pids pids = { .limit = SET(10) };
static const struct spec_throttle_device throttle = { 8, 0, SET(1000) };
static const struct spec_block_io block_io = { .weight = SET(20), .throttle_write_bps = { &throttle, 1 } };
static const struct spec_hugepage_limit hugepage = { "2MB", 2097152 };
static const struct spec_rdma rdma = { "mlx5_0", SET(1), SET(2) };

TEST(one_config_with_everything)
{
	static const char *const want[][2] = {
		{ "pids.max", "10" },
		{ "memory.low", "4096" },
		{ "memory.swap.max", "1048576" },
		{ "memory.max", "1048576" },
		{ "io.weight", "102" },
		{ "io.max", "8:0 wbps=1000" },
		{ "cpu.weight", "59" },
		{ "cpu.idle", "0" },
		{ "cpu.max", "10000 50000" },
		{ "cpu.max.burst", "500" },
		{ "cpuset.cpus", "0" },
		{ "cpuset.mems", "0" },
		{ "hugetlb.2MB.rsvd.max", "2097152" },
		{ "hugetlb.2MB.max", "2097152" },
		{ "rdma.max", "mlx5_0 hca_handle=1 hca_object=2" },
	};
	const struct spec_resources resources = { .memory = &memory,
						  .cpu = &cpu,
						  .pids = &pids,
						  .block_io = &block_io,
						  .hugepage_limits = { &hugepage, 1 },
						  .rdma = { &rdma, 1 } };
	struct built b = { 0 };

	build(&b, &resources, &full_host);
	CHECK_INT(b.problems.errors, 0);
	CHECK_INT(b.limits.count, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		CHECK_TEXT(b.limits.items[i].file, want[i][0]);
		CHECK_TEXT(b.limits.items[i].value, want[i][1]);
	}
	CHECK_INT(b.limits.controllers,
		  RESOURCE_CONTROLLER_BIT(CONTROLLER_PIDS) | RESOURCE_CONTROLLER_BIT(CONTROLLER_MEMORY) |
			  RESOURCE_CONTROLLER_BIT(CONTROLLER_IO) | RESOURCE_CONTROLLER_BIT(CONTROLLER_CPU) |
			  RESOURCE_CONTROLLER_BIT(CONTROLLER_CPUSET) | RESOURCE_CONTROLLER_BIT(CONTROLLER_HUGETLB) |
			  RESOURCE_CONTROLLER_BIT(CONTROLLER_RDMA));
	arena_cleanup(&b.arena);
}

TEST(nothing_asked)
{
	struct built b = { 0 };

	build(&b, &(struct spec_resources){ 0 }, &full_host);
	CHECK_INT(b.limits.count, 0);
	CHECK_INT(b.limits.controllers, 0);
	arena_cleanup(&b.arena);
}

TEST(unified_overrides_by_file_and_adds_the_rest_sorted)
{
	static const struct spec_pair unified[] = { { "misc.max", "res_a 1\nres_b 2" },
						    { "memory.max", "max" },
						    { "memory.high", "1M" },
						    { "memory.swap.max", "0" },
						    { "cpu.weight.nice", "-3" },
						    { "cgroup.max.depth", "4" },
						    { "hugetlb.2MB.max", "0" },
						    { "memory.oom.group", "1" },
						    { "io.weight", "default 7" },
						    { "memory.min", "" },
						    { "cpu.max", "20000 100000" } };
	static const char *const want[][2] = {
		{ "memory.low", "4096" },      { "memory.swap.max", "0" },
		{ "memory.max", "max" },       { "hugetlb.2MB.rsvd.max", "2097152" },
		{ "hugetlb.2MB.max", "0" },    { "cgroup.max.depth", "4" },
		{ "cpu.max", "20000 100000" }, { "cpu.weight.nice", "-3" },
		{ "io.weight", "default 7" },  { "memory.high", "1M" },
		{ "memory.oom.group", "1" },   { "misc.max", "res_a 1\nres_b 2" },
	};
	const struct spec_resources resources = { .memory = &memory,
						  .hugepage_limits = { &hugepage, 1 },
						  .unified = { unified, ARRAY_SIZE(unified) } };
	struct built b = { 0 };

	build(&b, &resources, &full_host);
	CHECK_INT(b.problems.errors, 0);
	CHECK_INT(b.limits.count, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		CHECK_TEXT(b.limits.items[i].file, want[i][0]);
		CHECK_TEXT(b.limits.items[i].value, want[i][1]);
	}
	CHECK(resource_of(&b, "memory.max")->number == UINT64_MAX);
	CHECK_INT(resource_of(&b, "memory.high")->number, 1048576);
	CHECK_TEXT(resource_of(&b, "memory.high")->row->property, "MemoryHigh");
	CHECK_INT(resource_of(&b, "cpu.max")->number, 200000);
	CHECK_INT(resource_of(&b, "memory.oom.group")->number, 1);
	CHECK(!resource_of(&b, "cpu.weight.nice")->row);
	CHECK(!resource_of(&b, "misc.max")->row);
	/* What is asked for by its own name must be there. */
	CHECK(!resource_of(&b, "memory.swap.max")->optional);
	CHECK(b.limits.controllers & RESOURCE_CONTROLLER_BIT(CONTROLLER_MISC));
	arena_cleanup(&b.arena);
}

TEST(a_missing_controller_is_told_with_the_field)
{
	const struct spec_resources resources = {
		.memory = &memory, .cpu = &cpu, .block_io = &block_io, .hugepage_limits = { &hugepage, 1 }
	};
	struct built b = { 0 };

	build(&b, &resources, &hybrid_host);
	CHECK_TEXT(problem_of(&b, "/linux/resources/memory/limit"),
		   "the memory controller is not available (cgroup v2 at /sys/fs/cgroup/unified has: hugetlb)");
	CHECK_TEXT(problem_of(&b, "/linux/resources/cpu/quota"),
		   "the cpu controller is not available (cgroup v2 at /sys/fs/cgroup/unified has: hugetlb)");
	CHECK_HAS(problem_of(&b, "/linux/resources/cpu/cpus"), "the cpuset controller");
	CHECK_HAS(problem_of(&b, "/linux/resources/blockIO/throttleWriteBpsDevice"), "the io controller");
	/* What the host has stays. */
	CHECK_INT(b.limits.count, 2);
	CHECK_TEXT(b.limits.items[1].file, "hugetlb.2MB.max");
	CHECK_INT(b.limits.controllers, RESOURCE_CONTROLLER_BIT(CONTROLLER_HUGETLB));
	arena_cleanup(&b.arena);

	build(&b, &resources, &bare_host);
	CHECK_TEXT(problem_of(&b, "/linux/resources/memory/limit"),
		   "the memory controller is not available: no cgroup v2 is mounted");
	CHECK_INT(b.limits.count, 0);
	arena_cleanup(&b.arena);
}

TEST(a_missing_controller_is_no_loss_to_who_asks_for_nothing)
{
	static const struct spec_memory unlimited = { .limit = SET(-1), .reservation = SET(-1), .swap = SET(-1) };
	/* ctr's default config says 1024. */
	static const struct spec_cpu usual = { .shares = SET(1024), .quota = SET(-1), .period = SET(100000) };
	static const struct spec_pids any = { .limit = SET(-1) };
	static const struct spec_throttle_device off = { 8, 0, SET(0) };
	static const struct spec_block_io cleared = { .throttle_read_bps = { &off, 1 } };
	const struct spec_resources resources = {
		.memory = &unlimited, .cpu = &usual, .pids = &any, .block_io = &cleared
	};
	struct built b = { 0 };

	build(&b, &resources, &hybrid_host);
	CHECK_INT(b.problems.errors, 0);
	CHECK_INT(b.limits.count, 0);
	build(&b, &resources, &full_host);
	CHECK_INT(b.limits.count, 7);
	arena_cleanup(&b.arena);
}

TEST(unified_of_a_missing_controller)
{
	static const struct spec_pair unified[] = { { "memory.max", "max" },
						    { "hugetlb.1GB.max", "0" },
						    { "dmem.max", "x 1" } };
	struct built b = { 0 };

	build(&b, &(struct spec_resources){ .unified = { unified, 3 } }, &hybrid_host);
	CHECK_TEXT(problem_of(&b, "/linux/resources/unified/memory.max"),
		   "unified resource \"memory.max\" can't be set: controller \"memory\" not available");
	CHECK_HAS(problem_of(&b, "/linux/resources/unified/dmem.max"), "controller \"dmem\" not available");
	CHECK_INT(b.problems.errors, 2);
	CHECK_INT(b.limits.count, 1);
	arena_cleanup(&b.arena);
}
