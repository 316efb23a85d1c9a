/* SPDX-License-Identifier: Apache-2.0 */
/* What the seccomp rows of the step tables call. The work is in seccomp/. */
#include <errno.h>
#include <linux/seccomp.h>

#include "libbase/clock.h"
#include "libsandbox/seccomp/cache.h"
#include "libsandbox/seccomp/filter.h"
#include "libsandbox/seccomp/names.h"
#include "libsandbox/seccomp/notify.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/when.h"

/* What the program is called in the cache; NULL: there is none. */
static struct cache_key *key_make(struct sandbox *sandbox)
{
	char version[SECCOMP_VERSION_SIZE];
	struct cache_maker maker;
	struct cache_key *key;

	if (sandbox->state_root_fd < 0 || !cache_maker(&maker, version))
		return NULL;
	key = arena_new(&sandbox->arena, struct cache_key);
	if (key)
		cache_key(&sandbox->plan->seccomp, &maker, key);
	return key;
}

int run_seccomp_compile(struct sandbox *sandbox, struct error *err)
{
	struct seccomp_program *program = arena_new(&sandbox->arena, struct seccomp_program);
	const struct cache_key *key = key_make(sandbox);
	bool kept = program && key && cache_find(sandbox->state_root_fd, key, &sandbox->arena, program);
	int r = 0;

	if (!program)
		return error_set(err, -ENOMEM, "make room for the program");
	if (!kept)
		r = seccomp_compile(&sandbox->plan->seccomp, &sandbox->arena, program, err);
	if (r < 0)
		return r;
	sandbox->seccomp_program = program;
	sandbox->seccomp_key = kept ? NULL : key;
	return 0;
}

/* Whether that is possible is no matter of this container. */
int run_seccomp_keep(struct sandbox *sandbox, struct error *err)
{
	(void)err;
	if (sandbox->seccomp_key)
		(void)cache_keep(sandbox->state_root_fd, sandbox->seccomp_key, sandbox->seccomp_program);
	return 0;
}

int run_seccomp(struct sandbox *sandbox, struct error *err)
{
	const struct plan_seccomp *seccomp = &sandbox->plan->seccomp;
	uint64_t flags = seccomp->flags | (seccomp->notify ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
	int r = seccomp_program_load(sandbox->seccomp_program, flags, err);

	if (r < 0)
		return r;
	if (seccomp->notify)
		sandbox->listener_fd = r;
	return 0;
}

/* What init does until it is ready is a matter of milliseconds, so this is the agent's time for all of its calls. */
#define AGENT_TIMEOUT_MS 20000

/* No call is made here: the filter is in force. */
int run_listener_offer(struct sandbox *sandbox, struct error *err)
{
	(void)err;
	sandbox->message_code = sandbox->listener_fd;
	/* Init is not dumpable: only a privileged host side may take the listener out of it. */
	if (sandbox->plan->rootless)
		sandbox->message_fd = fd_take(&sandbox->listener_fd);
	return 0;
}

/* The state as the agent gets it has none of runc's extras, and is the container's also when a process joins it. */
static struct notify_process process_of(const struct sandbox *sandbox)
{
	struct notify_process process = {
		.pid = sandbox->init_pid,
		.metadata = sandbox->plan->seccomp.spec->listener_metadata,
		.state = sandbox->state,
	};

	process.state.pid = sandbox->exec ? sandbox->target_pid : sandbox->init_pid;
	process.state.status = sandbox->exec ? STATUS_RUNNING : STATUS_CREATING;
	process.state.rootfs = process.state.created = process.state.owner = NULL;
	return process;
}

int run_listener(struct sandbox *sandbox, struct error *err)
{
	int r;

	sandbox->listener_fd = sandbox->message_fd >= 0 ? fd_take(&sandbox->message_fd)
							: notify_fetch(sandbox->init_pidfd, sandbox->message_code, err);
	if (sandbox->listener_fd < 0)
		return sandbox->listener_fd;
	r = notify_check(sandbox->listener_fd, err);
	return r < 0 || when_listener_born(sandbox->plan) ? r : run_listener_agent(sandbox, err);
}

int run_listener_agent(struct sandbox *sandbox, struct error *err)
{
	const struct notify_process process = process_of(sandbox);
	int r = notify_agent(sandbox->plan->seccomp.spec->listener_path, sandbox->listener_fd, &process,
			     NOTIFY_TIMEOUT_MS, err);
	/* Kept open it would keep calls waiting when the agent is gone; without a listener they fail with ENOSYS. */
	fd_cleanup(&sandbox->listener_fd);
	sandbox->agent_deadline_ns = clock_deadline_ns(AGENT_TIMEOUT_MS);
	return r;
}

/* Init's own copy would keep its calls waiting for an agent that is gone. */
int run_listener_drop(struct sandbox *sandbox, struct error *err)
{
	(void)err;
	fd_cleanup(&sandbox->listener_fd);
	return 0;
}
