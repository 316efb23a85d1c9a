/* SPDX-License-Identifier: Apache-2.0 */
/* The step engine. See engine.h. */
#include "libsandbox/steps/engine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "libbase/clock.h"
#include "libbase/kernel.h"
#include "libbase/socket.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/file.h"
#include "libsandbox/steps/birth.h"
#include "libsandbox/steps/sync.h"
#include "libspec/names.h"

/* After end of file the process is on its way out; its exit status is a moment behind. */
#define INIT_EXIT_TIMEOUT_MS 5000

static enum trace_side trace_side_of(int side)
{
	return side == STEP_HOST ? TRACE_HOST : TRACE_INIT;
}

/* Fault injection by name, "host:limits": the way to see that each step's failure leaves nothing behind. */
static bool step_is(const struct step *step, const char *name)
{
	name = name ? text_after(name, step->side == STEP_HOST ? "host:" : "init:") : NULL;
	return name && text_equal(name, step->name);
}

/* The same for whoever kills or interrupts a process that is here: it can be told by its name. The host side goes on when interrupted, init when
 * the host side is gone. */
static void step_hold(const struct sandbox *sandbox)
{
	/* Of two pipes the one that is written to, for the host side's ends do not close at the same time. */
	struct pollfd item = { .fd = sandbox->tell_fd >= 0 ? sandbox->tell_fd : sandbox->dialogue_fd };

	if (sandbox->side == STEP_HOST)
		item = (struct pollfd){ .fd = sandbox->interrupt_fd, .events = POLLIN };
	(void)prctl(PR_SET_NAME, "orlop:held");
	while (poll(&item, 1, -1) < 0 && errno == EINTR)
		;
}

/* Kubernetes' kubelet looks for these words. */
static bool oom_killed(const struct sandbox *sandbox)
{
	char text[512];
	const char *count;

	if (sandbox->cgroup_fd < 0 ||
	    cgroup_file_read_small(sandbox->cgroup_fd, "memory.events", text, sizeof(text)) < 0)
		return false;
	count = strstr(text, "oom_kill ");
	return count && count[strlen("oom_kill ")] != '0';
}

/* The step that init began last, by its own word. Before its first one, or still at the end of the table before: the first that is its own. */
static const char *init_step(const struct step_table *table, const struct sandbox *sandbox)
{
	int at = trace_began(&sandbox->trace, TRACE_INIT);

	if (at < 0 || (size_t)at >= table->count)
		for (at = 0; (size_t)at + 1 < table->count && table->steps[at].side != STEP_INIT; at++)
			;
	return table->steps[at].name;
}

int steps_init_died(const struct step_table *table, struct sandbox *sandbox, struct error *err)
{
	siginfo_t info = { 0 };
	const char *step = init_step(table, sandbox);
	const struct name *signal;

	if (sandbox->init_pidfd < 0 ||
	    socket_wait(sandbox->init_pidfd, POLLIN, clock_deadline_ns(INIT_EXIT_TIMEOUT_MS)) < 0 ||
	    waitid(P_PIDFD, (id_t)sandbox->init_pidfd, &info, WEXITED | WNOWAIT) < 0)
		return error_say(err, -ECHILD, "init is gone, in step '%s'", step);
	if (info.si_code == CLD_EXITED)
		return error_say(err, -ECHILD, "init exited with status %d in step '%s'", info.si_status, step);
	if (info.si_status == SIGKILL && oom_killed(sandbox))
		return error_say(err, -ECHILD, "container init was OOM-killed (memory limit too low?)");
	signal = name_of(&names_signals, info.si_status);
	return error_say(err, -ECHILD, "init was killed by %s in step '%s'", signal ? signal->text : "a signal", step);
}

static int step_send(const struct step *step, struct sandbox *sandbox, struct error *err)
{
	int r = step->run ? step->run(sandbox, err) : 0;

	if (r < 0)
		return r;
	/* A filter may be in force for init, which hardly ever has a descriptor to send. */
	if (sandbox->side == STEP_INIT && sandbox->message_fd < 0)
		r = sync_write(sandbox->dialogue_fd, step->message, sandbox->message_code, NULL);
	else
		r = sync_send(sandbox->dialogue_fd, step->message, sandbox->message_code, NULL, sandbox->message_fd);
	if (sandbox->keeps_sent_fd)
		sandbox->sent_fd = fd_take(&sandbox->message_fd);
	else
		sandbox->message_fd = fd_close(sandbox->message_fd);
	sandbox->keeps_sent_fd = false;
	sandbox->message_code = 0;
	/* A peer that is gone has said why, or its end of file will. */
	if (r == -EPIPE || r == -ECONNRESET)
		return 0;
	return r < 0 ? error_set(err, r, "send %s", message_name(step->message)) : 0;
}

/* Host side: waits until init has said something or is gone. -EINTR: interrupt_fd became readable first. Init itself cannot tell that its
 * call waits for the agent. */
static int init_wait(const struct step_table *table, struct sandbox *sandbox, struct error *err)
{
	struct pollfd items[] = {
		{ .fd = sandbox->interrupt_fd, .events = POLLIN },
		{ .fd = sandbox->dialogue_fd, .events = POLLIN },
	};

	for (;;) {
		int r = poll(items, ARRAY_SIZE(items), clock_left_ms(sandbox->agent_deadline_ns));

		/* What is there to be read comes first: init may be its program already. */
		if (r > 0)
			return items[1].revents ? 0 : error_say(err, -EINTR, "interrupted");
		if (r < 0 && errno != EINTR)
			return error_set(err, -errno, "wait for init");
		if (r == 0 && clock_now_ns() >= sandbox->agent_deadline_ns)
			return error_say(err, -ETIMEDOUT, "init is still in step '%s': does the seccomp agent answer?",
					 init_step(table, sandbox));
	}
}

/* Init was gone when something was done to it: what it said last, or how it ended, is the story. */
int steps_last_words(const struct step_table *table, struct sandbox *sandbox, struct error *err)
{
	struct sync_received received = { .fd = FD_NONE };
	int r;

	if (birth_words(sandbox, err))
		return err->code;
	r = sync_expect(sandbox->dialogue_fd, MESSAGE_ERROR, clock_deadline_ns(INIT_EXIT_TIMEOUT_MS), &received, err);
	fd_cleanup(&received.fd);
	return r < 0 && received.told ? r : steps_init_died(table, sandbox, err);
}

/* Once a filter may be in force no message brings a descriptor: read(2) is enough then. */
static int message_take(const struct step *step, struct sandbox *sandbox, struct error *err)
{
	struct sync_received received = { .fd = FD_NONE };
	int r;

	if (!sync_carries_descriptor(step->message))
		return sync_read(sandbox->dialogue_fd, step->message, err);
	r = sync_expect(sandbox->dialogue_fd, step->message, CLOCK_NEVER, &received, err);
	fd_cleanup(&sandbox->message_fd);
	sandbox->message_fd = fd_take(&received.fd);
	return r;
}

static int step_expect_as_init(const struct step *step, struct sandbox *sandbox, struct error *err)
{
	int r = message_take(step, sandbox, err);

	if (r == -ECONNRESET)
		return error_say(err, r, "the host side is gone");
	return r == 0 && step->run ? step->run(sandbox, err) : r;
}

/* `*told` says that `err` already is the other side's whole story. */
static int step_expect_as_host(const struct step_table *table, const struct step *step, struct sandbox *sandbox,
			       bool *told, struct error *err)
{
	struct sync_received received = { .fd = FD_NONE };
	int r = init_wait(table, sandbox, err);

	if (r == -EINTR)
		*told = true;
	if (r < 0)
		return r;
	r = sync_expect(sandbox->dialogue_fd, step->message, CLOCK_NEVER, &received, err);
	*told = r < 0 && received.told;
	if (r == -ECONNRESET) {
		*told = true;
		return steps_init_died(table, sandbox, err);
	}
	if (r < 0)
		return r;
	fd_cleanup(&sandbox->message_fd);
	sandbox->message_fd = fd_take(&received.fd);
	sandbox->message_code = received.code;
	r = step->run ? step->run(sandbox, err) : 0;
	sandbox->message_code = 0;
	if (r != -ESRCH)
		return r;
	*told = true;
	return steps_last_words(table, sandbox, err);
}

static int step_run(const struct step_table *table, const struct step *step, struct sandbox *sandbox, struct error *err)
{
	bool told = false;
	int r;

	if (step_is(step, sandbox->hold_step))
		step_hold(sandbox);
	if (step_is(step, sandbox->fail_step))
		r = error_set(err, -EIO, "told to fail");
	else if (step->kind == STEP_DO)
		r = step->run ? step->run(sandbox, err) : 0;
	else if (step->kind == STEP_SEND)
		r = step_send(step, sandbox, err);
	else if (sandbox->side == STEP_INIT)
		r = step_expect_as_init(step, sandbox, err);
	else
		r = step_expect_as_host(table, step, sandbox, &told, err);
	if (r < 0 && !told && !sandbox->told)
		error_wrap(err, "step '%s'", step->name);
	return r;
}

#define DONE_BITS 64

void steps_undo(const struct step_table *table, struct sandbox *sandbox)
{
	for (size_t i = table->count; i-- > 0;) {
		if (!(sandbox->done[i / DONE_BITS] & (UINT64_C(1) << i % DONE_BITS)))
			continue;
		if (table->steps[i].undo)
			table->steps[i].undo(sandbox);
	}
	memset(sandbox->done, 0, sizeof(sandbox->done));
}

int steps_run_part(const struct step_table *table, size_t first, size_t end, struct sandbox *sandbox, struct error *err)
{
	_Static_assert(TRACE_STEPS_MAX <= DONE_BITS * ARRAY_SIZE(sandbox->done), "one bit a row");
	const enum trace_side side = trace_side_of(sandbox->side);
	int ended = -1;

	if (table->count > TRACE_STEPS_MAX)
		return error_say(err, -EINVAL, "the table '%s' is too long", table->name);
	for (size_t i = first; i < end; i++) {
		const struct step *step = &table->steps[i];
		int r;

		if (step->side != sandbox->side || !step->when(sandbox->plan))
			continue;
		trace_begin_behind(&sandbox->trace, side, (int)i, ended);
		r = step_run(table, step, sandbox, err);
		/* A step that failed half-way is undone as well: undo looks at what there is. */
		if (sandbox->side == STEP_HOST)
			sandbox->done[i / DONE_BITS] |= UINT64_C(1) << i % DONE_BITS;
		if (r < 0) {
			if (sandbox->side == STEP_HOST)
				steps_undo(table, sandbox);
			return r;
		}
		ended = (int)i;
		trace_end(&sandbox->trace, side, ended);
	}
	return 0;
}

int steps_run(const struct step_table *table, struct sandbox *sandbox, struct error *err)
{
	return steps_run_part(table, 0, table->count, sandbox, err);
}
