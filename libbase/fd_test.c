/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks moving, whole reads and writes, and the two guards of descriptor numbers.
 */
#include "libbase/fd.h"

#include "conformance/unit/check.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(close_and_take)
{
	int fd = memfd_create("x", MFD_CLOEXEC), taken;

	CHECK(fd >= 0);
	taken = fd_take(&fd);
	CHECK_INT(fd, FD_NONE);
	CHECK(fcntl(taken, F_GETFD) >= 0);
	errno = ENOTTY;
	CHECK_INT(fd_close(taken), FD_NONE);
	CHECK_INT(errno, ENOTTY);
	CHECK(fcntl(taken, F_GETFD) < 0);
	errno = ENOTTY;
	CHECK_INT(fd_close(FD_NONE), FD_NONE);
	CHECK_INT(fd_close(-1), FD_NONE);
	CHECK_INT(errno, ENOTTY);
	fd_cleanup(&fd);
	CHECK_INT(fd, FD_NONE);
}

static int file_of_size(size_t size)
{
	int fd = memfd_create("x", MFD_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < size; i++)
		if (write(fd, &"abcdefghij"[i % 10], 1) != 1)
			return -EIO;
	lseek(fd, 0, SEEK_SET);
	return fd;
}

TEST(read_all_of_a_file)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 10000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
		_cleanup_(fd_cleanup) int fd = file_of_size(sizes[i]);
		size_t length = 77;
		char *bytes = NULL;

		CHECK(fd >= 0);
		CHECK_INT(fd_read_all(fd, sizes[i], &arena, &bytes, &length), 0);
		CHECK_INT(length, sizes[i]);
		CHECK_INT(strlen(bytes), sizes[i]);
		CHECK(sizes[i] == 0 || bytes[sizes[i] - 1] == "abcdefghij"[(sizes[i] - 1) % 10]);
		if (sizes[i] == 0)
			continue;
		lseek(fd, 0, SEEK_SET);
		bytes = NULL;
		CHECK_INT(fd_read_all(fd, sizes[i] - 1, &arena, &bytes, NULL), -EFBIG);
		CHECK(!bytes);
	}
}

TEST(read_all_of_a_pipe_grows)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	int pipe_fds[2], status;
	size_t length = 0;
	char *bytes;
	pid_t pid;

	CHECK_INT(pipe2(pipe_fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		static char chunk[100000];

		memset(chunk, 'p', sizeof(chunk));
		for (int i = 0; i < 10; i++)
			if (fd_write_all(pipe_fds[1], chunk, sizeof(chunk)) < 0)
				_exit(1);
		_exit(0);
	}
	fd_close(pipe_fds[1]);
	CHECK_INT(fd_read_all(pipe_fds[0], SIZE_MAX, &arena, &bytes, &length), 0);
	CHECK_INT(length, 1000000);
	CHECK_INT(bytes[999999], 'p');
	CHECK_INT(bytes[1000000], '\0');
	fd_close(pipe_fds[0]);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}

TEST(a_fifo_is_waited_for_and_read_to_its_end)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char dir[] = "/tmp/fd_test.XXXXXX", name[64], *bytes;
	struct pollfd later = { .fd = FD_NONE };
	size_t length = 0;
	int fd, status;
	pid_t pid;

	CHECK(mkdtemp(dir));
	snprintf(name, sizeof(name), "%s/fifo", dir);
	CHECK_INT(mkfifo(name, 0600), 0);
	fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_INT(fd_read_regular(fd, SIZE_MAX, &arena, &bytes, &length), -EINVAL);
	pid = fork();
	if (pid == 0) {
		int to;

		/* The reader is there before any writer, most often. */
		(void)poll(&later, 0, 50);
		to = open(name, O_WRONLY | O_CLOEXEC);
		if (to < 0 || fd_write_all(to, "one", 3) < 0)
			_exit(1);
		(void)poll(&later, 0, 50);
		_exit(fd_write_all(to, " two", 4) < 0);
	}
	CHECK_INT(fd_read_regular_or_fifo(fd, SIZE_MAX, &arena, &bytes, &length), 0);
	CHECK_TEXT(bytes, "one two");
	CHECK_INT(length, 7);
	fd_close(fd);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	CHECK_INT(unlink(name), 0);
	CHECK_INT(rmdir(dir), 0);
}

TEST(read_all_tells_errors)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(arena_cleanup) struct arena tiny = { .limit = 64 };
	_cleanup_(fd_cleanup) int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(fd_cleanup) int file = file_of_size(4);
	char *bytes;

	CHECK_INT(fd_read_all(directory, 10, &arena, &bytes, NULL), -EISDIR);
	CHECK_INT(fd_read_all(FD_NONE, 10, &arena, &bytes, NULL), -EBADF);
	CHECK_INT(fd_read_all(file, SIZE_MAX, &tiny, &bytes, NULL), 0);
	CHECK_INT(fd_read_all(file, SIZE_MAX, &tiny, &bytes, NULL), -ENOMEM);
}

TEST(write_all_tells_errors)
{
	_cleanup_(fd_cleanup) int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (full < 0)
		check_skip("no /dev/full");
	CHECK_INT(fd_write_all(full, "x", 1), -ENOSPC);
	CHECK_INT(fd_write_all(FD_NONE, "x", 1), -EBADF);
	CHECK_INT(fd_write_all(FD_NONE, "x", 0), 0);
}

TEST(cloexec_from_marks_all)
{
	_cleanup_(fd_cleanup) int fd = memfd_create("x", 0);

	CHECK(fd >= 0);
	CHECK_INT(fcntl(fd, F_GETFD), 0);
	CHECK_INT(fd_cloexec_from(fd + 1), 0);
	CHECK_INT(fcntl(fd, F_GETFD), 0);
	CHECK_INT(fd_cloexec_from(fd), 0);
	CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_INT(fd_cloexec_from(-1), -EINVAL);
}

/* Runs with the descriptors in `closed` (a bit each) shut; returns what went wrong, 0 for nothing. */
static int standard_child(int closed)
{
	for (int fd = 0; fd <= 2; fd++)
		if (closed & (1 << fd))
			close(fd);
	if (fd_standard_ensure() < 0)
		return 1;
	for (int fd = 0; fd <= 2; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || fcntl(fd, F_GETFD) != 0)
			return 2;
		if ((closed & (1 << fd)) && (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3)))
			return 3;
	}
	return dup(0) <= 2 ? 4 : 0;
}

TEST(standard_descriptors_are_filled)
{
	for (int closed = 0; closed < 8; closed++) {
		int status;
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid == 0)
			_exit(standard_child(closed));
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK_INT(status, 0);
	}
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* `/dev/null` at the number. */
static int open_at(int number)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	CHECK_INT(dup3(fd, number, O_CLOEXEC), number);
	CHECK_INT(close(fd), 0);
	return number;
}

TEST(a_batch_closes_what_was_put_in_and_nothing_else)
{
	/* Up, down, a gap with somebody else's in it, far away, back. */
	static const int numbers[] = { 100, 101, 102, 99, 104, 105, 300, 299, 50 };
	struct fd_batch batch = { 0 };
	int other = open_at(103), low = open("/dev/null", O_RDONLY | O_CLOEXEC), kept = low, none = FD_NONE;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		int fd = open_at(numbers[i]);

		fd_batch_put(&batch, &fd);
		CHECK_INT(fd, FD_NONE);
	}
	fd_batch_put(&batch, &low);
	fd_batch_put(&batch, &none);
	fd_batch_close(&batch);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		CHECK(!is_open(numbers[i]));
	CHECK(is_open(other) && is_open(kept));
	CHECK_INT(close(other), 0);
	CHECK_INT(close(kept), 0);
}

TEST(a_pair_is_closed_and_no_one_between)
{
	int other = open_at(102);

	fd_close_pair(open_at(100), open_at(101));
	CHECK(!is_open(100) && !is_open(101));
	fd_close_pair(open_at(101), open_at(103));
	CHECK(!is_open(101) && !is_open(103));
	fd_close_pair(open_at(104), open_at(103));
	CHECK(!is_open(104) && !is_open(103));
	fd_close_pair(FD_NONE, open_at(100));
	fd_close_pair(open_at(101), FD_NONE);
	CHECK(!is_open(100) && !is_open(101));
	errno = EPROTO;
	fd_close_pair(FD_NONE, FD_NONE);
	CHECK_INT(errno, EPROTO);
	CHECK(is_open(other));
	CHECK_INT(close(other), 0);
}

/* The kernel gives the lowest free number: those between others would be given again and again, each to be closed alone. */
TEST(a_batch_fills_the_holes_once)
{
	struct fd_batch batch = { 0 };
	int others[] = { open_at(101), open_at(103), open_at(104) }, before = 0;

	for (int i = 0; i < FD_BATCH_MAX; i++) {
		int fd = fcntl(others[0], F_DUPFD_CLOEXEC, 100), number = fd;

		CHECK(fd >= 0);
		CHECK(i < 3 || number == before + 1);
		before = number;
		fd_batch_put(&batch, &fd);
	}
	fd_batch_close(&batch);
	CHECK(!is_open(100) && !is_open(102) && !is_open(105) && !is_open(before));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		CHECK_INT(close(others[i]), 0);
}

TEST(a_batch_is_bounded)
{
	struct fd_batch batch = { 0 };

	for (int i = 0; i < 5 * FD_BATCH_MAX; i++) {
		int fd = open_at(100 + i);

		fd_batch_put(&batch, &fd);
		CHECK(batch.count <= FD_BATCH_MAX);
		CHECK(i < FD_BATCH_MAX || !is_open(100 + i - FD_BATCH_MAX));
	}
	fd_batch_close(&batch);
	CHECK(!is_open(100 + 5 * FD_BATCH_MAX - 1));
	fd_batch_close(&batch);
}
