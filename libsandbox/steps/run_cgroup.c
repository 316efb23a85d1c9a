/* SPDX-License-Identifier: Apache-2.0 */
/* What the cgroup rows of the step tables call. The work is in cgroup/. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "libbase/path.h"
#include "libbase/proc.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/control.h"
#include "libsandbox/cgroup/devices_bpf.h"
#include "libsandbox/cgroup/driver_fs.h"
#include "libsandbox/cgroup/file.h"
#include "libsandbox/steps/run.h"

/* Long enough for a process that was killed to leave, short enough to tell the user. */
#define REMOVE_TIMEOUT_MS 10000

static int mount_open(const struct sandbox *sandbox, struct error *err)
{
	int fd = path_open_host(AT_FDCWD, sandbox->plan->cgroup.mount, O_PATH | O_DIRECTORY, 0);

	return fd < 0 ? error_set(err, fd, "open cgroup2 at '%s'", sandbox->plan->cgroup.mount) : fd;
}

int run_cgroup_make(struct sandbox *sandbox, struct error *err)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;
	_cleanup_(fd_cleanup) int mount_fd = mount_open(sandbox, err);

	if (mount_fd < 0)
		return mount_fd;
	sandbox->cgroup_fd = cgroup_make(mount_fd, cgroup->path, cgroup->controllers, &sandbox->cgroup_made, err);
	if (sandbox->cgroup_fd >= 0)
		return 0;
	/* Rootless without limits: no permission is no error, the container stays in our own cgroup. */
	return cgroup->tolerate_denied && cgroup_is_denied(sandbox->cgroup_fd) ? 0 : sandbox->cgroup_fd;
}

void undo_cgroup_make(struct sandbox *sandbox)
{
	_cleanup_(fd_cleanup) int mount_fd = FD_NONE;

	if (!sandbox->cgroup_made)
		return;
	if (sandbox->cgroup_fd >= 0)
		(void)!cgroup_kill(sandbox->cgroup_fd, NULL);
	mount_fd = mount_open(sandbox, NULL);
	if (mount_fd >= 0)
		(void)!cgroup_remove(mount_fd, sandbox->plan->cgroup.path, REMOVE_TIMEOUT_MS, NULL);
	sandbox->cgroup_made = false;
}

/* Where the container's init is now, when that is below the container's own cgroup; NULL else. */
static const char *init_cgroup(struct sandbox *sandbox)
{
	const char *path = sandbox->plan->cgroup.path, *found;
	char *name = arena_printf(&sandbox->arena, "%d/cgroup", (int)sandbox->target_pid);
	char *text, *line;
	size_t length;

	if (!name || proc_read(sandbox->proc_fd, name, CGROUP_FILE_MAX, &sandbox->arena, &text, &length) < 0)
		return NULL;
	line = text_starts(text, "0::") ? text : strstr(text, "\n0::");
	if (!line)
		return NULL;
	found = strchr(line, ':') + 2;
	line = strchr(found, '\n');
	if (line)
		*line = '\0';
	path = text_after(found, path);
	return path && *path == '/' ? found : NULL;
}

/*
 * A container that hands controllers down inside its cgroup (systemd does) has moved its processes below it: no process can be put where
 * the container began (the kernel's cgroup-v2.rst, "No Internal Process Constraint"). Then it goes to where init is.
 */
static int init_cgroup_follow(struct sandbox *sandbox, int mount_fd, struct error *err)
{
	char below[256];
	const char *path;
	int fd;

	if (sandbox->ignore_init_cgroup ||
	    cgroup_file_read_small(sandbox->cgroup_fd, "cgroup.subtree_control", below, sizeof(below)) < 0 ||
	    *below == '\0')
		return 0;
	path = init_cgroup(sandbox);
	fd = path ? cgroup_open(mount_fd, path, err) : FD_NONE;
	if (fd < 0)
		return path ? fd : 0;
	fd_cleanup(&sandbox->cgroup_fd);
	sandbox->cgroup_fd = fd;
	return 0;
}

int run_cgroup_open(struct sandbox *sandbox, struct error *err)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;
	_cleanup_(fd_cleanup) int mount_fd = mount_open(sandbox, err);

	if (mount_fd < 0)
		return mount_fd;
	sandbox->cgroup_fd = cgroup_open(mount_fd, cgroup->path, err);
	return sandbox->cgroup_fd < 0 ? sandbox->cgroup_fd : init_cgroup_follow(sandbox, mount_fd, err);
}

int run_limits(struct sandbox *sandbox, struct error *err)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;

	if (sandbox->cgroup_fd < 0)
		return 0;
	return cgroup_apply(sandbox->cgroup_fd, cgroup->resources, cgroup->resource_count, err);
}

int run_device_program(struct sandbox *sandbox, struct error *err)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;

	if (sandbox->cgroup_fd < 0)
		return 0;
	return devices_apply(sandbox->cgroup_fd, cgroup->devices, cgroup->device_count, err);
}
