/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the pid file. */
#include "runtime/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"

struct place {
	int dir_fd;
	const char *name;
	char temporary[NAME_MAX + 1]; /* runc's name for it, which watchers of the directory know to pass over */
};

static int place_find(const char *path, struct place *ret)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX] = ".";
	int length;

	ret->name = slash ? slash + 1 : path;
	if (slash) {
		length = snprintf(directory, sizeof(directory), "%.*s/", (int)(slash - path), path);
		if (length < 0 || (size_t)length >= sizeof(directory))
			return -ENAMETOOLONG;
	}
	if (!path_is_name(ret->name))
		return -EISDIR;
	length = snprintf(ret->temporary, sizeof(ret->temporary), ".%s", ret->name);
	if (length < 0 || (size_t)length >= sizeof(ret->temporary))
		return -ENAMETOOLONG;
	ret->dir_fd = path_open_host(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0);
	return ret->dir_fd < 0 ? ret->dir_fd : 0;
}

static int temporary_open(const struct place *place)
{
	const uint64_t flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
	int fd = path_open_beneath(place->dir_fd, place->temporary, flags, 0666);

	if (fd != -EEXIST)
		return fd;
	/* Left by one that was killed while it wrote. */
	(void)unlinkat(place->dir_fd, place->temporary, 0);
	return path_open_beneath(place->dir_fd, place->temporary, flags, 0666);
}

static int file_write(const struct place *place, pid_t pid)
{
	_cleanup_(fd_cleanup) int fd = temporary_open(place);
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%d", (int)pid);
	int r;

	if (fd < 0)
		return fd;
	r = fd_write_all(fd, digits, (size_t)length);
	if (r == 0 && renameat(place->dir_fd, place->temporary, place->dir_fd, place->name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(place->dir_fd, place->temporary, 0);
	return r;
}

int pid_file_write(const char *path, pid_t pid, struct error *err)
{
	struct place place = { .dir_fd = FD_NONE };
	int r = place_find(path, &place);

	if (r == 0)
		r = file_write(&place, pid);
	fd_cleanup(&place.dir_fd);
	return r < 0 ? error_set(err, r, "write pid file '%s'", path) : 0;
}

void pid_file_remove(const char *path)
{
	(void)unlinkat(AT_FDCWD, path, 0);
}
