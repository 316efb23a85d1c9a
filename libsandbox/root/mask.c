/* SPDX-License-Identifier: Apache-2.0 */
/* Masked and read-only paths. See mask.h. */
#include "libsandbox/root/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/root/filesystem.h"
#include "libsandbox/root/tree.h"

/* A tree of which every path but the first gets a copy. Before Linux 6.15 only an attached tree can be cloned, so the first path gets the
 * tree itself. */
struct cover {
	int fd; /* borrowed */
	bool attached;
	int copy; /* one that found no place yet, or FD_NONE; owned */
	int used; /* one that did; owned */
};

#define COVER_OF(tree_fd) ((struct cover){ .fd = (tree_fd), .copy = FD_NONE, .used = FD_NONE })

static void cover_cleanup(struct cover *cover)
{
	fd_leave(&cover->copy);
	fd_leave(&cover->used);
}

/* By a name, and no copy: -EBUSY when it has a place already. */
static int cover_put_at(struct cover *cover, int dir_fd, const char *name)
{
	int r = cover->attached ? -EBUSY : tree_attach_at(cover->fd, dir_fd, name);

	cover->attached |= r == 0;
	return r;
}

static int cover_put(struct cover *cover, int place_fd)
{
	int r;

	if (!cover->attached) {
		r = tree_attach(cover->fd, place_fd);
		cover->attached = r == 0;
		return r;
	}
	if (cover->copy < 0)
		cover->copy = tree_clone(cover->fd, "", AT_EMPTY_PATH);
	r = cover->copy < 0 ? cover->copy : tree_attach(cover->copy, place_fd);
	if (r == 0)
		cover->used = fd_take(&cover->copy);
	return r;
}

/* What masks directories: the first few have a file system each, which is made where it goes; then it pays to share one. */
#define EMPTY_OWN_MAX 4

struct empty {
	const char *label;
	int in_fd;            /* the working directory, if it is known, or FD_NONE */
	unsigned int entered; /* of procfs and sysfs: each is entered once only, as many names are of nothing */
	size_t own;
	int fd;
	struct cover cover;
};

static void empty_cleanup(struct empty *empty)
{
	cover_cleanup(&empty->cover);
	fd_leave(&empty->fd);
}

static bool empty_put_own(struct empty *empty, int place_fd)
{
	bool put = empty->own < EMPTY_OWN_MAX && filesystem_put_empty(empty->label, place_fd);

	empty->in_fd = FD_NONE;
	empty->own += put;
	return put;
}

static int empty_put_at(struct empty *empty, int dir_fd, unsigned int bit, const char *name)
{
	if (!(empty->entered & bit))
		empty->in_fd = fchdir(dir_fd) == 0 ? dir_fd : FD_NONE;
	empty->entered |= bit;
	if (empty->in_fd != dir_fd || empty->own >= EMPTY_OWN_MAX)
		return -EAGAIN;
	errno = EAGAIN;
	if (!filesystem_put_empty_at(empty->label, name))
		return -errno;
	empty->own++;
	return 0;
}

static int empty_put_shared(struct empty *empty, int place_fd, struct error *err)
{
	int r;

	if (empty->fd < 0) {
		empty->fd = empty->cover.fd = filesystem_make_empty(0, empty->label, err);
		if (empty->fd < 0)
			return empty->fd;
	}
	r = cover_put(&empty->cover, place_fd);
	return r < 0 ? error_set(err, r, "mount an empty directory") : 0;
}

/* The kernel takes a file for files only, and a directory for directories: what it refuses tells which it is. */
static int mask_put(const char *path, int place_fd, struct cover *null, struct empty *empty, struct error *err)
{
	/* Nearly all that is hidden there is directories. */
	const bool directory_first = text_starts(path, "/sys/");
	struct stat st;
	int r;

	if (directory_first && empty_put_own(empty, place_fd))
		return 0;
	/* With many of them there is one to be shared: no other is made for what may be a file. */
	if (directory_first && empty->fd >= 0 && cover_put(&empty->cover, place_fd) == 0)
		return 0;
	r = cover_put(null, place_fd);
	if (r == 0 || empty_put_own(empty, place_fd))
		return 0;
	if (fstat(place_fd, &st) == 0 && S_ISDIR(st.st_mode))
		return empty_put_shared(empty, place_fd, err);
	return error_set(err, r, "mount the null device");
}

/*
 * What the kernel, and it alone, puts into the root of a procfs or sysfs: never links, and the same at each look, whatever a config has mounted there. So
 * there is nothing to be opened and looked at where init has made the file system.
 */
static const struct kernel_name {
	const char *name;
	bool directory, in_sys;
} kernel_names[] = {
	{ "acpi", true, false },
	{ "asound", true, false },
	{ "bus", true, false },
	{ "fs", true, false },
	{ "interrupts", false, false },
	{ "irq", true, false },
	{ "kcore", false, false },
	{ "keys", false, false },
	{ "latency_stats", false, false },
	{ "sched_debug", false, false },
	{ "scsi", true, false },
	{ "sys", true, false },
	{ "sysrq-trigger", false, false },
	{ "timer_list", false, false },
	{ "timer_stats", false, false },
	{ "firmware", true, true },
};

/* The mount that it is in; FD_NONE: it is none of them. */
static int kernel_place(const struct mask_roots *roots, const char *path, const struct kernel_name **ret)
{
	const char *in_proc = roots->proc_new ? text_after(path, "/proc/") : NULL;
	const char *in_sys = roots->sys_new ? text_after(path, "/sys/") : NULL;
	const char *name = in_proc ? in_proc : in_sys;

	for (size_t i = 0; name && i < ARRAY_SIZE(kernel_names); i++) {
		*ret = &kernel_names[i];
		if (text_equal(name, kernel_names[i].name) && kernel_names[i].in_sys == (in_sys != NULL))
			return in_sys ? roots->sys_fd : roots->proc_fd;
	}
	return FD_NONE;
}

/* Done, or not there. */
static bool mask_shortly(const struct mask_roots *roots, const char *path, struct cover *null, struct empty *empty)
{
	const struct kernel_name *kernel = NULL;
	int r, dir_fd = kernel_place(roots, path, &kernel);

	if (dir_fd < 0)
		return false;
	r = kernel->directory ? empty_put_at(empty, dir_fd, 1U << kernel->in_sys, kernel->name)
			      : cover_put_at(null, dir_fd, kernel->name);
	return r == 0 || r == -ENOENT;
}

/* FD_NONE: there is nothing. */
static int place_open(const struct mask_roots *roots, const char *path)
{
	const char *below_proc = roots->proc_fd >= 0 ? text_after(path, "/proc/") : NULL;
	const char *below_sys = roots->sys_fd >= 0 ? text_after(path, "/sys/") : NULL;
	int fd;

	if (below_proc && *below_proc)
		fd = path_open_in_root(roots->proc_fd, below_proc, O_PATH, 0);
	else if (below_sys && *below_sys)
		fd = path_open_in_root(roots->sys_fd, below_sys, O_PATH, 0);
	else
		fd = path_open_in_root(roots->root_fd, path, O_PATH, 0);

	return fd == -ENOENT || fd == -ENOTDIR ? FD_NONE : fd;
}

int paths_mask(const struct mask_roots *roots, const struct spec_strings *paths, int null_fd, const char *label,
	       struct error *err)
{
	_cleanup_(fd_batch_close) struct fd_batch left = { 0 };
	_cleanup_(empty_cleanup) struct empty empty = {
		.label = label, .in_fd = FD_NONE, .fd = FD_NONE, .cover = COVER_OF(FD_NONE)
	};
	_cleanup_(cover_cleanup) struct cover null = COVER_OF(null_fd);

	for (size_t i = 0; i < paths->count; i++) {
		int place, r;

		if (mask_shortly(roots, paths->items[i], &null, &empty))
			continue;
		place = place_open(roots, paths->items[i]);
		if (place == FD_NONE)
			continue;
		r = place < 0 ? error_set(err, place, "open it") : mask_put(paths->items[i], place, &null, &empty, err);
		/* In the order of their numbers, which then follow each other. */
		fd_batch_put(&left, &place);
		fd_batch_put(&left, &null.used);
		fd_batch_put(&left, &empty.cover.used);
		if (r < 0)
			return error_wrap(err, "mask '%s'", paths->items[i]);
	}
	return 0;
}

/* `*slow`: the kernel has no call, or none for us, that clones and changes at once. */
static int read_only_clone(int place_fd, bool *slow)
{
	_cleanup_(fd_leave) int tree = FD_NONE;
	int r;

	if (!*slow)
		tree = tree_clone_settled(place_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, 0, MOUNT_ATTR_RDONLY, 0);
	if (tree >= 0)
		return fd_take(&tree);
	*slow = true;
	tree = tree_clone(place_fd, "", AT_EMPTY_PATH | AT_RECURSIVE);
	if (tree < 0)
		return tree;
	r = tree_change(tree, MOUNT_ATTR_RDONLY, 0, true);
	return r < 0 ? r : fd_take(&tree);
}

static int read_only_put(int place_fd, bool *slow)
{
	_cleanup_(fd_leave) int tree = read_only_clone(place_fd, slow);

	return tree < 0 ? tree : tree_attach(tree, place_fd);
}

/* The same on one of the kernel's names. */
static bool read_only_shortly(const struct mask_roots *roots, const char *path, bool slow)
{
	_cleanup_(fd_leave) int tree = FD_NONE;
	const struct kernel_name *kernel = NULL;
	int dir_fd = slow ? FD_NONE : kernel_place(roots, path, &kernel);

	if (dir_fd < 0)
		return false;
	tree = tree_clone_settled(dir_fd, kernel->name, AT_SYMLINK_NOFOLLOW | AT_RECURSIVE, 0, MOUNT_ATTR_RDONLY, 0);
	return tree == -ENOENT || (tree >= 0 && tree_attach_at(tree, dir_fd, kernel->name) == 0);
}

int paths_make_read_only(const struct mask_roots *roots, const struct spec_strings *paths, struct error *err)
{
	bool slow = false;

	for (size_t i = 0; i < paths->count; i++) {
		_cleanup_(fd_leave) int place = FD_NONE;
		int r;

		if (read_only_shortly(roots, paths->items[i], slow))
			continue;
		place = place_open(roots, paths->items[i]);
		if (place == FD_NONE)
			continue;
		r = place < 0 ? place : read_only_put(place, &slow);
		if (r < 0)
			return error_set(err, r, "read-only path '%s'", paths->items[i]);
	}
	return 0;
}
