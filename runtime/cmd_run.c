/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop run`: create, start, wait, delete. */
#include <errno.h>

#include "libbase/log.h"
#include "runtime/commands.h"
#include "runtime/container_id.h"
#include "runtime/create.h"
#include "runtime/foreground.h"

/* Its program has ended, and its status is what the caller is to get: what cannot be removed is only a warning. */
static void container_end(struct creation *creation)
{
	struct container *container = &creation->container;
	struct error err;

	ERROR_INIT(&err);
	if (container_lock(container, &err) < 0 || container_destroy(container, true, creation->arena, &err) < 0)
		log_warning("%s", error_text(&err));
}

static int wait_here(struct creation *creation, const struct options_run *options, struct error *err)
{
	const struct foreground foreground = {
		.pidfd = creation->sandbox.init_pidfd,
		.pid = creation->sandbox.init_pid,
		.terminal_fd = creation->sandbox.terminal_fd,
		.reap_others = !options->no_subreaper,
		.reap_rest = creation->subreaper,
		.notify = &creation->notify,
	};
	int status, r;

	r = foreground_wait(&foreground, &status, err);
	/* One that was waited for has ended; its pid may be another's by now. */
	if (r < 0)
		creation->container.pidfd = fd_take(&creation->sandbox.init_pidfd);
	else
		creation->container.status = STATUS_STOPPED;
	if (r < 0 || !options->keep)
		container_end(creation);
	/* The program's status is what counts now, whatever came after its end. */
	creation->interrupted = r >= 0;
	return r < 0 ? r : status;
}

static int run(struct creation *creation, const struct options_run *options, struct error *err)
{
	int r = creation_make(creation, err);

	if (r == 0)
		r = creation_release(creation, err);
	if (r == 0)
		r = creation_publish(creation, err);
	if (r < 0)
		return r;
	if (!options->detach)
		return wait_here(creation, options, err);
	/* It was made, and may take as long as it likes to be ready. */
	if (creation->notify.fd >= 0)
		signals_release(&creation->signals, false);
	creation->notify.main_pid = creation->sandbox.init_pid;
	return notify_wait(&creation->notify, creation->sandbox.init_pidfd, err);
}

static int run_run(struct call *call, struct error *err)
{
	const struct options_run *options = &call->options->run;
	_cleanup_(creation_cleanup) struct creation creation = {
		.globals = call->globals,
		.options = &options->create,
		.id = call->arguments[0],
		.detach = options->detach,
		.subreaper = !options->no_subreaper && !options->detach,
		.arena = call->arena,
	};
	int r;

	creation_prepare(&creation);
	/* What is no id is not worth repeating. */
	r = container_id_check(call->arguments[0], err);
	if (r < 0)
		return r;
	r = run(&creation, options, err);
	return r < 0 ? error_wrap(err, "run '%.255s'", call->arguments[0]) : r;
}

static const struct cli_option options[] = {
	CREATE_OPTIONS,
	CLI_OPTION(CLI_BOOL, "detach", "d", struct options_run, detach, .help = "return when the program runs"),
	CLI_OPTION(CLI_BOOL, "keep", NULL, struct options_run, keep,
		   .help = "keep the container when its program has ended"),
	CLI_OPTION(CLI_BOOL, "no-subreaper", NULL, struct options_run, no_subreaper,
		   .help = "leave the container's orphans to the system"),
};

const struct command command_run = {
	.name = "run",
	.summary = "make a container, run its program, delete it afterwards",
	.arguments = "ID",
	.description =
		"The exit status is the program's, or 128 + n when signal n ended it. Signals are passed on to it.\n"
		"Without a terminal of its own it has the caller's standard input and output.",
	.least = 1,
	.most = 1,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options) },
	.run = run_run,
};
