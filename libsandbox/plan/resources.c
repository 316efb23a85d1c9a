/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits and device rules of the container's cgroup.
 *
 * Not for: where that cgroup is and who makes it (plan/cgroup.c); the single conversions (cgroup/resource_convert.c).
 */
#include <errno.h>
#include <string.h>

#include "libsandbox/limits.h"
#include "libsandbox/plan/build.h"

static const struct spec_resources no_resources;

static const struct spec_resources *resources_of(const struct plan_work *work)
{
	const struct spec_resources *resources = work->spec->os_linux->resources;

	return resources ? resources : &no_resources;
}

#define ALLOW(kind, at_major, at_minor, r, w, m)                                                           \
	{                                                                                                  \
		.allow = true, .type = (kind), .major = (at_major), .minor = (at_minor), .read = (r) != 0, \
		.write = (w) != 0, .mknod = (m) != 0                                                       \
	}

/*
 * What every container may use, after the config's own rules, which therefore cannot take it away: runc's set. Making any node is
 * harmless where using it is not allowed. /dev/net/tun is no node of the default set, but engines long relied on its rule and many
 * cannot add one. Terminals are those of the container's own devpts.
 */
static const struct plan_device_rule default_rules[] = {
	ALLOW('c', -1, -1, 0, 0, 1),  /* mknod of any character device */
	ALLOW('b', -1, -1, 0, 0, 1),  /* mknod of any block device */
	ALLOW('c', 1, 3, 1, 1, 1),    /* null */
	ALLOW('c', 1, 5, 1, 1, 1),    /* zero */
	ALLOW('c', 1, 7, 1, 1, 1),    /* full */
	ALLOW('c', 1, 8, 1, 1, 1),    /* random */
	ALLOW('c', 1, 9, 1, 1, 1),    /* urandom */
	ALLOW('c', 5, 0, 1, 1, 1),    /* tty */
	ALLOW('c', 136, -1, 1, 1, 1), /* pts */
	ALLOW('c', 5, 2, 1, 1, 1),    /* ptmx */
	ALLOW('c', 10, 200, 1, 1, 1), /* net/tun */
};

static struct plan_device_rule device_rule(const struct spec_device_rule *rule)
{
	char type = 'a';

	if (rule->type == DEVICE_CHAR)
		type = 'c';
	else if (rule->type == DEVICE_BLOCK)
		type = 'b';
	return (struct plan_device_rule){
		.allow = rule->allow.value,
		.type = type,
		.major = rule->major.set ? rule->major.value : -1,
		.minor = rule->minor.set ? rule->minor.value : -1,
		.read = strchr(rule->access, 'r'),
		.write = strchr(rule->access, 'w'),
		.mknod = strchr(rule->access, 'm'),
	};
}

static int device_rules_build(struct plan_work *work, const struct spec_resources *resources)
{
	size_t own = resources->devices.count, count = own + ARRAY_SIZE(default_rules);
	struct plan_device_rule *rules = arena_calloc(work->arena, count, sizeof(*rules));

	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < own; i++)
		rules[i] = device_rule(&resources->devices.items[i]);
	memcpy(rules + own, default_rules, sizeof(default_rules));
	work->plan->cgroup.devices = rules;
	work->plan->cgroup.device_count = count;
	return 0;
}

static unsigned int access_bits(const struct plan_device_rule *rule)
{
	return (rule->read ? 1U : 0U) | (rule->write ? 2U : 0U) | (rule->mknod ? 4U : 0U);
}

/* Backwards, because the last rule that speaks of an access decides it: is each access to each device allowed before any denial is met? */
static bool everything_allowed(const struct plan_device_rule *rules, size_t count)
{
	unsigned int undecided_char = 7, undecided_block = 7;

	while (count-- > 0) {
		const struct plan_device_rule *rule = &rules[count];
		unsigned int bits = access_bits(rule);
		unsigned int bits_char = rule->type == 'b' ? 0 : bits, bits_block = rule->type == 'c' ? 0 : bits;

		if (!rule->allow) {
			if ((undecided_char & bits_char) || (undecided_block & bits_block))
				return false;
			continue;
		}
		if (rule->major != -1 || rule->minor != -1)
			continue;
		undecided_char &= ~bits_char;
		undecided_block &= ~bits_block;
		if (!undecided_char && !undecided_block)
			return true;
	}
	return false;
}

/* Inside a user namespace bpf(2) is refused, and no device of the host can be made or opened by its ids: as runc, none is tried. */
static bool devices_controllable(const struct plan_work *work)
{
	return !work->host->in_user_namespace && !work->plan->rootless;
}

static int limits_read(struct plan_work *work, const struct spec_resources *resources)
{
	struct plan_cgroup *cgroup = &work->plan->cgroup;
	struct limits limits = { 0 };
	int r = limits_build(resources, work->host, "/linux/resources", work->arena, work->problems, &limits);

	cgroup->resources = limits.items;
	cgroup->resource_count = limits.count;
	cgroup->controllers = limits.controllers;
	return r;
}

/* The caller wanted no cgroup; a limit that is silently not kept would be a trap. */
static void disabled_warn(struct plan_work *work, const struct spec_resources *resources)
{
	if (resources->memory || resources->cpu || resources->pids || resources->block_io ||
	    resources->hugepage_limits.count || resources->rdma.count || resources->unified.count)
		problem_warning(work->problems, 0, "/linux/resources", "not applied: cgroups are disabled");
}

int plan_resources_build(struct plan_work *work)
{
	const struct spec_resources *resources = resources_of(work);
	struct plan_cgroup *cgroup = &work->plan->cgroup;
	int r;

	if (work->options->cgroup_driver == CGROUP_DRIVER_DISABLED) {
		disabled_warn(work, resources);
		return 0;
	}
	r = limits_read(work, resources);
	if (r < 0)
		return r;
	r = device_rules_build(work, resources);
	if (r < 0)
		return r;
	cgroup->device_program =
		devices_controllable(work) && !everything_allowed(cgroup->devices, cgroup->device_count);
	cgroup->tolerate_denied = cgroup->tolerate_denied && cgroup->resource_count == 0;
	if (cgroup->driver != CGROUP_DRIVER_DISABLED)
		return 0;
	/* No cgroup2 on this host. Rules that were given ask for it; the default set alone does not. */
	if (cgroup->device_program && resources->devices.count > 0)
		problem_error(work->problems, 0, "/linux/resources/devices",
			      "device rules need cgroup v2, and none is mounted at /sys/fs/cgroup");
	cgroup->device_program = false;
	return 0;
}
