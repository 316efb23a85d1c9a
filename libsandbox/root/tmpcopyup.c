/* SPDX-License-Identifier: Apache-2.0 */
/* Copying what a tmpfs covers into it. See tmpcopyup.h. */
#include "libsandbox/root/tmpcopyup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"

/* Each level holds three descriptors open. */
#define DEPTH_MAX     128
#define CHUNK         (16U << 20)
#define XATTR_LIST    4096
#define XATTR_VALUE   4096
#define MODE_OF(st)   ((st)->st_mode & 07777)
#define SET_ID_BITS   (S_ISUID | S_ISGID)
#define OPEN_CAREFUL  (O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
#define MODE_UNCOPIED 0700

static void directory_close(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

/* Best effort: what the tmpfs does not take is left behind. */
static void xattrs_copy(int from, int to)
{
	char names[XATTR_LIST], value[XATTR_VALUE];
	ssize_t length = flistxattr(from, names, sizeof(names));

	for (const char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from, name, value, sizeof(value));

		if (size >= 0)
			(void)fsetxattr(to, name, value, (size_t)size, 0);
	}
}

/* An owner that the user namespace does not map stays ours, and then no set-id bit may come along. */
static int inode_copy(const struct stat *st, int from, int to)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	mode_t mode = MODE_OF(st);

	if (fchown(to, st->st_uid, st->st_gid) < 0) {
		if (errno != EINVAL && errno != EPERM)
			return -errno;
		mode &= ~(mode_t)SET_ID_BITS;
	}
	if (fchmod(to, mode) < 0)
		return -errno;
	xattrs_copy(from, to);
	(void)futimens(to, times);
	return 0;
}

static int bytes_copy(int from, int to)
{
	for (;;) {
		ssize_t n = sendfile(to, from, NULL, CHUNK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
	}
}

static int file_copy(int from_directory, int to_directory, const char *name)
{
	_cleanup_(fd_cleanup) int from = path_open_on_mount(from_directory, name, O_RDONLY | OPEN_CAREFUL, 0);
	_cleanup_(fd_cleanup) int to = FD_NONE;
	struct stat st;
	int r;

	if (from < 0)
		return from;
	if (fstat(from, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return 0;
	to = path_open_beneath(to_directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (to < 0)
		return to;
	r = bytes_copy(from, to);
	return r < 0 ? r : inode_copy(&st, from, to);
}

static int symlink_copy(int from_directory, int to_directory, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	char text[PATH_MAX];
	ssize_t length = readlinkat(from_directory, name, text, sizeof(text) - 1);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	if (symlinkat(text, to_directory, name) < 0)
		return -errno;
	if (fchownat(to_directory, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EINVAL &&
	    errno != EPERM)
		return -errno;
	(void)utimensat(to_directory, name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int directory_copy(int from_fd, int to_fd, unsigned int depth, struct error *err);

static int subdirectory_copy(int from_directory, int to_directory, const char *name, unsigned int depth,
			     struct error *err)
{
	_cleanup_(fd_cleanup) int from =
		path_open_on_mount(from_directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	_cleanup_(fd_cleanup) int to = FD_NONE;

	if (from < 0)
		return error_set(err, from, "open '%s'", name);
	if (mkdirat(to_directory, name, MODE_UNCOPIED) < 0)
		return error_set(err, -errno, "make '%s'", name);
	to = path_open_beneath(to_directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (to < 0)
		return error_set(err, to, "open '%s'", name);
	return directory_copy(from, to, depth + 1, err);
}

static int entry_copy(int from, int to, const char *name, unsigned int depth, struct error *err)
{
	struct stat st;
	int r = 0;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return errno == ENOENT ? 0 : error_set(err, -errno, "look at '%s'", name);
	if (S_ISDIR(st.st_mode))
		r = subdirectory_copy(from, to, name, depth, err);
	else if (S_ISREG(st.st_mode))
		r = file_copy(from, to, name);
	else if (S_ISLNK(st.st_mode))
		r = symlink_copy(from, to, name, &st);
	/* A mount, or gone since it was listed. */
	if (r == -EXDEV || r == -ENOENT)
		return 0;
	return r < 0 && !S_ISDIR(st.st_mode) ? error_set(err, r, "copy '%s'", name) : r;
}

/* `from_fd` is open for reading. */
static int directory_copy(int from_fd, int to_fd, unsigned int depth, struct error *err)
{
	_cleanup_(fd_cleanup) int list_fd = path_open_beneath(from_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	_cleanup_(directory_close) DIR *list = NULL;
	const struct dirent *entry;
	struct stat st;
	int r;

	if (depth > DEPTH_MAX)
		return error_set(err, -ELOOP, "more than %d directories deep", DEPTH_MAX);
	if (list_fd < 0)
		return error_set(err, list_fd, "open the directory");
	list = fdopendir(list_fd);
	if (!list)
		return error_set(err, -errno, "list the directory");
	fd_take(&list_fd);
	while ((errno = 0, entry = readdir(list))) {
		if (!path_is_name(entry->d_name))
			continue;
		r = entry_copy(from_fd, to_fd, entry->d_name, depth, err);
		if (r < 0)
			return r;
	}
	if (errno != 0)
		return error_set(err, -errno, "list the directory");
	if (fstat(from_fd, &st) < 0)
		return error_set(err, -errno, "look at the directory");
	r = inode_copy(&st, from_fd, to_fd);
	return r < 0 ? error_set(err, r, "copy the directory's owner and mode") : 0;
}

int tmpcopyup_copy(int from_fd, int to_fd, struct error *err)
{
	_cleanup_(fd_cleanup) int from = path_open_beneath(from_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	_cleanup_(fd_cleanup) int to = path_open_beneath(to_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	int r;

	if (from < 0 || to < 0)
		return error_set(err, from < 0 ? from : to, "tmpcopyup: open the directory");
	r = directory_copy(from, to, 1, err);
	return r < 0 ? error_wrap(err, "tmpcopyup") : 0;
}
