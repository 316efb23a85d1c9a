/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The defaults, one line of source each. See defaults.h.
 *
 * Not for: values that depend on the host or on options (the type of a bind mount, seccomp flags, cgroupsPath), which the plan decides,
 * nor for env and capabilities, where absent means "as it is" and no value would mean the same.
 *
 * The parser's lists and objects are const once made, so what gets a default is copied.
 */
#include "libspec/defaults.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_UMASK       0022  /* runc and crun set it for init; the spec would leave the runtime's own */
#define DEFAULT_DEVICE_MODE 0666  /* runc; the spec is silent */
#define DEFAULT_ERRNO       1     /* EPERM. config-linux.md: "The default is EPERM" */
#define DEFAULT_ACCESS      "rwm" /* config-linux.md calls it optional; all, as for type and numbers */
#define DEVICE_NUMBER_ALL   (-1)  /* config-linux.md: "Unset values mean all" */

static void *copy(struct arena *arena, const void *items, size_t count, size_t size)
{
	void *to = arena_calloc(arena, count, size);

	if (to && count > 0)
		memcpy(to, items, count * size);
	return to;
}

/* config.md makes uid and gid required; runc takes 0 when they or the user are absent. */
static int default_user(struct spec_process *process, struct arena *arena, bool is_init)
{
	struct spec_user *user =
		process->user ? copy(arena, process->user, 1, sizeof(*user)) : arena_new(arena, struct spec_user);

	if (!user)
		return -ENOMEM;
	user->uid.set = true;
	user->gid.set = true;
	if (is_init && !user->umask.set)
		user->umask = (struct opt_u32){ .set = true, .value = DEFAULT_UMASK };
	process->user = user;
	return 0;
}

/* config.md, scheduler: "If not set, the runtime must use the value 0", for each of the five. */
static int default_scheduler(struct spec_process *process, struct arena *arena)
{
	if (!process->scheduler)
		return 0;
	struct spec_scheduler *scheduler = copy(arena, process->scheduler, 1, sizeof(*scheduler));

	if (!scheduler)
		return -ENOMEM;
	scheduler->nice.set = true;
	scheduler->priority.set = true;
	scheduler->runtime.set = true;
	scheduler->deadline.set = true;
	scheduler->period.set = true;
	process->scheduler = scheduler;
	return 0;
}

static int default_process(struct spec_process *process, struct arena *arena, bool is_init)
{
	int r = default_user(process, arena, is_init);

	return r < 0 ? r : default_scheduler(process, arena);
}

int process_defaults(struct spec_process *process, struct arena *arena)
{
	return default_process(process, arena, false);
}

/* config-linux.md, "Allowed Device list": unset type, major and minor mean all. */
int resources_defaults(struct spec_resources *resources, struct arena *arena)
{
	size_t count = resources->devices.count;

	if (count == 0)
		return 0;
	struct spec_device_rule *rules = copy(arena, resources->devices.items, count, sizeof(*rules));

	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (rules[i].type == 0)
			rules[i].type = DEVICE_ALL;
		if (!rules[i].access)
			rules[i].access = DEFAULT_ACCESS;
		if (!rules[i].major.set)
			rules[i].major = (struct opt_i64){ .set = true, .value = DEVICE_NUMBER_ALL };
		if (!rules[i].minor.set)
			rules[i].minor = (struct opt_i64){ .set = true, .value = DEVICE_NUMBER_ALL };
		rules[i].allow.set = true; /* runc: false when absent */
	}
	resources->devices.items = rules;
	return 0;
}

/* execv(3)'s argv[0] is the path; the spec leaves args optional. */
static int default_hook_list(struct spec_hook_list *list, struct arena *arena)
{
	if (list->count == 0)
		return 0;
	struct spec_hook *hooks = copy(arena, list->items, list->count, sizeof(*hooks));

	if (!hooks)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		if (hooks[i].args.count > 0 || !hooks[i].path)
			continue;
		hooks[i].args.items = copy(arena, &hooks[i].path, 1, sizeof(hooks[i].path));
		if (!hooks[i].args.items)
			return -ENOMEM;
		hooks[i].args.count = 1;
	}
	list->items = hooks;
	return 0;
}

static int default_hooks(struct spec *spec, struct arena *arena)
{
	if (!spec->hooks)
		return 0;
	struct spec_hooks *hooks = copy(arena, spec->hooks, 1, sizeof(*hooks));

	if (!hooks)
		return -ENOMEM;
	for (size_t i = 0; i < HOOK_POINTS; i++) {
		int r = default_hook_list(&hooks->points[i], arena);
		if (r < 0)
			return r;
	}
	spec->hooks = hooks;
	return 0;
}

/* Some engines send st_mode whole: only permissions are the device's mode, its type stands elsewhere (runc does the same). */
static int default_devices(struct spec_linux *os_linux, struct arena *arena)
{
	size_t count = os_linux->devices.count;

	if (count == 0)
		return 0;
	struct spec_device *devices = copy(arena, os_linux->devices.items, count, sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (!devices[i].file_mode.set)
			devices[i].file_mode = (struct opt_u32){ .set = true, .value = DEFAULT_DEVICE_MODE };
		devices[i].file_mode.value &= ~(uint32_t)S_IFMT;
		devices[i].uid.set = true; /* runc: 0 when absent */
		devices[i].gid.set = true;
	}
	os_linux->devices.items = devices;
	return 0;
}

static void default_errno(int action, struct opt_u32 *errno_ret)
{
	if ((action == SECCOMP_ERRNO || action == SECCOMP_TRACE) && !errno_ret->set)
		*errno_ret = (struct opt_u32){ .set = true, .value = DEFAULT_ERRNO };
}

static int default_seccomp(struct spec_linux *os_linux, struct arena *arena)
{
	if (!os_linux->seccomp)
		return 0;
	struct spec_seccomp *seccomp = copy(arena, os_linux->seccomp, 1, sizeof(*seccomp));

	if (!seccomp)
		return -ENOMEM;
	os_linux->seccomp = seccomp;
	default_errno(seccomp->default_action, &seccomp->default_errno_ret);
	if (seccomp->syscalls.count == 0)
		return 0;

	struct spec_seccomp_call *calls = copy(arena, seccomp->syscalls.items, seccomp->syscalls.count, sizeof(*calls));
	if (!calls)
		return -ENOMEM;
	for (size_t i = 0; i < seccomp->syscalls.count; i++)
		default_errno(calls[i].action, &calls[i].errno_ret);
	seccomp->syscalls.items = calls;
	return 0;
}

/* Both parts of an offset are optional, and an offset of nothing is 0 (time_namespaces(7)). */
static const struct spec_time_offset *default_offset(const struct spec_time_offset *offset, struct arena *arena)
{
	struct spec_time_offset *to = copy(arena, offset, 1, sizeof(*to));

	if (to) {
		to->secs.set = true;
		to->nanosecs.set = true;
	}
	return to;
}

static int default_time_offsets(struct spec_linux *os_linux, struct arena *arena)
{
	if (!os_linux->time_offsets)
		return 0;
	struct spec_time_offsets *offsets = copy(arena, os_linux->time_offsets, 1, sizeof(*offsets));

	if (!offsets)
		return -ENOMEM;
	if (offsets->boottime) {
		offsets->boottime = default_offset(offsets->boottime, arena);
		if (!offsets->boottime)
			return -ENOMEM;
	}
	if (offsets->monotonic) {
		offsets->monotonic = default_offset(offsets->monotonic, arena);
		if (!offsets->monotonic)
			return -ENOMEM;
	}
	os_linux->time_offsets = offsets;
	return 0;
}

static int default_linux_resources(struct spec_linux *os_linux, struct arena *arena)
{
	if (!os_linux->resources)
		return 0;
	struct spec_resources *resources = copy(arena, os_linux->resources, 1, sizeof(*resources));

	if (!resources)
		return -ENOMEM;
	os_linux->resources = resources;
	return resources_defaults(resources, arena);
}

static int default_linux(struct spec *spec, struct arena *arena)
{
	static int (*const parts[])(struct spec_linux *, struct arena *) = {
		default_devices,
		default_linux_resources,
		default_seccomp,
		default_time_offsets,
	};
	/* runc tolerates a config without `linux`: all namespaces are then the runtime's. */
	struct spec_linux *os_linux = spec->os_linux ? copy(arena, spec->os_linux, 1, sizeof(*os_linux))
						     : arena_new(arena, struct spec_linux);

	if (!os_linux)
		return -ENOMEM;
	spec->os_linux = os_linux;
	if (os_linux->rootfs_propagation == 0)
		os_linux->rootfs_propagation = PROPAGATION_RSLAVE; /* runc; the spec is silent */
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		int r = parts[i](os_linux, arena);
		if (r < 0)
			return r;
	}
	return 0;
}

int spec_defaults(struct spec *spec, struct arena *arena)
{
	int r;

	if (spec->process) {
		struct spec_process *process = copy(arena, spec->process, 1, sizeof(*process));

		if (!process)
			return -ENOMEM;
		spec->process = process;
		r = default_process(process, arena, true);
		if (r < 0)
			return r;
	}
	r = default_hooks(spec, arena);
	return r < 0 ? r : default_linux(spec, arena);
}
