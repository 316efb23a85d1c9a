/* SPDX-License-Identifier: Apache-2.0 */
/* The entry, and the one place that prints errors. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libbase/fd.h"
#include "libbase/log.h"
#include "runtime/dispatch.h"

/* Whoever keeps the log in a file still shows the user what came on standard error. */
static void print_error(const struct error *err)
{
	log_error("%s", error_text(err));
	if (log_fd() != STDERR_FILENO)
		(void)dprintf(STDERR_FILENO, "%s\n", error_text(err));
}

static int run(const char *program, const char *const *words, size_t count, int *log_fd)
{
	_cleanup_(arena_leave) struct arena arena = ARENA_INIT;
	struct error err;
	int status, r;

	ERROR_INIT(&err);
	r = dispatch(program, words, count, &arena, log_fd, &status, &err);
	if (r < 0)
		print_error(&err);
	return status;
}

/*
 * A log or standard output that nobody reads any more, and a limit of the file size, are errors of a write: to die of them would leave half a
 * container behind. Held back, not ignored, so that there is nothing to undo: what is pending stays with this process, and all that it makes begins
 * with an empty mask.
 */
static void signals_of_writing_hold(void)
{
	sigset_t writing;

	sigemptyset(&writing);
	sigaddset(&writing, SIGPIPE);
	sigaddset(&writing, SIGXFSZ);
	(void)sigprocmask(SIG_BLOCK, &writing, NULL);
}

int main(int argc, char **argv)
{
	static const char program[] = "orlop";
	const char *const *words = (const char *const *)argv;
	_cleanup_(fd_cleanup) int log_fd = FD_NONE;
	int r;

	signals_of_writing_hold();
	/* First of all: no file that is opened later may become standard output. */
	r = fd_standard_ensure();
	if (r < 0) {
		/* Nothing of ours is open: descriptor 2 is the caller's, or none. */
		log_error("standard descriptors: %s", error_name(r));
		return STATUS_FAILURE;
	}
	if (argc < 1) /* execve(2) with an empty argv */
		return run(program, NULL, 0, &log_fd);
	return run(words[0], words + 1, (size_t)argc - 1, &log_fd);
}
