/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a container's process as if it were our own: its signals, its terminal, its exit status. */
#ifndef ORLOP_RUNTIME_FOREGROUND_H
#define ORLOP_RUNTIME_FOREGROUND_H

#include <stdbool.h>
#include <sys/types.h>

#include "libbase/error.h"
#include "runtime/notify.h"

struct foreground {
	int pidfd; /* of our child; borrowed */
	pid_t pid;
	int terminal_fd;       /* its terminal's master, or FD_NONE: it has our own 0, 1 and 2 */
	bool reap_others;      /* who else becomes our child is reaped */
	bool reap_rest;        /* the same once the process has ended: we are a subreaper, orphans come to us */
	struct notify *notify; /* or NULL */
};

/*
 * Returns when the process ended, with its exit status, or 128 + n for signal n. Signals that come meanwhile are passed on to it; SIGWINCH
 * resizes its terminal. The caller holds them back (runtime/signals.h). The terminal is as it was on every way out.
 */
int foreground_wait(const struct foreground *foreground, int *ret_status, struct error *err);

#endif
