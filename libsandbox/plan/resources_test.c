/* SPDX-License-Identifier: Apache-2.0 */
/* Device rules, and limits as a part of the plan. */
#include "conformance/unit/check.h"
#include "libsandbox/plan/build.h"

#define SET(number)          \
	{                    \
		true, number \
	}
#define DEFAULT_RULES 11

struct built {
	struct arena arena;
	struct problems problems;
	struct plan plan;
	struct host host;
	struct plan_options options;
};

static const char *const controllers[] = { "memory", "pids" };

static void prepare(struct built *b)
{
	*b = (struct built){ .host = { .cgroup = HOST_CGROUP_UNIFIED,
				       .cgroup_mount = "/sys/fs/cgroup",
				       .controllers = { controllers, 2 } },
			     .options = { .id = "web" },
			     .plan = { .cgroup = { .driver = CGROUP_DRIVER_CGROUPFS } } };
}

static void build(struct built *b, const struct spec_resources *resources)
{
	const struct spec_linux os_linux = { .resources = resources };
	const struct spec spec = { .os_linux = &os_linux };
	struct plan_work work = { .spec = &spec,
				  .host = &b->host,
				  .options = &b->options,
				  .arena = &b->arena,
				  .problems = &b->problems,
				  .plan = &b->plan };

	problems_init(&b->problems, &b->arena);
	CHECK_INT(plan_resources_build(&work), 0);
}

static bool rule_is(const struct plan_device_rule *rule, bool allow, char type, int64_t major, int64_t minor,
		    const char *access)
{
	return rule->allow == allow && rule->type == type && rule->major == major && rule->minor == minor &&
	       rule->read == (strchr(access, 'r') != NULL) && rule->write == (strchr(access, 'w') != NULL) &&
	       rule->mknod == (strchr(access, 'm') != NULL);
}

TEST(the_default_set_comes_last)
{
	static const struct spec_device_rule rules[] = {
		{ .allow = SET(false), .access = "rwm" },
		{ .allow = SET(true), .type = DEVICE_CHAR, .major = SET(10), .minor = SET(229), .access = "rw" },
		{ .allow = SET(true), .type = DEVICE_BLOCK, .major = SET(8), .minor = SET(-1), .access = "m" },
	};
	struct built b;

	prepare(&b);
	build(&b, &(struct spec_resources){ .devices = { rules, 3 } });
	CHECK_INT(b.plan.cgroup.device_count, 3 + DEFAULT_RULES);
	CHECK(rule_is(&b.plan.cgroup.devices[0], false, 'a', -1, -1, "rwm"));
	CHECK(rule_is(&b.plan.cgroup.devices[1], true, 'c', 10, 229, "rw"));
	CHECK(rule_is(&b.plan.cgroup.devices[2], true, 'b', 8, -1, "m"));
	CHECK(rule_is(&b.plan.cgroup.devices[3], true, 'c', -1, -1, "m"));
	CHECK(rule_is(&b.plan.cgroup.devices[4], true, 'b', -1, -1, "m"));
	CHECK(rule_is(&b.plan.cgroup.devices[5], true, 'c', 1, 3, "rwm"));
	CHECK(rule_is(&b.plan.cgroup.devices[13], true, 'c', 10, 200, "rwm"));
	for (size_t i = 3; i < b.plan.cgroup.device_count; i++) {
		CHECK(b.plan.cgroup.devices[i].allow);
		CHECK(!rule_is(&b.plan.cgroup.devices[i], true, 'c', 5, 1, "rwm"));
	}
	CHECK(b.plan.cgroup.device_program);
	arena_cleanup(&b.arena);
}

TEST(without_rules_the_default_set_is_all_there_is)
{
	struct built b;

	prepare(&b);
	build(&b, NULL);
	CHECK_INT(b.plan.cgroup.device_count, DEFAULT_RULES);
	CHECK(b.plan.cgroup.device_program);
	CHECK_INT(b.plan.cgroup.resource_count, 0);
	arena_cleanup(&b.arena);
}

TEST(no_program_where_everything_is_allowed)
{
	static const struct {
		struct spec_device_rule rules[4];
		bool program;
	} cases[] = {
		{ { { .allow = SET(true), .access = "rwm" } }, false },
		{ { { .allow = SET(false), .access = "rwm" }, { .allow = SET(true), .access = "rwm" } }, false },
		{ { { .allow = SET(true), .access = "rwm" }, { .allow = SET(false), .access = "w" } }, true },
		{ { { .allow = SET(true), .access = "rw" } }, false }, /* the default set adds the m */
		{ { { .allow = SET(true), .access = "r" }, { .allow = SET(true), .access = "w" } }, false },
		{ { { .allow = SET(true), .access = "r" } }, true },
		{ { { .allow = SET(true), .type = DEVICE_CHAR, .access = "rwm" },
		    { .allow = SET(true), .type = DEVICE_BLOCK, .access = "rwm" } },
		  false },
		{ { { .allow = SET(true), .type = DEVICE_CHAR, .access = "rwm" } }, true },
		{ { { .allow = SET(true), .access = "rwm" },
		    { .allow = SET(false), .type = DEVICE_BLOCK, .major = SET(8), .minor = SET(0), .access = "r" } },
		  true },
		{ { { .allow = SET(false), .type = DEVICE_BLOCK, .major = SET(8), .minor = SET(0), .access = "r" },
		    { .allow = SET(true), .access = "rwm" } },
		  false },
		/* A denial that a later rule of the default set takes back for each device it names. */
		{ { { .allow = SET(true), .access = "rwm" }, { .allow = SET(false), .access = "m" } }, false },
		{ { { .allow = SET(true), .major = SET(1), .access = "rwm" } }, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t count = 0;
		struct built b;

		while (count < 4 && cases[i].rules[count].access)
			count++;
		prepare(&b);
		build(&b, &(struct spec_resources){ .devices = { cases[i].rules, count } });
		if (b.plan.cgroup.device_program != cases[i].program)
			check_fail(__FILE__, __LINE__, "case %zu", i);
		arena_cleanup(&b.arena);
	}
}

TEST(no_program_without_the_right_to_load_one)
{
	struct built b;

	prepare(&b);
	b.host.in_user_namespace = true;
	build(&b, NULL);
	CHECK(!b.plan.cgroup.device_program);
	CHECK_INT(b.problems.errors, 0);
	arena_cleanup(&b.arena);

	prepare(&b);
	b.plan.rootless = true;
	build(&b, NULL);
	CHECK(!b.plan.cgroup.device_program);
	arena_cleanup(&b.arena);
}

TEST(denial_is_tolerated_only_without_limits)
{
	static const struct spec_pids pids = { .limit = SET(5) };
	struct built b;

	prepare(&b);
	b.plan.cgroup.tolerate_denied = true;
	build(&b, NULL);
	CHECK(b.plan.cgroup.tolerate_denied);
	arena_cleanup(&b.arena);

	prepare(&b);
	b.plan.cgroup.tolerate_denied = true;
	build(&b, &(struct spec_resources){ .pids = &pids });
	CHECK(!b.plan.cgroup.tolerate_denied);
	CHECK_INT(b.plan.cgroup.resource_count, 1);
	arena_cleanup(&b.arena);
}

TEST(a_host_without_cgroup2)
{
	static const struct spec_device_rule deny = { .allow = SET(false), .access = "rwm" };
	static const struct spec_device_rule allow = { .allow = SET(true), .access = "rwm" };
	static const struct spec_pids pids = { .limit = SET(5) };
	const struct host none = { .cgroup = HOST_CGROUP_NONE };
	struct built b;

	prepare(&b);
	b.host = none;
	b.plan.cgroup.driver = CGROUP_DRIVER_DISABLED;
	build(&b, NULL);
	CHECK_INT(b.problems.errors, 0);
	CHECK(!b.plan.cgroup.device_program);
	build(&b, &(struct spec_resources){ .devices = { &allow, 1 } });
	CHECK_INT(b.problems.errors, 0);
	build(&b, &(struct spec_resources){ .devices = { &deny, 1 } });
	CHECK_INT(b.problems.errors, 1);
	CHECK_TEXT(b.problems.items[0]->path, "/linux/resources/devices");
	build(&b, &(struct spec_resources){ .pids = &pids });
	CHECK_INT(b.problems.errors, 1);
	CHECK_TEXT(b.problems.items[0]->path, "/linux/resources/pids/limit");
	b.host.in_user_namespace = true;
	build(&b, &(struct spec_resources){ .devices = { &deny, 1 } });
	CHECK_INT(b.problems.errors, 0);
	arena_cleanup(&b.arena);
}

TEST(cgroups_that_were_disabled_keep_no_limit)
{
	static const struct spec_pids pids = { .limit = SET(5) };
	struct built b;

	prepare(&b);
	b.options.cgroup_driver = CGROUP_DRIVER_DISABLED;
	b.plan.cgroup.driver = CGROUP_DRIVER_DISABLED;
	build(&b, &(struct spec_resources){ .pids = &pids });
	CHECK_INT(b.problems.errors, 0);
	CHECK_INT(b.problems.warnings, 1);
	CHECK_INT(b.plan.cgroup.resource_count, 0);
	CHECK_INT(b.plan.cgroup.device_count, 0);
	arena_cleanup(&b.arena);
}
