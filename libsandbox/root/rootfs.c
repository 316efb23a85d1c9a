/* SPDX-License-Identifier: Apache-2.0 */
/* The container's root as a mount. See rootfs.h. */
#include "libsandbox/root/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libsandbox/root/tree.h"
#include "libspec/names.h"

int rootfs_open(const char *path, struct error *err)
{
	int fd = path_open_host(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);

	if (fd == -ENOTDIR || fd == -ELOOP)
		return error_say(err, fd, "root '%s': not a directory, or a symlink", path);
	return fd < 0 ? error_set(err, fd, "root '%s'", path) : fd;
}

int rootfs_clone(int directory_fd, bool *ret_slave)
{
	const unsigned int flags = AT_EMPTY_PATH | AT_RECURSIVE;
	int fd = tree_clone_settled(directory_fd, "", flags, PROPAGATION_RSLAVE, 0, 0);

	*ret_slave = fd >= 0;
	return fd >= 0 ? fd : tree_clone(directory_fd, "", flags);
}

/* File systems without a device, such as procfs, have numbers with the major 0. */
static bool is_plain(int fd, const struct statx *st)
{
	struct statfs fs;

	return st->stx_dev_major != 0 || (fstatfs(fd, &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC);
}

bool rootfs_look(int fd, struct rootfs_facts *ret)
{
	struct statx st;

	*ret = (struct rootfs_facts){ .known = true };
	if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, &st) < 0 || !S_ISDIR(st.stx_mode))
		return false;
	ret->mount = st.stx_mnt_id;
	ret->plain = is_plain(fd, &st);
	return true;
}

int rootfs_copy(const char *path, struct rootfs_facts *ret)
{
	_cleanup_(fd_cleanup) int fd =
		tree_clone_settled(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_RECURSIVE, PROPAGATION_RSLAVE, 0, 0);
	struct rootfs_facts facts;

	if (fd < 0 || !rootfs_look(fd, &facts))
		return FD_NONE;
	*ret = facts;
	return fd_take(&fd);
}

static int slash_release(struct error *err)
{
	struct mount_attr attr = { .propagation = MS_SLAVE };
	int r = mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)) < 0 ? -errno : 0;

	return r < 0 ? error_set(err, r, "make '/' a slave of the host's") : 0;
}

/* Mounts below may leave with the host's; the root itself has nothing to hear, and pivot_root(2) wants it unshared. */
static int tree_release(int tree_fd, bool is_slave)
{
	int r = is_slave ? 0 : tree_propagate(tree_fd, PROPAGATION_RSLAVE);

	return r < 0 ? r : tree_propagate(tree_fd, PROPAGATION_PRIVATE);
}

static bool same_directory(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/*
 * Hooks enter this namespace and look for the root where the host has it, so that is where it goes. In a user namespace init may lack
 * the right to walk there; then "/" serves as well, since the pivot needs no name.
 */
static int place_open(int tree_fd, const char *path, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);

	if (fd == -EACCES)
		fd = path_open_host(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	else if (fd >= 0 && !same_directory(fd, tree_fd))
		return error_say(err, -ESTALE, "root '%s': another directory took its place", path);
	return fd < 0 ? error_set(err, fd, "root '%s'", path) : fd_take(&fd);
}

static int named_attach(int tree_fd, const char *path, struct error *err)
{
	_cleanup_(fd_cleanup) int place = place_open(tree_fd, path, err);
	int r = place < 0 ? place : tree_attach(tree_fd, place);

	return place >= 0 && r < 0 ? error_set(err, r, "root '%s': move_mount", path) : r;
}

int rootfs_attach(int tree_fd, bool is_slave, const char *path, bool named, struct error *err)
{
	int r = slash_release(err);

	if (r < 0)
		return r;
	r = tree_release(tree_fd, is_slave);
	if (r < 0)
		return error_set(err, r, "root '%s': propagation", path);
	if (named)
		return named_attach(tree_fd, path, err);
	if (move_mount(tree_fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_set(err, -errno, "root '%s': move_mount to '/'", path);
	return 0;
}
