/* SPDX-License-Identifier: Apache-2.0 */
/* Opening what a bind mount binds. See source.h. */
#include "libsandbox/root/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libsandbox/root/tree.h"

/* Returns the link, or FD_NONE when the source is no link. */
static int symlink_open(const char *path)
{
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, path, O_PATH | O_NOFOLLOW, 0);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISLNK(st.st_mode) ? fd_take(&fd) : FD_NONE;
}

int source_open(const struct plan_mount *mount, struct error *err)
{
	unsigned int flags = 0;
	int fd = FD_NONE;

	if (mount->copy_symlink)
		fd = symlink_open(mount->source);
	if (fd != FD_NONE)
		return fd < 0 ? error_set(err, fd, "mount '%s': source '%s'", mount->destination, mount->source) : fd;
	if (mount->recursive)
		flags |= AT_RECURSIVE;
	if (mount->source_nofollow)
		flags |= AT_SYMLINK_NOFOLLOW;
	fd = tree_clone(AT_FDCWD, mount->source, flags);
	return fd < 0 ? error_set(err, fd, "mount '%s': open_tree '%s'", mount->destination, mount->source) : fd;
}
