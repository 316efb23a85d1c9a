/* SPDX-License-Identifier: Apache-2.0 */
/* What the process rows of the step tables call. The work is in priv/ and lsm/; the filter is in run_seccomp.c. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/lsm/lsm.h"
#include "libsandbox/priv/affinity.h"
#include "libsandbox/priv/caps.h"
#include "libsandbox/priv/descriptors.h"
#include "libsandbox/priv/keyring.h"
#include "libsandbox/priv/libraries.h"
#include "libsandbox/priv/memory_policy.h"
#include "libsandbox/priv/oom.h"
#include "libsandbox/priv/program.h"
#include "libsandbox/priv/rlimits.h"
#include "libsandbox/priv/scheduling.h"
#include "libsandbox/priv/session.h"
#include "libsandbox/priv/user.h"
#include "libsandbox/steps/birth.h"
#include "libsandbox/steps/init.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/sync.h"
#include "libsandbox/steps/when.h"

/* What modes are cut by while the program's own is not set: nothing of what init makes for a container, whose modes are the config's. */
#define UMASK_STANDARD 0022

/* -- freedom from the caller ---------------------------------------------------------------------------------------------------- */

/* The spec wants the runtime's own process there; what it clones inherits them. */
int run_cpu_affinity(struct sandbox *sandbox, struct error *err)
{
	const struct spec_cpu_affinity *affinity = sandbox->plan->process.spec->exec_cpu_affinity;

	return affinity && affinity->initial ? affinity_set(affinity->initial, err) : 0;
}

/* A process that execCPUAffinity puts on some CPUs before it enters the cgroup stays there when nothing is said of afterwards. */
static int cpus_set(const struct sandbox *sandbox, struct error *err)
{
	const struct spec_cpu_affinity *affinity = sandbox->plan->process.spec->exec_cpu_affinity;

	if (sandbox->exec && affinity && affinity->final)
		return affinity_set(affinity->final, err);
	if (!sandbox->exec || !affinity || !affinity->initial)
		affinity_reset();
	return 0;
}

static bool user_namespace_entered(const struct plan *plan)
{
	return (plan->namespaces.new_flags | plan->namespaces.join_flags) & CLONE_NEWUSER;
}

/* `exec` makes nothing that it would cut: it can have the program's own at once. */
static mode_t umask_at_first(const struct sandbox *sandbox)
{
	const struct plan_process *process = &sandbox->plan->process;

	if (!sandbox->exec)
		return 0;
	return process->set_umask ? (mode_t)process->umask : UMASK_STANDARD;
}

int run_session(struct sandbox *sandbox, struct error *err)
{
	const struct plan *plan = sandbox->plan;
	const bool entered = user_namespace_entered(plan);
	/* By session_become_root, or by "namespaces-join": other namespaces do not undo it. */
	const bool hidden = entered || (sandbox->exec && when_init_joins(plan));
	int r = 0;

	if (plan->time_offset_count > 0 || plan->namespaces.join_flags & CLONE_NEWTIME)
		trace_rebase(&sandbox->trace);
	if (entered)
		r = session_become_root(plan->process.set_groups, err);
	sandbox->groups_denied = r > 0;
	if (r >= 0)
		r = session_begin(sandbox->host->signals_ignored, umask_at_first(sandbox), err);
	if (r == 0 && !hidden)
		r = session_hide(err);
	if (r < 0)
		return r;
	/* "user" closes what is left over, but then behind a filter that may not let it; none of the caller's must reach the program. */
	if (plan->seccomp.load == SECCOMP_LOAD_EARLY)
		r = fd_cloexec_from(PRESERVED_FIRST + (int)plan->process.preserve_fds);
	return r < 0 ? error_set(err, r, "mark the caller's descriptors close-on-exec") : cpus_set(sandbox, err);
}

/* The keyring's label is that of the process which will own it. */
int run_keyring(struct sandbox *sandbox, struct error *err)
{
	const struct plan *plan = sandbox->plan;
	const char *label = plan->process.spec->selinux_label;
	const bool in_user_namespace = user_namespace_entered(plan);
	int r = text_is_empty(label) ? 0 : lsm_selinux.key_label_set(sandbox->proc_fd, label, err);

	if (r == 0)
		r = sandbox->exec ? keyring_join(plan->id, err) : keyring_make(plan->id, in_user_namespace, err);
	if (r == 0 && !text_is_empty(label))
		r = lsm_selinux.key_label_set(sandbox->proc_fd, NULL, err);
	return r;
}

/* -- limits --------------------------------------------------------------------------------------------------------------------- */

int run_rlimits(struct sandbox *sandbox, struct error *err)
{
	const struct spec_process *process = sandbox->plan->process.spec;

	return rlimits_raise(sandbox->init_pid, process->rlimits.items, process->rlimits.count, err);
}

int run_oom_score(struct sandbox *sandbox, struct error *err)
{
	return oom_score_set(sandbox->proc_fd, sandbox->init_pid, sandbox->plan->process.spec->oom_score_adj.value,
			     err);
}

int run_scheduling(struct sandbox *sandbox, struct error *err)
{
	const struct spec_process *process = sandbox->plan->process.spec;
	const struct spec_linux *os_linux = sandbox->plan->spec->os_linux;
	/* Who bears the process would not hand it on: then the host side sets it. */
	const bool here = process->scheduler &&
			  !(sandbox->plan->namespaces.born_last && scheduler_ends_at_fork(process->scheduler));
	int r = here ? scheduler_set(process->scheduler, err) : 0;

	if (r == 0 && process->io_priority)
		r = io_priority_set(process->io_priority, err);
	if (r == 0 && os_linux->personality)
		r = personality_set(os_linux->personality, err);
	if (r == 0 && os_linux->memory_policy)
		r = memory_policy_set(os_linux->memory_policy, err);
	return r;
}

int run_label(struct sandbox *sandbox, struct error *err)
{
	const struct spec_process *process = sandbox->plan->process.spec;
	const bool no_new = process->no_new_privileges.value;
	int r = 0;

	if (!text_is_empty(process->apparmor_profile))
		r = lsm_apparmor.exec_label_set(sandbox->proc_fd, process->apparmor_profile, no_new, err);
	if (r == 0 && !text_is_empty(process->selinux_label))
		r = lsm_selinux.exec_label_set(sandbox->proc_fd, process->selinux_label, no_new, err);
	return r;
}

/* -- the program ---------------------------------------------------------------------------------------------------------------- */

static int environment_build(struct sandbox *sandbox, int root_fd, struct error *err)
{
	const struct plan_process *process = &sandbox->plan->process;
	const char *home;
	size_t count = 0;
	char **envp;
	int r;

	sandbox->program_envp = process->envp;
	if (!process->home_unset)
		return 0;
	r = home_find(root_fd, process->uid, &sandbox->arena, &home, err);
	if (r < 0)
		return r;
	while (process->envp[count])
		count++;
	envp = arena_calloc(&sandbox->arena, count + 2, sizeof(*envp));
	if (!envp)
		return error_set(err, -ENOMEM, "build the environment");
	for (size_t i = 0; i < count; i++)
		envp[i] = process->envp[i];
	envp[count] = arena_chain(&sandbox->arena, (const char *const[]){ "HOME=", home, NULL });
	if (!envp[count])
		return error_set(err, -ENOMEM, "build the environment");
	sandbox->program_envp = envp;
	return 0;
}

/* Here, not in "user": a filter may be loaded in between that forbids to open files. */
int run_lookup(struct sandbox *sandbox, struct error *err)
{
	const struct plan_process *process = &sandbox->plan->process;
	struct program_query query = {
		.name = process->argv[0],
		.cwd = process->spec->cwd,
	};
	int r = run_root_open(sandbox, err);

	/* Where there was no pivot: it may be waiting for other processors (run_spawn). */
	fd_cleanup(&sandbox->spare_fd);
	if (r == 0)
		r = environment_build(sandbox, sandbox->root_fd, err);
	if (r < 0)
		return r;
	query.root_fd = sandbox->root_fd;
	query.envp = sandbox->program_envp;
	return program_lookup(&query, &sandbox->arena, &sandbox->program_path, err);
}

int run_no_new_privileges(struct sandbox *sandbox, struct error *err)
{
	(void)sandbox;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? error_set(err, -errno, "set no_new_privs") : 0;
}

/* The gate and the dialogue are needed until execve closes them, the listener until the host side has fetched it. */
static int descriptors_settle(const struct sandbox *sandbox, struct error *err)
{
	uint32_t preserved = sandbox->plan->process.preserve_fds;
	int keep[] = {
		sandbox->dialogue_fd, sandbox->gate_wake_fd, sandbox->gate_report_fd,
		sandbox->message_fd,  sandbox->listener_fd,
	};
	const bool filtered = sandbox->plan->seccomp.load == SECCOMP_LOAD_EARLY;
	int r = descriptors_preserve(preserved, err);

	return r < 0 ? r : descriptors_close_others(preserved, keep, ARRAY_SIZE(keep), filtered, err);
}

int run_libraries(struct sandbox *sandbox, struct error *err)
{
	(void)sandbox;
	return libraries_copy(err);
}

/* What is open now the process is born with. The dialogue may be needed for a listener that is still to come, and is closed by "birth" then. */
int run_descriptors(struct sandbox *sandbox, struct error *err)
{
	uint32_t preserved = sandbox->plan->process.preserve_fds;
	const bool keeps_dialogue = when_listener_late(sandbox->plan);
	int keep[] = { sandbox->down_fds[0], sandbox->up_fds[1], keeps_dialogue ? sandbox->dialogue_fd : FD_NONE };
	int r = birth_await(sandbox, err);

	if (r == 0)
		r = descriptors_preserve(preserved, err);
	if (r < 0)
		return r;
	/* One of the others. What fails from here on is told by the shared page. */
	if (!keeps_dialogue)
		sandbox->dialogue_fd = FD_NONE;
	return descriptors_close_others(preserved, keep, ARRAY_SIZE(keep), false, err);
}

/* Id 0 of a user namespace by "session", else the caller's. */
static struct user_ids ids_so_far(const struct sandbox *sandbox)
{
	const struct host *host = sandbox->host;

	return user_namespace_entered(sandbox->plan)
		       ? (struct user_ids){ .known = true }
		       : (struct user_ids){ host->ids_equal, host->groups_none, host->euid, host->egid };
}

/* The working directory is entered with root's rights if they suffice, else with the user's, who may see more (NFS, FUSE). Returns what user_switch
 * does. */
static int identity_take(const struct sandbox *sandbox, struct error *err)
{
	const struct plan_process *process = &sandbox->plan->process;
	const struct user_ids have = ids_so_far(sandbox);
	const bool is_root = text_equal(process->spec->cwd, "/");
	int entered = is_root && run_stands_at_root(sandbox) ? 0 : cwd_enter(process->spec->cwd, err);
	int changed, r = 0;

	if (entered < 0 && entered != -EACCES && entered != -EPERM)
		return entered;
	changed = user_switch(process, &have, sandbox->groups_denied, err);
	if (changed < 0)
		return changed;
	if (entered < 0)
		r = cwd_enter(process->spec->cwd, err);
	/* "/" is the root itself, and nothing outside of it. */
	if (r == 0 && !is_root)
		r = cwd_verify(err);
	return r < 0 ? r : changed;
}

/* A user namespace comes with all that the kernel knows. */
static uint64_t bounding_had(const struct sandbox *sandbox)
{
	return user_namespace_entered(sandbox->plan) ? UINT64_MAX : sandbox->host->caps_bounding;
}

int run_user(struct sandbox *sandbox, struct error *err)
{
	const struct plan_process *process = &sandbox->plan->process;
	const struct plan_capabilities *capabilities = &process->capabilities;
	const bool until_parent = when_born_last(sandbox->plan);
	int changed, r = until_parent ? 0 : descriptors_settle(sandbox, err);

	if (r == 0)
		r = descriptors_chown(process->uid, err);
	/* Only now: init's own work above must not suffer from them. */
	if (r == 0)
		r = rlimits_set(process->spec->rlimits.items, process->spec->rlimits.count, err);
	if (r == 0)
		r = capabilities_bound(capabilities, bounding_had(sandbox), sandbox->host->caps_last, err);
	changed = r < 0 ? r : identity_take(sandbox, err);
	if (changed < 0)
		return changed;
	r = capabilities_apply(capabilities, err);
	if (r < 0)
		return r;
	if (process->set_umask && !sandbox->exec)
		(void)umask((mode_t)process->umask);
	/* From here on the container is on its own: READY is the next thing that the host side hears, and it may leave after it. */
	if (changed)
		return session_guard(until_parent, err);
	return until_parent ? 0 : session_release(err);
}

int run_program(struct sandbox *sandbox, struct error *err)
{
	const bool stamps = init_stamps_exec(sandbox);
	int r = 0;

	if (stamps)
		trace_end(&sandbox->trace, TRACE_INIT, STEP_PROGRAM);
	else
		r = sync_write(init_report_fd(sandbox), MESSAGE_EXEC, 0, NULL);
	if (r < 0)
		return error_set(err, r, "report that the program is next");
	r = program_execute(sandbox->program_path, sandbox->plan->process.argv, sandbox->program_envp, err);
	if (stamps)
		trace_begin(&sandbox->trace, TRACE_INIT, STEP_PROGRAM);
	return r;
}
