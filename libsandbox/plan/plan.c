/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building a plan: what was left open is filled in, the parts run in order, the violations are told at once.
 *
 * Not for: any decision of a subject; each has its own file.
 */
#include "libsandbox/plan.h"

#include <errno.h>
#include <string.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/plan/build.h"

/* The order matters: ids ask for the namespaces, groups and devices for the ids. */
static int (*const subjects[])(struct plan_work *work) = {
	plan_namespaces_build, plan_ids_build, plan_root_build,   plan_devices_build,   plan_process_build,
	plan_seccomp_build,    plan_rdt_build, plan_cgroup_build, plan_resources_build, plan_mounts_split,
};

static struct plan_options options_complete(const struct plan_options *options)
{
	struct plan_options full = *options;

	if (full.cgroup_driver == 0)
		full.cgroup_driver = CGROUP_DRIVER_CGROUPFS;
	if (full.rootless == 0)
		full.rootless = ROOTLESS_AUTO;
	return full;
}

static bool has_label(const struct spec_process *process)
{
	return process && (!text_is_empty(process->apparmor_profile) || !text_is_empty(process->selinux_label));
}

static unsigned int host_parts(const struct spec *spec, bool labelled)
{
	unsigned int parts = HOST_PART(HOST_IDS);

	if (spec_has_namespace(spec, NAMESPACE_USER) || spec_has_namespace(spec, NAMESPACE_TIME))
		parts |= HOST_PART(HOST_NAMESPACES) | HOST_PART(HOST_ID_HELPERS);
	if (labelled)
		parts |= HOST_PART(HOST_LSM);
	if (spec->os_linux->seccomp)
		parts |= HOST_PART(HOST_SECCOMP);
	if (spec->os_linux->intel_rdt)
		parts |= HOST_PART(HOST_RESCTRL);
	return parts;
}

/* A cgroup beside our own, or below our user's service manager; whether there is a manager; what the limits ask of the tree. */
static unsigned int host_parts_cgroup(const struct spec *spec, int driver)
{
	const struct spec_resources *resources = spec->os_linux->resources;
	const char *path = spec->os_linux->cgroups_path;
	unsigned int parts = HOST_PART(HOST_CGROUP);

	if (driver == CGROUP_DRIVER_SYSTEMD || (path && strchr(path, ':')))
		parts |= HOST_PART(HOST_SYSTEMD) | HOST_PART(HOST_CGROUP_OWN);
	if (!path_is_absolute(path))
		parts |= HOST_PART(HOST_CGROUP_OWN);
	if (resources &&
	    (resources->memory || resources->cpu || resources->pids || resources->block_io || resources->network ||
	     resources->hugepage_limits.count > 0 || resources->rdma.count > 0 || resources->unified.count > 0))
		parts |= HOST_PART(HOST_CONTROLLERS);
	if (resources && resources->block_io)
		parts |= HOST_PART(HOST_CGROUP_OWN) | HOST_PART(HOST_BFQ);
	return parts;
}

unsigned int plan_host_parts(const struct spec *spec, int cgroup_driver)
{
	return HOST_PART(HOST_KERNEL) | host_parts_cgroup(spec, cgroup_driver) |
	       host_parts(spec, has_label(spec->process) || !text_is_empty(spec->os_linux->mount_label));
}

unsigned int plan_host_parts_exec(const struct spec *spec, const struct spec_process *process)
{
	return host_parts(spec, has_label(process));
}

int plan_build(const struct spec *spec, const struct host *host, const struct plan_options *options,
	       struct arena *arena, struct problems *problems, const struct plan **ret, struct error *err)
{
	struct plan_options full = options_complete(options);
	struct plan *plan = arena_new(arena, struct plan);
	struct plan_work work = {
		.spec = spec,
		.host = host,
		.options = &full,
		.arena = arena,
		.problems = problems,
		.plan = plan,
	};
	int r;

	if (!path_is_absolute(options->bundle))
		return error_say(err, -EINVAL, "bundle '%s': want an absolute path", options->bundle);
	if (!plan)
		return error_set(err, -ENOMEM, "plan '%s'", options->id);
	plan->spec = spec;
	plan->id = arena_string(arena, options->id);
	plan->bundle = path_clean(arena, options->bundle);
	full.id = plan->id;
	full.bundle = plan->bundle;
	if (!plan->id || !plan->bundle)
		return error_set(err, -ENOMEM, "plan '%s'", options->id);

	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
		r = subjects[i](&work);
		if (r < 0)
			return error_set(err, r, "plan '%s'", options->id);
	}
	r = problems_tell(problems, "config.json", err);
	if (r < 0)
		return r;
	/* The steps' predicates may count on a plan that is whole. */
	r = plan_steps_build(&work);
	if (r < 0)
		return error_set(err, r, "plan '%s'", options->id);
	*ret = plan;
	return 0;
}
