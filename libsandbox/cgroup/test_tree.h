/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of this folder: a cgroup of their own in the machine's cgroup2 tree, and children to put into it.
 *
 * Not for: anything but x_test.c, which includes conformance/unit/check.h before it.
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_TEST_TREE_H
#define ORLOP_LIBSANDBOX_CGROUP_TEST_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libsandbox/cgroup/control.h"
#include "libsandbox/cgroup/driver_fs.h"
#include "libsandbox/cgroup/file.h"

struct tree {
	int mount_fd;
	char mount[64];
	char path[64]; /* of the test's own cgroup below the mount */
	int fd;
};

static inline void tree_close(struct tree *tree)
{
	if (tree->fd >= 0) {
		(void)!cgroup_file_write(tree->fd, "cgroup.freeze", "0", 1);
		(void)!cgroup_kill(tree->fd, NULL);
		(void)!cgroup_wait_empty(tree->fd, 2000, NULL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		(void)!cgroup_remove(tree->mount_fd, tree->path, 2000, NULL);
	}
	tree->fd = fd_close(tree->fd);
	tree->mount_fd = fd_close(tree->mount_fd);
}

/* Failed checks leave by longjmp, past every cleanup: their trees go at the end of the program. */
static struct tree trees_opened[32];
static size_t trees_opened_count;

__attribute__((destructor)) static void trees_sweep(void)
{
	for (size_t i = 0; i < trees_opened_count; i++) {
		struct tree *tree = &trees_opened[i];

		tree->mount_fd = cgroup_mount_open(tree->mount, NULL);
		tree->fd = cgroup_open(tree->mount_fd, tree->path, NULL);
		tree_close(tree);
	}
}

static inline struct tree tree_open(const char *name)
{
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct tree tree = { .mount_fd = FD_NONE, .fd = FD_NONE };

	for (size_t i = 0; i < ARRAY_SIZE(mounts) && tree.mount_fd < 0; i++) {
		tree.mount_fd = cgroup_mount_open(mounts[i], NULL);
		(void)snprintf(tree.mount, sizeof(tree.mount), "%s", mounts[i]);
	}
	if (tree.mount_fd < 0)
		check_skip("no cgroup2 is mounted");
	(void)snprintf(tree.path, sizeof(tree.path), "/orlop-test-%d-%s", (int)getpid(), name);
	if (mkdirat(tree.mount_fd, tree.path + 1, 0755) < 0) {
		fd_close(tree.mount_fd);
		check_skip("no right to make a cgroup");
	}
	tree.fd = cgroup_open(tree.mount_fd, tree.path, NULL);
	CHECK(tree.fd >= 0);
	CHECK(trees_opened_count < ARRAY_SIZE(trees_opened));
	trees_opened[trees_opened_count++] = tree;
	return tree;
}

/* A child that only waits for signals, in the cgroup before this returns. */
static inline pid_t child_in(int cgroup_fd)
{
	pid_t pid = fork();
	int r;

	CHECK(pid >= 0);
	if (pid == 0) {
		for (;;)
			pause();
	}
	r = cgroup_move(cgroup_fd, pid, NULL);
	CHECK_INT(r, 0);
	return pid;
}

/* The signal that ended the child; 0 when it ended otherwise. */
static inline int child_signal(pid_t pid)
{
	int status = 0;

	for (int i = 0; i < 1000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		usleep(10000);
	}
	check_fail(__FILE__, __LINE__, "process %d does not end", (int)pid);
}

static inline int directory_in(int parent_fd, const char *name)
{
	int fd;

	CHECK(mkdirat(parent_fd, name, 0755) == 0);
	fd = path_open_beneath(parent_fd, name, O_RDONLY | O_DIRECTORY, 0);
	CHECK(fd >= 0);
	return fd;
}

/* Engines take these words for a missing program. */
static inline void check_not_missing(const char *text)
{
	if (strstr(text, "o such file or directory"))
		check_fail(__FILE__, __LINE__, "\"%s\"", text);
}

#endif
