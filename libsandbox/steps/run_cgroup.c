/* SPDX-License-Identifier: Apache-2.0 */
/* What the cgroup rows of the step tables call. The work is in cgroup/. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "libbase/proc.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/bus.h"
#include "libsandbox/cgroup/control.h"
#include "libsandbox/cgroup/devices_bpf.h"
#include "libsandbox/cgroup/driver_fs.h"
#include "libsandbox/cgroup/driver_systemd.h"
#include "libsandbox/cgroup/file.h"
#include "libsandbox/cgroup/resource_table.h"
#include "libsandbox/steps/run.h"

/* Long enough for a process that was killed to leave, short enough to tell the user. */
#define REMOVE_TIMEOUT_MS 10000

/* Rootless without limits: no permission is no error, the container stays in our own cgroup. */
static int denied_settle(const struct plan *plan, int code, struct error *err)
{
	if (!plan->rootless || !cgroup_is_denied(code))
		return code;
	if (plan->cgroup.tolerate_denied)
		return 0;
	return error_wrap(err, "rootless needs no limits + no cgrouppath when no permission is granted for cgroups");
}

static int mount_open(struct sandbox *sandbox, struct error *err)
{
	if (sandbox->cgroup_mount_fd < 0)
		sandbox->cgroup_mount_fd = cgroup_mount_open(sandbox->plan->cgroup.mount, err);
	return sandbox->cgroup_mount_fd;
}

int run_cgroup_make(struct sandbox *sandbox, struct error *err)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;
	const int mount_fd = mount_open(sandbox, err);

	if (mount_fd < 0)
		return mount_fd;
	sandbox->cgroup_fd = cgroup_make(mount_fd, cgroup->path, cgroup->controllers, &sandbox->cgroup_made, err);
	return sandbox->cgroup_fd >= 0 ? 0 : denied_settle(sandbox->plan, sandbox->cgroup_fd, err);
}

void undo_cgroup_make(struct sandbox *sandbox)
{
	int mount_fd;

	if (!sandbox->cgroup_made)
		return;
	if (sandbox->cgroup_fd >= 0)
		(void)!cgroup_kill(sandbox->cgroup_fd, NULL);
	mount_fd = mount_open(sandbox, NULL);
	if (mount_fd >= 0)
		(void)!cgroup_remove(mount_fd, sandbox->plan->cgroup.path, REMOVE_TIMEOUT_MS, NULL);
	sandbox->cgroup_made = false;
}

/* Where a process is in the cgroup2 tree; NULL when it cannot be told. */
static const char *process_cgroup(struct sandbox *sandbox, pid_t pid)
{
	char *name = arena_printf(&sandbox->arena, "%d/cgroup", (int)pid);
	char *text, *line, *found;
	size_t length;

	/* Seldom needed by who joins: see when_procfs. */
	if (sandbox->proc_fd < 0)
		sandbox->proc_fd = proc_open();
	if (!name || sandbox->proc_fd < 0 ||
	    proc_read(sandbox->proc_fd, name, CGROUP_FILE_MAX, &sandbox->arena, &text, &length) < 0)
		return NULL;
	line = text_starts(text, "0::") ? text : strstr(text, "\n0::");
	if (!line)
		return NULL;
	found = strchr(line, ':') + 2;
	found[strcspn(found, "\n")] = '\0';
	return found;
}

/* Where the container's init is now, when that is below the container's own cgroup; NULL else. */
static const char *init_cgroup(struct sandbox *sandbox)
{
	const char *found = process_cgroup(sandbox, sandbox->target_pid);
	const char *below = found ? text_after(found, sandbox->plan->cgroup.path) : NULL;

	return below && *below == '/' ? found : NULL;
}

/*
 * A container that hands controllers down inside its cgroup (systemd does) has moved its processes below it: no process can be put where
 * the container began (the kernel's cgroup-v2.rst, "No Internal Process Constraint"). Then it goes to where init is.
 */
int run_cgroup_follow(struct sandbox *sandbox, struct error *err)
{
	char below[256];
	const char *path;
	int mount_fd, fd;

	if (sandbox->ignore_init_cgroup ||
	    cgroup_file_read_small(sandbox->cgroup_fd, "cgroup.subtree_control", below, sizeof(below)) < 0 ||
	    *below == '\0')
		return 0;
	path = init_cgroup(sandbox);
	if (!path)
		return 0;
	mount_fd = mount_open(sandbox, err);
	fd = mount_fd < 0 ? mount_fd : cgroup_open(mount_fd, path, err);
	if (fd < 0)
		return fd;
	fd_cleanup(&sandbox->cgroup_fd);
	sandbox->cgroup_fd = fd;
	sandbox->cgroup_path = path;
	return 1;
}

int run_cgroup_open(struct sandbox *sandbox, struct error *err)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;
	int mount_fd;

	sandbox->cgroup_fd = cgroup_open_place(cgroup->mount, cgroup->path, NULL, O_RDONLY | O_DIRECTORY);
	if (sandbox->cgroup_fd >= 0)
		return 0;
	mount_fd = mount_open(sandbox, err);
	if (mount_fd < 0)
		return mount_fd;
	sandbox->cgroup_fd = cgroup_open(mount_fd, cgroup->path, err);
	return sandbox->cgroup_fd < 0 ? sandbox->cgroup_fd : 0;
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
	/* In a cgroup of our own making there is no program yet; systemd brings one along. */
	return devices_apply(sandbox->cgroup_fd, cgroup->devices, cgroup->device_count,
			     sandbox->cgroup_made && cgroup->driver == CGROUP_DRIVER_CGROUPFS,
			     &sandbox->device_program_fd, err);
}

/* -- systemd ------------------------------------------------------------------------------------------------------------------- */

/* The controllers that it neither hands down nor takes away. */
#define UNKNOWN_TO_SYSTEMD                                                                        \
	(RESOURCE_CONTROLLER_BIT(CONTROLLER_HUGETLB) | RESOURCE_CONTROLLER_BIT(CONTROLLER_RDMA) | \
	 RESOURCE_CONTROLLER_BIT(CONTROLLER_MISC))

/* The unit's cgroup. A manager that is not where the plan expects it (the user's, in a container) puts it below its own place: then a scope
 * is where init is now. */
static int unit_cgroup_open(struct sandbox *sandbox, struct error *err)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;
	const int mount_fd = mount_open(sandbox, err);
	const char *path = cgroup->path;

	if (mount_fd < 0)
		return mount_fd;
	if (!cgroup->unit_is_slice) {
		path = process_cgroup(sandbox, sandbox->init_pid);
		if (!path || !text_ends(path, cgroup->unit))
			return error_say(err, -ESRCH, "init is not in the cgroup of unit \"%s\" but in '%s'",
					 cgroup->unit, path ? path : "none");
		sandbox->cgroup_path = path;
	}
	sandbox->cgroup_fd = cgroup_open(mount_fd, path, err);
	if (sandbox->cgroup_fd >= 0) {
		int r = cgroup_controllers_enable(mount_fd, path, sandbox->cgroup_fd,
						  cgroup->controllers & UNKNOWN_TO_SYSTEMD, err);

		if (r < 0)
			return r;
	}
	/* A slice starts without processes. */
	return sandbox->cgroup_fd >= 0 && cgroup->unit_is_slice
		       ? cgroup_move(sandbox->cgroup_fd, sandbox->init_pid, err)
		       : sandbox->cgroup_fd;
}

int run_unit_connect(struct sandbox *sandbox, struct error *err)
{
	int r = unit_connect(sandbox->systemd, &sandbox->plan->cgroup, &sandbox->arena, &sandbox->bus, err);

	return r < 0 ? error_wrap(err, "unable to apply cgroup configuration") : 0;
}

void undo_unit_connect(struct sandbox *sandbox)
{
	bus_close(sandbox->bus);
	sandbox->bus = NULL;
}

int run_unit_start(struct sandbox *sandbox, struct error *err)
{
	const struct unit_process process = { .pid = sandbox->init_pid, .pidfd = sandbox->init_pidfd };
	int r = sandbox->bus ? 0 : run_unit_connect(sandbox, err);

	if (r < 0)
		return r;
	r = unit_start(sandbox->bus, &sandbox->plan->cgroup, sandbox->plan->id, &process, err);
	undo_unit_connect(sandbox);
	if (r < 0)
		return error_wrap(err, "unable to apply cgroup configuration");
	sandbox->cgroup_made = true;
	r = unit_cgroup_open(sandbox, err);
	if (r < 0)
		undo_unit_start(sandbox);
	return r < 0 ? r : 0;
}

void undo_unit_start(struct sandbox *sandbox)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;
	int mount_fd;

	if (!sandbox->cgroup_made)
		return;
	if (sandbox->cgroup_fd >= 0)
		(void)!cgroup_kill(sandbox->cgroup_fd, NULL);
	(void)!unit_stop(sandbox->systemd, cgroup->unit, cgroup->user_manager, NULL);
	mount_fd = mount_open(sandbox, NULL);
	if (mount_fd >= 0)
		(void)!cgroup_remove(mount_fd, sandbox->cgroup_path ? sandbox->cgroup_path : cgroup->path,
				     REMOVE_TIMEOUT_MS, NULL);
	sandbox->cgroup_made = false;
}

/* What of a path is below the unit's cgroup, "" or "/a"; NULL when the path does not lead through it. */
static const char *unit_below(const char *path, const char *unit)
{
	for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
		const char *below = text_after(at + 1, unit);

		if (below && (*below == '/' || *below == '\0'))
			return below;
	}
	return NULL;
}

int run_unit_attach(struct sandbox *sandbox, struct error *err)
{
	const struct plan_cgroup *cgroup = &sandbox->plan->cgroup;
	const char *wanted = sandbox->cgroup_path ? sandbox->cgroup_path : cgroup->path;
	const char *is = process_cgroup(sandbox, sandbox->init_pid);
	const char *below = unit_below(wanted, cgroup->unit);

	if (!is || !below || text_equal(is, wanted))
		return 0;
	return unit_attach(sandbox->systemd, cgroup->unit, cgroup->user_manager, below, sandbox->init_pid, err);
}

int run_delegate(struct sandbox *sandbox, struct error *err)
{
	return cgroup_delegate(sandbox->cgroup_fd, sandbox->plan->cgroup.delegate_uid, err);
}
