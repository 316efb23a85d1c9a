/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks the procfs handle in throw-away mount namespaces where /proc is tampered with, as root and in a user namespace.
 */
#include "libbase/proc.h"

#include "conformance/unit/check.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a child a failed check cannot jump back into the frame: it tells its line and ends. */
#define WANT(condition)                                                                                           \
	do {                                                                                                      \
		if (!(condition)) {                                                                               \
			dprintf(STDOUT_FILENO, "# %s:%d: child: %s (errno %d)\n", __FILE__, __LINE__, #condition, \
				errno);                                                                           \
			_exit(1);                                                                                 \
		}                                                                                                 \
	} while (0)

#define SKIPPED 77

static void child_run(void (*body)(void))
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		body();
		_exit(0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		check_skip("no right to make a mount namespace");
	CHECK_INT(status, 0);
}

static void mounts_unshare(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	WANT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

static void text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	WANT(fd >= 0);
	WANT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* A user namespace with the caller's uid as root: such a process may not mount a procfs of the host's pid namespace. */
static void user_unshare(void)
{
	char map[64];

	snprintf(map, sizeof(map), "0 %u 1\n", getuid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	text_write("/proc/self/setgroups", "deny");
	text_write("/proc/self/uid_map", map);
}

static bool name_is_read(int proc)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *text = NULL;
	int r = proc_read(proc, "self/comm", 4096, &arena, &text, NULL);

	return r == 0 && text_equal(text, "orlop-proc\n");
}

static bool is_procfs_root(int proc)
{
	WANT(prctl(PR_SET_NAME, "orlop-proc") == 0);
	return proc >= 0 && (fcntl(proc, F_GETFD) & FD_CLOEXEC) && name_is_read(proc);
}

TEST(handle_reads_and_writes)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int proc = proc_open();
	char *text = NULL;
	size_t length = 0;

	CHECK(proc >= 0);
	CHECK_INT(proc_read(proc, "self/status", 1 << 16, &arena, &text, &length), 0);
	CHECK_HAS(text, "\nPid:\t");
	CHECK_INT(strlen(text), length);
	CHECK_INT(proc_read(proc, "self/status", 10, &arena, &text, NULL), -EFBIG);
	CHECK_INT(proc_read(proc, "self/missing", 10, &arena, &text, NULL), -ENOENT);
	CHECK_INT(proc_read(proc, "self", 10, &arena, &text, NULL), -EISDIR);
	CHECK_INT(proc_write(proc, "self/comm", "renamed", 7), 0);
	CHECK_INT(proc_read(proc, "thread-self/comm", 100, &arena, &text, NULL), 0);
	CHECK_TEXT(text, "renamed\n");
	CHECK_INT(proc_write(proc, "self/status", "x", 1), geteuid() == 0 ? -EINVAL : -EACCES);
	CHECK_INT(proc_write(proc, "self/oom_score_adj", "word", 4), -EINVAL);
}

TEST(self_is_the_caller)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int proc = proc_open();
	_cleanup_(fd_cleanup) int comm = proc_open_self(proc, "comm", O_RDWR);
	char path[64], *text = NULL;

	CHECK(comm >= 0);
	CHECK_INT(fd_write_all(comm, "by-self", 7), 0);
	snprintf(path, sizeof(path), "%d/task/%d/comm", getpid(), gettid());
	CHECK_INT(proc_read(proc, path, 100, &arena, &text, NULL), 0);
	CHECK_TEXT(text, "by-self\n");
	/* Only whole components stand for the caller. */
	CHECK_INT(proc_open_at(proc, "selfish/comm", O_RDONLY), -ENOENT);
	CHECK_INT(proc_open_at(proc, "thread-selfish/comm", O_RDONLY), -ENOENT);
}

TEST(links_and_dots_are_refused)
{
	_cleanup_(fd_cleanup) int proc = proc_open();

	CHECK_INT(proc_open_at(proc, "mounts", O_RDONLY), -ELOOP);
	CHECK_INT(proc_open_at(proc, "self/exe", O_RDONLY), -ELOOP);
	CHECK_INT(proc_open_at(proc, "self/root/etc/passwd", O_RDONLY), -ELOOP);
	CHECK_INT(proc_open_at(proc, "self/cwd", O_PATH), -ELOOP);
	CHECK_INT(proc_open_at(proc, "self/../../etc/passwd", O_RDONLY), -EXDEV);
	CHECK_INT(proc_open_at(proc, "/etc/passwd", O_RDONLY), -EXDEV);
}

TEST(magic_links_are_followed_on_request)
{
	_cleanup_(fd_cleanup) int proc = proc_open();
	_cleanup_(fd_cleanup) int file = memfd_create("x", MFD_CLOEXEC);
	_cleanup_(fd_cleanup) int again = FD_NONE;
	_cleanup_(fd_cleanup) int ns = proc_open_link(proc, "self/ns/mnt", O_RDONLY);
	char path[64];
	struct stat a, b;

	CHECK(ns >= 0);
	CHECK_INT(ioctl(ns, NS_GET_NSTYPE), CLONE_NEWNS);
	snprintf(path, sizeof(path), "thread-self/fd/%d", file);
	again = proc_open_link(proc, path, O_RDONLY);
	CHECK(again >= 0);
	CHECK(fcntl(again, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(fstat(file, &a) | fstat(again, &b), 0);
	CHECK_INT(a.st_ino, b.st_ino);
	CHECK_INT(fd_write_all(again, "x", 1), -EBADF);
	CHECK_INT(proc_open_link(proc, "self/comm", O_RDONLY), -EINVAL);
	CHECK_INT(proc_open_link(proc, "self/fd/.", O_RDONLY), -EINVAL);
	CHECK_INT(proc_open_link(proc, "self", O_RDONLY), -EINVAL);
	CHECK_INT(proc_open_link(proc, "mounts", O_RDONLY), -EINVAL);
	CHECK_INT(proc_open_link(proc, "self/fd/999999", O_RDONLY), -ENOENT);
}

TEST(subset_lacks_sysctls)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int full = proc_open(), pids = proc_open_pids();
	char *text = NULL;

	CHECK(is_procfs_root(pids));
	CHECK_INT(proc_read(full, "sys/kernel/ostype", 100, &arena, &text, NULL), 0);
	CHECK_TEXT(text, "Linux\n");
	/* Without the right to mount it is the same as the other. */
	if (geteuid() == 0)
		CHECK_INT(proc_read(pids, "sys/kernel/ostype", 100, &arena, &text, NULL), -ENOENT);
}

TEST(what_is_no_procfs_is_refused)
{
	CHECK_INT(proc_open_mounted("/tmp"), -EXDEV);
	CHECK_INT(proc_open_mounted("/proc/sys"), -EXDEV);
	CHECK_INT(proc_open_mounted("/proc/self"), -ENOTDIR);
	CHECK_INT(proc_open_mounted("/proc/version"), -ENOTDIR);
	CHECK_INT(proc_open_mounted("/nowhere"), -ENOENT);
}

static void mounted_file_body(void)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *text = NULL;
	int proc, mounted;

	mounts_unshare();
	/* A file of procfs over another one: the file system alone does not tell. */
	WANT(mount("/proc/version", "/proc/uptime", NULL, MS_BIND, NULL) == 0);
	WANT(mount("/dev/null", "/proc/self/comm", NULL, MS_BIND, NULL) == 0);
	WANT(mount("none", "/proc/sys", "tmpfs", 0, NULL) == 0);
	mounted = proc_open_mounted("/proc");
	WANT(mounted >= 0);
	WANT(proc_read(mounted, "uptime", 100, &arena, &text, NULL) == -EXDEV);
	WANT(proc_write(mounted, "self/comm", "x", 1) == -EXDEV);
	WANT(proc_read(mounted, "sys/kernel/ostype", 100, &arena, &text, NULL) == -EXDEV);
	WANT(proc_open_at(mounted, "sys", O_PATH) == -EXDEV);
	proc = proc_open();
	WANT(is_procfs_root(proc));
	WANT(proc_read(proc, "uptime", 100, &arena, &text, NULL) == 0);
	WANT(text[0] >= '0' && text[0] <= '9');
	WANT(proc_read(proc, "sys/kernel/ostype", 100, &arena, &text, NULL) == 0);
	WANT(proc_write(proc, "self/comm", "real", 4) == 0);
}

TEST(mounts_in_proc_are_not_crossed)
{
	child_run(mounted_file_body);
}

static void mounted_link_body(void)
{
	char target[64];
	int mounted;

	mounts_unshare();
	/* A mount on a magic link needs a target that is opened without following it. */
	snprintf(target, sizeof(target), "/proc/%d/exe", getpid());
	{
		int tree = open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

		WANT(tree >= 0);
		if (move_mount(tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
			_exit(SKIPPED);
	}
	mounted = proc_open_mounted("/proc");
	WANT(proc_open_link(mounted, "self/exe", O_PATH) == -EXDEV);
	WANT(proc_open_link(proc_open(), "self/exe", O_PATH) >= 0);
}

TEST(mounted_links_are_not_crossed)
{
	child_run(mounted_link_body);
}

static void fake_body(void)
{
	int proc;

	mounts_unshare();
	WANT(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
	WANT(mkdir("/proc/self", 0755) == 0);
	WANT(close(open("/proc/self/comm", O_WRONLY | O_CREAT, 0644)) == 0);
	WANT(proc_open_mounted("/proc") == -EXDEV);
	proc = proc_open();
	WANT(is_procfs_root(proc));
}

TEST(a_fake_proc_is_seen_through)
{
	child_run(fake_body);
}

static void bind_body(void)
{
	mounts_unshare();
	WANT(mount("/proc/self", "/proc", NULL, MS_BIND, NULL) == 0);
	WANT(proc_open_mounted("/proc") == -EXDEV);
}

TEST(a_part_of_procfs_is_no_root)
{
	child_run(bind_body);
}

static void unprivileged_body(void)
{
	int proc;

	user_unshare();
	proc = proc_open();
	WANT(is_procfs_root(proc));
	WANT(proc_write(proc, "self/comm", "x", 1) == 0);
	WANT(is_procfs_root(proc_open_pids()));
}

TEST(a_user_namespace_falls_back)
{
	child_run(unprivileged_body);
}

static void unprivileged_locked_body(void)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *text = NULL;
	int proc;

	mounts_unshare();
	WANT(mount("none", "/proc/sys", "tmpfs", 0, NULL) == 0);
	/* From below, that mount cannot be taken off, not even in a clone: only /proc itself is left. */
	user_unshare();
	proc = proc_open();
	WANT(is_procfs_root(proc));
	WANT(proc_read(proc, "sys/kernel/ostype", 100, &arena, &text, NULL) == -EXDEV);
}

TEST(a_user_namespace_with_locked_mounts)
{
	child_run(unprivileged_locked_body);
}

static void unprivileged_fake_body(void)
{
	user_unshare();
	WANT(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
	WANT(proc_open() == -EXDEV);
	WANT(proc_open_pids() == -EXDEV);
}

TEST(a_fake_proc_without_rights_is_refused)
{
	child_run(unprivileged_fake_body);
}

static void foreign_pids_body(void)
{
	int proc = proc_open(), status;
	pid_t pid;

	if (unshare(CLONE_NEWPID) < 0)
		_exit(SKIPPED);
	pid = fork();
	if (pid == 0) {
		/* By the handle's reckoning: getpid() would say 1. */
		WANT(getpid() == 1);
		WANT(is_procfs_root(proc));
		_exit(0);
	}
	WANT(waitpid(pid, &status, 0) == pid && status == 0);
}

TEST(self_in_another_pid_namespace)
{
	child_run(foreign_pids_body);
}
