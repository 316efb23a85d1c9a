/* SPDX-License-Identifier: Apache-2.0 */
/* plan_build as a whole: options that were left open, all violations at once, and a plan that does not depend on the order of calls. */
#include "libsandbox/plan.h"

#include <errno.h>

#include "conformance/unit/check.h"
#include "libsandbox/plan/fixture.h"

#define NAMESPACES "'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'ipc'},{'type':'uts'},{'type':'network'}]"

static int build(struct fixture *fixture, const struct plan **ret)
{
	return plan_build(fixture->spec, &fixture->host, &fixture->options, &fixture->arena, &fixture->problems, ret,
			  &fixture->err);
}

TEST(a_small_config_becomes_a_plan)
{
	FIXTURE(f);
	const struct plan *plan = NULL;

	f.options.cgroup_driver = 0;
	f.options.rootless = 0;
	CHECK_INT(fixture_load(&f, "'hostname':'h'", "", NAMESPACES), 0);
	if (build(&f, &plan) < 0)
		CHECK_TEXT(f.err.text, "");
	CHECK_TEXT(plan->id, "demo");
	CHECK_TEXT(plan->bundle, "/tmp/demo");
	CHECK_TEXT(plan->root.path, "/tmp/demo/rootfs");
	CHECK(!plan->rootless);
	CHECK_INT(plan->cgroup.driver, CGROUP_DRIVER_CGROUPFS);
	CHECK(plan->root.own_mounts);
	CHECK(plan->device_count >= 6);
	CHECK(plan->step_count > 10);
	CHECK_TEXT(plan->steps[plan->step_count - 1].side, "init");
}

TEST(all_violations_come_at_once)
{
	FIXTURE(f);
	const struct plan *plan = NULL;

	f.host.apparmor = f.host.seccomp = f.host.time_namespaces = false;
	CHECK_INT(fixture_load(&f, "", "'apparmorProfile':'p'",
			       "'namespaces':[{'type':'mount'},{'type':'time'}],"
			       "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'}"),
		  0);
	CHECK_INT(build(&f, &plan), -EINVAL);
	CHECK(!plan);
	CHECK_HAS(f.err.text, "config.json: ");
	CHECK_HAS(f.err.text, "/linux/namespaces: time namespaces aren't enabled");
	CHECK_HAS(f.err.text, "/process/apparmorProfile: apparmor: config provided");
	CHECK_HAS(f.err.text, "/linux/seccomp: ");
}

TEST(the_bundle_is_absolute_and_clean)
{
	FIXTURE(f);
	const struct plan *plan = NULL;

	CHECK_INT(fixture_load(&f, "", "", NAMESPACES), 0);
	f.options.bundle = "demo";
	CHECK_INT(build(&f, &plan), -EINVAL);
	CHECK_HAS(f.err.text, "bundle 'demo': want an absolute path");

	f.options.bundle = "/tmp//demo/./x/..";
	CHECK_INT(build(&f, &plan), 0);
	CHECK_TEXT(plan->bundle, "/tmp/demo");
}

TEST(the_options_are_not_kept)
{
	FIXTURE(f);
	char id[] = "abc", bundle[] = "/b";
	const struct plan *plan = NULL;

	CHECK_INT(fixture_load(&f, "", "", NAMESPACES), 0);
	f.options.id = id;
	f.options.bundle = bundle;
	CHECK_INT(build(&f, &plan), 0);
	id[0] = bundle[1] = '?';
	CHECK_TEXT(plan->id, "abc");
	CHECK_TEXT(plan->bundle, "/b");
	CHECK_TEXT(plan->root.path, "/b/rootfs");
}

/* Takes away what host_probe_parts would not have found. */
static void forget_parts(struct host *host, unsigned int parts)
{
	if (!(parts & HOST_PART(HOST_NAMESPACES)))
		host->user_namespaces = host->time_namespaces = false;
	if (!(parts & HOST_PART(HOST_ID_HELPERS)))
		host->newuidmap = host->newgidmap = NULL;
	if (!(parts & HOST_PART(HOST_LSM)))
		host->apparmor = host->selinux = false;
	if (!(parts & HOST_PART(HOST_SECCOMP))) {
		host->seccomp = false;
		host->seccomp_flags = 0;
	}
	if (!(parts & HOST_PART(HOST_RESCTRL)))
		host->resctrl = false;
	if (!(parts & HOST_PART(HOST_CPUS)))
		host->cpus = 0;
	if (!(parts & HOST_PART(HOST_KERNEL)))
		host->kernel_major = host->kernel_minor = 0;
	if (!(parts & HOST_PART(HOST_SYSTEMD)))
		host->systemd = false;
	if (!(parts & HOST_PART(HOST_CGROUP_OWN)))
		host->cgroup_own = NULL;
	if (!(parts & HOST_PART(HOST_CONTROLLERS)))
		host->controllers = (struct spec_strings){ 0 };
	if (!(parts & HOST_PART(HOST_BFQ)))
		host->cgroup_bfq = false;
}

TEST(facts_that_are_not_wanted_do_not_matter)
{
	static const struct {
		const char *process, *os_linux;
	} rows[] = {
		{ "", NAMESPACES },
		{ "'apparmorProfile':'p'", NAMESPACES },
		{ "'selinuxLabel':'a:b:c:s0'", NAMESPACES },
		{ "", NAMESPACES ",'mountLabel':'a:b:c:s0'" },
		{ "", NAMESPACES ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'}" },
		{ "", NAMESPACES ",'intelRdt':{'closID':'a'}" },
		{ "", NAMESPACES ",'cgroupsPath':'/a/b'" },
		{ "", NAMESPACES ",'cgroupsPath':'a/b'" },
		{ "", NAMESPACES ",'cgroupsPath':'system.slice:docker:a'" },
		{ "", NAMESPACES ",'cgroupsPath':'/a','resources':{'blockIO':{'weight':10}}" },
		{ "", NAMESPACES ",'resources':{'unified':{'pids.max':'7'}}" },
		{ "", NAMESPACES ",'resources':{'hugepageLimits':[{'pageSize':'2MB','limit':0}]}" },
		{ "", NAMESPACES ",'resources':{'cpu':{'cpus':'0-1','mems':'0'},'memory':{'limit':4096}}" },
		{ "", "'namespaces':[{'type':'mount'},{'type':'time'}]" },
		{ "", "'namespaces':[{'type':'mount'},{'type':'user'}],"
		      "'uidMappings':[{'containerID':0,'hostID':5,'size':9}],"
		      "'gidMappings':[{'containerID':0,'hostID':5,'size':9}]" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		FIXTURE(f);
		_cleanup_(text_buffer_cleanup) struct text_buffer whole = TEXT_BUFFER_INIT, part = TEXT_BUFFER_INIT;
		const struct plan *plan = NULL;

		if (fixture_load(&f, "", rows[i].process, rows[i].os_linux) < 0 || build(&f, &plan) < 0)
			CHECK_TEXT(f.err.text, "");
		CHECK_INT(plan_print(plan, PLAN_JSON, &whole), 0);
		forget_parts(&f.host, plan_host_parts(f.spec, f.options.cgroup_driver));
		if (build(&f, &plan) < 0)
			CHECK_TEXT(f.err.text, "");
		CHECK_INT(plan_print(plan, PLAN_JSON, &part), 0);
		CHECK_TEXT(part.bytes, whole.bytes);
	}
}

/* Memory may run out anywhere: each time an error, never a crash or half a plan. */
TEST(every_lack_of_memory_is_told)
{
	bool built = false;

	for (size_t limit = 4096; !built && limit < (size_t)4 << 20; limit += 4096) {
		FIXTURE(f);
		_cleanup_(arena_cleanup) struct arena small = ARENA_INIT;
		const struct plan *plan = NULL;
		int r;

		small.limit = limit;
		CHECK_INT(fixture_load(&f, "'hostname':'h'", "'env':['A=b','HOME=/']", NAMESPACES), 0);
		r = plan_build(f.spec, &f.host, &f.options, &small, &f.problems, &plan, &f.err);
		CHECK(r == 0 || r == -ENOMEM);
		CHECK((r == 0) == (plan != NULL));
		built = r == 0;
	}
	CHECK(built);
}
