/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NOTIFY_SOCKET for a container: a socket of its own in ROOT/ID/notify, which the plan mounts at /run/notify, and what is passed on from it
 * to the one that orlop was given. A container's word reaches the service manager only as "READY=" with the pid that orlop says.
 *
 * Read: sd_notify(3).
 */
#ifndef ORLOP_RUNTIME_NOTIFY_H
#define ORLOP_RUNTIME_NOTIFY_H

#include <stdbool.h>
#include <sys/types.h>

#include "libbase/error.h"
#include "libbase/fd.h"

#define NOTIFY_DIRECTORY "notify"

struct notify {
	int fd;           /* FD_NONE: nothing is passed on (any more) */
	const char *host; /* the socket to pass it on to; "@name" is an abstract one */
	pid_t main_pid;   /* of the service, as the manager is to know it */
};

#define NOTIFY_INIT ((struct notify){ .fd = FD_NONE })

/* Makes the directory in dir_fd (ROOT/ID). */
int notify_prepare(int dir_fd, struct error *err);
/* Binds the socket in it. */
int notify_listen(struct notify *notify, int dir_fd, const char *host, pid_t main_pid, struct error *err);
/* Call when fd is readable. Passes on what says READY and closes fd then: 1. 0: it was something else. */
int notify_pass(struct notify *notify, struct error *err);
/* Waits until that is done, or the process behind pidfd ends. */
int notify_wait(struct notify *notify, int pidfd, struct error *err);
void notify_cleanup(struct notify *notify);

#endif
