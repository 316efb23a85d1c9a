/* SPDX-License-Identifier: Apache-2.0 */
/* Masked and read-only paths. See mask.h. */
#include "libsandbox/root/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

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
};

static int cover_put(struct cover *cover, int place_fd)
{
	_cleanup_(fd_leave) int copy = FD_NONE;
	int r;

	if (!cover->attached) {
		r = tree_attach(cover->fd, place_fd);
		cover->attached = r == 0;
		return r;
	}
	copy = tree_clone(cover->fd, "", AT_EMPTY_PATH);
	return copy < 0 ? copy : tree_attach(copy, place_fd);
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
	_cleanup_(fd_leave) int empty_fd = FD_NONE;
	struct cover empty = { .fd = FD_NONE }, null = { .fd = null_fd };

	for (size_t i = 0; i < paths->count; i++) {
		_cleanup_(fd_leave) int place = place_open(roots, paths->items[i]);
		struct stat st;
		int r;

		if (place == FD_NONE)
			continue;
		if (place < 0)
			return error_set(err, place, "mask '%s'", paths->items[i]);
		if (fstat(place, &st) < 0)
			return error_set(err, -errno, "mask '%s'", paths->items[i]);
		if (S_ISDIR(st.st_mode) && empty_fd < 0) {
			empty_fd = empty.fd = filesystem_make_empty(MOUNT_ATTR_RDONLY, label, err);
			if (empty_fd < 0)
				return error_wrap(err, "mask '%s'", paths->items[i]);
		}
		r = cover_put(S_ISDIR(st.st_mode) ? &empty : &null, place);
		if (r < 0)
			return error_set(err, r, "mask '%s'", paths->items[i]);
	}
	return 0;
}

static int read_only_put(int place_fd)
{
	_cleanup_(fd_leave) int tree = tree_clone(place_fd, "", AT_EMPTY_PATH | AT_RECURSIVE);
	int r;

	if (tree < 0)
		return tree;
	r = tree_change(tree, MOUNT_ATTR_RDONLY, 0, true);
	return r < 0 ? r : tree_attach(tree, place_fd);
}

int paths_make_read_only(const struct mask_roots *roots, const struct spec_strings *paths, struct error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		_cleanup_(fd_leave) int place = place_open(roots, paths->items[i]);
		int r;

		if (place == FD_NONE)
			continue;
		r = place < 0 ? place : read_only_put(place);
		if (r < 0)
			return error_set(err, r, "read-only path '%s'", paths->items[i]);
	}
	return 0;
}
