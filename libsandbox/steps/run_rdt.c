/* SPDX-License-Identifier: Apache-2.0 */
/* What the resctrl rows of the step tables call. The work is in rdt/. */
#include <errno.h>

#include "libsandbox/rdt.h"
#include "libsandbox/steps/run.h"

static int group_make(struct sandbox *sandbox, int root_fd, struct error *err)
{
	const struct plan *plan = sandbox->plan;
	int r = rdt_group_make(root_fd, plan->rdt_group, plan->rdt_must_exist, &sandbox->rdt_made, err);

	if (r < 0)
		return r;
	return sandbox->rdt_made ? rdt_schemata_write(root_fd, plan->rdt_group, plan->intel_rdt, err)
				 : rdt_schemata_check(root_fd, plan->rdt_group, plan->intel_rdt, err);
}

/* What it measured until now was not this container. */
static int monitor_make(struct sandbox *sandbox, int root_fd, struct error *err)
{
	const char *monitor = sandbox->plan->rdt_monitor;
	int r = rdt_group_make(root_fd, monitor, false, &sandbox->rdt_monitor_made, err);

	return r == 0 && !sandbox->rdt_monitor_made
		       ? error_say(err, -EEXIST, "the resctrl group '%s' exists already", monitor)
		       : r;
}

int run_rdt_make(struct sandbox *sandbox, struct error *err)
{
	_cleanup_(fd_cleanup) int root_fd = rdt_open(RDT_ROOT, err);
	int r = root_fd < 0 ? root_fd : group_make(sandbox, root_fd, err);

	if (r == 0 && sandbox->plan->rdt_monitor)
		r = monitor_make(sandbox, root_fd, err);
	if (r < 0)
		undo_rdt_make(sandbox);
	return r;
}

void undo_rdt_make(struct sandbox *sandbox)
{
	_cleanup_(fd_cleanup) int root_fd = FD_NONE;

	if (!sandbox->rdt_made && !sandbox->rdt_monitor_made)
		return;
	root_fd = rdt_open(RDT_ROOT, NULL);
	if (root_fd >= 0 && sandbox->rdt_monitor_made)
		(void)!rdt_remove(root_fd, sandbox->plan->rdt_monitor, NULL);
	if (root_fd >= 0 && sandbox->rdt_made)
		(void)!rdt_remove(root_fd, sandbox->plan->rdt_group, NULL);
	sandbox->rdt_made = sandbox->rdt_monitor_made = false;
}

int run_rdt_enter(struct sandbox *sandbox, struct error *err)
{
	_cleanup_(fd_cleanup) int root_fd = rdt_open(RDT_ROOT, err);
	int r = root_fd < 0 ? root_fd : rdt_enter(root_fd, sandbox->plan->rdt_group, sandbox->init_pid, err);

	/* The group that measures takes only who is in the group above it. */
	if (r == 0 && sandbox->plan->rdt_monitor)
		r = rdt_enter(root_fd, sandbox->plan->rdt_monitor, sandbox->init_pid, err);
	return r;
}
