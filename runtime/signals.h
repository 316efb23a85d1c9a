/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals while a container is made or waited for: held back, and read from descriptors. A runtime that dies half-way would leave half a
 * container, or a terminal in raw mode.
 */
#ifndef ORLOP_RUNTIME_SIGNALS_H
#define ORLOP_RUNTIME_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "libbase/error.h"
#include "libbase/fd.h"

struct signals {
	bool held;
	sigset_t saved;
	int interrupt_fd; /* signalfd(2), non-blocking: readable once SIGINT, SIGTERM or SIGHUP came */
};

#define SIGNALS_INIT ((struct signals){ .interrupt_fd = FD_NONE })

/* Holds back those three, or with `all` every signal that is not the mark of a fault. An ignored SIGCHLD gets its default disposition: a parent may have
 * left it ignored, and then no child can be waited for. `ignored`: which are, bit 0 is signal 1. */
int signals_hold(struct signals *signals, bool all, uint64_t ignored, struct error *err);
/* -EINTR, "interrupted": one of the three came. */
int signals_check(const struct signals *signals, struct error *err);
/* The mask is as it was, and what came takes effect. `forget`: it has been acted on or came too late; all stays held, for the process is about to
 * end with a status of its own, which closes what is open too. */
void signals_release(struct signals *signals, bool forget);

/* Every signal that can be passed on. */
void signals_all(sigset_t *to);

#endif
