/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one program to its end: feeds it, keeps the tail of what it says, kills it when it takes too long.
 *
 * For: OCI hooks, newuidmap and their like. Not for: the container's processes.
 *
 * The child starts in a session of its own with default signal dispositions, an empty signal mask and no descriptors but 0, 1 and 2.
 * It dies with the thread that called, its children do not.
 * Whatever it or its children do with those three, the call ends: input that nobody reads is dropped, and output that a grandchild
 * keeps open is waited for PROCESS_DRAIN_MS only.
 * The caller gets no SIGPIPE. It may get a SIGCHLD of this child, and must not reap it itself; an ignored SIGCHLD is not ignored meanwhile.
 */
#ifndef ORLOP_LIBBASE_PROCESS_H
#define ORLOP_LIBBASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "libbase/cleanup.h"
#include "libbase/fd.h"

#define PROCESS_TAIL_MAX 4096
#define PROCESS_DRAIN_MS 100

struct process_options {
	const char *path;  /* absolute, executed as it is: no search, no shell */
	char *const *argv; /* NULL: { path } */
	char *const *envp; /* NULL: empty */
	const void *input; /* what it reads from stdin; nothing: end of file at once */
	size_t input_length;
	int timeout_ms;   /* negative: none */
	int cwd_fd;       /* directory to run in, borrowed; FD_NONE: the caller's */
	int output_fd;    /* where all of its stdout goes, borrowed, above 2; FD_NONE: to the tail */
	int interrupt_fd; /* readable: it is not wanted any more, borrowed; FD_NONE */
};

#define PROCESS_OPTIONS_INIT \
	((struct process_options){ .timeout_ms = -1, .cwd_fd = FD_NONE, .output_fd = FD_NONE, .interrupt_fd = FD_NONE })

/* The last bytes of a stream; a NUL follows, and others may be among them. */
struct process_tail {
	char bytes[PROCESS_TAIL_MAX + 1];
	size_t length;
	bool cut; /* there was more before */
};

struct process_result {
	int status;     /* of wait(2) */
	bool timed_out; /* it was killed, with its process group */
	struct process_tail out, err;
};

/*
 * 0: it ran, see `ret`, even when it failed or timed out. -errno: it could not be run; execve's own errno among them (-ENOENT, -EACCES,
 * -ENOEXEC, ...), and -EINVAL for a path that is not absolute. -EINTR: interrupted; it was killed with its process group.
 */
int process_run(const struct process_options *options, struct process_result *ret) _warn_unused_;

/* In a child that was just forked: it dies with `parent`, in a session of its own: it can be killed whole, and no terminal stops or ends it. -ESRCH: the
 * parent is gone already. Async-signal-safe. */
int process_follow(pid_t parent) _warn_unused_;

#endif
