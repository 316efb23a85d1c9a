/* SPDX-License-Identifier: Apache-2.0 */
/* Making, entering and removing groups. See rdt.h. Not for: what they may use (schemata.c) or used (stats.c). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/rdt.h"
#include "libsandbox/rdt/file.h"

int rdt_open(const char *path, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	struct statfs fs;

	if (fd < 0 && fd != -ENOENT)
		return error_set(err, fd, "open resctrl at %s", path);
	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != RDTGROUP_SUPER_MAGIC)
		return error_say(err, -ENOTSUP, "resctrl is not mounted at %s", path);
	return fd_take(&fd);
}

static int group_open(int root_fd, const char *group)
{
	return path_open_beneath(root_fd, group, O_RDONLY | O_DIRECTORY, 0);
}

bool rdt_group_exists(int root_fd, const char *group)
{
	_cleanup_(fd_cleanup) int fd = group_open(root_fd, group);

	return fd >= 0;
}

/* The kernel's own words about the last refusal; "" when there are none. */
static void status_read(int root_fd, char *to, size_t size)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	size_t length;
	char *text;

	to[0] = '\0';
	if (path_read_file(root_fd, "info/last_cmd_status", RDT_FILE_MAX, &arena, &text, &length) < 0)
		return;
	while (length > 0 && text[length - 1] == '\n')
		length--;
	if (length > 0 && !text_starts(text, "ok"))
		(void)text_printable(to, size, text, length);
}

int rdt_refused(int root_fd, int code, const char *what, const char *group, struct error *err)
{
	char reason[256];

	status_read(root_fd, reason, sizeof(reason));
	if (reason[0])
		return error_set(err, code, "%s of the resctrl group '%s' (%s)", what, group, reason);
	return error_set(err, code, "%s of the resctrl group '%s'", what, group);
}

/* Other directories are there too, with files that tell of the hardware. */
static int existing_check(int group_fd, const char *group, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(group_fd, "tasks", O_RDONLY, 0);

	return fd < 0 ? error_say(err, -EINVAL, "'%s' is no resctrl group: it has no file 'tasks'", group) : 0;
}

int rdt_group_make(int root_fd, const char *group, bool must_exist, bool *ret_made, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = group_open(root_fd, group);

	*ret_made = false;
	if (fd >= 0)
		return existing_check(fd, group, err);
	if (fd != -ENOENT)
		return error_set(err, fd, "open the resctrl group '%s'", group);
	if (must_exist)
		return error_say(err, -EINVAL,
				 "clos dir not accessible (must be pre-created when l3CacheSchema, memBwSchema and "
				 "schemata are empty): '%s'",
				 group);
	if (mkdirat(root_fd, group, 0755) < 0)
		return rdt_refused(root_fd, -errno, "make the directory", group, err);
	*ret_made = true;
	return 0;
}

int rdt_enter(int root_fd, const char *group, pid_t pid, struct error *err)
{
	_cleanup_(fd_cleanup) int group_fd = group_open(root_fd, group);
	char text[16];
	int length = snprintf(text, sizeof(text), "%d\n", (int)pid);
	int r = group_fd < 0 ? group_fd : rdt_file_write(group_fd, "tasks", text, (size_t)length);

	return r < 0 ? rdt_refused(root_fd, r, "write the process to tasks", group, err) : 0;
}

int rdt_remove(int root_fd, const char *group, struct error *err)
{
	if (unlinkat(root_fd, group, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_set(err, -errno, "remove the resctrl group '%s'", group);
	return 0;
}
