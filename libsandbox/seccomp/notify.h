/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listener of a filter with SCMP_ACT_NOTIFY, and the agent that answers its notifications: fetching the one, handing it to the other.
 *
 * Not for: answering notifications.
 * Read: runtime-spec config-linux.md, "The Container Process State"; seccomp_unotify(2), pidfd_getfd(2).
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_NOTIFY_H
#define ORLOP_LIBSANDBOX_SECCOMP_NOTIFY_H

#include <stdint.h>
#include <sys/types.h>

#include "libbase/error.h"
#include "libspec/state.h"

/* For connecting and for all that is sent: an agent that hangs, or reads little by little, must not hang `create`. */
#define NOTIFY_TIMEOUT_MS 10000

/* Fetches descriptor `number` of the process: needs the right to trace it. Returns the descriptor. */
int notify_fetch(int pidfd, int number, struct error *err);
/* Whether the descriptor, which came from init, is a seccomp listener: nothing else may reach the agent. */
int notify_check(int listener_fd, struct error *err);

struct notify_process {
	pid_t pid;            /* whose filter it is, as the host sees it */
	const char *metadata; /* listenerMetadata; may be NULL */
	struct state state;   /* of the container */
};

/* One connection, one document, the listener with its first bytes; it stays the caller's. `timeout_ms` is NOTIFY_TIMEOUT_MS. */
int notify_agent(const char *path, int listener_fd, const struct notify_process *process, int timeout_ms,
		 struct error *err);

#endif
