/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making directories and files that are missing, in a tree whose owner may rename and link while we walk.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"

#define PARENT_MODE 0755

/* As many links that lead nowhere as the kernel follows of the others. */
#define LINKS_MAX 40

/* On the way down `path`: its first `done` bytes were walked, and lead to the directory `fd`. */
struct walk {
	int root_fd;
	int fd;
	size_t done;
	unsigned int links;
	char path[PATH_MAX];
};

static void walk_cleanup(struct walk *walk)
{
	fd_cleanup(&walk->fd);
}

static int directory_make(int parent_fd, const char *name, mode_t mode)
{
	/* A chmod afterwards would have to name the directory again, or could hit one that was swapped in. */
	mode_t saved = umask(0);
	int r = mkdirat(parent_fd, name, mode) < 0 ? -errno : 0;

	umask(saved);
	return r < 0 ? r : path_open_beneath(parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
}

static int file_make(int parent_fd, const char *name, mode_t mode)
{
	mode_t saved = umask(0);
	int fd = path_open_beneath(parent_fd, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);

	umask(saved);
	return fd;
}

static bool has_dot_dot(const char *path)
{
	while (*path) {
		size_t length;

		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (length == 2 && path[0] == '.' && path[1] == '.')
			return true;
		path += length;
	}
	return false;
}

static int walk_restart(struct walk *walk)
{
	int fd = path_open_in_root(walk->root_fd, ".", O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		return fd;
	fd_close(walk->fd);
	walk->fd = fd;
	walk->done = 0;
	return 0;
}

/* Puts the text of the link `name` in its place, with `rest` behind it. */
static int walk_follow(struct walk *walk, const char *name, const char *rest)
{
	char behind[PATH_MAX], link[PATH_MAX];
	size_t behind_length = strlen(rest), length;
	ssize_t n = readlinkat(walk->fd, name, link, sizeof(link));
	int r;

	/* No link after all: somebody takes away what stands there. */
	if (n < 0)
		return errno == EINVAL ? -ENOENT : -errno;
	length = (size_t)n;
	if (length == 0 || walk->links++ >= LINKS_MAX)
		return -ELOOP;
	memcpy(behind, rest, behind_length + 1);
	if (link[0] == '/') {
		r = walk_restart(walk);
		if (r < 0)
			return r;
	}
	if (walk->done + 1 + length + behind_length >= sizeof(walk->path))
		return -ENAMETOOLONG;
	walk->path[walk->done] = '/';
	memcpy(walk->path + walk->done + 1, link, length);
	memcpy(walk->path + walk->done + 1 + length, behind, behind_length + 1);
	return 0;
}

/* Opens the prefix that ends with the component `name`, or makes that. The whole prefix is resolved from the root each time: a relative
 * symlink means something else below any other directory, and the ".." of a link's text is the kernel's to resolve. */
static int prefix_open(struct walk *walk, const char *name, bool file, mode_t mode)
{
	const uint64_t flags = file ? O_PATH : O_PATH | O_DIRECTORY;
	int fd = path_open_in_root(walk->root_fd, walk->path, flags, 0);

	if (fd != -ENOENT)
		return fd;
	fd = file ? file_make(walk->fd, name, mode) : directory_make(walk->fd, name, mode);
	if (fd != -EEXIST)
		return fd;
	/* Somebody was faster, or the name is a symlink that leads nowhere. */
	return path_open_in_root(walk->root_fd, walk->path, flags, 0);
}

/* One component, `length` bytes at `name`. */
static int walk_step(struct walk *walk, char *name, size_t length, bool file, mode_t mode)
{
	char cut = name[length];
	int fd;

	name[length] = '\0';
	fd = prefix_open(walk, name, file, mode);
	if (fd == -ENOENT) {
		char link_name[NAME_MAX + 1];

		if (length > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(link_name, name, length + 1);
		name[length] = cut;
		return walk_follow(walk, link_name, name + length);
	}
	name[length] = cut;
	if (fd < 0)
		return fd;
	fd_close(walk->fd);
	walk->fd = fd;
	walk->done = (size_t)(name - walk->path) + length;
	return 0;
}

static int walk_all(struct walk *walk, bool file, mode_t mode)
{
	int r = walk_restart(walk);

	while (r >= 0) {
		char *name = walk->path + walk->done;
		size_t length;
		bool last;

		name += strspn(name, "/");
		length = strcspn(name, "/");
		if (length == 0)
			return 0;
		last = name[length + strspn(name + length, "/")] == '\0';
		r = walk_step(walk, name, length, file && last, file && !last ? PARENT_MODE : mode);
	}
	return r;
}

/* Mostly only the last component is missing. Returns what making it says: -EEXIST is for the walk to look into. */
static int last_make(int root_fd, const char *path, bool file, mode_t mode)
{
	const char *name = strrchr(path, '/');
	_cleanup_(fd_cleanup) int parent = FD_NONE;
	char directory[PATH_MAX] = ".";

	name = name ? name + 1 : path;
	if (!path_is_name(name))
		return -EEXIST;
	if (name > path) {
		memcpy(directory, path, (size_t)(name - path));
		directory[name - path] = '\0';
	}
	parent = path_open_in_root(root_fd, directory, O_PATH | O_DIRECTORY, 0);
	if (parent < 0)
		return parent;
	return file ? file_make(parent, name, mode) : directory_make(parent, name, mode);
}

int path_make_missing_in_root(int root_fd, const char *path, mode_t type_mode)
{
	const bool file = !S_ISDIR(type_mode);
	const mode_t mode = type_mode & 07777;
	_cleanup_(walk_cleanup) struct walk walk = { .root_fd = root_fd, .fd = FD_NONE };
	size_t length = strlen(path);
	int r;

	if (length == 0)
		return -ENOENT;
	/* Before anything is made. */
	if (length >= sizeof(walk.path))
		return -ENAMETOOLONG;
	if (has_dot_dot(path))
		return -EINVAL;
	r = last_make(root_fd, path, file, mode);
	if (r != -ENOENT && r != -EEXIST)
		return r;
	memcpy(walk.path, path, length + 1);
	r = walk_all(&walk, file, mode);
	return r < 0 ? r : fd_take(&walk.fd);
}

int path_make_in_root(int root_fd, const char *path, mode_t type_mode, bool *ret_made)
{
	int fd = -EINVAL;

	if (ret_made)
		*ret_made = false;
	if (!has_dot_dot(path))
		fd = path_open_in_root(root_fd, path, S_ISDIR(type_mode) ? O_PATH | O_DIRECTORY : O_PATH, 0);
	if (fd != -ENOENT)
		return fd;
	if (ret_made)
		*ret_made = true;
	return path_make_missing_in_root(root_fd, path, type_mode);
}

int path_make_directories_in_root(int root_fd, const char *path, mode_t mode)
{
	return path_make_in_root(root_fd, path, S_IFDIR | mode, NULL);
}

int path_make_directories_beneath(int dir_fd, const char *path, mode_t mode)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(dir_fd, path, O_PATH | O_DIRECTORY, 0);
	char name[NAME_MAX + 1];

	if (fd != -ENOENT || *path == '\0')
		return fd_take(&fd);
	fd = path_open_beneath(dir_fd, ".", O_PATH | O_DIRECTORY, 0);
	while (fd >= 0 && *(path += strspn(path, "/"))) {
		size_t length = strcspn(path, "/");
		int next;

		if (length >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, path, length);
		name[length] = '\0';
		path += length;
		next = path_open_beneath(fd, name, O_PATH | O_DIRECTORY, 0);
		if (next == -ENOENT)
			next = directory_make(fd, name, mode);
		/* Somebody was faster. */
		if (next == -EEXIST)
			next = path_open_beneath(fd, name, O_PATH | O_DIRECTORY, 0);
		fd_close(fd);
		fd = next;
	}
	return fd_take(&fd);
}
