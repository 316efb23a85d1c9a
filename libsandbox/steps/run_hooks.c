/* SPDX-License-Identifier: Apache-2.0 */
/* What the hook rows of the step tables call. The points themselves are hooks/hooks.h. */
#include <sys/stat.h>
#include <unistd.h>

#include "hooks/hooks.h"
#include "libsandbox/steps/run.h"

/* Init has none of its own while it makes things, and none of the program's yet. */
#define HOOKS_UMASK 0022

int run_hooks_runtime(struct sandbox *sandbox, struct error *err)
{
	int r = hooks_run(sandbox->plan->spec, HOOK_PRESTART, &sandbox->state, sandbox->environment, sandbox->bundle_fd,
			  sandbox->interrupt_fd, err);

	if (r < 0)
		return r;
	return hooks_run(sandbox->plan->spec, HOOK_CREATE_RUNTIME, &sandbox->state, sandbox->environment,
			 sandbox->bundle_fd, sandbox->interrupt_fd, err);
}

/* In the container's namespaces the process has another number: what getpid says there. */
static struct state state_inside(const struct sandbox *sandbox)
{
	struct state state = sandbox->state;

	state.pid = getpid();
	return state;
}

int run_hooks_create_container(struct sandbox *sandbox, struct error *err)
{
	const struct state state = state_inside(sandbox);
	mode_t own = umask(HOOKS_UMASK);
	/* As runc: from the root file system, with an empty environment, for init has none of its own. */
	int r = hooks_run(sandbox->plan->spec, HOOK_CREATE_CONTAINER, &state, NULL, sandbox->root_fd, FD_NONE, err);

	(void)umask(own);
	return r;
}

int run_hooks_start_container(struct sandbox *sandbox, struct error *err)
{
	const struct state state = state_inside(sandbox);

	return hooks_run(sandbox->plan->spec, HOOK_START_CONTAINER, &state, sandbox->program_envp, FD_NONE, FD_NONE,
			 err);
}
