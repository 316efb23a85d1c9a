/* SPDX-License-Identifier: Apache-2.0 */
/* The library's face. See sandbox.h; the work is in steps/. */
#include "libsandbox/sandbox.h"

#include <errno.h>
#include <string.h>

#include "libbase/clock.h"
#include "libbase/proc.h"
#include "libbase/socket.h"
#include "libsandbox/steps/birth.h"
#include "libsandbox/steps/engine.h"
#include "libsandbox/steps/gate.h"
#include "libsandbox/steps/init.h"
#include "libsandbox/steps/sync.h"
#include "libsandbox/steps/when.h"

/* One by one; beside them there are arrays. */
#define OWNED_FDS(sandbox)                                                                                           \
	&(sandbox)->message_fd, &(sandbox)->proc_fd, &(sandbox)->dialogue_fd, &(sandbox)->init_pidfd,                \
		&(sandbox)->cgroup_fd, &(sandbox)->root_fd, &(sandbox)->terminal_fd, &(sandbox)->program_fd,         \
		&(sandbox)->gate_wake_fd, &(sandbox)->gate_report_fd, &(sandbox)->listener_fd,                       \
		&(sandbox)->user_namespace_fd, &(sandbox)->null_fd, &(sandbox)->own_proc_fd, &(sandbox)->own_sys_fd, \
		&(sandbox)->own_dev_fd, &(sandbox)->network_socket_fd, &(sandbox)->sent_fd,                          \
		&(sandbox)->device_program_fd

void sandbox_init(struct sandbox *sandbox)
{
	int *const fds[] = {
		OWNED_FDS(sandbox),      &sandbox->state_fd,      &sandbox->console_fd, &sandbox->pidfd_socket_fd,
		&sandbox->lock_fd,       &sandbox->interrupt_fd,  &sandbox->bundle_fd,  &sandbox->target_pidfd,
		&sandbox->state_root_fd, &sandbox->tell_fd,       &sandbox->up_fds[0],  &sandbox->up_fds[1],
		&sandbox->down_fds[0],   &sandbox->down_fds[1],   &sandbox->spare_fd,   &sandbox->cgroup_mount_fd,
		&sandbox->joiner_fds[0], &sandbox->joiner_fds[1],
	};

	memset(sandbox, 0, sizeof(*sandbox));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		*fds[i] = FD_NONE;
	for (size_t i = 0; i < NAMESPACE_TYPES; i++)
		sandbox->namespace_fds[i] = FD_NONE;
	sandbox->agent_deadline_ns = CLOCK_NEVER;
}

static int host_run(const struct step_table *table, size_t end, struct sandbox *sandbox, struct error *err)
{
	int r;

	sandbox->side = STEP_HOST;
	sandbox->told = sandbox->stillborn = sandbox->crowded = sandbox->permitted = false;
	r = trace_create_with(&sandbox->trace, when_born_last(sandbox->plan) ? birth_page_size() : 0);
	if (r < 0)
		return error_set(err, r, "make the trace page");
	if (when_procfs(sandbox->plan)) {
		sandbox->proc_fd = proc_open();
		if (sandbox->proc_fd < 0)
			return error_set(err, sandbox->proc_fd, "open a verified /proc");
	}
	return steps_run_part(table, 0, end, sandbox, err);
}

/*
 * Linux since 6.14 kills what is cloned into a cgroup when the caller's own cgroup was once written to cgroup.kill: cgroup_post_fork() compares the
 * kills of two different cgroups. Then init is moved instead, by a second try: nothing but init tells that the first is lost.
 */
static int stillborn_retry(const struct step_table *table, size_t end, int r, struct sandbox *sandbox,
			   struct error *err)
{
	if (r >= 0 || r == -EINTR || !sandbox->stillborn || sandbox->astray)
		return r;
	sandbox_cleanup(sandbox);
	sandbox->moves_in = true;
	return host_run(table, end, sandbox, err);
}

int sandbox_create(struct sandbox *sandbox, struct error *err)
{
	const size_t end = steps_create.count - 1;
	int r = host_run(&steps_create, end, sandbox, err);

	return stillborn_retry(&steps_create, end, r, sandbox, err);
}

int sandbox_ready(struct sandbox *sandbox, struct error *err)
{
	const size_t count = steps_create.count;
	int r = steps_run_part(&steps_create, count - 1, count, sandbox, err);

	return stillborn_retry(&steps_create, count, r, sandbox, err);
}

int sandbox_exec(struct sandbox *sandbox, struct error *err)
{
	const size_t count = steps_exec.count;
	int r;

	sandbox->exec = true;
	r = host_run(&steps_exec, count, sandbox, err);
	if (r < 0 && birth_retry(sandbox, r)) {
		sandbox_cleanup(sandbox);
		r = host_run(&steps_exec, count, sandbox, err);
	}
	return stillborn_retry(&steps_exec, count, r, sandbox, err);
}

int sandbox_permit(struct sandbox *sandbox, struct error *err)
{
	int r = sandbox->tell_fd >= 0 ? sync_write(sandbox->tell_fd, MESSAGE_START, 0, NULL)
				      : sync_send(sandbox->dialogue_fd, MESSAGE_START, 0, NULL, FD_NONE);

	/* -EPIPE: init is gone; its last words, if any, are still to be read. */
	if (r < 0 && r != -EPIPE)
		return error_set(err, r, "tell init to start");
	sandbox->permitted = true;
	return 0;
}

/* Init has mounted them and closed its own. The last to close a tree has the kernel's work, which is best done while the program starts. */
static void sources_close(struct sandbox *sandbox)
{
	_cleanup_(fd_batch_close) struct fd_batch batch = { 0 };

	for (size_t i = 0; sandbox->source_fds && i < sandbox->plan->mount_count; i++)
		fd_batch_put(&batch, &sandbox->source_fds[i]);
}

int sandbox_release(struct sandbox *sandbox, struct error *err)
{
	int r = sandbox->permitted ? 0 : sandbox_permit(sandbox, err);

	if (r < 0)
		return r;
	sources_close(sandbox);
	r = gate_listen(
		&(const struct gate_ends){
			.report_fd = sandbox->dialogue_fd,
			.pidfd = sandbox->init_pidfd,
			.interrupt_fd = sandbox->interrupt_fd,
			.exec_timeout_ms = GATE_EXEC_TIMEOUT_MS,
			.stamps = init_stamps_exec(sandbox) ? &sandbox->trace : NULL,
		},
		err);
	/* Unlike a later start, this has the trace of where it was; but what was born last has none. */
	return r == -ECHILD && sandbox->tell_fd < 0 ? steps_init_died(&steps_start, sandbox, err) : r;
}

bool sandbox_waits(int state_fd)
{
	return gate_exists(state_fd);
}

int sandbox_start(int state_fd, int pidfd, struct error *err)
{
	return gate_open(state_fd, pidfd, err);
}

int sandbox_abandon(int state_fd, struct error *err)
{
	return gate_abandon(state_fd, err);
}

void sandbox_undo(struct sandbox *sandbox)
{
	steps_undo(sandbox->exec ? &steps_exec : &steps_create, sandbox);
}

bool sandbox_time_at(const struct sandbox *sandbox, size_t i, struct sandbox_time *ret)
{
	const struct step_table *table = sandbox->exec ? &steps_exec : &steps_create;
	struct trace_stamp stamp;
	bool host;
	int r;

	if (i >= table->count)
		return false;
	host = table->steps[i].side == STEP_HOST;
	r = trace_read(&sandbox->trace, host ? TRACE_HOST : TRACE_INIT, (int)i, &stamp);
	ret->side = host ? "host" : "init";
	ret->step = table->steps[i].name;
	ret->ns = r == 0 && stamp.ended ? stamp.end_ns - stamp.begin_ns : -1;
	return true;
}

static void fds_close(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fd_cleanup(&fds[i]);
}

void sandbox_cleanup(struct sandbox *sandbox)
{
	int *const fds[] = { OWNED_FDS(sandbox) };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds_close(fds[i], 1);
	fds_close(sandbox->namespace_fds, NAMESPACE_TYPES);
	fds_close(sandbox->joiner_fds, ARRAY_SIZE(sandbox->joiner_fds));
	if (sandbox->source_fds)
		fds_close(sandbox->source_fds, sandbox->plan->mount_count);
	sandbox->source_fds = NULL;
	sandbox->cgroup_path = NULL;
	birth_cleanup(sandbox);
	trace_cleanup(&sandbox->trace);
	arena_cleanup(&sandbox->pack);
	arena_cleanup(&sandbox->arena);
}
