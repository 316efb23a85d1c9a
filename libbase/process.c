/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fork, pump, reap.
 */
#include "libbase/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/clock.h"
#include "libbase/kernel.h"
#include "libbase/path.h"

/* After SIGKILL a process can hang on in the kernel (a dead NFS server); it is left behind then. */
#define KILL_WAIT_MS 5000
/* The most that a pipe can be made to hold without privileges: fs.pipe-max-size, unless that was changed. */
#define PIPE_MAX (1 << 20)

/* The caller's ends. */
struct run {
	pid_t pid;
	int pidfd;
	int in, out, err;
	int status;    /* closes at execve, or brings its errno */
	int interrupt; /* borrowed */
	const char *input;
	size_t input_length;
};

/* The child's ends, all above 2. */
struct ends {
	int in, out, err, status;
};

struct signals {
	sigset_t mask;
	struct sigaction child; /* the disposition of SIGCHLD */
	bool child_changed;
	bool pipe_pending;
};

static void run_cleanup(struct run *run)
{
	fd_cleanup(&run->pidfd);
	fd_cleanup(&run->in);
	fd_cleanup(&run->out);
	fd_cleanup(&run->err);
	fd_cleanup(&run->status);
}

static void ends_cleanup(struct ends *ends)
{
	fd_cleanup(&ends->in);
	fd_cleanup(&ends->out);
	fd_cleanup(&ends->err);
	fd_cleanup(&ends->status);
}

/* All signals are held back, so that no handler of the caller runs in the child, and SIGPIPE stays away for the whole run. */
static void signals_hold(struct signals *saved)
{
	const struct sigaction fallback = { .sa_handler = SIG_DFL };
	sigset_t all, pending;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &saved->mask);
	sigpending(&pending);
	saved->pipe_pending = sigismember(&pending, SIGPIPE) == 1;
	/* Ignored (a parent may have left it so), the kernel would reap the child and its status be lost. */
	sigaction(SIGCHLD, NULL, &saved->child);
	saved->child_changed = saved->child.sa_handler == SIG_IGN || (saved->child.sa_flags & SA_NOCLDWAIT);
	if (saved->child_changed)
		sigaction(SIGCHLD, &fallback, NULL);
}

/* The pump needs them no longer held: a timeout of minutes must not make the caller deaf. */
static void signals_hold_pipe(const struct signals *saved)
{
	sigset_t mask = saved->mask;

	sigaddset(&mask, SIGPIPE);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void signals_release(const struct signals *saved)
{
	const struct timespec now = { 0 };
	sigset_t only;

	sigemptyset(&only);
	sigaddset(&only, SIGPIPE);
	while (!saved->pipe_pending && sigtimedwait(&only, NULL, &now) < 0 && errno == EINTR)
		;
	if (saved->child_changed)
		sigaction(SIGCHLD, &saved->child, NULL);
	sigprocmask(SIG_SETMASK, &saved->mask, NULL);
}

/* Both ends above 2, where the child puts its own; only the caller's does not block. */
static int pipe_make(int *ours, int *theirs, bool ours_reads)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		int moved = pair[i] > 2 ? pair[i] : kernel_dup(pair[i], 3);

		if (moved != pair[i])
			fd_close(pair[i]);
		pair[i] = moved;
	}
	*ours = pair[ours_reads ? 0 : 1];
	*theirs = pair[ours_reads ? 1 : 0];
	if (*ours < 0 || *theirs < 0)
		return -EMFILE;
	return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int pipes_make(struct run *run, struct ends *ends)
{
	int r = pipe_make(&run->in, &ends->in, false);

	if (r == 0)
		r = pipe_make(&run->out, &ends->out, true);
	if (r == 0)
		r = pipe_make(&run->err, &ends->err, true);
	return r == 0 ? pipe_make(&run->status, &ends->status, true) : r;
}

int process_follow(pid_t parent)
{
	/* A parent that is killed cannot end it; that may just have happened. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	if (getppid() != parent)
		return -ESRCH;
	return setsid() < 0 ? -errno : 0;
}

/* Only async-signal-safe calls: the caller may have threads. Returns when it failed. */
static int child_exec(const struct process_options *options, const struct ends *ends, pid_t parent)
{
	char *const no_environment[] = { NULL };
	char *const only_path[] = { (char *)(uintptr_t)options->path, NULL };
	sigset_t none;
	int r = process_follow(parent);

	if (r < 0)
		return r;
	/* Fails for SIGKILL and SIGSTOP. */
	for (int number = 1; number <= SIGRTMAX; number++)
		(void)kernel_signal_default(number);
	if (dup2(ends->in, 0) < 0 || dup2(options->output_fd >= 0 ? options->output_fd : ends->out, 1) < 0 ||
	    dup2(ends->err, 2) < 0)
		return -errno;
	if (options->cwd_fd >= 0 && fchdir(options->cwd_fd) < 0)
		return -errno;
	if (fd_cloexec_from(3) < 0)
		return -errno;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(options->path, options->argv ? options->argv : only_path,
	       options->envp ? options->envp : no_environment);
	return -errno;
}

static int child_start(const struct process_options *options, struct run *run, const struct ends *ends)
{
	const pid_t caller = getpid();

	run->pid = fork();
	if (run->pid < 0)
		return -errno;
	if (run->pid == 0) {
		int code = child_exec(options, ends, caller);

		/* The pipe is empty, so four bytes are never cut; a caller that is gone does not need them. */
		if (write(ends->status, &code, sizeof(code)) < 0)
			_exit(126);
		_exit(127);
	}
	run->pidfd = pidfd_open(run->pid, 0);
	return 0;
}

static void tail_add(struct process_tail *tail, const char *bytes, size_t length)
{
	size_t keep = PROCESS_TAIL_MAX - length;

	if (tail->length > keep) {
		memmove(tail->bytes, tail->bytes + tail->length - keep, keep);
		tail->length = keep;
		tail->cut = true;
	}
	memcpy(tail->bytes + tail->length, bytes, length);
	tail->length += length;
	tail->bytes[tail->length] = '\0';
}

/* Takes what is there, one read; closes at end of file. False: nothing was there. */
static bool output_pump(int *fd, struct process_tail *tail)
{
	char bytes[PROCESS_TAIL_MAX];
	ssize_t n = read(*fd, bytes, sizeof(bytes));

	if (n > 0)
		tail_add(tail, bytes, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		fd_cleanup(fd);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* What the process itself wrote, when it has ended: all there, and no more than a pipe holds. Others may go on writing. */
static void output_take(int *fd, struct process_tail *tail)
{
	for (int reads = 0; *fd >= 0 && reads < PIPE_MAX / PROCESS_TAIL_MAX && output_pump(fd, tail); reads++)
		;
}

static void input_pump(struct run *run)
{
	while (run->input_length > 0) {
		ssize_t n = write(run->in, run->input, run->input_length);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		/* EPIPE: it does not want more. */
		if (n < 0)
			break;
		run->input += n;
		run->input_length -= (size_t)n;
	}
	fd_cleanup(&run->in);
}

/* One round of waiting and moving bytes. Returns 1 once the process ended, 0 when not (yet), or -errno; -EINTR: interrupted. */
static int run_pump(struct run *run, struct process_result *ret, int64_t deadline_ns)
{
	/* poll passes over negative numbers: what is closed. */
	struct pollfd items[] = {
		{ .fd = run->pidfd, .events = POLLIN },     { .fd = run->in, .events = POLLOUT },
		{ .fd = run->out, .events = POLLIN },       { .fd = run->err, .events = POLLIN },
		{ .fd = run->interrupt, .events = POLLIN },
	};

	if (poll(items, ARRAY_SIZE(items), clock_left_ms(deadline_ns)) < 0)
		return errno == EINTR ? 0 : -errno;
	if (items[1].revents)
		input_pump(run);
	if (items[2].revents)
		(void)output_pump(&run->out, &ret->out);
	if (items[3].revents)
		(void)output_pump(&run->err, &ret->err);
	if (items[0].revents)
		return 1;
	return items[4].revents ? -EINTR : 0;
}

/* The grace is for those it left behind. Its own words do not hang on the clock: the caller may be held up beyond any time. */
static void run_drain(struct run *run, struct process_result *ret)
{
	int64_t deadline_ns = clock_deadline_ns(PROCESS_DRAIN_MS);

	output_take(&run->out, &ret->out);
	output_take(&run->err, &ret->err);
	fd_cleanup(&run->in);
	fd_cleanup(&run->pidfd);
	run->interrupt = FD_NONE;
	while ((run->out >= 0 || run->err >= 0) && clock_now_ns() < deadline_ns)
		if (run_pump(run, ret, deadline_ns) < 0)
			break;
}

static void run_kill(const struct run *run)
{
	/* Not reaped yet, so both names are still its own. Before its setsid there is no group. */
	kill(-run->pid, SIGKILL);
	kill(run->pid, SIGKILL);
}

/* Returns wait(2)'s status. */
static int run_reap(struct run *run, bool killed)
{
	int64_t deadline_ns = clock_deadline_ns(killed ? KILL_WAIT_MS : -1);
	struct pollfd item = { .fd = run->pidfd, .events = POLLIN };
	int status;

	while (clock_now_ns() < deadline_ns) {
		int r = poll(&item, 1, clock_left_ms(deadline_ns));

		if (r > 0 || (r < 0 && errno != EINTR))
			break;
	}
	if (waitpid(run->pid, &status, killed ? WNOHANG : 0) == run->pid)
		return status;
	/* Stuck in the kernel, or reaped by a caller who should not have: the wait status of SIGKILL. */
	return SIGKILL;
}

/* Pumps until the process ended or its time was up, reaps it. Returns 0, or why it did not execute. */
static int run_finish(struct run *run, int timeout_ms, struct process_result *ret)
{
	int64_t deadline_ns = clock_deadline_ns(timeout_ms);
	bool killed = run->pidfd < 0;
	int r = killed ? -ENFILE : 0, code = 0;

	while (r == 0) {
		r = run_pump(run, ret, deadline_ns);
		if (r == 0 && deadline_ns != CLOCK_NEVER && clock_now_ns() >= deadline_ns) {
			ret->timed_out = true;
			break;
		}
	}
	if (r <= 0) {
		killed = true;
		run_kill(run);
	}
	ret->status = run_reap(run, killed);
	if (r < 0)
		return r;
	if (read(run->status, &code, sizeof(code)) == sizeof(code) && code < 0) {
		ret->timed_out = false;
		return code;
	}
	run_drain(run, ret);
	return 0;
}

int process_run(const struct process_options *options, struct process_result *ret)
{
	_cleanup_(run_cleanup) struct run run = { .pidfd = FD_NONE,
						  .in = FD_NONE,
						  .out = FD_NONE,
						  .err = FD_NONE,
						  .status = FD_NONE,
						  .interrupt = options->interrupt_fd,
						  .input = options->input,
						  .input_length = options->input_length };
	_cleanup_(ends_cleanup) struct ends ends = { FD_NONE, FD_NONE, FD_NONE, FD_NONE };
	struct signals saved;
	int r;

	memset(ret, 0, sizeof(*ret));
	if (!path_is_absolute(options->path))
		return -EINVAL;
	r = pipes_make(&run, &ends);
	if (r < 0)
		return r;
	signals_hold(&saved);
	r = child_start(options, &run, &ends);
	ends_cleanup(&ends);
	signals_hold_pipe(&saved);
	if (r == 0)
		r = run_finish(&run, options->timeout_ms, ret);
	signals_release(&saved);
	return r;
}
