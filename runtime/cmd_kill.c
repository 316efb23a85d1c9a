/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `orlop kill`: a signal to the container's init, or to all of its processes.
 *
 * The words of its errors are read by engines: "container not running" and "container does not exist" mean "gone" to them.
 */
#include <errno.h>
#include <signal.h>

#include "libbase/kernel.h"
#include "libbase/text.h"
#include "libspec/names.h"
#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/container_cgroup.h"

static int signal_choose(const struct call *call, struct error *err)
{
	int number;

	if (call->argument_count < 2 || text_is_empty(call->arguments[1]))
		return SIGTERM;
	number = signal_parse(call->arguments[1]);
	return number < 0 ? error_say(err, number, "unknown signal \"%s\"", call->arguments[1]) : number;
}

static int init_signal(const struct container *container, int number, struct error *err)
{
	if (container->pidfd < 0)
		return error_say(err, -ESRCH, "container not running");
	if (pidfd_send_signal(container->pidfd, number, NULL, 0) == 0)
		return 0;
	if (errno == ESRCH)
		return error_say(err, -ESRCH, "container not running");
	return error_set(err, -errno, "send signal %d to init", number);
}

/* Engines send "--all 9" after init's end, for what it left behind in the cgroup: that is no error even when it left nothing. */
static int all_signal(const struct container *container, int number, struct error *err)
{
	_cleanup_(control_cleanup) struct control control = CONTROL_INIT;
	int r = container_cgroup_open(container, &control, err);

	if (r == 0)
		r = control_signal(&control, number, err);
	/* Without a cgroup, init is all that can be found. */
	if (r == -ENOENT || r == -ENODEV)
		r = container->pidfd < 0 ? 0 : init_signal(container, number, err);
	return r;
}

/* SIGKILL reaches frozen processes too, but leaves the cgroup frozen: whoever came in next would never run. */
static void thaw(const struct container *container)
{
	_cleanup_(control_cleanup) struct control control = CONTROL_INIT;

	if (container_cgroup_open(container, &control, NULL) == 0)
		(void)!control_thaw(&control, NULL);
}

static int run_kill(struct call *call, struct error *err)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	bool all = call->options->kill.all;
	int number, r;

	r = container_open(&container, call->globals, call->arguments[0], false, call->arena, err);
	if (r < 0)
		return r;
	number = signal_choose(call, err);
	if (number < 0)
		return number;
	/* The death of init takes the others along only in a pid namespace of its own. */
	if (number == SIGKILL && !container.record.own_pids.value && container.record.cgroup_path)
		all = true;
	if (!all) {
		r = container_allows(&container, VERB_KILL, err);
		if (r < 0)
			return r;
	}
	r = all ? all_signal(&container, number, err) : init_signal(&container, number, err);
	if (r >= 0 && number == SIGKILL && container.status == STATUS_PAUSED)
		thaw(&container);
	return r;
}

static const struct cli_option options[] = {
	CLI_OPTION(CLI_BOOL, "all", "a", struct options_kill, all,
		   .help = "to all processes of the container; that none is left is no error"),
};

const struct command command_kill = {
	.name = "kill",
	.summary = "send a signal to a container",
	.arguments = "ID [SIGNAL]",
	.description = "SIGNAL is a number or a name, with or without \"SIG\" (default: SIGTERM). It goes to the\n"
		       "container's init; SIGKILL goes to every process when the container shares its pid namespace.",
	.least = 1,
	.most = 2,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options), .stop_at_first = true },
	.run = run_kill,
};
