/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root file system and everything mounted in it: root, mounts in the order of the config, masked and read-only paths.
 *
 * Not for: one mount (mount.c), device nodes (devices.c).
 */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/plan/mount.h"

#define NOTIFY_DIRECTORY "/run/notify" /* plan/process.c names the socket in it */

/* A joined mount namespace belongs to somebody else, and the runtime's own to the host: nothing is mounted there. */
static void own_mounts_check(struct plan_work *work)
{
	const struct spec_linux *os_linux = work->spec->os_linux;

	if (work->plan->root.own_mounts)
		return;
	if (work->spec->mounts.count > 0)
		problem_warning(work->problems, 0, "/mounts",
				"left out: the container has no mount namespace of its own");
	if (work->plan->root.readonly)
		problem_warning(work->problems, 0, "/root/readonly",
				"left out: the container has no mount namespace of its own");
	if (os_linux->masked_paths.count > 0)
		problem_warning(work->problems, 0, "/linux/maskedPaths",
				"left out: the container has no mount namespace of its own");
	if (os_linux->readonly_paths.count > 0)
		problem_warning(work->problems, 0, "/linux/readonlyPaths",
				"left out: the container has no mount namespace of its own");
	if (work->plan->mount_context)
		problem_warning(work->problems, 0, "/linux/mountLabel",
				"left out: the container has no mount namespace of its own");
}

static int context_decide(struct plan_work *work)
{
	const char *label = work->spec->os_linux->mount_label;

	if (text_is_empty(label))
		return 0;
	if (!work->host->selinux)
		problem_error(work->problems, 0, "/linux/mountLabel",
			      "selinux label is specified in config, but selinux is disabled or not supported");
	work->plan->mount_context = arena_printf(work->arena, "context=%s", label);
	return work->plan->mount_context ? 0 : -ENOMEM;
}

static int root_decide(struct plan_work *work)
{
	const struct spec_linux *os_linux = work->spec->os_linux;
	struct plan_root *root = &work->plan->root;

	root->path = path_join(work->arena, work->options->bundle, work->spec->root->path);
	if (!root->path)
		return -ENOMEM;
	root->readonly = work->spec->root->readonly.value;
	root->own_mounts = (work->plan->namespaces.new_flags & CLONE_NEWNS) != 0;
	root->pivot = !work->options->no_pivot;
	/* Slave: mounts of the host come in (and do not stay busy there), none go out. */
	root->propagation = os_linux->rootfs_propagation ? os_linux->rootfs_propagation : PROPAGATION_RSLAVE;
	/* After a move the old root stays mounted below; with private propagation nothing of it would ever be unmounted. */
	if (!root->pivot && (root->propagation == PROPAGATION_PRIVATE || root->propagation == PROPAGATION_RPRIVATE))
		problem_error(work->problems, 0, "/linux/rootfsPropagation",
			      "[r]private is not safe without pivot_root");
	own_mounts_check(work);
	return 0;
}

/* Last, so that no mount of the config hides it. The container may write to the socket, not to its directory. */
static struct plan_mount notify_mount(const struct plan_work *work)
{
	return (struct plan_mount){
		.kind = MOUNT_BIND,
		.index = work->spec->mounts.count,
		.destination = NOTIFY_DIRECTORY,
		.source = work->options->notify_directory,
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	};
}

static int mounts_decide(struct plan_work *work)
{
	const struct spec_mounts *mounts = &work->spec->mounts;

	if (mounts->count == 0 && !work->options->notify_directory)
		return 0;
	struct plan_mount *items = arena_calloc(work->arena, mounts->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < mounts->count; i++) {
		int r = mount_plan(work, i, &items[i]);
		if (r < 0)
			return r;
	}
	work->plan->mounts = items;
	work->plan->mount_count = mounts->count;
	if (work->options->notify_directory)
		items[work->plan->mount_count++] = notify_mount(work);
	return 0;
}

struct indexed_path {
	const char *path;
	size_t index;
};

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void halves_merge(const struct indexed_path *from, size_t begin, size_t middle, size_t end,
			 struct indexed_path *to)
{
	size_t left = begin, right = middle;

	for (size_t at = begin; at < end; at++) {
		bool is_left = right == end || (left < middle && strcmp(from[left].path, from[right].path) <= 0);

		to[at] = from[is_left ? left++ : right++];
	}
}

/* Equal ones stay in their order. Returns which of the two has them. qsort(3) of musl takes eight times as long for five hundred. */
static struct indexed_path *paths_sort(struct indexed_path *paths, struct indexed_path *other, size_t count)
{
	for (size_t width = 1; width < count; width *= 2) {
		struct indexed_path *sorted = other;

		for (size_t begin = 0; begin < count; begin += 2 * width)
			halves_merge(paths, begin, lesser(begin + width, count), lesser(begin + 2 * width, count),
				     sorted);
		other = paths;
		paths = sorted;
	}
	return paths;
}

/* Clean and absolute, each once, in the order of their first mention. Sorted, not compared pairwise: the list is as long as a document
 * may be. */
static int paths_decide(struct plan_work *work, const struct spec_strings *from, struct spec_strings *to)
{
	if (from->count == 0)
		return 0;
	struct indexed_path *sorted = arena_calloc(work->arena, from->count, 2 * sizeof(*sorted));
	const char **items = arena_calloc(work->arena, from->count, sizeof(*items));
	if (!sorted || !items)
		return -ENOMEM;
	for (size_t i = 0; i < from->count; i++) {
		sorted[i] = (struct indexed_path){ path_join(work->arena, "/", from->items[i]), i };
		if (!sorted[i].path)
			return -ENOMEM;
	}
	sorted = paths_sort(sorted, sorted + from->count, from->count);
	for (size_t i = 0; i < from->count; i++) {
		if (i == 0 || strcmp(sorted[i].path, sorted[i - 1].path) != 0)
			items[sorted[i].index] = sorted[i].path;
	}
	size_t count = 0;
	for (size_t i = 0; i < from->count; i++) {
		if (items[i])
			items[count++] = items[i];
	}
	*to = (struct spec_strings){ .items = items, .count = count };
	return 0;
}

/* The mounts that ask neither for a network namespace nor for a device. A file system that is not listed may ask for both (nfs, ext4). */
static bool mount_is_plain(const struct plan_mount *mount)
{
	static const char *const types[] = { "proc", "tmpfs", "devpts", "mqueue" };

	if (mount->kind != MOUNT_FILESYSTEM)
		return mount->kind != MOUNT_REMOUNT;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (text_equal(mount->type, types[i]))
			return true;
	}
	return false;
}

/* It has no device, but it is tagged: it shows the network devices of who mounts it. */
static bool mount_is_sysfs(const struct plan_mount *mount)
{
	return mount->kind == MOUNT_FILESYSTEM && text_equal(mount->type, "sysfs");
}

int plan_mounts_split(struct plan_work *work)
{
	struct plan *plan = work->plan;
	const bool ruled = plan->cgroup.driver == CGROUP_DRIVER_CGROUPFS && plan->cgroup.device_program;
	const bool handed = plan->namespaces.handed_flags & CLONE_NEWNET;
	size_t network, devices;

	for (devices = 0; devices < plan->mount_count; devices++) {
		if (ruled && !mount_is_plain(&plan->mounts[devices]) && !mount_is_sysfs(&plan->mounts[devices]))
			break;
	}
	for (network = 0; network < devices; network++) {
		if (handed && !mount_is_plain(&plan->mounts[network]))
			break;
	}
	plan->mounts_network = network;
	plan->mounts_devices = devices;
	return 0;
}

int plan_root_build(struct plan_work *work)
{
	int r = context_decide(work);

	if (r == 0)
		r = root_decide(work);
	if (r < 0 || !work->plan->root.own_mounts)
		return r;
	r = mounts_decide(work);
	if (r < 0)
		return r;
	r = paths_decide(work, &work->spec->os_linux->masked_paths, &work->plan->masked_paths);
	if (r < 0)
		return r;
	return paths_decide(work, &work->spec->os_linux->readonly_paths, &work->plan->readonly_paths);
}
