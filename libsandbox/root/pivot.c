/* SPDX-License-Identifier: Apache-2.0 */
/* Making the container's root "/". See pivot.h. */
#include "libsandbox/root/pivot.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libsandbox/root/filesystem.h"
#include "libsandbox/root/tree.h"
#include "libspec/names.h"

int pivot_root_to(int root_fd, struct error *err)
{
	if (fchdir(root_fd) < 0)
		return error_set(err, -errno, "enter the root");
	/* The old root lands on top of the new one, where "." finds it: no directory in the image is needed. It was made a slave of the
	 * host's when the root was attached, so the unmount stays here. */
	if (kernel_pivot_root(".", ".") < 0)
		return error_set(err, -errno, "pivot_root");
	if (umount2(".", MNT_DETACH) < 0)
		return error_set(err, -errno, "unmount the old root");
	if (chdir("/") < 0)
		return error_set(err, -errno, "enter the new root");
	return 0;
}

/* Unmounts all that is mounted at `path` as long as it is a file system of this kind; what is locked there is covered. */
static int remains_hide(const char *path, long magic, struct error *err)
{
	_cleanup_(fd_cleanup) int cover = FD_NONE;
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct statfs fs;
	int r;

	for (;;) {
		fd_cleanup(&fd);
		fd = path_open_host(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
		if (fd < 0)
			return fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP ? 0
									       : error_set(err, fd, "open '%s'", path);
		if (fstatfs(fd, &fs) < 0)
			return error_set(err, -errno, "look at '%s'", path);
		if (fs.f_type != magic)
			return 0;
		if (fchdir(fd) < 0)
			return error_set(err, -errno, "enter '%s'", path);
		if (umount2(".", MNT_DETACH) < 0)
			break;
	}
	if (errno != EINVAL && errno != EPERM)
		return error_set(err, -errno, "unmount '%s'", path);
	cover = filesystem_make_empty(MOUNT_ATTR_RDONLY, err);
	if (cover < 0)
		return cover;
	r = tree_attach(cover, fd);
	return r < 0 ? error_set(err, r, "cover '%s'", path) : 0;
}

int pivot_move_to(int root_fd, struct error *err)
{
	_cleanup_(fd_cleanup) int slash = path_open_host(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	int r;

	if (slash < 0)
		return error_set(err, slash, "open '/'");
	r = remains_hide("/proc", PROC_SUPER_MAGIC, err);
	if (r == 0)
		r = remains_hide("/sys", SYSFS_MAGIC, err);
	if (r < 0)
		return r;
	r = tree_attach(root_fd, slash);
	if (r < 0)
		return error_set(err, r, "move the root to '/'");
	if (fchdir(root_fd) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return error_set(err, -errno, "enter the root");
	return 0;
}

int pivot_propagate(int root_fd, int propagation, struct error *err)
{
	int r = propagation ? tree_propagate(root_fd, propagation) : 0;

	return r < 0 ? error_set(err, r, "make the root %s", name_text(&names_propagations, propagation)) : 0;
}
