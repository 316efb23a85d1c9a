/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which namespaces are made, which are joined, in which order, and what is set inside them: names, clocks, sysctls, network devices.
 *
 * Not for: the maps of a user namespace (ids.c).
 * Read: namespaces(7), setns(2), user_namespaces(7), time_namespaces(7); the kernel's kernel/nsproxy.c.
 */
#include <errno.h>
#include <linux/capability.h>

#include "libbase/kernel.h"
#include "libbase/text.h"
#include "libsandbox/plan/build.h"
#include "libspec/sysctl.h"

/*
 * The order of joining. The user namespace first: entering it gives the privileges over whatever it owns, and the kernel's own setns on
 * several namespaces (validate_nsset) does the same. The mount namespace last: it moves root and working directory, so nothing may be
 * looked up by name after it. Between them order is free.
 */
static const int join_order[NAMESPACE_TYPES] = {
	NAMESPACE_USER, NAMESPACE_PID,    NAMESPACE_NETWORK, NAMESPACE_IPC,
	NAMESPACE_UTS,  NAMESPACE_CGROUP, NAMESPACE_TIME,    NAMESPACE_MOUNT,
};

static bool is_unprivileged(const struct host *host)
{
	return host->euid != 0 && !host_has_capability(host, CAP_SYS_ADMIN);
}

/*
 * Whether cgroups are ours to manage. With --rootless=auto anybody but root on the machine itself is taken as not: root of a user
 * namespace owns it, but seldom the cgroups above.
 */
static bool rootless_decide(const struct plan_work *work)
{
	if (work->options->rootless != ROOTLESS_AUTO)
		return work->options->rootless == ROOTLESS_TRUE;
	return work->host->euid != 0 || work->host->in_user_namespace;
}

static void namespaces_collect(struct plan_work *work)
{
	struct plan_namespaces *to = &work->plan->namespaces;

	for (size_t i = 0; i < ARRAY_SIZE(join_order); i++) {
		const struct spec_namespace *asked = spec_namespace_of(work->spec, join_order[i]);
		struct plan_namespace *item = &to->items[to->count];

		if (!asked)
			continue;
		item->name = name_of(&names_namespaces, asked->type);
		item->path = text_is_empty(asked->path) ? NULL : asked->path;
		if (item->path)
			to->join_flags |= (uint64_t)item->name->kernel;
		else
			to->new_flags |= (uint64_t)item->name->kernel;
		to->count++;
	}
}

/*
 * Init can enter most namespaces by itself, after it was cloned. Not these:
 *   pid             setns(2) is for children only: the process that enters never is inside
 *   user            the runtime could not come back from it, and init must be cloned with its privileges
 *   new user        init begins inside it and has no rights over namespaces that somebody else's user namespace owns, so they are
 *                   entered before
 *   time offsets    may be written only while nobody is inside: by a process that unshared and whose children will be
 */
static bool joiner_needed(const struct plan *plan)
{
	const struct plan_namespaces *namespaces = &plan->namespaces;

	if (namespaces->join_flags & (CLONE_NEWPID | CLONE_NEWUSER))
		return true;
	if ((namespaces->new_flags & CLONE_NEWUSER) && namespaces->join_flags != 0)
		return true;
	return plan->time_offset_count > 0;
}

/*
 * The host side may make it and come back when its own is of the machine's own user namespace. Init's user namespace must be ours, or the new one
 * would not be its; and devices that are moved must be there before init is told to go on.
 */
static bool network_is_handed(const struct plan_work *work)
{
	const struct plan_namespaces *namespaces = &work->plan->namespaces;

	return (namespaces->new_flags & CLONE_NEWNET) && !(namespaces->new_flags & CLONE_NEWUSER) &&
	       !namespaces->via_joiner && work->plan->net_device_count == 0 && !work->host->in_user_namespace &&
	       host_has_capability(work->host, CAP_SYS_ADMIN) && host_has_capability(work->host, CAP_NET_ADMIN);
}

static void namespaces_check(struct plan_work *work)
{
	const struct plan_namespaces *namespaces = &work->plan->namespaces;
	uint64_t all = namespaces->new_flags | namespaces->join_flags;

	if (is_unprivileged(work->host) && !(all & CLONE_NEWUSER))
		problem_error(work->problems, 0, "/linux/namespaces",
			      "rootless container requires user namespaces: without root's privileges nothing else "
			      "can be made");
	if ((namespaces->new_flags & CLONE_NEWUSER) && !work->host->user_namespaces)
		problem_error(work->problems, 0, "/linux/namespaces",
			      "user namespaces aren't enabled in the kernel: /proc/sys/user/max_user_namespaces is "
			      "missing or 0");
	if ((all & CLONE_NEWTIME) && !work->host->time_namespaces)
		problem_error(work->problems, 0, "/linux/namespaces", "time namespaces aren't enabled in the kernel");
	if (work->spec->os_linux->net_devices.count > 0 && is_unprivileged(work->host))
		problem_error(work->problems, 0, "/linux/netDevices",
			      "network devices are not supported for rootless containers");
}

static void time_offset_add(struct plan *plan, const char *clock, const struct spec_time_offset *offset)
{
	if (!offset)
		return;
	plan->time_offsets[plan->time_offset_count++] = (struct plan_time_offset){
		.clock = clock,
		.secs = offset->secs.value,
		.nanosecs = offset->nanosecs.value,
	};
}

static int sysctl_build(struct plan_work *work)
{
	const struct spec_pairs *asked = &work->spec->os_linux->sysctl;
	struct spec_pair *pairs;
	size_t count = 0;

	if (asked->count == 0)
		return 0;
	pairs = arena_calloc(work->arena, asked->count, sizeof(*pairs));
	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < asked->count; i++) {
		char path[SYSCTL_PATH_SIZE];

		/* The checks of libspec refused such keys; nothing is written for a document that went past them. */
		if (sysctl_path(asked->items[i].key, path, sizeof(path)) < 0)
			continue;
		pairs[count].key = arena_string(work->arena, path);
		pairs[count].value = asked->items[i].value;
		if (!pairs[count++].key)
			return -ENOMEM;
	}
	work->plan->sysctl = (struct spec_pairs){ pairs, count };
	return 0;
}

int plan_namespaces_build(struct plan_work *work)
{
	const struct spec_linux *os_linux = work->spec->os_linux;
	struct plan *plan = work->plan;

	plan->rootless = rootless_decide(work);
	namespaces_collect(work);
	if (os_linux->time_offsets && (plan->namespaces.new_flags & CLONE_NEWTIME)) {
		time_offset_add(plan, "monotonic", os_linux->time_offsets->monotonic);
		time_offset_add(plan, "boottime", os_linux->time_offsets->boottime);
	}
	plan->namespaces.via_joiner = joiner_needed(plan);
	plan->hostname = text_is_empty(work->spec->hostname) ? NULL : work->spec->hostname;
	plan->domainname = text_is_empty(work->spec->domainname) ? NULL : work->spec->domainname;
	plan->net_devices = os_linux->net_devices.items;
	plan->net_device_count = os_linux->net_devices.count;
	if (network_is_handed(work))
		plan->namespaces.handed_flags = CLONE_NEWNET;
	namespaces_check(work);
	return sysctl_build(work);
}
