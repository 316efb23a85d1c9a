/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop start`: lets a container that was created run its program. */
#include <errno.h>
#include <unistd.h>

#include "hooks/hooks.h"
#include "libbase/log.h"
#include "libsandbox/sandbox.h"
#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/container_id.h"
#include "runtime/notify.h"

/* The specification's rule for a hook that fails: the container is stopped and destroyed, and that is the error. */
static void container_end(struct container *container, struct arena *arena)
{
	struct error err;

	ERROR_INIT(&err);
	if (container_lock(container, &err) < 0 || container_destroy(container, true, arena, &err) < 0)
		log_warning("%s", error_text(&err));
}

static int start_hooks(struct container *container, struct arena *arena, struct error *err)
{
	_cleanup_(fd_cleanup) int bundle_fd = FD_NONE;
	const struct spec *spec;
	struct state state;
	int r;

	if (!container->record.poststart.value)
		return 0;
	container->status = STATUS_RUNNING;
	container_state(container, &state);
	bundle_fd = container_bundle(container);
	r = container_spec(container, arena, &spec, err);
	if (r == 0)
		r = hooks_run(spec, HOOK_POSTSTART, &state, environ, bundle_fd, FD_NONE, err);
	if (r < 0)
		container_end(container, arena);
	return r;
}

static int start(struct call *call, struct container *container, struct error *err)
{
	const char *host = call->globals->environment.notify_socket;
	_cleanup_(notify_cleanup) struct notify notify = NOTIFY_INIT;
	int r = container_allows(container, VERB_START, err);

	if (r < 0)
		return r;
	if (host) {
		r = notify_listen(&notify, container->dir_fd, host, (pid_t)container->record.pid, err);
		/* Created without NOTIFY_SOCKET, it has none of its own. */
		if (r < 0 && r != -ENOENT)
			return r;
	}
	r = sandbox_start(container->dir_fd, container->pidfd, err);
	/* Another start was faster. */
	if (r == -EALREADY)
		return error_say(err, r, "cannot start an already running container");
	if (r == 0)
		r = start_hooks(container, call->arena, err);
	if (r == 0 && notify.fd >= 0)
		r = notify_wait(&notify, container->pidfd, err);
	return r;
}

static int run_start(struct call *call, struct error *err)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	/* What is no id is not worth repeating. */
	int r = container_id_check(call->arguments[0], err);

	if (r < 0)
		return r;
	r = container_open(&container, call->globals, call->arguments[0], false, call->arena, err);
	if (r == 0)
		r = start(call, &container, err);
	return r < 0 ? error_wrap(err, "start '%.255s'", call->arguments[0]) : 0;
}

const struct command command_start = {
	.name = "start",
	.summary = "run the program of a container that was created",
	.arguments = "ID",
	.description =
		"Returns when the program runs, or says why it cannot. With NOTIFY_SOCKET set, at create as well\n"
		"as here, it returns when the program has said that it is ready.",
	.least = 1,
	.most = 1,
	.run = run_start,
};
