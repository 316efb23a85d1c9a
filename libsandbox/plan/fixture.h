/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of the plan's parts: a small config, an able host, and the work that a part gets. Quotes in the JSON are written as '. */
#ifndef ORLOP_LIBSANDBOX_PLAN_FIXTURE_H
#define ORLOP_LIBSANDBOX_PLAN_FIXTURE_H

#include <string.h>

#include "libbase/text.h"
#include "libsandbox/plan/build.h"
#include "libspec/load.h"

struct fixture {
	struct arena arena;
	struct problems problems;
	struct host host; /* root on a machine that has everything; tests take away */
	struct plan_options options;
	const struct spec *spec;
	struct plan plan;
	struct plan_work work;
	struct error err;
};

static inline void fixture_prepare(struct fixture *fixture)
{
	static const char *const controllers[] = { "cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc" };

	memset(fixture, 0, sizeof(*fixture));
	ERROR_INIT(&fixture->err);
	problems_init(&fixture->problems, &fixture->arena);
	fixture->host = (struct host){
		.kernel_major = 6,
		.kernel_minor = 12,
		.caps_effective = (UINT64_C(1) << 41) - 1,
		.caps_last = 40,
		.cgroup = HOST_CGROUP_UNIFIED,
		.cgroup_mount = "/sys/fs/cgroup",
		.cgroup_own = "/user.slice/session.scope",
		.controllers = { controllers, sizeof(controllers) / sizeof(controllers[0]) },
		.systemd = true,
		.apparmor = true,
		.selinux = true,
		.seccomp = true,
		.seccomp_flags = 0xf,
		.user_namespaces = true,
		.time_namespaces = true,
		.resctrl = true,
		.cpus = 8,
		.newuidmap = "/usr/bin/newuidmap",
		.newgidmap = "/usr/bin/newgidmap",
	};
	fixture->options = (struct plan_options){
		.id = "demo",
		.bundle = "/tmp/demo",
		.cgroup_driver = CGROUP_DRIVER_CGROUPFS,
		.rootless = ROOTLESS_AUTO,
	};
	fixture->work = (struct plan_work){
		.host = &fixture->host,
		.options = &fixture->options,
		.arena = &fixture->arena,
		.problems = &fixture->problems,
		.plan = &fixture->plan,
	};
}

static inline void fixture_cleanup(struct fixture *fixture)
{
	arena_cleanup(&fixture->arena);
}

#define FIXTURE(name)                                           \
	_cleanup_(fixture_cleanup) struct fixture name = { 0 }; \
	fixture_prepare(&name)

/* An ordinary user, who owns nothing. */
static inline void fixture_become_user(struct fixture *fixture)
{
	fixture->host.euid = 1000;
	fixture->host.egid = 100;
	fixture->host.caps_effective = 0;
}

/* Members are added to the objects; "" or "'name':value,...". Returns what spec_load_bytes says. */
static inline int fixture_load(struct fixture *fixture, const char *root, const char *process, const char *os_linux)
{
	char *json = arena_printf(&fixture->arena,
				  "{'ociVersion':'1.3.0','root':{'path':'rootfs'},%s%s"
				  "'process':{'cwd':'/',%s%s%s},'linux':{%s}}",
				  root, *root ? "," : "", strstr(process, "'args'") ? "" : "'args':['sh']",
				  *process && !strstr(process, "'args'") ? "," : "", process, os_linux);
	int r;

	if (!json)
		return -1;
	for (char *at = json; (at = strchr(at, '\''));)
		*at = '"';
	r = spec_load_bytes("config.json", json, strlen(json), &fixture->arena, &fixture->problems, &fixture->spec,
			    &fixture->err);
	fixture->work.spec = fixture->spec;
	fixture->plan.spec = fixture->spec;
	return r;
}

/* The text of the first problem of a severity, "" when there is none; its path goes to `path` unless that is NULL. */
static inline const char *fixture_problem(const struct fixture *fixture, enum problem_severity severity,
					  const char **path)
{
	for (unsigned int i = 0; i < fixture->problems.count; i++) {
		if (fixture->problems.items[i]->severity != severity)
			continue;
		if (path)
			*path = fixture->problems.items[i]->path;
		return fixture->problems.items[i]->text;
	}
	return "";
}

static inline const char *fixture_error(const struct fixture *fixture)
{
	return fixture_problem(fixture, PROBLEM_ERROR, NULL);
}

#endif
