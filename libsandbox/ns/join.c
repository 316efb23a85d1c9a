/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and entering namespaces. See join.h.
 *
 * Read: setns(2), ioctl_ns(2), namespaces(7).
 */
#include "libsandbox/ns/join.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libspec/names.h"

/* -- opening --------------------------------------------------------------------------------------------------------------- */

static const char *kind_name(int flag)
{
	for (size_t i = 0; i < names_namespaces.count; i++) {
		if (names_namespaces.names[i].kernel == flag)
			return names_namespaces.names[i].text;
	}
	return "strange";
}

static int namespace_open(const struct plan_namespace *item, struct error *err)
{
	/* O_NONBLOCK: a FIFO at that place must be an error, not a wait. */
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, item->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	const char *name = item->name->text;
	struct statfs fs;
	int flag;

	if (fd < 0)
		return error_set(err, fd, "namespace '%s' at '%s'", name, item->path);
	/* The file system first: on any other file the ioctl's number may mean something else. */
	if (fstatfs(fd, &fs) < 0)
		return error_set(err, -errno, "namespace '%s' at '%s': fstatfs", name, item->path);
	if (fs.f_type != NSFS_MAGIC)
		return error_say(err, -EINVAL, "namespace '%s' at '%s': is not a namespace", name, item->path);
	flag = ioctl(fd, NS_GET_NSTYPE);
	if (flag < 0)
		return error_set(err, -errno, "namespace '%s' at '%s': NS_GET_NSTYPE", name, item->path);
	if (flag != item->name->kernel)
		return error_say(err, -EINVAL, "namespace '%s' at '%s': is a %s namespace", name, item->path,
				 kind_name(flag));
	return fd_take(&fd);
}

int namespaces_open(const struct plan_namespaces *namespaces, int fds[NAMESPACE_TYPES], struct error *err)
{
	for (size_t i = 0; i < NAMESPACE_TYPES; i++)
		fds[i] = FD_NONE;
	for (size_t i = 0; i < namespaces->count; i++) {
		const struct plan_namespace *item = &namespaces->items[i];
		int fd = item->path ? namespace_open(item, err) : FD_NONE;

		if (fd < 0 && item->path) {
			while (i-- > 0)
				fd_cleanup(&fds[i]);
			return fd;
		}
		fds[i] = fd;
	}
	return 0;
}

/* -- entering -------------------------------------------------------------------------------------------------------------- */

static int join_failed(const struct plan_namespace *item, int code, struct error *err)
{
	if (item->name->value == NAMESPACE_USER && code == -EINVAL)
		return error_say(err, code, "join namespace 'user' at '%s': it is the one that we are in already",
				 item->path);
	return error_set(err, code, "join namespace '%s' at '%s'", item->name->text, item->path);
}

/*
 * One pass over all but the user namespace, in the plan's order, which has the mount namespace last. With `joined` given, a denial is put
 * off; those that worked are marked there.
 */
static int others_join(const struct plan_namespaces *namespaces, const int fds[NAMESPACE_TYPES],
		       bool joined[NAMESPACE_TYPES], bool last, struct error *err)
{
	for (size_t i = 0; i < namespaces->count; i++) {
		const struct plan_namespace *item = &namespaces->items[i];

		if (item->name->value == NAMESPACE_USER || fds[i] < 0 || joined[i])
			continue;
		if (setns(fds[i], (int)item->name->kernel) == 0)
			joined[i] = true;
		else if (last || errno != EPERM)
			return join_failed(item, -errno, err);
	}
	return 0;
}

/*
 * Who may enter is a question to two user namespaces: the caller's and the one that owns the target. Namespaces of the host need the
 * rights that are lost by entering a user namespace; those that belong to that user namespace may need the rights that are won by it. So
 * all are tried before it, and the denied ones once more after it.
 */
int namespaces_join(const struct plan_namespaces *namespaces, const int fds[NAMESPACE_TYPES], struct error *err)
{
	bool joined[NAMESPACE_TYPES] = { false };
	size_t user = NAMESPACE_TYPES;
	int r;

	for (size_t i = 0; i < namespaces->count; i++) {
		if (namespaces->items[i].name->value == NAMESPACE_USER && fds[i] >= 0)
			user = i;
	}
	r = others_join(namespaces, fds, joined, user == NAMESPACE_TYPES, err);
	if (r < 0 || user == NAMESPACE_TYPES)
		return r;
	if (setns(fds[user], CLONE_NEWUSER) < 0)
		return join_failed(&namespaces->items[user], -errno, err);
	return others_join(namespaces, fds, joined, true, err);
}

int namespaces_join_process(int pidfd, uint64_t flags, struct error *err)
{
	if (flags == 0 || setns(pidfd, (int)flags) == 0)
		return 0;
	/* Who is dead has none, reaped or not. */
	if (errno == ESRCH)
		return error_say(err, -ESRCH, "the container's init has ended");
	return error_set(err, -errno, "join the container's namespaces");
}

int cgroup_namespace_unshare(struct error *err)
{
	return unshare(CLONE_NEWCGROUP) < 0 ? error_set(err, -errno, "unshare the cgroup namespace") : 0;
}
