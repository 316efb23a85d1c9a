/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's terminal in front of a container's: raw mode, window size, bytes both ways.
 *
 * The caller's descriptors stay blocking, since others share them: nothing is read before poll(2) says so, and nothing is written in
 * pieces larger than poll's word is good for. The master is ours alone and does not block.
 */
#ifndef ORLOP_RUNTIME_TERMINAL_H
#define ORLOP_RUNTIME_TERMINAL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "libbase/error.h"
#include "libbase/fd.h"

#define TERMINAL_CHUNK 4096 /* PIPE_BUF: what a pipe that is writable takes at once */

/* Bytes on their way in one direction. */
struct terminal_stream {
	int from; /* borrowed; FD_NONE: nothing more comes */
	int to;   /* borrowed; FD_NONE: nobody takes them, they are dropped */
	size_t start, end;
	char bytes[TERMINAL_CHUNK];
};

struct terminal {
	int master_fd; /* borrowed */
	int host_fd;   /* the caller's terminal, the first of 0, 1, 2 that is one; FD_NONE */
	bool raw;
	struct termios saved;
	struct terminal_stream in, out;
};

/* What must be so before the program runs, for it may ask and write at once: the caller's size, and lines that end as they were written where no
 * terminal shows them, since a caller reads them as lines. Nothing with FD_NONE. */
void terminal_prepare(int master_fd);

/* Sets the caller's terminal raw, passes its size on. A caller without a terminal is no error. */
int terminal_attach(struct terminal *terminal, int master_fd, struct error *err);
/* The caller's terminal as it was. Does nothing the second time. */
void terminal_restore(struct terminal *terminal);
/* The container's window becomes as large as the caller's. */
void terminal_resize(const struct terminal *terminal);

/* For poll(2): entries for both directions; returns their number. */
#define TERMINAL_POLLS 4
size_t terminal_polls(const struct terminal *terminal, struct pollfd items[TERMINAL_POLLS]);
/* Moves what those entries allow. */
void terminal_move(struct terminal *terminal, const struct pollfd items[TERMINAL_POLLS]);
/* When all is over: what the container wrote and nobody has read yet. Ends, even when somebody goes on writing. */
void terminal_drain(struct terminal *terminal);

#endif
