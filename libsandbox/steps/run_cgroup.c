/* SPDX-License-Identifier: Apache-2.0 */
/* What the cgroup rows of the step tables call. The work is in cgroup/. */
#include <errno.h>
#include <fcntl.h>

#include "libbase/path.h"
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

int run_cgroup_open(struct sandbox *sandbox, struct error *err)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;
	_cleanup_(fd_cleanup) int mount_fd = mount_open(sandbox, err);

	if (mount_fd < 0)
		return mount_fd;
	sandbox->cgroup_fd = path_open_beneath(mount_fd, cgroup->path + 1, O_RDONLY | O_DIRECTORY, 0);
	return sandbox->cgroup_fd < 0 ? error_set(err, sandbox->cgroup_fd, "open cgroup '%s'", cgroup->path) : 0;
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
