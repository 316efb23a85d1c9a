/* SPDX-License-Identifier: Apache-2.0 */
/* Which resctrl group, made by whom, for how long. */

#include "conformance/unit/check.h"
#include "libsandbox/plan/build.h"

static void build(const struct spec_intel_rdt *rdt, bool resctrl, struct plan *plan, struct problems *problems,
		  struct arena *arena)
{
	const struct spec_linux os_linux = { .intel_rdt = rdt };
	const struct spec spec = { .os_linux = &os_linux };
	const struct host host = { .resctrl = resctrl };
	const struct plan_options options = { .id = "web" };
	struct plan_work work = {
		.spec = &spec, .host = &host, .options = &options, .arena = arena, .problems = problems, .plan = plan
	};

	*plan = (struct plan){ 0 };
	problems_init(problems, arena);
	CHECK_INT(plan_rdt_build(&work), 0);
}

TEST(groups_by_their_names)
{
	static const char *const line[] = { "L3:0=f" };
	static const struct {
		struct spec_intel_rdt rdt;
		const char *group, *monitor;
		bool own, must_exist;
	} rows[] = {
		{ { .mem_bw_schema = "MB:0=50" }, "web", NULL, true, false },
		{ { .clos_id = "" }, "web", NULL, true, false },
		{ { .clos_id = "gold", .l3_cache_schema = "L3:0=f" }, "gold", NULL, false, false },
		{ { .clos_id = "gold", .schemata = { line, 1 } }, "gold", NULL, false, false },
		{ { .clos_id = "gold" }, "gold", NULL, false, true },
		{ { .clos_id = "/" }, ".", NULL, false, true },
		{ { .enable_monitoring = { true, true } }, "web", "web/mon_groups/web", true, false },
		{ { .clos_id = "/", .enable_monitoring = { true, true } }, ".", "./mon_groups/web", false, true },
		{ { .clos_id = "gold", .enable_monitoring = { true, false } }, "gold", NULL, false, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
		struct problems problems;
		struct plan plan;

		build(&rows[i].rdt, true, &plan, &problems, &arena);
		CHECK(plan.intel_rdt == &rows[i].rdt);
		CHECK_TEXT(plan.rdt_group, rows[i].group);
		CHECK_TEXT(plan.rdt_monitor, rows[i].monitor);
		CHECK_INT(plan.rdt_own, rows[i].own);
		CHECK_INT(plan.rdt_must_exist, rows[i].must_exist);
		CHECK_INT(problems.count, 0);
	}
}

TEST(a_machine_without_resctrl)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec_intel_rdt rdt = { .clos_id = "gold" };
	struct problems problems;
	struct plan plan;

	build(NULL, false, &plan, &problems, &arena);
	CHECK(!plan.intel_rdt && !plan.rdt_group);
	CHECK_INT(problems.count, 0);
	build(&rdt, false, &plan, &problems, &arena);
	CHECK_INT(problems.errors, 1);
	CHECK_TEXT(problems.items[0]->path, "/linux/intelRdt");
	CHECK_HAS(problems.items[0]->text, "intelRdt is specified in config, but Intel RDT is not enabled");
	CHECK_HAS(problems.items[0]->text, "/sys/fs/resctrl");
}
