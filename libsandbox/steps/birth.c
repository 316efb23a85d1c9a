/* SPDX-License-Identifier: Apache-2.0 */
/* The last clone of exec. See birth.h. */
#include "libsandbox/steps/birth.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/clock.h"
#include "libbase/kernel.h"
#include "libbase/text.h"
#include "libsandbox/priv/scheduling.h"
#include "libsandbox/seccomp/verdict.h"
#include "libsandbox/steps/engine.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/sync.h"
#include "libsandbox/steps/when.h"

/* The joiner's process is the parent of nobody: what it bears is the host side's child, as it is itself. */
#define BIRTH_FLAGS ((unsigned long)(CLONE_PARENT | CLONE_PARENT_SETTID))
/* Where the architecture wants them. */
#if defined(__s390x__)
#define BIRTH_ARGUMENTS(address) NULL, BIRTH_FLAGS, (address), NULL, 0
#define BIRTH_FLAGS_FIRST      \
	{                      \
		0, BIRTH_FLAGS \
	}
#else
#define BIRTH_ARGUMENTS(address) BIRTH_FLAGS, NULL, (address), NULL, 0
#define BIRTH_FLAGS_FIRST   \
	{                   \
		BIRTH_FLAGS \
	}
#endif

enum { BIRTH_NOT_YET, BIRTH_AWAITED, BIRTH_ALLOWED };

struct birth_page {
	pid_t pid;               /* the kernel's word; 0: nobody was born */
	_Atomic uint32_t permit; /* BIRTH_* */
	_Atomic uint32_t length;
	int32_t code;
	char text[SYNC_TEXT_MAX];
};

size_t birth_page_size(void)
{
	return sizeof(struct birth_page);
}

int birth_prepare(struct sandbox *sandbox, struct error *err)
{
	sandbox->birth = trace_beside(&sandbox->trace);
	if (pipe2(sandbox->up_fds, O_CLOEXEC) < 0 || pipe2(sandbox->down_fds, O_CLOEXEC) < 0)
		return error_set(err, -errno, "make the pipes of the process");
	return 0;
}

/* The kernel takes longer for the last close of a mount than the joiner for its work, so that nobody is to wait for it before he must: the page says
 * that it is done, and only to who waits already it is said by a message. */
int birth_allow(struct sandbox *sandbox, struct error *err)
{
	int r;

	if (!sandbox->birth || atomic_exchange(&sandbox->birth->permit, BIRTH_ALLOWED) != BIRTH_AWAITED)
		return 0;
	r = sync_send(sandbox->dialogue_fd, MESSAGE_GO, 0, NULL, FD_NONE);
	/* One that is gone will be seen to be. */
	return r < 0 && r != -EPIPE && r != -ECONNRESET ? error_set(err, r, "let the joiner go on") : 0;
}

int birth_await(struct sandbox *sandbox, struct error *err)
{
	uint32_t not_yet = BIRTH_NOT_YET;

	if (!atomic_compare_exchange_strong(&sandbox->birth->permit, &not_yet, BIRTH_AWAITED))
		return 0;
	return sync_read(sandbox->dialogue_fd, MESSAGE_GO, err);
}

void birth_cleanup(struct sandbox *sandbox)
{
	for (size_t i = 0; i < 2; i++) {
		fd_cleanup(&sandbox->up_fds[i]);
		fd_cleanup(&sandbox->down_fds[i]);
	}
	fd_cleanup(&sandbox->tell_fd);
	sandbox->birth = NULL;
}

void birth_tell(struct sandbox *sandbox, const struct error *err)
{
	const char *text = error_text(err);
	size_t length = strnlen(text, sizeof(sandbox->birth->text));

	memcpy(sandbox->birth->text, text, length);
	sandbox->birth->code = err->code;
	atomic_store_explicit(&sandbox->birth->length, (uint32_t)length, memory_order_release);
}

bool birth_words(const struct sandbox *sandbox, struct error *err)
{
	const struct birth_page *page = sandbox->birth;

	if (!page || atomic_load_explicit(&page->length, memory_order_acquire) == 0)
		return false;
	(void)!error_say(err, page->code, "%.*s", (int)page->length, page->text);
	return true;
}

void birth_undo(const struct sandbox *sandbox)
{
	/* Our child, and not reaped: the number is its own. */
	pid_t pid = sandbox->birth ? sandbox->birth->pid : 0;

	if (pid <= 0 || sandbox->tell_fd >= 0)
		return;
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* -- which order ----------------------------------------------------------------------------------------------------------------- */

/* The order in which the process is born first and then becomes what the program is to be: it is as mighty as the caller until then. */
static void plan_born_first(struct sandbox *sandbox)
{
	sandbox->revised = *sandbox->plan;
	sandbox->revised.namespaces.born_last = false;
	sandbox->revised.namespaces.via_joiner = true;
	if (sandbox->revised.seccomp.load == SECCOMP_LOAD_BORN)
		sandbox->revised.seccomp.load = SECCOMP_LOAD_LATE;
	sandbox->plan = &sandbox->revised;
}

/* What is called behind a filter that the joiner has loaded, but for what every filter must let pass. */
static bool filter_lets_bear(const struct sandbox *sandbox)
{
	const struct plan *plan = sandbox->plan;
	const struct seccomp_call calls[] = {
		{ .number = SYS_clone, .args = BIRTH_FLAGS_FIRST },
		{ .number = SYS_exit_group },
		{ .number = SYS_setsid },
		/* The last ones only with a terminal, or a listener. */
		{ .number = SYS_ioctl, .args = { STDIN_FILENO, TIOCSCTTY } },
		{ .number = SYS_write },
		{ .number = SYS_read },
		{ .number = SYS_close },
		{ .number = SYS_sendmsg },
	};
	bool passes = seccomp_passes(sandbox->seccomp_program, calls, 3);

	if (passes && plan->process.terminal)
		passes = seccomp_passes(sandbox->seccomp_program, calls + 3, 1);
	if (passes && plan->seccomp.notify)
		passes = seccomp_passes(sandbox->seccomp_program, calls + 4, plan->rootless ? 4 : 3);
	return passes;
}

/*
 * The filter is loaded before the birth, so that nobody in the container gets hold of a process without it. If the joiner could not go on behind
 * it, the process loads it itself, which takes no_new_privs. An agent must know the process before it is asked, also by the joiner.
 */
int run_birth_choose(struct sandbox *sandbox, struct error *err)
{
	const struct plan_seccomp *seccomp = &sandbox->plan->seccomp;

	(void)err;
	if (seccomp->notify && seccomp->load == SECCOMP_LOAD_EARLY) {
		plan_born_first(sandbox);
	} else if (filter_lets_bear(sandbox)) {
		return 0;
	} else if (seccomp->notify || seccomp->load == SECCOMP_LOAD_EARLY) {
		plan_born_first(sandbox);
	} else {
		sandbox->revised = *sandbox->plan;
		sandbox->revised.seccomp.load = SECCOMP_LOAD_BORN;
		sandbox->plan = &sandbox->revised;
	}
	return 0;
}

bool birth_retry(struct sandbox *sandbox, int code)
{
	if (code != -EAGAIN || !sandbox->crowded || sandbox->plan->namespaces.traced)
		return false;
	plan_born_first(sandbox);
	return true;
}

/* -- joiner and process ----------------------------------------------------------------------------------------------------------- */

static char *const *words_pack(struct arena *arena, char *const *words)
{
	size_t count = 0;
	char **copy;

	while (words[count])
		count++;
	copy = arena_calloc(arena, count + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = arena_string(arena, words[i]);
		if (!copy[i])
			return NULL;
	}
	return copy;
}

static const struct seccomp_program *filter_pack(struct arena *arena, const struct seccomp_program *program)
{
	struct seccomp_program *copy = arena_new(arena, struct seccomp_program);
	const unsigned short length = program->filter.len;
	struct sock_filter *instructions = arena_calloc(arena, length, sizeof(*instructions));

	if (!copy || !instructions)
		return NULL;
	memcpy(instructions, program->filter.filter, length * sizeof(*instructions));
	copy->filter = (struct sock_fprog){ .len = length, .filter = instructions };
	return copy;
}

/* Here, for the memory to take and the call to make are denied by many a filter. */
int run_birth_pack(struct sandbox *sandbox, struct error *err)
{
	static const struct spec empty = { 0 };
	struct plan *plan = arena_new(&sandbox->pack, struct plan);
	int r;

	if (!plan)
		return error_set(err, -ENOMEM, "lay aside the program");
	plan->spec = &empty;
	plan->namespaces.born_last = true;
	plan->process.terminal = sandbox->plan->process.terminal;
	plan->process.argv = words_pack(&sandbox->pack, sandbox->plan->process.argv);
	plan->process.envp = words_pack(&sandbox->pack, sandbox->program_envp);
	plan->root.path = arena_string(&sandbox->pack, sandbox->program_path);
	plan->seccomp.load = SECCOMP_LOAD_NONE;
	if (when_seccomp_born(sandbox->plan)) {
		plan->seccomp = sandbox->plan->seccomp;
		plan->seccomp.spec = NULL;
		sandbox->packed_program = filter_pack(&sandbox->pack, sandbox->seccomp_program);
	}
	if (!plan->process.argv || !plan->process.envp || !plan->root.path ||
	    (when_seccomp_born(plan) && !sandbox->packed_program))
		return error_set(err, -ENOMEM, "lay aside the program");
	sandbox->packed = plan;
	/* And what is beside it, where the joiner's words and the process's number are. */
	r = trace_withhold(&sandbox->trace);
	return r < 0 ? error_set(err, r, "keep the trace from the process") : 0;
}

/* In the joiner's copy of the memory, of which the process gets one. */
static void memory_erase(struct sandbox *sandbox)
{
	sandbox->plan = sandbox->packed;
	sandbox->program_path = sandbox->packed->root.path;
	sandbox->program_envp = sandbox->packed->process.envp;
	sandbox->seccomp_program = sandbox->packed_program;
	sandbox->state = (struct state){ 0 };
	sandbox->revised = (struct plan){ 0 };
	if (sandbox->caller_arena)
		arena_erase(sandbox->caller_arena);
	arena_erase(&sandbox->arena);
	for (char **variable = environ; variable && *variable; variable++)
		explicit_bzero(*variable, strlen(*variable));
}

/* Not clone3: filters of engines answer it with ENOSYS, and it need not go into a cgroup, since the joiner is there. */
static pid_t bear(struct birth_page *page)
{
	return (pid_t)syscall(SYS_clone, BIRTH_ARGUMENTS(&page->pid));
}

int run_birth(struct sandbox *sandbox, struct error *err)
{
	pid_t pid;

	sandbox->dialogue_fd = fd_close(sandbox->dialogue_fd);
	memory_erase(sandbox);
	pid = bear(sandbox->birth);
	if (pid < 0)
		return error_set(err, -errno, "clone the process");
	if (pid > 0)
		_exit(EXIT_SUCCESS);
	sandbox->birth = NULL;
	sandbox->trace = TRACE_NONE;
	sandbox->dialogue_fd = fd_take(&sandbox->down_fds[0]);
	sandbox->tell_fd = fd_take(&sandbox->up_fds[1]);
	return 0;
}

int run_session_own(struct sandbox *sandbox, struct error *err)
{
	if (setsid() < 0)
		return error_set(err, -errno, "begin a session");
	if (sandbox->plan->process.terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
		return error_set(err, -errno, "make it the controlling terminal");
	return 0;
}

/* -- host side -------------------------------------------------------------------------------------------------------------------- */

static int joiner_wait(const struct sandbox *sandbox, struct error *err)
{
	struct pollfd items[] = {
		{ .fd = sandbox->interrupt_fd, .events = POLLIN },
		{ .fd = sandbox->init_pidfd, .events = POLLIN },
	};
	int r;

	do
		r = poll(items, ARRAY_SIZE(items), -1);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return error_set(err, -errno, "wait for the joiner");
	if (items[0].revents)
		return error_say(err, -EINTR, "interrupted");
	return 0;
}

/* The process is the host side's child, and nobody else waits for it: the number is its own, dead or alive. */
static int process_adopt(struct sandbox *sandbox, struct error *err)
{
	siginfo_t info;
	int pidfd;

	while (waitid(P_PIDFD, (id_t)sandbox->init_pidfd, &info, WEXITED) < 0 && errno == EINTR)
		;
	/* Names of nobody any more: the end of the command closes them. */
	sandbox->joiner_fds[0] = fd_take(&sandbox->init_pidfd);
	pidfd = pidfd_open(sandbox->birth->pid, 0);
	if (pidfd < 0)
		return error_set(err, -errno, "open the process");
	sandbox->init_pidfd = pidfd;
	sandbox->init_pid = sandbox->birth->pid;
	sandbox->state.pid = sandbox->init_pid;
	sandbox->joiner_fds[1] = sandbox->dialogue_fd;
	sandbox->dialogue_fd = fd_take(&sandbox->up_fds[0]);
	sandbox->tell_fd = fd_take(&sandbox->down_fds[1]);
	return 0;
}

int run_born(struct sandbox *sandbox, struct error *err)
{
	const struct spec_scheduler *scheduler = sandbox->plan->process.spec->scheduler;
	int r = joiner_wait(sandbox, err);

	if (r == 0 && sandbox->birth->pid > 0) {
		r = process_adopt(sandbox, err);
		return r == 0 && scheduler && scheduler_ends_at_fork(scheduler)
			       ? scheduler_set_of(sandbox->init_pid, scheduler, err)
			       : r;
	}
	/* Both are the whole story. */
	sandbox->told = true;
	if (r < 0)
		return r;
	r = steps_last_words(&steps_exec, sandbox, err);
	sandbox->crowded = r == -EAGAIN;
	return r;
}
