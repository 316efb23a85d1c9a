/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Closing, moving, whole reads and writes.
 */
#include "libbase/fd.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/kernel.h"

int fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return FD_NONE;
}

void fd_cleanup(int *fd)
{
	*fd = fd_close(*fd);
}

void fd_leave(int *fd)
{
	*fd = *fd < FD_LEFT_MAX ? FD_NONE : fd_close(*fd);
}

/* Whether the number is next to those in the batch, which has it then. */
static bool batch_join(struct fd_batch *batch, int fd)
{
	if (batch->count == 0)
		batch->first = fd;
	else if (batch->count == FD_BATCH_MAX || (fd != batch->first - 1 && fd != batch->first + batch->count))
		return false;
	else if (fd < batch->first)
		batch->first = fd;
	batch->count++;
	return true;
}

static void range_close(int first, int count)
{
	const int saved = errno;

	/* A filter around us may deny a call that is younger than itself. */
	if (count > 0 && close_range((unsigned int)first, (unsigned int)(first + count - 1), 0) < 0)
		for (int i = 0; i < count; i++)
			(void)fd_close(first + i);
	errno = saved;
}

static void batch_flush(struct fd_batch *batch)
{
	range_close(batch->first, batch->count);
	batch->count = 0;
}

void fd_close_pair(int first, int second)
{
	if (first >= 0 && second == first + 1) {
		range_close(first, 2);
		return;
	}
	(void)fd_close(first);
	(void)fd_close(second);
}

void fd_batch_put(struct fd_batch *batch, int *fd)
{
	int taken = fd_take(fd);

	if (taken < FD_LEFT_MAX || batch_join(batch, taken))
		return;
	if (batch->odd_count + batch->count <= FD_BATCH_ODD) {
		for (int i = 0; i < batch->count; i++)
			batch->odd[batch->odd_count++] = batch->first + i;
		batch->count = 0;
	}
	batch_flush(batch);
	(void)batch_join(batch, taken);
}

void fd_batch_close(struct fd_batch *batch)
{
	batch_flush(batch);
	while (batch->odd_count > 0)
		(void)fd_close(batch->odd[--batch->odd_count]);
}

int fd_take(int *fd)
{
	int taken = *fd;

	*fd = FD_NONE;
	return taken;
}

/* How much is asked for at first. `whole`: it is one byte more than there is, by fstat. */
struct expected {
	size_t capacity;
	bool whole;
};

/* Room for the whole of a regular file at once; a page for everything else, and for procfs, whose files say 0. */
static struct expected expected_of(const struct stat *st)
{
	bool whole = S_ISREG(st->st_mode) && st->st_size > 0 && (uintmax_t)st->st_size < SIZE_MAX;

	return (struct expected){ whole ? (size_t)st->st_size + 1 : 4096, whole };
}

static int expected_read(int fd, struct expected expected, size_t max, struct arena *arena, char **ret,
			 size_t *ret_length)
{
	size_t capacity = expected.capacity, length = 0;
	char *bytes;

	if (max > SSIZE_MAX - 2)
		max = SSIZE_MAX - 2;
	/* One byte beyond `max` tells "exactly max" from "more"; it becomes the NUL. */
	if (capacity > max)
		capacity = max + 1;
	bytes = arena_alloc(arena, capacity);
	if (!bytes)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, bytes + length, capacity - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		length += (size_t)n;
		if (length > max)
			return -EFBIG;
		/* One byte less than asked for, which is what fstat said: the end, without asking for it. */
		if (expected.whole && length == expected.capacity - 1)
			break;
		if (length == capacity) {
			size_t wanted = capacity > max / 2 ? max + 1 : capacity * 2;

			bytes = arena_grow(arena, bytes, capacity, wanted, 1);
			if (!bytes)
				return -ENOMEM;
			capacity = wanted;
		}
	}
	bytes[length] = '\0';
	*ret = bytes;
	if (ret_length)
		*ret_length = length;
	return 0;
}

int fd_read_all(int fd, size_t max, struct arena *arena, char **ret, size_t *ret_length)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		st = (struct stat){ 0 };
	return expected_read(fd, expected_of(&st), max, arena, ret, ret_length);
}

int fd_read_regular(int fd, size_t max, struct arena *arena, char **ret, size_t *ret_length)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	r = fd_regular_check(&st, max);
	return r < 0 ? r : expected_read(fd, expected_of(&st), max, arena, ret, ret_length);
}

int fd_read_regular_or_fifo(int fd, size_t max, struct arena *arena, char **ret, size_t *ret_length)
{
	struct pollfd written = { .fd = fd, .events = POLLIN };
	struct stat st;
	int flags;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISFIFO(st.st_mode))
		return fd_read_regular(fd, max, arena, ret, ret_length);
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return -errno;
	/* Before the first writer has come, a read would find the end. */
	while (poll(&written, 1, -1) < 0)
		if (errno != EINTR)
			return -errno;
	return fd_read_all(fd, max, arena, ret, ret_length);
}

int fd_regular_check(const struct stat *st, size_t max)
{
	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	if (!S_ISREG(st->st_mode))
		return -EINVAL;
	return st->st_size > 0 && (uintmax_t)st->st_size > max ? -EFBIG : 0;
}

int fd_write_all(int fd, const void *bytes, size_t length)
{
	const char *rest = bytes;

	while (length > 0) {
		ssize_t n = write(fd, rest, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		rest += n;
		length -= (size_t)n;
	}
	return 0;
}

int fd_cloexec_from(int first)
{
	if (first < 0)
		return -EINVAL;
	return close_range((unsigned int)first, ~0U, CLOSE_RANGE_CLOEXEC) < 0 ? -errno : 0;
}

int fd_standard_ensure(void)
{
	struct pollfd items[] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	while (poll(items, 3, 0) < 0)
		if (errno != EINTR)
			return -errno;
	for (int fd = 0; fd <= 2; fd++) {
		int opened;

		if (!(items[fd].revents & POLLNVAL))
			continue;
		/* Takes the lowest free number, which is `fd`. Not close-on-exec: a program we execute needs it as well. */
		opened = open("/dev/null", O_RDWR | O_NOCTTY);
		if (opened < 0)
			return -errno;
		if (opened != fd) {
			fd_close(opened);
			return -EBADF;
		}
	}
	return 0;
}
