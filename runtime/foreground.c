/* SPDX-License-Identifier: Apache-2.0 */
/* One loop over what can happen while a process runs. See foreground.h. */
#include "runtime/foreground.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/kernel.h"
#include "libbase/log.h"
#include "runtime/signals.h"
#include "runtime/terminal.h"

enum { POLL_PROCESS, POLL_SIGNALS, POLL_NOTIFY, POLL_TERMINAL, POLL_COUNT = POLL_TERMINAL + TERMINAL_POLLS };

/* Orphans that came to us. The process itself is left for the end, when its status is wanted. */
static void others_reap(const struct foreground *foreground)
{
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
			return;
		/* It hides the others from here on, but its end is also the end of this. */
		if (info.si_pid == foreground->pid)
			return;
		(void)waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG);
	}
}

/* What the kernel raises when we write is about us. Nobody means the container by the first; the second may come from somebody else. */
static bool is_of_writing(const struct signalfd_siginfo *info)
{
	return info->ssi_signo == SIGPIPE || (info->ssi_signo == SIGXFSZ && info->ssi_pid == (uint32_t)getpid());
}

static void signal_take(const struct foreground *foreground, struct terminal *terminal, int signal_fd)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		int number = (int)info.ssi_signo;

		if (number == SIGCHLD)
			others_reap(foreground);
		else if (number == SIGWINCH && terminal)
			terminal_resize(terminal);
		else if (!is_of_writing(&info))
			(void)pidfd_send_signal(foreground->pidfd, number, NULL, 0);
	}
}

static void notify_take(const struct foreground *foreground)
{
	struct error err;

	ERROR_INIT(&err);
	if (notify_step(foreground->notify, &err) < 0)
		log_warning("%s", error_text(&err));
}

/* Returns 0 when the process ended. */
static int watch(const struct foreground *foreground, struct terminal *terminal, int signal_fd, struct error *err)
{
	for (;;) {
		struct pollfd items[POLL_COUNT] = {
			[POLL_PROCESS] = { .fd = foreground->pidfd, .events = POLLIN },
			[POLL_SIGNALS] = { .fd = signal_fd, .events = POLLIN },
			[POLL_NOTIFY] = { .fd = FD_NONE },
		};
		size_t count = POLL_TERMINAL;
		int left_ms = -1;

		if (foreground->notify) {
			notify_poll(foreground->notify, &items[POLL_NOTIFY]);
			left_ms = notify_left_ms(foreground->notify);
		}
		if (terminal)
			count += terminal_polls(terminal, items + POLL_TERMINAL);
		if (poll(items, count, left_ms) < 0) {
			if (errno == EINTR)
				continue;
			return error_set(err, -errno, "wait for the process");
		}
		if (items[POLL_SIGNALS].revents)
			signal_take(foreground, terminal, signal_fd);
		if (items[POLL_NOTIFY].revents || left_ms == 0)
			notify_take(foreground);
		if (terminal)
			terminal_move(terminal, items + POLL_TERMINAL);
		if (items[POLL_PROCESS].revents)
			return 0;
	}
}

static int reap(const struct foreground *foreground, int *ret_status, struct error *err)
{
	siginfo_t info = { 0 };

	while (waitid(P_PIDFD, (id_t)foreground->pidfd, &info, WEXITED) < 0)
		if (errno != EINTR)
			return error_set(err, -errno, "wait for the process");
	*ret_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	return 0;
}

static int watch_on_terminal(const struct foreground *foreground, int signal_fd, struct error *err)
{
	struct terminal terminal;
	int r;

	if (foreground->terminal_fd < 0)
		return watch(foreground, NULL, signal_fd, err);
	r = terminal_attach(&terminal, foreground->terminal_fd, err);
	if (r == 0)
		r = watch(foreground, &terminal, signal_fd, err);
	if (r == 0)
		terminal_drain(&terminal);
	terminal_restore(&terminal);
	return r;
}

int foreground_wait(const struct foreground *foreground, int *ret_status, struct error *err)
{
	sigset_t all;
	int signal_fd, r;

	signals_all(&all);
	/* The process itself is seen by its pidfd. Held back it is no one's, and wakes nobody: what joins has a joiner that has just ended. */
	if (!foreground->reap_others)
		sigdelset(&all, SIGCHLD);
	/* Left open: the command ends with the process. */
	signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		return error_set(err, -errno, "make a signalfd");
	r = watch_on_terminal(foreground, signal_fd, err);
	if (r < 0)
		return r;
	r = reap(foreground, ret_status, err);
	if (foreground->reap_rest)
		others_reap(foreground);
	return r;
}
