/* SPDX-License-Identifier: Apache-2.0 */
/* The library's face. See sandbox.h; the work is in steps/. */
#include "libsandbox/sandbox.h"

#include <errno.h>
#include <string.h>

#include "libbase/proc.h"
#include "libbase/socket.h"
#include "libsandbox/steps/engine.h"
#include "libsandbox/steps/gate.h"
#include "libsandbox/steps/sync.h"

void sandbox_init(struct sandbox *sandbox)
{
	int *const fds[] = {
		&sandbox->state_fd,     &sandbox->console_fd,     &sandbox->pidfd_socket_fd,   &sandbox->message_fd,
		&sandbox->proc_fd,      &sandbox->dialogue_fd,    &sandbox->init_pidfd,        &sandbox->cgroup_fd,
		&sandbox->root_fd,      &sandbox->terminal_fd,    &sandbox->program_fd,        &sandbox->listener_fd,
		&sandbox->gate_wake_fd, &sandbox->gate_report_fd, &sandbox->user_namespace_fd,
	};

	memset(sandbox, 0, sizeof(*sandbox));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		*fds[i] = FD_NONE;
	for (size_t i = 0; i < NAMESPACE_TYPES; i++)
		sandbox->namespace_fds[i] = FD_NONE;
}

static int host_run(const struct step_table *table, struct sandbox *sandbox, struct error *err)
{
	int r;

	sandbox->side = STEP_HOST;
	r = trace_create(&sandbox->trace);
	if (r < 0)
		return error_set(err, r, "make the trace page");
	sandbox->proc_fd = proc_open();
	if (sandbox->proc_fd < 0)
		return error_set(err, sandbox->proc_fd, "open a verified /proc");
	return steps_run(table, sandbox, err);
}

int sandbox_create(struct sandbox *sandbox, struct error *err)
{
	return host_run(&steps_create, sandbox, err);
}

int sandbox_exec(struct sandbox *sandbox, struct error *err)
{
	sandbox->exec = true;
	return host_run(&steps_exec, sandbox, err);
}

int sandbox_release(struct sandbox *sandbox, struct error *err)
{
	int r = sync_send(sandbox->dialogue_fd, MESSAGE_START, 0, NULL, FD_NONE);

	/* -EPIPE: init is gone; its last words, if any, are still to be read. */
	if (r < 0 && r != -EPIPE)
		return error_set(err, r, "tell init to start");
	return gate_listen(sandbox->dialogue_fd, sandbox->init_pidfd, err);
}

void sandbox_undo(struct sandbox *sandbox)
{
	steps_undo(sandbox->exec ? &steps_exec : &steps_create, sandbox);
}

static void fds_close(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fd_cleanup(&fds[i]);
}

void sandbox_cleanup(struct sandbox *sandbox)
{
	int *const fds[] = {
		&sandbox->message_fd,   &sandbox->proc_fd,        &sandbox->dialogue_fd, &sandbox->init_pidfd,
		&sandbox->cgroup_fd,    &sandbox->root_fd,        &sandbox->terminal_fd, &sandbox->program_fd,
		&sandbox->gate_wake_fd, &sandbox->gate_report_fd, &sandbox->listener_fd, &sandbox->user_namespace_fd,
	};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds_close(fds[i], 1);
	fds_close(sandbox->namespace_fds, NAMESPACE_TYPES);
	if (sandbox->source_fds)
		fds_close(sandbox->source_fds, sandbox->plan->mount_count);
	trace_cleanup(&sandbox->trace);
	arena_cleanup(&sandbox->arena);
}
