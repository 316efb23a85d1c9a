/* SPDX-License-Identifier: Apache-2.0 */
/* Driver, path, unit, properties. */

#include "conformance/unit/check.h"
#include "libbase/kernel.h"
#include "libsandbox/plan/build.h"

struct built {
	struct arena arena;
	struct problems problems;
	struct plan plan;
	struct host host;
	struct plan_options options;
	struct spec spec;
	struct spec_linux os_linux;
};

static void prepare(struct built *b, const char *own, const char *cgroups_path, int driver)
{
	*b = (struct built){ .host = { .cgroup = HOST_CGROUP_UNIFIED,
				       .cgroup_mount = "/sys/fs/cgroup",
				       .cgroup_own = own,
				       .systemd = true,
				       .euid = 1000 },
			     .options = { .id = "web", .cgroup_driver = driver },
			     .os_linux = { .cgroups_path = cgroups_path } };
}

static const struct plan_cgroup *build(struct built *b)
{
	struct plan_work work = { .spec = &b->spec,
				  .host = &b->host,
				  .options = &b->options,
				  .arena = &b->arena,
				  .problems = &b->problems,
				  .plan = &b->plan };

	b->spec.os_linux = &b->os_linux;
	b->plan.cgroup = (struct plan_cgroup){ 0 };
	problems_init(&b->problems, &b->arena);
	CHECK_INT(plan_cgroup_build(&work), 0);
	return &b->plan.cgroup;
}

TEST(paths_of_the_file_driver)
{
	static const struct {
		const char *own, *given, *path;
	} cases[] = {
		{ "/", NULL, "/web" },
		{ "/", "", "/web" },
		{ "/user.slice/user-0.slice/session-1.scope", NULL, "/user.slice/user-0.slice/web" },
		{ "/a/b", "x/y", "/a/x/y" },
		{ "/a", "x", "/x" },
		{ "/a/b", "/x//y/./z/", "/x/y/z" },
		{ "/a/b", "/", "/" },
		{ NULL, "x", "/x" },
		{ "/a/b", "../../../etc", "/a/etc" },
		{ "/a/b", "/../../etc", "/etc" },
		{ "/a/b", "system.slice:docker:1", "/a/system.slice:docker:1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct built b;

		prepare(&b, cases[i].own, cases[i].given, CGROUP_DRIVER_CGROUPFS);
		CHECK_TEXT(build(&b)->path, cases[i].path);
		CHECK_INT(b.plan.cgroup.driver, CGROUP_DRIVER_CGROUPFS);
		CHECK_INT(b.plan.cgroup.path_given, cases[i].given && *cases[i].given);
		CHECK_TEXT(b.plan.cgroup.mount, "/sys/fs/cgroup");
		CHECK_INT(b.problems.errors, 0);
		arena_cleanup(&b.arena);
	}
}

TEST(a_unit_is_recognised_where_no_driver_was_chosen)
{
	static const struct {
		const char *given;
		int driver;
	} cases[] = {
		{ "system.slice:docker:1", CGROUP_DRIVER_SYSTEMD },
		{ "a-b.slice:cri:1", CGROUP_DRIVER_SYSTEMD },
		{ "/system.slice/docker-1", CGROUP_DRIVER_CGROUPFS },
		{ ":docker:1", CGROUP_DRIVER_CGROUPFS },
		{ ".slice:docker:1", CGROUP_DRIVER_CGROUPFS },
		{ "system.slice:docker", CGROUP_DRIVER_CGROUPFS },
		{ "system.slice:docker:1:2", CGROUP_DRIVER_CGROUPFS },
		{ "system:docker:1", CGROUP_DRIVER_CGROUPFS },
		{ NULL, CGROUP_DRIVER_CGROUPFS },
	};
	struct built b;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		prepare(&b, "/", cases[i].given, 0);
		CHECK_INT(build(&b)->driver, cases[i].driver);
		arena_cleanup(&b.arena);
	}
	prepare(&b, "/", "system.slice:docker:1", 0);
	b.host.systemd = false;
	CHECK_INT(build(&b)->driver, CGROUP_DRIVER_CGROUPFS);
	CHECK_TEXT(b.plan.cgroup.path, "/system.slice:docker:1");
	arena_cleanup(&b.arena);
}

TEST(units_and_their_places)
{
	static const struct {
		const char *given, *slice, *unit, *path;
		bool is_slice;
	} cases[] = {
		{ NULL, "system.slice", "orlop-web.scope", "/system.slice/orlop-web.scope", false },
		{ "::x", "system.slice", "x.scope", "/system.slice/x.scope", false },
		{ "system.slice:docker:12", "system.slice", "docker-12.scope", "/system.slice/docker-12.scope", false },
		{ "a-b.slice:p:n", "a-b.slice", "p-n.scope", "/a.slice/a-b.slice/p-n.scope", false },
		{ "-.slice:p:n", "-.slice", "p-n.scope", "/p-n.scope", false },
		{ "a.slice:p:a-pod.slice", "a.slice", "a-pod.slice", "/a.slice/a-pod.slice", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct built b;

		prepare(&b, "/", cases[i].given, CGROUP_DRIVER_SYSTEMD);
		CHECK_TEXT(build(&b)->slice, cases[i].slice);
		CHECK_TEXT(b.plan.cgroup.unit, cases[i].unit);
		CHECK_TEXT(b.plan.cgroup.path, cases[i].path);
		CHECK_INT(b.plan.cgroup.unit_is_slice, cases[i].is_slice);
		CHECK(!b.plan.cgroup.user_manager);
		CHECK_INT(b.problems.errors, 0);
		arena_cleanup(&b.arena);
	}
}

TEST(units_of_the_user_manager)
{
	struct built b;

	prepare(&b, "/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope", NULL, CGROUP_DRIVER_SYSTEMD);
	b.plan.rootless = true;
	CHECK_TEXT(build(&b)->path, "/user.slice/user-1000.slice/user@1000.service/user.slice/orlop-web.scope");
	CHECK_TEXT(b.plan.cgroup.slice, "user.slice");
	CHECK(b.plan.cgroup.user_manager);
	b.host.cgroup_own = "/user.slice/user-1000.slice/session-4.scope";
	CHECK_TEXT(build(&b)->path, "/user.slice/user-1000.slice/user@1000.service/user.slice/orlop-web.scope");
	b.host.cgroup_own = "/pods/user@12.service/init";
	CHECK_TEXT(build(&b)->path, "/pods/user@12.service/user.slice/orlop-web.scope");
	arena_cleanup(&b.arena);
}

TEST(names_that_systemd_would_not_take)
{
	static const char *const cases[][2] = {
		{ "/a/b",
		  "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"/a/b\" "
		  "instead" },
		{ "a.slice:b:c:d", "got \"a.slice:b:c:d\" instead" },
		{ "a:b:c", "invalid slice name: a" },
		{ "a--b.slice:b:c", "invalid slice name: a--b.slice" },
		{ "a/b.slice:b:c", "invalid slice name: a/b.slice" },
		{ "a.slice:b:-c.slice", "invalid slice name: -c.slice" },
		{ "a.slice:b:c/d", "got \"b-c/d.scope\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct built b;

		prepare(&b, "/", cases[i][0], CGROUP_DRIVER_SYSTEMD);
		build(&b);
		CHECK_INT(b.problems.errors, 1);
		CHECK_TEXT(b.problems.items[0]->path, "/linux/cgroupsPath");
		CHECK_HAS(b.problems.items[0]->text, cases[i][1]);
		arena_cleanup(&b.arena);
	}
}

TEST(systemd_must_run)
{
	struct built b;

	prepare(&b, "/", NULL, CGROUP_DRIVER_SYSTEMD);
	b.host.systemd = false;
	build(&b);
	CHECK_INT(b.problems.errors, 1);
	CHECK_TEXT(b.problems.items[0]->text, "systemd not running on this host, cannot use systemd cgroups manager");
	arena_cleanup(&b.arena);
}

TEST(a_host_without_cgroup2)
{
	const struct host none = { .cgroup = HOST_CGROUP_NONE };
	struct built b;

	prepare(&b, "/", NULL, 0);
	b.host = none;
	CHECK_INT(build(&b)->driver, CGROUP_DRIVER_DISABLED);
	CHECK_INT(b.problems.errors, 0);
	b.os_linux.cgroups_path = "/a";
	build(&b);
	CHECK_INT(b.problems.errors, 1);
	CHECK_TEXT(b.problems.items[0]->path, "/linux/cgroupsPath");
	b.os_linux.cgroups_path = NULL;
	b.options.cgroup_driver = CGROUP_DRIVER_SYSTEMD;
	build(&b);
	CHECK_INT(b.problems.errors, 1);
	arena_cleanup(&b.arena);
}

TEST(disabled_cgroups_are_left_alone)
{
	struct built b;

	prepare(&b, "/", "/a", CGROUP_DRIVER_DISABLED);
	CHECK_INT(build(&b)->driver, CGROUP_DRIVER_DISABLED);
	CHECK(!b.plan.cgroup.path);
	CHECK_INT(b.problems.errors, 0);
	arena_cleanup(&b.arena);
}

TEST(denial_is_tolerated_from_the_rootless_without_a_path)
{
	struct built b;

	prepare(&b, "/", NULL, 0);
	CHECK(!build(&b)->tolerate_denied);
	b.plan.rootless = true;
	CHECK(build(&b)->tolerate_denied);
	b.os_linux.cgroups_path = "/a";
	CHECK(!build(&b)->tolerate_denied);
	arena_cleanup(&b.arena);
}

TEST(delegation_needs_a_view_that_can_be_written)
{
	struct plan_mount mount = { .kind = MOUNT_CGROUP, .destination = "/sys/fs/cgroup" };
	struct built b;

	prepare(&b, "/", NULL, CGROUP_DRIVER_SYSTEMD);
	b.plan.mounts = &mount;
	b.plan.mount_count = 1;
	CHECK(!build(&b)->delegate);
	b.plan.namespaces.new_flags = CLONE_NEWCGROUP;
	CHECK(build(&b)->delegate);
	mount.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC;
	CHECK(!build(&b)->delegate);
	mount.attr_set = MOUNT_ATTR_NOEXEC;
	mount.destination = "/cgroup";
	CHECK(!build(&b)->delegate);
	mount.destination = "/sys/fs/cgroup";
	b.options.cgroup_driver = CGROUP_DRIVER_CGROUPFS;
	CHECK(!build(&b)->delegate);
	arena_cleanup(&b.arena);
}

TEST(properties_from_annotations)
{
	static const struct spec_pair annotations[] = {
		{ "org.example.x", "1" },
		{ "org.systemd.property.TimeoutStopSec", "uint64 3" },
		{ "org.systemd.property.CollectMode", "'inactive'" },
		{ "org.systemd.property.RuntimeMaxSec", "'soon'" },
	};
	struct built b;

	prepare(&b, "/", NULL, CGROUP_DRIVER_SYSTEMD);
	b.spec.annotations = (struct spec_pairs){ annotations, 4 };
	build(&b);
	CHECK_INT(b.plan.cgroup.property_count, 2);
	CHECK_TEXT(b.plan.cgroup.properties[0].name, "TimeoutStopUSec");
	CHECK_TEXT(b.plan.cgroup.properties[0].value, "uint64 3000000");
	CHECK_TEXT(b.plan.cgroup.properties[1].name, "CollectMode");
	CHECK_INT(b.problems.errors, 1);
	CHECK_TEXT(b.problems.items[0]->path, "/annotations/org.systemd.property.RuntimeMaxSec");
	b.options.cgroup_driver = CGROUP_DRIVER_CGROUPFS;
	CHECK_INT(build(&b)->property_count, 0);
	CHECK_INT(b.problems.errors, 0);
	arena_cleanup(&b.arena);
}
