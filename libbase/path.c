/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openat2(2) by intent, lexical paths, whole files.
 */
#include "libbase/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"

/* The kernel answers EAGAIN when a rename or mount anywhere on the system met a lookup of ".."; a busy host loses often. */
#define RACE_TRIES_MAX 128

static int path_open_resolve(int dir_fd, const char *path, uint64_t flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = resolve };

	/* openat2 takes no mode where nothing is made; openat ignored it. */
	if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
		how.mode = mode;
	for (int try = 0; try < RACE_TRIES_MAX; try++) {
		int fd = kernel_openat2(dir_fd, path, &how, sizeof(how));

		if (fd >= 0)
			return fd;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}

int path_open_in_root(int root_fd, const char *path, uint64_t flags, mode_t mode)
{
	return path_open_resolve(root_fd, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/* The next component of `*path` and its length, with `*path` moved behind it; NULL at the end. */
static const char *component_next(const char **path, size_t *ret_length)
{
	const char *start = *path, *end;

	while (*start == '/')
		start++;
	for (end = start; *end && *end != '/'; end++)
		;
	*ret_length = (size_t)(end - start);
	*path = end;
	return *ret_length > 0 ? start : NULL;
}

static bool component_is_dot(const char *component, size_t length)
{
	return length == 1 && component[0] == '.';
}

static bool component_is_dot_dot(const char *component, size_t length)
{
	return length == 2 && component[0] == '.' && component[1] == '.';
}

static bool path_has_dot_dot(const char *path)
{
	const char *component;
	size_t length;

	while ((component = component_next(&path, &length)))
		if (component_is_dot_dot(component, length))
			return true;
	return false;
}

int path_open_beneath(int dir_fd, const char *path, uint64_t flags, mode_t mode)
{
	/* The kernel lets ".." pass as long as it stays below; the names in our own trees never need it. */
	if (path_has_dot_dot(path))
		return -EXDEV;
	return path_open_resolve(dir_fd, path, flags, mode,
				 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

int path_open_on_mount(int dir_fd, const char *path, uint64_t flags, mode_t mode)
{
	if (path_has_dot_dot(path))
		return -EXDEV;
	return path_open_resolve(dir_fd, path, flags, mode,
				 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
}

int path_open_host(int dir_fd, const char *path, uint64_t flags, mode_t mode)
{
	return path_open_resolve(dir_fd, path, flags, mode, 0);
}

bool path_is_absolute(const char *path)
{
	return path && path[0] == '/';
}

bool path_is_name(const char *name)
{
	return name && *name != '\0' && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Whether the last component in `to` may be taken back by a "..", and where it starts. */
static bool component_last(const char *to, size_t used, bool absolute, size_t *ret_start)
{
	size_t start = used;

	if (used == (absolute ? 1 : 0))
		return false;
	while (start > 0 && to[start - 1] != '/')
		start--;
	*ret_start = start;
	return !component_is_dot_dot(to + start, used - start);
}

char *path_clean(struct arena *arena, const char *path)
{
	bool absolute = path_is_absolute(path);
	size_t length, used = 0;
	const char *component;
	char *to = arena_alloc(arena, strlen(path) + 2);

	if (!to)
		return NULL;
	if (absolute)
		to[used++] = '/';
	while ((component = component_next(&path, &length))) {
		size_t start;

		if (component_is_dot(component, length))
			continue;
		if (component_is_dot_dot(component, length)) {
			if (component_last(to, used, absolute, &start)) {
				/* Without the slash before it, but never without the root's. */
				used = start > (absolute ? 1U : 0U) ? start - 1 : start;
				continue;
			}
			if (absolute)
				continue;
		}
		if (used > (absolute ? 1U : 0U))
			to[used++] = '/';
		memcpy(to + used, component, length);
		used += length;
	}
	if (used == 0)
		to[used++] = '.';
	to[used] = '\0';
	return to;
}

char *path_join(struct arena *arena, const char *directory, const char *path)
{
	char *joined;

	if (path_is_absolute(path))
		return path_clean(arena, path);
	/* An empty part is no part: "" and "a" make "a", not "/a". */
	if (*directory == '\0')
		return path_clean(arena, path);
	joined = arena_printf(arena, "%s/%s", directory, path);
	return joined ? path_clean(arena, joined) : NULL;
}

int path_read_file(int dir_fd, const char *path, size_t max, struct arena *arena, char **ret, size_t *ret_length)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	struct stat st;
	int r;

	if (*path == '\0')
		return -ENOENT;
	/* To open a device is to act on it (a watchdog starts), so look first. The check that counts is made on `fd`. */
	if (fstatat(dir_fd, path, &st, 0) < 0)
		return -errno;
	r = fd_regular_check(&st, max);
	if (r < 0)
		return r;
	fd = path_open_document(dir_fd, path);
	if (fd < 0)
		return fd;
	return fd_read_regular(fd, max, arena, ret, ret_length);
}

int path_open_document(int dir_fd, const char *path)
{
	int fd = path_open_host(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

	/* A socket, or a device that is not there. */
	return fd == -ENXIO || fd == -ENODEV ? -EINVAL : fd;
}

#define TEMPORARY_MODE 0600

static int new_create(int dir_fd, const char *name)
{
	return path_is_name(name)
		       ? path_open_beneath(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, TEMPORARY_MODE)
		       : -EINVAL;
}

static int temporary_create(int dir_fd, char name[PATH_TEMPORARY_SIZE])
{
	for (int try = 0; try < RACE_TRIES_MAX; try++) {
		/* Only to differ from names that others have: who guesses it has made a file that O_EXCL refuses. The clock costs no system call. */
		uint64_t number = (uint64_t)clock_now_ns();
		int fd;

		if (try > 0 && getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -EIO;
		snprintf(name, PATH_TEMPORARY_SIZE, ".tmp-%016llx", (unsigned long long)number);
		fd = new_create(dir_fd, name);
		if (fd != -EEXIST)
			return fd;
	}
	return -EEXIST;
}

static int content_write(int fd, const void *bytes, size_t length, mode_t mode)
{
	int r = fd_write_all(fd, bytes, length);

	/* The mode comes last, and whole: nobody reads it half written, and the umask has no say. It was made with the other one, of which a umask
	 * takes nothing that its owner could do without. */
	if (r == 0 && mode != TEMPORARY_MODE && fchmod(fd, mode) < 0)
		r = -errno;
	return r;
}

/* What is in `fd`, a new file of that name; it is gone on failure. */
static int new_fill(int dir_fd, const char *name, int fd, const void *bytes, size_t length, mode_t mode)
{
	int r = content_write(fd, bytes, length, mode);

	if (r < 0)
		unlinkat(dir_fd, name, 0);
	return r;
}

/* A file that has no name until it is whole: of a writer that is killed nothing stays, as open(2) has it of O_TMPFILE. Not where the name is taken,
 * nor on every file system, nor for everybody (linkat(2), AT_EMPTY_PATH). */
static int nameless_write(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(dir_fd, ".", O_WRONLY | O_TMPFILE, TEMPORARY_MODE);
	int r = fd < 0 ? fd : content_write(fd, bytes, length, mode);

	return r == 0 && linkat(fd, "", dir_fd, name, AT_EMPTY_PATH) < 0 ? -errno : r;
}

int path_write_temporary(int dir_fd, const void *bytes, size_t length, mode_t mode, struct path_temporary *ret)
{
	_cleanup_(fd_cleanup) int fd = temporary_create(dir_fd, ret->name);

	return fd < 0 ? fd : new_fill(dir_fd, ret->name, fd, bytes, length, mode);
}

int path_write_file_new(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode)
{
	_cleanup_(fd_cleanup) int fd = new_create(dir_fd, name);

	return fd < 0 ? fd : new_fill(dir_fd, name, fd, bytes, length, mode);
}

int path_temporary_rename(int dir_fd, const struct path_temporary *temporary, const char *name)
{
	int r = -EINVAL;

	if (path_is_name(name))
		r = renameat(dir_fd, temporary->name, dir_fd, name) < 0 ? -errno : 0;
	if (r < 0)
		unlinkat(dir_fd, temporary->name, 0);
	return r;
}

int path_write_file_atomic(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode)
{
	struct path_temporary temporary;
	int r;

	if (!path_is_name(name))
		return -EINVAL;
	if (nameless_write(dir_fd, name, bytes, length, mode) == 0)
		return 0;
	r = path_write_temporary(dir_fd, bytes, length, mode, &temporary);
	return r < 0 ? r : path_temporary_rename(dir_fd, &temporary, name);
}
