/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File descriptors: a variable is live or -EBADF, close-on-exec from birth, handed on by fd_take.
 */
#ifndef ORLOP_LIBBASE_FD_H
#define ORLOP_LIBBASE_FD_H

#include <errno.h>
#include <stddef.h>

#include "libbase/arena.h"
#include "libbase/cleanup.h"

#define FD_NONE (-EBADF)

/* Closes and returns FD_NONE; keeps errno; takes any negative value. close(2) is not retried on EINTR (Linux frees the number). */
int fd_close(int fd);
/* For `_cleanup_(fd_cleanup) int fd = FD_NONE;` */
void fd_cleanup(int *fd);
/* Moves the descriptor out and leaves FD_NONE. */
int fd_take(int *fd);

/*
 * For a process that soon closes all but a few descriptors by one call, and executes nothing before that: a small number is left open till then
 * (it is close-on-exec), others are closed. Who does so needs FD_LEFT_MAX descriptors that nobody else counts on.
 */
#define FD_LEFT_MAX 44
void fd_leave(int *fd);

/*
 * For the same process with hundreds of them: what is put in is closed as well, but some at a time by one call, since their numbers follow each
 * other. A number between two that were put in is never closed. `{ 0 }` is an empty one.
 */
#define FD_BATCH_MAX 32
#define FD_BATCH_ODD 8
struct fd_batch {
	int first;
	int count;
	/* The first few whose numbers are apart stay open till the end: else each would be free again for the one after the next, and none of them would
	 * follow another. */
	int odd[FD_BATCH_ODD];
	int odd_count;
};
/* Takes the descriptor over and leaves FD_NONE. */
void fd_batch_put(struct fd_batch *batch, int *fd);
void fd_batch_close(struct fd_batch *batch);

/* Closes both, by one call where the second's number follows the first's. */
void fd_close_pair(int first, int second);

/* Reads to end of file, at most `max` bytes, into the arena with a NUL behind. -EFBIG when there is more. Retries EINTR. */
int fd_read_all(int fd, size_t max, struct arena *arena, char **ret, size_t *ret_length) _warn_unused_;
/* The same of a regular file only: else -EISDIR or -EINVAL. One that is larger than `max` is not read at all. */
int fd_read_regular(int fd, size_t max, struct arena *arena, char **ret, size_t *ret_length) _warn_unused_;
/* The same, or of a FIFO: waits for the first who writes to it, and until the last has closed it. For what the caller itself names. */
int fd_read_regular_or_fifo(int fd, size_t max, struct arena *arena, char **ret, size_t *ret_length) _warn_unused_;
/* By what it looks at: for who does not want to open anything else. */
struct stat;
int fd_regular_check(const struct stat *st, size_t max) _warn_unused_;
/* Writes all bytes, retrying EINTR and short writes. */
int fd_write_all(int fd, const void *bytes, size_t length) _warn_unused_;

/* Marks every descriptor >= first close-on-exec (close_range(2)). */
int fd_cloexec_from(int first) _warn_unused_;
/* Makes sure 0, 1 and 2 are open (on /dev/null where they are not), so that no later open lands there. */
int fd_standard_ensure(void) _warn_unused_;

#endif
