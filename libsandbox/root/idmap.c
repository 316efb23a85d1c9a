/* SPDX-License-Identifier: Apache-2.0 */
/* Id-mapped mounts. See idmap.h. */
#include "libsandbox/root/idmap.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/proc.h"
#include "libbase/text.h"

/* A process whose user namespace is the point: it waits to be killed. */
struct holder {
	pid_t pid;
	int pidfd;
};

static void holder_cleanup(struct holder *holder)
{
	siginfo_t info;

	if (holder->pidfd < 0)
		return;
	(void)pidfd_send_signal(holder->pidfd, SIGKILL, NULL, 0);
	while (waitid(P_PIDFD, (id_t)holder->pidfd, &info, WEXITED) < 0 && errno == EINTR)
		;
	fd_cleanup(&holder->pidfd);
}

static int holder_start(struct holder *holder)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&holder->pidfd,
		.exit_signal = SIGCHLD,
	};
	const pid_t parent = getpid();

	holder->pid = kernel_clone3(&args, sizeof(args));
	if (holder->pid == 0) {
		sigset_t all;

		/* Should the parent be killed, this one is as well; that may just have happened. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
		sigfillset(&all);
		for (;;)
			(void)sigsuspend(&all);
	}
	if (holder->pid < 0) {
		int code = -errno;

		holder->pidfd = FD_NONE;
		return code;
	}
	return 0;
}

static int map_write(int proc_fd, pid_t pid, const char *file, const struct spec_id_maps *maps)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	char path[64];

	for (size_t i = 0; i < maps->count; i++)
		text_append_format(&text, "%u %u %u\n", maps->items[i].container_id, maps->items[i].host_id,
				   maps->items[i].size);
	if (text.failed)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%d/%s", pid, file);
	return proc_write(proc_fd, path, text.bytes, text.length);
}

int idmap_namespace(int proc_fd, const struct spec_id_maps *uids, const struct spec_id_maps *gids, struct error *err)
{
	_cleanup_(holder_cleanup) struct holder holder = { .pidfd = FD_NONE };
	char path[64];
	int fd, r;

	if (uids->count == 0 || gids->count == 0)
		return error_say(err, -EINVAL, "id-mapped mounts must have both uid and gid mappings specified");
	r = holder_start(&holder);
	if (r < 0)
		return error_set(err, r, "make a user namespace for an id-mapped mount");
	r = map_write(proc_fd, holder.pid, "uid_map", uids);
	if (r < 0)
		return error_set(err, r, "write the uid map of an id-mapped mount");
	r = map_write(proc_fd, holder.pid, "gid_map", gids);
	if (r < 0)
		return error_set(err, r, "write the gid map of an id-mapped mount");
	snprintf(path, sizeof(path), "%d/ns/user", holder.pid);
	fd = proc_open_link(proc_fd, path, O_RDONLY);
	return fd < 0 ? error_set(err, fd, "open the user namespace of an id-mapped mount") : fd;
}

int idmap_apply(int tree_fd, int namespace_fd, bool recursive, struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)namespace_fd };
	int r = mount_setattr(tree_fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U), &attr, sizeof(attr)) < 0
			? -errno
			: 0;

	if (r == -EINVAL)
		return error_set(err, r, "id map: the file system of the source cannot be id-mapped");
	if (r == -EPERM)
		return error_set(err, r, "id map: not allowed, or id-mapped already");
	return r < 0 ? error_set(err, r, "id map") : 0;
}
