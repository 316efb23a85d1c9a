/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nodes and links of /dev (runtime-spec config-linux.md "Devices", "Default Devices", "Dev symbolic links").
 *
 * Not for: what the device cgroup allows (resources.c), the console (a step).
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/plan/build.h"

#define DEVICE_MODE 0666

static const struct plan_device standard_devices[] = {
	{ .path = "/dev/null", .major = 1, .minor = 3 },    { .path = "/dev/zero", .major = 1, .minor = 5 },
	{ .path = "/dev/full", .major = 1, .minor = 7 },    { .path = "/dev/random", .major = 1, .minor = 8 },
	{ .path = "/dev/urandom", .major = 1, .minor = 9 }, { .path = "/dev/tty", .major = 5, .minor = 0 },
};

static const struct plan_symlink standard_symlinks[] = {
	{ "/dev/fd", "/proc/self/fd" },       { "/dev/stdin", "/proc/self/fd/0" }, { "/dev/stdout", "/proc/self/fd/1" },
	{ "/dev/stderr", "/proc/self/fd/2" }, { "/dev/core", "/proc/kcore" },      { "/dev/ptmx", "pts/ptmx" },
};

static bool dev_is_bound(const struct plan *plan)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		if (plan->mounts[i].kind == MOUNT_BIND && text_equal(plan->mounts[i].destination, "/dev"))
			return true;
	}
	return false;
}

static bool is_configured(const char *path, const struct plan_device *devices, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(devices[i].path, path))
			return true;
	}
	return false;
}

static mode_t device_type_mode(int type)
{
	switch (type) {
	case DEVICE_BLOCK:
		return S_IFBLK;
	case DEVICE_FIFO:
		return S_IFIFO;
	default:
		return S_IFCHR;
	}
}

/* In a user namespace mknod of a device fails whoever asks; a FIFO is no device. */
static bool device_needs_bind(const struct plan_work *work, mode_t mode)
{
	return !S_ISFIFO(mode) && (work->host->in_user_namespace || spec_has_namespace(work->spec, NAMESPACE_USER));
}

static int configured_collect(struct plan_work *work, struct plan_device *items, size_t *ret_count)
{
	const struct spec_linux *os_linux = work->spec->os_linux;

	*ret_count = 0;
	for (size_t i = 0; i < os_linux->devices.count; i++) {
		const struct spec_device *from = &os_linux->devices.items[i];
		char *path = path_join(work->arena, "/", from->path);

		if (!path)
			return -ENOMEM;
		/* Always the link into the container's own devpts: a node would open the host's. */
		if (text_equal(path, "/dev/ptmx"))
			continue;
		if (!work->plan->dev_setup && text_starts(path, "/dev/"))
			continue;
		struct plan_device *to = &items[(*ret_count)++];
		*to = (struct plan_device){
			.path = path,
			.mode = device_type_mode(from->type) |
				((from->file_mode.set ? from->file_mode.value : DEVICE_MODE) & 07777),
			.major = (uint32_t)from->major.value,
			.minor = (uint32_t)from->minor.value,
			.uid = from->uid.value,
			.gid = from->gid.value,
		};
		to->bind = device_needs_bind(work, to->mode);
	}
	return 0;
}

static int symlinks_decide(struct plan_work *work, const struct plan_device *devices, size_t count)
{
	struct plan_symlink *links = arena_calloc(work->arena, ARRAY_SIZE(standard_symlinks), sizeof(*links));

	if (!links)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(standard_symlinks); i++) {
		if (!is_configured(standard_symlinks[i].path, devices, count))
			links[work->plan->symlink_count++] = standard_symlinks[i];
	}
	work->plan->symlinks = links;
	return 0;
}

int plan_devices_build(struct plan_work *work)
{
	size_t wanted = work->spec->os_linux->devices.count, configured, count = 0;

	if (!work->plan->root.own_mounts)
		return 0;
	work->plan->dev_setup = !dev_is_bound(work->plan);

	struct plan_device *items = arena_calloc(work->arena, ARRAY_SIZE(standard_devices) + wanted, sizeof(*items));
	if (!items)
		return -ENOMEM;
	/* The configured ones behind the room for the standard ones, then moved up to those that were not replaced. */
	struct plan_device *own = items + ARRAY_SIZE(standard_devices);
	int r = configured_collect(work, own, &configured);
	if (r < 0)
		return r;
	for (size_t i = 0; work->plan->dev_setup && i < ARRAY_SIZE(standard_devices); i++) {
		if (is_configured(standard_devices[i].path, own, configured))
			continue;
		items[count] = standard_devices[i];
		items[count].mode = S_IFCHR | DEVICE_MODE;
		items[count].standard = true;
		items[count].bind = device_needs_bind(work, items[count].mode);
		count++;
	}
	if (configured > 0)
		memmove(items + count, own, configured * sizeof(*items));
	work->plan->devices = items;
	work->plan->device_count = count + configured;
	return work->plan->dev_setup ? symlinks_decide(work, items + count, configured) : 0;
}
