/* SPDX-License-Identifier: Apache-2.0 */
/* Mount trees by descriptor. See tree.h. */
#include "libsandbox/root/tree.h"

#include <errno.h>

#include "libbase/kernel.h"
#include "libspec/names.h"

int tree_clone(int dir_fd, const char *path, unsigned int flags)
{
	int fd = open_tree(dir_fd, path, flags | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int tree_setattr(int tree_fd, struct mount_attr *attr, bool recursive)
{
	unsigned int flags = recursive ? AT_EMPTY_PATH | AT_RECURSIVE : AT_EMPTY_PATH;

	return mount_setattr(tree_fd, "", flags, attr, sizeof(*attr)) < 0 ? -errno : 0;
}

/* The kernel wants to know that the whole field is replaced, and refuses the clearing of one value of it. */
static struct mount_attr attr_of(uint64_t set, uint64_t clear)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear };

	if ((set | clear) & MOUNT_ATTR__ATIME)
		attr.attr_clr |= MOUNT_ATTR__ATIME;
	return attr;
}

int tree_change(int tree_fd, uint64_t set, uint64_t clear, bool recursive)
{
	struct mount_attr attr = attr_of(set, clear);

	return set || clear ? tree_setattr(tree_fd, &attr, recursive) : 0;
}

int tree_make_private(int tree_fd, uint64_t set)
{
	struct mount_attr attr = { .attr_set = set, .propagation = MS_PRIVATE };

	return tree_setattr(tree_fd, &attr, false);
}

/* As tree_propagate and tree_settle have it, with MS_REC; 0: no such propagation. */
static uint64_t kernel_propagation(int propagation)
{
	const struct name *name = name_of(&names_propagations, propagation);

	return name ? (uint64_t)name->kernel : 0;
}

static struct mount_attr settlement_of(int propagation, uint64_t set, uint64_t clear)
{
	struct mount_attr attr = attr_of(set, clear);

	attr.propagation = kernel_propagation(propagation) & ~(uint64_t)MS_REC;
	return attr;
}

int tree_settle(int tree_fd, int propagation, uint64_t set, uint64_t clear)
{
	struct mount_attr attr = settlement_of(propagation, set, clear);

	return set || clear || attr.propagation ? tree_setattr(tree_fd, &attr, false) : 0;
}

int tree_clone_settled(int dir_fd, const char *path, unsigned int flags, int propagation, uint64_t set, uint64_t clear)
{
	struct mount_attr attr = settlement_of(propagation, set, clear);
	int fd = kernel_open_tree_attr(dir_fd, path, flags | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, &attr, sizeof(attr));

	return fd < 0 ? -errno : fd;
}

int tree_propagate(int tree_fd, int propagation)
{
	const uint64_t kernel = kernel_propagation(propagation);
	struct mount_attr attr = { .propagation = kernel & ~(uint64_t)MS_REC };

	return kernel ? tree_setattr(tree_fd, &attr, (kernel & MS_REC) != 0) : -EINVAL;
}

int tree_attach_at(int tree_fd, int dir_fd, const char *name)
{
	return move_mount(tree_fd, "", dir_fd, name, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

int tree_attach(int tree_fd, int place_fd)
{
	return move_mount(tree_fd, "", place_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0 ? -errno
													    : 0;
}
