/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NOTIFY_SOCKET for a container: a socket of its own in ROOT/ID/notify, which the plan mounts at /run/notify, and what is passed on from it
 * to the one that orlop was given. A container's word reaches the service manager only as "READY=" with the pid that orlop says.
 *
 * Read: sd_notify(3).
 */
#ifndef ORLOP_RUNTIME_NOTIFY_H
#define ORLOP_RUNTIME_NOTIFY_H

#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/clock.h"
#include "libbase/error.h"
#include "libbase/fd.h"

#define NOTIFY_DIRECTORY   "notify"
#define NOTIFY_MESSAGE_MAX 4096

struct notify {
	int fd;         /* the container's words come here; FD_NONE: READY came, or nothing is passed on */
	int manager_fd; /* connected to `host` while something is passed on */
	int barrier_fd; /* hangs up when the manager has read all */
	int next;       /* which message is to be sent */
	char ready[NOTIFY_MESSAGE_MAX + 1]; /* the container's line */
	const char *host;                   /* the socket to pass it on to; "@name" is an abstract one */
	pid_t main_pid;                     /* of the service, as the manager is to know it */
	int64_t deadline_ns;
};

#define NOTIFY_INIT \
	((struct notify){ .fd = FD_NONE, .manager_fd = FD_NONE, .barrier_fd = FD_NONE, .deadline_ns = CLOCK_NEVER })

/* Makes the directory in dir_fd (ROOT/ID). */
int notify_prepare(int dir_fd, struct error *err);
/* Binds the socket in it. */
int notify_listen(struct notify *notify, int dir_fd, const char *host, pid_t main_pid, struct error *err);
/* For the caller's loop, none of these blocks. What to wait for; FD_NONE in it when all is done. */
void notify_poll(const struct notify *notify, struct pollfd *ret);
/* How long at most, in ms: -1 for ever. The manager has 30 s to hear all. */
int notify_left_ms(const struct notify *notify);
/* Call when that is ready or the time is over. Goes on: a line that says READY is passed on, then the manager's having read it waited for. 1: that
 * is done. 0: there is more to wait for. On failure nothing is passed on any more. */
int notify_step(struct notify *notify, struct error *err);
/* Waits until all is done, or the process behind pidfd ended without READY. */
int notify_wait(struct notify *notify, int pidfd, struct error *err);
void notify_cleanup(struct notify *notify);

#endif
