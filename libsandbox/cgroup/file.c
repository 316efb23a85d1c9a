/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, reading and writing in a cgroup2 tree. See file.h. */
#include "libsandbox/cgroup/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"

static int magic_check(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return -errno;
	return fs.f_type == CGROUP2_SUPER_MAGIC ? 0 : -EINVAL;
}

int cgroup_mount_open(const char *mount, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, mount, O_RDONLY | O_DIRECTORY, 0);
	int r;

	if (fd == -ENOENT)
		return error_say(err, fd, "no cgroup v2 at %s", mount);
	if (fd < 0)
		return error_set(err, fd, "open %s", mount);
	r = magic_check(fd);
	if (r < 0)
		return error_say(err, r, "%s is not cgroup v2", mount);
	return fd_take(&fd);
}

int cgroup_open(int mount_fd, const char *path, struct error *err)
{
	const char *below = path + strspn(path, "/");
	_cleanup_(fd_cleanup) int fd = path_open_beneath(mount_fd, *below ? below : ".", O_RDONLY | O_DIRECTORY, 0);
	int r;

	if (fd == -ENOENT)
		return error_say(err, fd, "no cgroup '%s'", path);
	if (fd < 0)
		return error_set(err, fd, "open cgroup '%s'", path);
	/* Something could be mounted over it. */
	r = magic_check(fd);
	if (r < 0)
		return error_say(err, r, "'%s' is not in cgroup v2", path);
	return fd_take(&fd);
}

int cgroup_open_place(const char *mount, const char *path, const char *file, uint64_t flags)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	char whole[PATH_MAX];
	int r, length = snprintf(whole, sizeof(whole), "%s%s%s%s", mount, path, file ? "/" : "", file ? file : "");

	if (length < 0 || (size_t)length >= sizeof(whole))
		return -ENAMETOOLONG;
	/* In a cgroup2 there are no symlinks, so that nothing else leads upwards. */
	if (*path != '/' || strstr(path, "/.."))
		return -EXDEV;
	fd = path_open_host(AT_FDCWD, whole, flags, 0);
	if (fd < 0)
		return fd;
	r = magic_check(fd);
	return r < 0 ? r : fd_take(&fd);
}

bool cgroup_is_denied(int code)
{
	return code == -EACCES || code == -EPERM || code == -EROFS;
}

int cgroup_file_write(int cgroup_fd, const char *file, const char *value, size_t length)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(cgroup_fd, file, O_WRONLY, 0);

	return fd < 0 ? fd : fd_write_all(fd, value, length);
}

int cgroup_file_read(int cgroup_fd, const char *file, struct arena *arena, char **ret)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(cgroup_fd, file, O_RDONLY, 0);
	size_t length = 0;
	int r = fd < 0 ? fd : fd_read_all(fd, CGROUP_FILE_MAX, arena, ret, &length);

	if (r == 0 && length > 0 && (*ret)[length - 1] == '\n')
		(*ret)[length - 1] = '\0';
	return r;
}

static int small_read(int fd, char *to, size_t size)
{
	ssize_t length;

	if (fd < 0)
		return fd;
	do {
		length = read(fd, to, size - 1);
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	while (length > 0 && to[length - 1] == '\n')
		length--;
	to[length] = '\0';
	return 0;
}

int cgroup_file_read_small(int cgroup_fd, const char *file, char *to, size_t size)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(cgroup_fd, file, O_RDONLY, 0);

	return small_read(fd, to, size);
}

int cgroup_file_read_two(int first_fd, int second_fd, const char *file, char *first_to, char *second_to, size_t size)
{
	int first = path_open_beneath(first_fd, file, O_RDONLY, 0);
	int second = path_open_beneath(second_fd, file, O_RDONLY, 0);
	int r = small_read(first, first_to, size);

	if (r == 0)
		r = small_read(second, second_to, size);
	fd_close_pair(first, second);
	return r;
}

#define BLANKS " \t\n"

bool cgroup_word_next(const char **rest, char *to, size_t size)
{
	const char *start = *rest + strspn(*rest, BLANKS);
	size_t length = strcspn(start, BLANKS), kept = length < size ? length : size - 1;

	*rest = start + length;
	memcpy(to, start, kept);
	to[kept] = '\0';
	return length > 0;
}

bool cgroup_words_have(const char *words, const char *word)
{
	char next[64];

	while (cgroup_word_next(&words, next, sizeof(next))) {
		if (text_equal(next, word))
			return true;
	}
	return false;
}
