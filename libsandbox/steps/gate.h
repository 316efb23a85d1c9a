/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate between create and start: two FIFOs in the container's state directory.
 *
 *     gate          one byte: '0' from start, go on; anything else, go away
 *     gate-report   init writes frames: MESSAGE_ERROR (a startContainer hook, execve), or MESSAGE_EXEC just before execve
 *
 * Init holds both open read-write before any filter is loaded, so waiting needs read(2) only and reporting write(2) only. Execve closes them:
 * end of file behind MESSAGE_EXEC means that the program runs; end of file without it means that init died. Who shares init's trace page reads
 * the same there, without a message: the stamp of the step that executes the program has its end.
 */
#ifndef ORLOP_LIBSANDBOX_GATE_H
#define ORLOP_LIBSANDBOX_GATE_H

#include <stdbool.h>

#include "libbase/error.h"
#include "libbase/fd.h"
#include "libbase/trace.h"
#include "libsandbox/steps/step.h"

#define GATE_WAKE   "gate"
#define GATE_REPORT "gate-report"

/* The container waits for start: the gate is there. */
bool gate_exists(int state_fd);

/* Lets the init behind the gate go on and waits for what becomes of it. `pidfd` is init's. Removes the gate first, so that only one
 * caller can pass. -EALREADY: there is no gate; -ENXIO: init is gone; else the error that init reports. */
int gate_open(int state_fd, int pidfd, struct error *err);

/* Sends away the init behind the gate, and waits until it is gone: for a container whose maker died before it could write init's pid down. Does
 * nothing when there is no gate, or nobody behind it. */
int gate_abandon(int state_fd, struct error *err);

/* An execve that waits: for a file system that is gone, or a seccomp agent that does not answer. */
#define GATE_EXEC_TIMEOUT_MS 60000

struct gate_ends {
	int report_fd;    /* a FIFO, or the dialogue */
	int pidfd;        /* init's, or FD_NONE */
	int interrupt_fd; /* readable: the caller wants no more of it; or FD_NONE */
	int exec_timeout_ms;
	const struct trace *stamps; /* where init stamps that execve is next instead of sending MESSAGE_EXEC; or NULL */
};

/* Reads reports until the program runs (0) or cannot (the error). -ETIMEDOUT: it was about to, and execve did not come back; -EINTR:
 * "interrupted". */
int gate_listen(const struct gate_ends *ends, struct error *err);

#endif
