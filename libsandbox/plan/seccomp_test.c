/* SPDX-License-Identifier: Apache-2.0 */
/* plan_seccomp_build: early or late, flags, the agent, and hosts without filters. */
#include <linux/seccomp.h>

#include "conformance/unit/check.h"
#include "libsandbox/plan/fixture.h"

static void build(struct fixture *fixture, const char *process, const char *members)
{
	char *os_linux = arena_printf(&fixture->arena, "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'%s}", members);

	CHECK_INT(fixture_load(fixture, "", process, os_linux), 0);
	CHECK_INT(plan_seccomp_build(&fixture->work), 0);
}

#define NOTIFY                                                         \
	",'listenerPath':'/run/agent','syscalls':[{'names':['mkdir']," \
	"'action':'SCMP_ACT_NOTIFY'}]"

TEST(nothing_asked_for_is_no_filter)
{
	FIXTURE(f);
	CHECK_INT(fixture_load(&f, "", "", ""), 0);
	CHECK_INT(plan_seccomp_build(&f.work), 0);
	CHECK(!f.plan.seccomp.spec);
	CHECK_INT(f.plan.seccomp.load, SECCOMP_LOAD_NONE);
}

TEST(no_new_privileges_decides_when)
{
	FIXTURE(early);
	build(&early, "", "");
	CHECK_INT(early.plan.seccomp.load, SECCOMP_LOAD_EARLY);
	CHECK(early.plan.seccomp.spec == early.spec->os_linux->seccomp);

	FIXTURE(given);
	build(&given, "'noNewPrivileges':false", "");
	CHECK_INT(given.plan.seccomp.load, SECCOMP_LOAD_EARLY);

	FIXTURE(late);
	build(&late, "'noNewPrivileges':true", "");
	CHECK_INT(late.plan.seccomp.load, SECCOMP_LOAD_LATE);
}

TEST(flags_are_as_runc_has_them)
{
	static const struct {
		const char *members;
		uint64_t flags;
	} rows[] = {
		{ "", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
		{ ",'flags':[]", 0 },
		{ ",'flags':['SECCOMP_FILTER_FLAG_LOG']", SECCOMP_FILTER_FLAG_LOG },
		{ ",'flags':['SECCOMP_FILTER_FLAG_TSYNC','SECCOMP_FILTER_FLAG_SPEC_ALLOW']",
		  SECCOMP_FILTER_FLAG_SPEC_ALLOW },
		{ ",'flags':['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']" NOTIFY,
		  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		FIXTURE(f);
		build(&f, "", rows[i].members);
		CHECK_TEXT(fixture_error(&f), "");
		CHECK_INT(f.plan.seccomp.flags, rows[i].flags);
	}
}

TEST(a_flag_that_waits_for_nobody_is_left_out)
{
	FIXTURE(f);
	build(&f, "", ",'flags':['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']");
	CHECK_INT(f.plan.seccomp.flags, 0);
	CHECK_HAS(fixture_problem(&f, PROBLEM_WARNING, NULL), "no rule has SCMP_ACT_NOTIFY");
}

TEST(an_old_kernel_says_no_to_what_was_asked_for_only)
{
	FIXTURE(f);
	const char *path = NULL;

	f.host.seccomp_flags = 0;
	build(&f, "", "");
	CHECK_TEXT(fixture_error(&f), "");
	CHECK_INT(f.plan.seccomp.flags, 0);

	FIXTURE(asked);
	asked.host.seccomp_flags = 0;
	build(&asked, "", ",'flags':['SECCOMP_FILTER_FLAG_LOG']");
	CHECK_HAS(fixture_problem(&asked, PROBLEM_ERROR, &path), "does not know SECCOMP_FILTER_FLAG_LOG");
	CHECK_TEXT(path, "/linux/seccomp/flags");

	FIXTURE(none);
	none.host.seccomp = false;
	build(&none, "", "");
	CHECK_HAS(fixture_error(&none), "seccomp filters aren't enabled in the kernel");
}

TEST(an_agent_is_seen)
{
	FIXTURE(f);
	build(&f, "", NOTIFY);
	CHECK(f.plan.seccomp.notify);

	FIXTURE(none);
	build(&none, "", ",'syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO'}]");
	CHECK(!none.plan.seccomp.notify);
}

TEST(names_of_no_call_are_told_once)
{
	FIXTURE(f);
	const char *path = NULL;

	build(&f, "",
	      ",'syscalls':[{'names':['mkdir','frobnicate'],'action':'SCMP_ACT_ERRNO'},"
	      "{'names':['frobnicate','file_setattr','send'],'action':'SCMP_ACT_KILL'}]");
	CHECK_INT(f.work.problems->warnings, 1);
	CHECK_HAS(fixture_problem(&f, PROBLEM_WARNING, &path), "ignoring 'frobnicate'");
	CHECK_TEXT(path, "/linux/seccomp/syscalls/0");
	CHECK_INT(f.plan.seccomp.load, SECCOMP_LOAD_EARLY);

	FIXTURE(join);
	join.work.exec = true;
	build(&join, "", ",'syscalls':[{'names':['frobnicate'],'action':'SCMP_ACT_ERRNO'}]");
	CHECK_INT(join.work.problems->warnings, 0);
}
