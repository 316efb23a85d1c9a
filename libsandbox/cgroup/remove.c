/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing a tree of cgroups that a container may have made as deep and wide as it liked: no recursion, and a fixed number of
 * descriptors. See driver_fs.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/control.h"
#include "libsandbox/cgroup/driver_fs.h"
#include "libsandbox/cgroup/file.h"

/* The deepest levels of the way down; what is above them is walked to again. */
#define LEVELS_KEPT 32
#define NAME_SIZE   256

struct level {
	int fd;
	char name[NAME_SIZE]; /* in the level above */
};

struct way {
	struct level levels[LEVELS_KEPT];
	size_t count;
	bool cut; /* there are levels above the first kept */
};

static void way_cleanup(struct way *way)
{
	while (way->count > 0)
		fd_close(way->levels[--way->count].fd);
}

static void way_push(struct way *way, int fd, const char *name)
{
	if (way->count == LEVELS_KEPT) {
		fd_close(way->levels[0].fd);
		memmove(way->levels, way->levels + 1, (LEVELS_KEPT - 1) * sizeof(way->levels[0]));
		way->count--;
		way->cut = true;
	}
	way->levels[way->count].fd = fd;
	(void)snprintf(way->levels[way->count].name, NAME_SIZE, "%s", name);
	way->count++;
}

/* The name of some child. 1, 0 when there is none, or -errno. */
static int child_find(int cgroup_fd, char name[NAME_SIZE])
{
	int fd = path_open_beneath(cgroup_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		fd_close(fd);
		return -ENOMEM;
	}
	while (!found && (entry = readdir(dir))) {
		found = entry->d_type == DT_DIR && path_is_name(entry->d_name);
		if (found)
			(void)snprintf(name, NAME_SIZE, "%s", entry->d_name);
	}
	(void)closedir(dir);
	return found;
}

/* A process leaves its cgroup a moment after its end can be seen. */
static int directory_remove(int parent_fd, const char *name, int cgroup_fd, int64_t deadline, struct error *err)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (;;) {
		int r = unlinkat(parent_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;

		if (r == 0 || r == -ENOENT)
			return 0;
		if (r != -EBUSY)
			return error_set(err, r, "remove cgroup '%s'", name);
		if (clock_left_ms(deadline) == 0)
			return error_say(err, r, "remove cgroup '%s': it still has processes or cgroups", name);
		if (cgroup_wait_empty(cgroup_fd, clock_left_ms(deadline), NULL) == 0)
			(void)nanosleep(&pause, NULL);
	}
}

/* Goes down from the last level of the way to one without children, removes it, and so on upwards. 1: the way was cut, again. */
static int way_clear(struct way *way, int64_t deadline, struct error *err)
{
	char name[NAME_SIZE];

	while (way->count > 0) {
		struct level *last = &way->levels[way->count - 1];
		int r = child_find(last->fd, name);

		if (r < 0)
			return error_set(err, r, "read the cgroups below '%s'", last->name);
		if (r > 0) {
			int fd = path_open_beneath(last->fd, name, O_RDONLY | O_DIRECTORY, 0);

			if (fd < 0 && fd != -ENOENT)
				return error_set(err, fd, "open cgroup '%s'", name);
			if (fd >= 0)
				way_push(way, fd, name);
			continue;
		}
		if (way->count == 1)
			return way->cut;
		r = directory_remove(way->levels[way->count - 2].fd, last->name, last->fd, deadline, err);
		if (r < 0)
			return r;
		fd_close(last->fd);
		way->count--;
	}
	return 0;
}

static int children_remove(int cgroup_fd, int64_t deadline, struct error *err)
{
	int r;

	do {
		_cleanup_(way_cleanup) struct way way = { 0 };
		int fd = path_open_beneath(cgroup_fd, ".", O_RDONLY | O_DIRECTORY, 0);

		if (fd < 0)
			return error_set(err, fd, "open the cgroup");
		way_push(&way, fd, ".");
		r = way_clear(&way, deadline, err);
		if (r > 0 && clock_left_ms(deadline) == 0)
			return error_say(err, -EBUSY, "cgroups below are nested too deep to be removed in time");
	} while (r > 0);
	return r;
}

int cgroup_remove(int mount_fd, const char *path, int timeout_ms, struct error *err)
{
	int64_t deadline = clock_deadline_ns(timeout_ms);
	const char *below = path + strspn(path, "/");
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	int r;

	if (*below == '\0')
		return error_say(err, -EINVAL, "the root cgroup cannot be removed");
	/* An empty one without children needs no more than this. */
	if (unlinkat(mount_fd, below, AT_REMOVEDIR) == 0)
		return 0;
	fd = cgroup_open(mount_fd, path, err);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	r = children_remove(fd, deadline, err);
	if (r == 0)
		r = directory_remove(mount_fd, below, fd, deadline, err);
	return r < 0 ? error_wrap(err, "remove cgroup '%s'", path) : 0;
}
