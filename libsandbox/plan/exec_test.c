/* SPDX-License-Identifier: Apache-2.0 */
/* What a process takes along into a container, and what it leaves to it. */
#include <sched.h>

#include "conformance/unit/check.h"
#include "libbase/kernel.h"
#include "libsandbox/plan/fixture.h"

#define LINUX                                                                                                     \
	"'namespaces':[{'type':'mount'},{'type':'user'},{'type':'network','path':'/run/netns/x'},{'type':'pid'}," \
	"{'type':'time'},{'type':'uts'}],'uidMappings':[{'containerID':0,'hostID':1000,'size':10}],"              \
	"'gidMappings':[{'containerID':0,'hostID':2000,'size':10}],'sysctl':{'kernel.domainname':'x'},"           \
	"'timeOffsets':{'monotonic':{'secs':5}},'resources':{'pids':{'limit':5}}"

static const struct plan_target target = { .pid = 4711, .cgroup_mount = "/sys/fs/cgroup", .cgroup_path = "/demo/sub" };

static int build(struct fixture *fixture, const struct plan_target *to, const struct plan **ret)
{
	return plan_build_exec(fixture->spec, fixture->spec->process, to, &fixture->host, &fixture->options,
			       &fixture->arena, &fixture->problems, ret, &fixture->err);
}

TEST(namespaces_of_the_target)
{
	static const char *const paths[] = { "/proc/4711/ns/user", "/proc/4711/ns/pid",  "/proc/4711/ns/net",
					     "/proc/4711/ns/uts",  "/proc/4711/ns/time", "/proc/4711/ns/mnt" };
	const struct plan *plan = NULL;
	FIXTURE(fixture);

	CHECK_INT(fixture_load(&fixture, "'hostname':'h'", "", LINUX), 0);
	CHECK_INT(build(&fixture, &target, &plan), 0);
	CHECK_INT(plan->namespaces.count, ARRAY_SIZE(paths));
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		CHECK_TEXT(plan->namespaces.items[i].path, paths[i]);
	CHECK_INT(plan->namespaces.new_flags, 0);
	CHECK_INT(plan->namespaces.join_flags,
		  CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWTIME | CLONE_NEWNS);
	CHECK(plan->namespaces.born_last && !plan->namespaces.via_joiner && !plan->namespaces.of_target);
	CHECK(!plan->namespaces.traced);
	/* The config stays what it was. */
	CHECK_TEXT(fixture.spec->os_linux->namespaces.items[2].path, "/run/netns/x");
}

TEST(the_container_is_made)
{
	const struct plan *plan = NULL;
	FIXTURE(fixture);

	CHECK_INT(fixture_load(&fixture, "'hostname':'h','mounts':[{'destination':'/proc','type':'proc'}]", "", LINUX),
		  0);
	CHECK_INT(build(&fixture, &target, &plan), 0);
	CHECK(!plan->hostname && plan->sysctl.count == 0 && plan->time_offset_count == 0);
	CHECK(!plan->root.own_mounts && plan->mount_count == 0 && plan->device_count == 0);
	CHECK_INT(plan->cgroup.resource_count, 0);
	CHECK(!plan->cgroup.device_program);
	CHECK_INT(plan->ids.writer, ID_WRITER_NONE);
	CHECK_TEXT(plan->cgroup.path, "/demo/sub");
	CHECK_INT(plan->cgroup.driver, CGROUP_DRIVER_CGROUPFS);
	CHECK_TEXT(plan->root.path, "/tmp/demo/rootfs");
}

TEST(a_unit_is_the_targets)
{
	struct plan_target in_unit = target;
	const struct plan *plan = NULL;
	FIXTURE(fixture);

	in_unit.unit = "orlop-demo.scope";
	in_unit.user_manager = true;
	CHECK_INT(fixture_load(&fixture, "", "", LINUX), 0);
	CHECK_INT(build(&fixture, &in_unit, &plan), 0);
	CHECK_INT(plan->cgroup.driver, CGROUP_DRIVER_SYSTEMD);
	CHECK_TEXT(plan->cgroup.unit, "orlop-demo.scope");
	CHECK(plan->cgroup.user_manager);
	CHECK_TEXT(plan->cgroup.path, "/demo/sub");
	in_unit.cgroup_mount = NULL;
	CHECK_INT(build(&fixture, &in_unit, &plan), 0);
	CHECK_INT(plan->cgroup.driver, CGROUP_DRIVER_DISABLED);
}

TEST(no_cgroup_no_namespace)
{
	const struct plan *plan = NULL;
	FIXTURE(fixture);

	CHECK_INT(fixture_load(&fixture, "", "", ""), 0);
	CHECK_INT(build(&fixture, &(struct plan_target){ .pid = 1, .no_new_keyring = true }, &plan), 0);
	CHECK_INT(plan->cgroup.driver, CGROUP_DRIVER_DISABLED);
	CHECK_INT(plan->namespaces.count, 0);
	CHECK(!plan->namespaces.via_joiner && !plan->namespaces.born_last);
	CHECK(!plan->process.keyring);
}

TEST(at_once_without_a_user_namespace)
{
	const struct plan *plan = NULL;
	FIXTURE(fixture);

	CHECK_INT(fixture_load(&fixture, "", "", "'namespaces':[{'type':'pid'},{'type':'mount'}]"), 0);
	CHECK_INT(build(&fixture, &target, &plan), 0);
	CHECK(plan->namespaces.born_last && plan->namespaces.of_target);
}

TEST(who_may_trace)
{
	static const struct {
		const char *process;
		bool traced;
	} rows[] = {
		{ "", false },
		{ "'capabilities':{'permitted':['CAP_SYS_PTRACE']}", true },
		{ "'capabilities':{'bounding':['CAP_KILL']}", false },
		{ "'capabilities':{'bounding':['CAP_KILL','CAP_SYS_PTRACE']}", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct plan *plan = NULL;
		FIXTURE(fixture);

		CHECK_INT(fixture_load(&fixture, "", rows[i].process, "'namespaces':[{'type':'pid'},{'type':'mount'}]"),
			  0);
		CHECK_INT(build(&fixture, &target, &plan), 0);
		CHECK_INT(plan->namespaces.traced, rows[i].traced);
	}
}

TEST(umask_only_when_said)
{
	static const char *const texts[] = { "{\"cwd\":\"/\",\"args\":[\"x\"],\"user\":{\"uid\":1,\"gid\":1}}",
					     "{\"cwd\":\"/\",\"args\":[\"x\"],\"user\":{\"umask\":7}}" };
	FIXTURE(fixture);

	CHECK_INT(fixture_load(&fixture, "", "", LINUX), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct spec_process *process = NULL;
		const struct plan *plan = NULL;

		CHECK_INT(process_load_bytes("process", texts[i], strlen(texts[i]), &fixture.arena, &fixture.problems,
					     &process, &fixture.err),
			  0);
		CHECK_INT(plan_build_exec(fixture.spec, process, &target, &fixture.host, &fixture.options,
					  &fixture.arena, &fixture.problems, &plan, &fixture.err),
			  0);
		CHECK_INT(plan->process.set_umask, i);
		CHECK_INT(plan->process.umask, i == 0 ? 022 : 7);
		CHECK(plan->process.keyring);
	}
}

/* The container may have no label where its process has one. */
TEST(facts_are_those_of_the_process)
{
	static const struct spec_process rows[] = {
		{ .selinux_label = "" },
		{ .apparmor_profile = "p" },
		{ .selinux_label = "a:b:c:s0" },
	};
	FIXTURE(fixture);

	CHECK_INT(fixture_load(&fixture, "", "", LINUX), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_INT(plan_host_parts_exec(fixture.spec, &rows[i]),
			  HOST_PART(HOST_IDS) | HOST_PART(HOST_NAMESPACES) | HOST_PART(HOST_ID_HELPERS) |
				  (i > 0 ? HOST_PART(HOST_LSM) : 0U));
}

TEST(rules_of_the_process_hold)
{
	const struct plan *plan = NULL;
	FIXTURE(fixture);

	CHECK_INT(fixture_load(&fixture, "", "'terminal':true,'user':{'uid':10,'gid':0}", LINUX), 0);
	fixture.options.detach = true;
	CHECK(build(&fixture, &target, &plan) < 0);
	CHECK_HAS(fixture.err.text, "cannot allocate tty if orlop will detach without setting console socket");
	CHECK_HAS(fixture.err.text, "cannot setuid to unmapped uid 10");
}

TEST(filter_of_the_container)
{
	const struct plan *plan = NULL;
	FIXTURE(fixture);

	CHECK_INT(fixture_load(&fixture, "", "'noNewPrivileges':true", "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'}"),
		  0);
	CHECK_INT(build(&fixture, &target, &plan), 0);
	CHECK(plan->seccomp.spec);
	CHECK_INT(plan->seccomp.load, SECCOMP_LOAD_LATE);
}
