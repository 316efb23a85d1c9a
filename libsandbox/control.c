/* SPDX-License-Identifier: Apache-2.0 */
/* The way from a recorded place to cgroup/: see control.h. */
#include "libsandbox/control.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libsandbox/cgroup/control.h"
#include "libsandbox/cgroup/driver_fs.h"
#include "libsandbox/cgroup/driver_systemd.h"
#include "libsandbox/cgroup/file.h"
#include "libsandbox/cgroup/snapshot.h"

int control_open(struct control *control, const char *mount, const char *path, struct error *err)
{
	_cleanup_(fd_cleanup) int mount_fd = cgroup_mount_open(mount, err);
	int cgroup_fd = mount_fd < 0 ? mount_fd : cgroup_open(mount_fd, path, err);

	*control = CONTROL_INIT;
	if (cgroup_fd < 0)
		return cgroup_fd;
	*control = (struct control){ .mount_fd = fd_take(&mount_fd), .cgroup_fd = cgroup_fd, .path = path };
	return 0;
}

void control_cleanup(struct control *control)
{
	fd_cleanup(&control->cgroup_fd);
	fd_cleanup(&control->mount_fd);
}

bool control_is_frozen(const char *mount, const char *path)
{
	_cleanup_(control_cleanup) struct control control = CONTROL_INIT;
	struct cgroup_events events = { 0 };
	int r = cgroup_events_read_place(mount, path, &events);

	/* One that has no name as a whole may have one by halves. */
	if (r == -ENAMETOOLONG && control_open(&control, mount, path, NULL) == 0)
		r = cgroup_events_read(control.cgroup_fd, &events);
	/* Of an empty cgroup the kernel may say so wrongly. */
	return r == 0 && events.frozen && events.populated;
}

int control_freeze(const struct control *control, struct error *err)
{
	return cgroup_freeze(control->cgroup_fd, CONTROL_TIMEOUT_MS, err);
}

int control_thaw(const struct control *control, struct error *err)
{
	return cgroup_thaw(control->cgroup_fd, CONTROL_TIMEOUT_MS, err);
}

int control_signal(const struct control *control, int signal, struct error *err)
{
	return cgroup_signal(control->cgroup_fd, signal, err);
}

static int pid_compare(const void *a, const void *b)
{
	const pid_t first = *(const pid_t *)a, second = *(const pid_t *)b;

	return (first > second) - (first < second);
}

int control_pids(const struct control *control, struct arena *arena, pid_t **ret, size_t *ret_count, struct error *err)
{
	int r = cgroup_pids(control->cgroup_fd, true, arena, ret, ret_count, err);

	if (r >= 0 && *ret_count > 1)
		qsort(*ret, *ret_count, sizeof(**ret), pid_compare);
	return r;
}

int control_apply(const struct control *control, const struct limits *limits, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct plan_resource *had;
	size_t had_count;
	int r = cgroup_snapshot(control->cgroup_fd, limits->items, limits->count, &arena, &had, &had_count, err);

	if (r < 0)
		return r;
	if (control->unit)
		r = unit_change(control->program, control->unit, control->user_manager, limits->items, limits->count,
				err);
	if (r == 0)
		r = cgroup_apply(control->cgroup_fd, limits->items, limits->count, err);
	if (r == 0)
		return 0;
	if (control->unit)
		(void)!unit_change(control->program, control->unit, control->user_manager, had, had_count, NULL);
	cgroup_restore(control->cgroup_fd, had, had_count);
	return r;
}

int control_unit_stop(const struct systemd_program *program, const char *unit, bool user_manager, struct error *err)
{
	return unit_stop(program, unit, user_manager, err);
}

int control_mount_open(const char *mount, struct error *err)
{
	return cgroup_mount_open(mount, err);
}

bool control_may_exist(int mount_fd, const char *path)
{
	const char *below = path + strspn(path, "/");

	return *below == '\0' || faccessat(mount_fd, below, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

bool control_remove_empty(int mount_fd, const char *path)
{
	const char *below = path + strspn(path, "/");

	return mount_fd >= 0 && *below && unlinkat(mount_fd, below, AT_REMOVEDIR) == 0;
}

int control_remove(struct control *control, struct error *err)
{
	int r = cgroup_kill(control->cgroup_fd, err), stopped = 0;

	/* Another remover was faster. */
	if (r < 0 && r != -ENODEV && r != -ENOENT)
		return r;
	/* systemd would wait for them; and where it cannot be asked, the cgroup goes all the same. */
	if (control->unit) {
		(void)!cgroup_wait_empty(control->cgroup_fd, CONTROL_TIMEOUT_MS, NULL);
		stopped = unit_stop(control->program, control->unit, control->user_manager, err);
	}
	fd_cleanup(&control->cgroup_fd);
	r = cgroup_remove(control->mount_fd, control->path, CONTROL_TIMEOUT_MS, stopped < 0 ? NULL : err);
	return stopped < 0 ? stopped : r;
}
