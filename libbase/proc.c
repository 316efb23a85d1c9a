/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening procfs and what is in it.
 */
#include "libbase/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"

/* Fixed by the kernel; a bind mount of a folder of procfs has another one. */
#define PROC_ROOT_INO 1

/* "4194304/task/4194304", the longest thread-self, and some room. */
#define SELF_SIZE 64

static int procfs_verify(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return -errno;
	return fs.f_type == PROC_SUPER_MAGIC ? 0 : -EXDEV;
}

/* Takes `fd` over: it comes back verified, or is closed. */
static int root_verify(int root)
{
	_cleanup_(fd_cleanup) int fd = root;
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	r = procfs_verify(fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_ino == PROC_ROOT_INO ? fd_take(&fd) : -EXDEV;
}

static int private_mount(bool pids_only)
{
	_cleanup_(fd_cleanup) int context = fsopen("proc", FSOPEN_CLOEXEC);
	int fd;

	if (context < 0)
		return -errno;
	if (pids_only && fsconfig(context, FSCONFIG_SET_STRING, "subset", "pid", 0) < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return fd < 0 ? -errno : fd;
}

static int private_clone(void)
{
	/* Not AT_RECURSIVE: what is mounted on /proc stays behind. */
	int fd = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_NO_AUTOMOUNT);

	return fd < 0 ? -errno : fd;
}

static int proc_open_any(bool pids_only)
{
	int fd = root_verify(private_mount(pids_only));

	if (fd < 0)
		fd = root_verify(private_clone());
	return fd < 0 ? proc_open_mounted("/proc") : fd;
}

int proc_open(void)
{
	return proc_open_any(false);
}

int proc_open_pids(void)
{
	return proc_open_any(true);
}

int proc_open_mounted(const char *path)
{
	return root_verify(path_open_host(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0));
}

/* Whether `text` is a pid, or for thread-self "pid/task/tid", and nothing else. */
static bool self_is_sane(char *text, bool thread)
{
	char *task = thread ? strstr(text, "/task/") : NULL;
	uint64_t id;
	bool sane;

	if (!thread)
		return number_parse_u64(text, INT_MAX, &id) == 0;
	if (!task)
		return false;
	*task = '\0';
	sane = number_parse_u64(text, INT_MAX, &id) == 0;
	*task = '/';
	return sane && number_parse_u64(task + strlen("/task/"), INT_MAX, &id) == 0;
}

/* Reads the link rather than asking getpid(): the handle may be of another pid namespace. */
static int self_read(int proc_fd, const char *name, char to[SELF_SIZE])
{
	_cleanup_(fd_cleanup) int fd = path_open_on_mount(proc_fd, name, O_PATH | O_NOFOLLOW, 0);
	ssize_t length;

	if (fd < 0)
		return fd;
	length = readlinkat(fd, "", to, SELF_SIZE);
	if (length < 0)
		return -errno;
	if (length >= SELF_SIZE)
		return -EINVAL;
	to[length] = '\0';
	return self_is_sane(to, name[0] == 't') ? 0 : -EINVAL;
}

/* Writes `path` to `to` with a leading "self" or "thread-self" replaced. */
static int path_expand(int proc_fd, const char *path, char to[PATH_MAX])
{
	static const char *const names[] = { "thread-self", "self" };
	char self[SELF_SIZE] = "";
	int length;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *rest = text_after(path, names[i]);
		int r;

		if (!rest || (*rest != '\0' && *rest != '/'))
			continue;
		r = self_read(proc_fd, names[i], self);
		if (r < 0)
			return r;
		path = rest;
		break;
	}
	length = snprintf(to, PATH_MAX, "%s%s", self, path);
	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int proc_open_at(int proc_fd, const char *path, uint64_t flags)
{
	char expanded[PATH_MAX];
	int r;

	/* The link itself is what such a caller wants. */
	if (flags & O_PATH && flags & O_NOFOLLOW && !strchr(path, '/'))
		return path_open_on_mount(proc_fd, path, flags, 0);
	r = path_expand(proc_fd, path, expanded);
	return r < 0 ? r : path_open_on_mount(proc_fd, expanded, flags, 0);
}

int proc_open_self(int proc_fd, const char *path, uint64_t flags)
{
	char whole[PATH_MAX];
	int length = snprintf(whole, sizeof(whole), "thread-self/%s", path);

	if (length < 0 || (size_t)length >= sizeof(whole))
		return -ENAMETOOLONG;
	return proc_open_at(proc_fd, whole, flags);
}

int proc_open_link(int proc_fd, const char *path, uint64_t flags)
{
	_cleanup_(fd_cleanup) int parent = FD_NONE;
	_cleanup_(fd_cleanup) int link = FD_NONE;
	char expanded[PATH_MAX], *name;
	struct stat st;
	int r;

	r = path_expand(proc_fd, path, expanded);
	if (r < 0)
		return r;
	name = strrchr(expanded, '/');
	/* All links of a process are magic; those outside ("mounts", "net") are plain symlinks, to be spelt out. */
	if (!name || !path_is_name(name + 1) || expanded[0] < '0' || expanded[0] > '9')
		return -EINVAL;
	*name++ = '\0';
	parent = path_open_on_mount(proc_fd, expanded, O_PATH | O_DIRECTORY, 0);
	if (parent < 0)
		return parent;
	/* A link that is mounted on looks no different to the walk below, which has to cross to the link's own file system. */
	link = path_open_on_mount(parent, name, O_PATH | O_NOFOLLOW, 0);
	if (link < 0)
		return link;
	if (fstat(link, &st) < 0)
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return -EINVAL;
	return path_open_host(parent, name, flags, 0);
}

int proc_read(int proc_fd, const char *path, size_t max, struct arena *arena, char **ret, size_t *ret_length)
{
	/* O_NONBLOCK: kmsg would wait for the next message. */
	_cleanup_(fd_cleanup) int fd = proc_open_at(proc_fd, path, O_RDONLY | O_NONBLOCK);

	return fd < 0 ? fd : fd_read_all(fd, max, arena, ret, ret_length);
}

int proc_write(int proc_fd, const char *path, const void *bytes, size_t length)
{
	_cleanup_(fd_cleanup) int fd = proc_open_at(proc_fd, path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = write(fd, bytes, length);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}
