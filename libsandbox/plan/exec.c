/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of a process that enters a running container: its ids, environment, filter; where it goes. All the rest is there already.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/plan/build.h"

/* The subjects that a process brings along. The first two are decided as they were at create, since the others ask them. */
static int (*const subjects[])(struct plan_work *work) = {
	plan_namespaces_build, plan_ids_build, plan_process_build, plan_seccomp_build, plan_rdt_build,
};

/* What /proc/PID/ns calls it (namespaces(7)). */
static const char *proc_name(const struct name *name)
{
	switch (name->value) {
	case NAMESPACE_MOUNT:
		return "mnt";
	case NAMESPACE_NETWORK:
		return "net";
	default:
		return name->text;
	}
}

/* A path that the config named may lead elsewhere by now: where the container is, its init is. */
static int namespaces_redirect(struct plan_work *work, const struct plan_target *target)
{
	struct plan_namespaces *namespaces = &work->plan->namespaces;

	for (size_t i = 0; i < namespaces->count; i++) {
		struct plan_namespace *item = &namespaces->items[i];

		item->path = arena_printf(work->arena, "/proc/%d/ns/%s", (int)target->pid, proc_name(item->name));
		if (!item->path)
			return -ENOMEM;
	}
	namespaces->join_flags |= namespaces->new_flags;
	namespaces->new_flags = namespaces->handed_flags = 0;
	/* Without a pid namespace to enter whoever joins becomes the program. */
	namespaces->via_joiner = false;
	namespaces->born_last = namespaces->join_flags & CLONE_NEWPID;
	/* Who enters a user namespace has some to enter before it and some behind it. */
	namespaces->of_target = !(namespaces->join_flags & CLONE_NEWUSER);
	return 0;
}

/* To trace an undumpable process takes CAP_SYS_PTRACE in the user namespace that orlop was executed in. */
static bool tracer_possible(const struct plan *plan, const struct spec_process *process)
{
	const struct spec_capabilities *sets = process ? process->capabilities : NULL;
	uint64_t bits = 0;

	if (sets)
		bits = sets->bounding.bits | sets->effective.bits | sets->permitted.bits | sets->inheritable.bits |
		       sets->ambient.bits;
	return !(plan->namespaces.join_flags & CLONE_NEWUSER) && (!process || (bits & UINT64_C(1) << CAP_SYS_PTRACE));
}

/* What plan_namespaces_build and plan_ids_build decided beside that was done at create. */
static void container_forget(struct plan *plan)
{
	plan->time_offset_count = 0;
	plan->hostname = NULL;
	plan->domainname = NULL;
	plan->sysctl = (struct spec_pairs){ 0 };
	plan->net_device_count = 0;
	plan->ids.writer = ID_WRITER_NONE;
}

static void cgroup_place(struct plan *plan, const struct plan_target *target)
{
	struct plan_cgroup *cgroup = &plan->cgroup;

	/* A process is put into it by its files, whoever made it; systemd is asked where that is refused. */
	cgroup->driver = target->unit ? CGROUP_DRIVER_SYSTEMD : CGROUP_DRIVER_CGROUPFS;
	if (!target->cgroup_mount)
		cgroup->driver = CGROUP_DRIVER_DISABLED;
	cgroup->unit = target->unit;
	cgroup->user_manager = target->user_manager;
	cgroup->mount = target->cgroup_mount;
	cgroup->path = target->cgroup_path;
}

static int plan_fill(struct plan_work *work, const struct plan_target *target)
{
	struct plan *plan = work->plan;

	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
		int r = subjects[i](work);

		if (r < 0)
			return r;
	}
	container_forget(plan);
	cgroup_place(plan, target);
	/* The container's default is for its own process. */
	plan->process.set_umask = plan->process.spec && plan->process.spec->user->umask.set;
	plan->process.keyring = !target->no_new_keyring;
	plan->root.path = path_join(work->arena, plan->bundle, plan->spec->root->path);
	return plan->root.path ? namespaces_redirect(work, target) : -ENOMEM;
}

int plan_build_exec(const struct spec *spec, const struct spec_process *process, const struct plan_target *target,
		    const struct host *host, const struct plan_options *options, struct arena *arena,
		    struct problems *problems, const struct plan **ret, struct error *err)
{
	struct plan *plan = arena_new(arena, struct plan);
	struct spec *whole = arena_new(arena, struct spec);
	struct plan_options full = *options;
	struct plan_work work = {
		.spec = whole,
		.host = host,
		.options = &full,
		.arena = arena,
		.problems = problems,
		.plan = plan,
		.exec = true,
	};
	int r;

	if (!plan || !whole)
		return error_set(err, -ENOMEM, "plan for '%s'", options->id);
	*whole = *spec;
	whole->process = process;
	plan->spec = whole;
	plan->id = arena_string(arena, options->id);
	plan->bundle = path_clean(arena, options->bundle);
	if (full.rootless == 0)
		full.rootless = ROOTLESS_AUTO;
	r = plan->id && plan->bundle ? plan_fill(&work, target) : -ENOMEM;
	if (r < 0)
		return error_set(err, r, "plan for '%s'", options->id);
	plan->namespaces.traced = tracer_possible(plan, spec->process);
	r = problems_tell(problems, "process", err);
	if (r < 0)
		return r;
	*ret = plan;
	return 0;
}
