/* SPDX-License-Identifier: Apache-2.0 */
/* The container's view of cgroup2. See cgroup_mount.h. */
#include "libsandbox/root/cgroup_mount.h"

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

static uint64_t attributes_of(const struct plan_mount *mount)
{
	return mount->readonly_late ? mount->attr_set & ~(uint64_t)MOUNT_ATTR_RDONLY : mount->attr_set;
}

/* Whether `fd` is the directory of a cgroup2 tree that it should be. */
static int cgroup_verify(int fd, int cgroup_fd)
{
	struct statfs fs;
	struct stat st, want;

	if (fstatfs(fd, &fs) < 0)
		return -errno;
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return -EXDEV;
	if (cgroup_fd < 0)
		return 0;
	if (fstat(fd, &st) < 0 || fstat(cgroup_fd, &want) < 0)
		return -errno;
	return st.st_dev == want.st_dev && st.st_ino == want.st_ino ? 0 : -ESTALE;
}

/* `path` below the host's mount; "/" is all of it. Opened by name: the host's mounts are copies in this namespace, and a descriptor from
 * outside could not be cloned here. */
static int bind_open(const char *mount_path, const char *path, int cgroup_fd)
{
	_cleanup_(fd_cleanup) int top = path_open_host(AT_FDCWD, mount_path, O_PATH | O_DIRECTORY, 0);
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	int r;

	if (top < 0)
		return top;
	path += path[0] == '/';
	fd = path_open_beneath(top, path[0] ? path : ".", O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	r = cgroup_verify(fd, cgroup_fd);
	return r < 0 ? r : tree_clone(fd, "", AT_EMPTY_PATH);
}

static int bind_make(const struct plan_cgroup *cgroup, int cgroup_fd, bool own_namespace,
		     const struct plan_mount *mount, const char *context, struct error *err)
{
	const char *path = own_namespace ? cgroup->path : "/";
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	int r;

	if (!cgroup->mount || !path)
		return filesystem_make_empty(attributes_of(mount) | MOUNT_ATTR_RDONLY, context, err);
	fd = bind_open(cgroup->mount, path, own_namespace ? cgroup_fd : FD_NONE);
	if (fd == -ENOENT)
		return filesystem_make_empty(attributes_of(mount) | MOUNT_ATTR_RDONLY, context, err);
	if (fd < 0)
		return error_set(err, fd, "bind cgroup '%s' of '%s'", path, cgroup->mount);
	r = tree_make_private(fd, 0);
	if (r == 0)
		r = tree_change(fd, attributes_of(mount), mount->attr_clear, false);
	return r < 0 ? error_set(err, r, "bind cgroup '%s'", path) : fd_take(&fd);
}

static struct filesystem filesystem_of(const struct plan_mount *mount)
{
	return (struct filesystem){
		.type = "cgroup2",
		.source = "cgroup",
		.words = &mount->super,
		.attributes = attributes_of(mount),
	};
}

bool cgroup_mount_put(int cgroup_fd, bool own_namespace, const struct plan_mount *mount, const char *name)
{
	struct filesystem filesystem = filesystem_of(mount);

	/* There is one superblock for all, and whoever has a cgroup holds it. */
	filesystem.shared = true;
	return own_namespace && cgroup_fd >= 0 && filesystem_put_at(&filesystem, name);
}

int cgroup_mount_make(const struct plan_cgroup *cgroup, int cgroup_fd, bool own_namespace,
		      const struct plan_mount *mount, const char *context, struct error *err)
{
	const struct filesystem filesystem = filesystem_of(mount);
	int fd;

	if (!own_namespace)
		return bind_make(cgroup, cgroup_fd, own_namespace, mount, context, err);
	fd = filesystem_make(&filesystem, err);
	if (fd == -EPERM || fd == -EBUSY)
		return bind_make(cgroup, cgroup_fd, own_namespace, mount, context, err);
	return fd;
}
