/* SPDX-License-Identifier: Apache-2.0 */
/* Opening what a bind mount binds. See source.h. */
#include "libsandbox/root/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
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

/*
 * The tree is cloned on the host, so it is still a peer of the host's mount. Where it starts from is what the config wants of the new mount
 * namespace: a slave, unless all is to be private, or shared with the host (0: as it is).
 */
static int propagation_start(const struct plan_mount *mount, int propagation)
{
	const int first = mount->propagation_count > 0 ? mount->propagations[0] : 0;

	/* It would be undone at once. */
	if (first == PROPAGATION_RPRIVATE || first == PROPAGATION_RSLAVE || first == PROPAGATION_RUNBINDABLE)
		return 0;
	if (propagation == PROPAGATION_SHARED || propagation == PROPAGATION_RSHARED)
		return 0;
	return propagation == PROPAGATION_SLAVE || propagation == PROPAGATION_RSLAVE ? PROPAGATION_RSLAVE
										     : PROPAGATION_RPRIVATE;
}

struct settlement source_settlement(const struct plan_mount *mount, int propagation)
{
	return (struct settlement){
		.propagation = propagation_start(mount, propagation),
		.set = mount->readonly_late ? mount->attr_set & ~(uint64_t)MOUNT_ATTR_RDONLY : mount->attr_set,
		.clear = mount->attr_clear,
		.simple = !mount->recursive && mount->propagation_count == 0 && !mount->recursive_set &&
			  !mount->recursive_clear,
	};
}

static int tree_open(const struct plan_mount *mount, int propagation, unsigned int flags, bool *unsettled)
{
	const struct settlement wanted = source_settlement(mount, propagation);
	int fd;

	if (wanted.simple && !*unsettled) {
		fd = tree_clone_settled(AT_FDCWD, mount->source, flags, wanted.propagation, wanted.set, wanted.clear);
		if (fd >= 0)
			return fd;
		*unsettled = true;
	}
	return tree_clone(AT_FDCWD, mount->source, flags);
}

int source_open(const struct plan_mount *mount, int propagation, bool *unsettled, struct error *err)
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
	fd = tree_open(mount, propagation, flags, unsettled);
	return fd < 0 ? error_set(err, fd, "mount '%s': open_tree '%s'", mount->destination, mount->source) : fd;
}
