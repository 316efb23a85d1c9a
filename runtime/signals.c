/* SPDX-License-Identifier: Apache-2.0 */
/* Holding signals back. */
#include "runtime/signals.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "libbase/cleanup.h"

void signals_all(sigset_t *to)
{
	/* The kernel raises these for what the process itself did; held back they would kill it all the same. */
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT };

	/* sigfillset(3) leaves out those that libc keeps for threads, other numbers in each. */
	memset(to, 0xff, sizeof(*to));
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		sigdelset(to, faults[i]);
}

static void interrupts(sigset_t *to)
{
	sigemptyset(to);
	sigaddset(to, SIGINT);
	sigaddset(to, SIGTERM);
	sigaddset(to, SIGHUP);
}

int signals_hold(struct signals *signals, bool all, uint64_t ignored, struct error *err)
{
	const struct sigaction fallback = { .sa_handler = SIG_DFL };
	sigset_t stop, hold;

	interrupts(&stop);
	hold = stop;
	if (all)
		signals_all(&hold);
	signals->interrupt_fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->interrupt_fd < 0) {
		signals->interrupt_fd = FD_NONE;
		return error_set(err, -errno, "make a signalfd");
	}
	if (ignored >> (SIGCHLD - 1) & 1)
		(void)sigaction(SIGCHLD, &fallback, NULL);
	sigprocmask(SIG_BLOCK, &hold, &signals->saved);
	signals->held = true;
	return 0;
}

int signals_check(const struct signals *signals, struct error *err)
{
	struct pollfd item = { .fd = signals->interrupt_fd, .events = POLLIN };

	return poll(&item, 1, 0) > 0 ? error_say(err, -EINTR, "interrupted") : 0;
}

void signals_release(struct signals *signals, bool forget)
{
	signals->interrupt_fd = forget ? FD_NONE : fd_close(signals->interrupt_fd);
	if (signals->held && !forget)
		sigprocmask(SIG_SETMASK, &signals->saved, NULL);
	signals->held = false;
}
