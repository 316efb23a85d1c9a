/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the dialogue, as one side of it must take them from another that is no longer what it was: too short, too long, of no kind, with descriptors. */
#include "libsandbox/steps/sync.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/kernel.h"
#include "libbase/socket.h"
#include "libsandbox/steps/gate.h"

#define TIMEOUT_MS 10000

struct pair {
	int ends[2];
	struct error err;
	struct sync_received received;
};

static void pair_cleanup(struct pair *pair)
{
	fd_cleanup(&pair->ends[0]);
	fd_cleanup(&pair->ends[1]);
}

#define PAIR(pair)                                                                   \
	_cleanup_(pair_cleanup) struct pair pair = { .ends = { FD_NONE, FD_NONE } }; \
	ERROR_INIT(&(pair).err);                                                     \
	CHECK_INT(socket_pair((pair).ends), 0)

static size_t descriptor_count(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	CHECK(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static int expect(struct pair *pair, enum message message)
{
	pair->err.text[0] = '\0';
	return sync_expect(pair->ends[0], message, clock_deadline_ns(TIMEOUT_MS), &pair->received, &pair->err);
}

static void send_bytes(const struct pair *pair, const void *bytes, size_t length, size_t fd_count)
{
	const int fds[SOCKET_FDS_MAX] = { 0 };

	CHECK_INT(socket_send(pair->ends[1], bytes, length, fds, fd_count), 0);
}

struct raw {
	struct sync_header header;
	char text[SYNC_TEXT_MAX + 64];
};

TEST(a_message_comes_as_it_was_sent)
{
	PAIR(pair);

	CHECK_INT(sync_send(pair.ends[1], MESSAGE_CONSOLE, 7, NULL, STDIN_FILENO), 0);
	CHECK_INT(expect(&pair, MESSAGE_CONSOLE), 0);
	CHECK_INT(pair.received.code, 7);
	CHECK(pair.received.fd >= 0 && fcntl(pair.received.fd, F_GETFD) & FD_CLOEXEC);
	fd_cleanup(&pair.received.fd);
	CHECK_INT(sync_write(pair.ends[1], MESSAGE_READY, 0, NULL), 0);
	CHECK_INT(expect(&pair, MESSAGE_READY), 0);
	CHECK_INT(pair.received.fd, FD_NONE);
}

TEST(each_length_but_the_headers_own_is_malformed)
{
	struct raw raw = { .header = { .message = MESSAGE_READY } };
	size_t before;
	PAIR(pair);

	before = descriptor_count();
	for (size_t length = 1; length <= sizeof(struct sync_header) + SYNC_TEXT_MAX; length += length < 80 ? 1 : 191) {
		raw.header.length = length == sizeof(struct sync_header) ? 1 : 0;
		send_bytes(&pair, &raw, length, 1);
		if (expect(&pair, MESSAGE_READY) != -EPROTO)
			check_fail(__FILE__, __LINE__, "%zu bytes: %s", length, error_text(&pair.err));
		CHECK_HAS(error_text(&pair.err), "malformed");
	}
	raw.header.length = UINT32_MAX;
	send_bytes(&pair, &raw, sizeof(raw.header) + 8, 0);
	CHECK_INT(expect(&pair, MESSAGE_READY), -EPROTO);
	raw.header.length = SYNC_TEXT_MAX + 1;
	send_bytes(&pair, &raw, sizeof(raw.header) + raw.header.length, 3);
	CHECK_INT(expect(&pair, MESSAGE_READY), -EMSGSIZE);
	raw.header = (struct sync_header){ .message = MESSAGE_READY, .reserved = 1 };
	send_bytes(&pair, &raw, sizeof(raw.header), 0);
	CHECK_INT(expect(&pair, MESSAGE_READY), -EPROTO);
	CHECK_INT(descriptor_count(), before);
}

TEST(no_other_message_will_do)
{
	static const uint32_t others[] = { MESSAGE_NONE, MESSAGE_GO, MESSAGE_AT_HOOKS, MESSAGE_SPAWNED,
					   MESSAGE_EXEC, 99,         UINT32_MAX };
	PAIR(pair);

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct sync_header header = { .message = others[i] };

		send_bytes(&pair, &header, sizeof(header), 1);
		CHECK_INT(expect(&pair, MESSAGE_READY), -EPROTO);
		CHECK_HAS(error_text(&pair.err), "expected READY, got");
		CHECK_INT(pair.received.fd, FD_NONE);
		CHECK(!pair.received.told);
	}
}

TEST(descriptors_that_a_message_does_not_carry_are_refused_and_closed)
{
	static const struct {
		enum message message;
		size_t most;
	} rows[] = { { MESSAGE_READY, 0 },   { MESSAGE_AT_HOOKS, 0 },    { MESSAGE_CONSOLE, 1 },
		     { MESSAGE_NETWORK, 1 }, { MESSAGE_AT_LISTENER, 1 }, { MESSAGE_SPAWNED, 1 } };
	size_t before;
	PAIR(pair);

	before = descriptor_count();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct sync_header header = { .message = rows[i].message };

		for (size_t count = 0; count <= SOCKET_FDS_MAX; count++) {
			send_bytes(&pair, &header, sizeof(header), count);
			CHECK_INT(expect(&pair, rows[i].message), count <= rows[i].most ? 0 : -EPROTO);
			fd_cleanup(&pair.received.fd);
		}
	}
	CHECK_INT(descriptor_count(), before);
}

TEST(an_errors_words_are_a_strangers)
{
	struct raw raw = { .header = { .message = MESSAGE_ERROR, .code = -ENOENT, .length = 8 },
			   .text = "\033[2J\n\tab" };
	static const int32_t codes[] = { 0, 1, -5000, INT32_MIN, INT32_MAX };
	PAIR(pair);

	send_bytes(&pair, &raw, sizeof(raw.header) + raw.header.length, SOCKET_FDS_MAX);
	CHECK_INT(expect(&pair, MESSAGE_READY), -ENOENT);
	CHECK(pair.received.told);
	CHECK_TEXT(error_text(&pair.err), "\\x1b[2J\\x0a\\x09ab");
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		raw.header.code = codes[i];
		send_bytes(&pair, &raw, sizeof(raw.header) + raw.header.length, 0);
		CHECK_INT(expect(&pair, MESSAGE_READY), -EIO);
	}
	/* As long as can be, all of it to be escaped. */
	raw.header.length = SYNC_TEXT_MAX;
	memset(raw.text, 1, SYNC_TEXT_MAX);
	send_bytes(&pair, &raw, sizeof(raw.header) + raw.header.length, 0);
	CHECK(expect(&pair, MESSAGE_READY) < 0);
	CHECK(strlen(error_text(&pair.err)) <= SYNC_TEXT_MAX);
}

TEST(an_end_is_told_and_a_silence_has_one)
{
	PAIR(pair);

	CHECK_INT(sync_expect(pair.ends[0], MESSAGE_READY, clock_deadline_ns(20), &pair.received, &pair.err),
		  -ETIMEDOUT);
	fd_cleanup(&pair.ends[1]);
	CHECK_INT(expect(&pair, MESSAGE_READY), -ECONNRESET);
}

/* Its words are still there to be read, though it has not read what it was sent. */
TEST(who_left_without_reading_is_gone)
{
	PAIR(pair);

	CHECK_INT(sync_send(pair.ends[0], MESSAGE_NETWORK, 0, NULL, FD_NONE), 0);
	error_say(&pair.err, -ENOSPC, "no room");
	sync_send_error(pair.ends[1], &pair.err);
	fd_cleanup(&pair.ends[1]);
	CHECK_INT(sync_send(pair.ends[0], MESSAGE_START, 0, NULL, FD_NONE), -EPIPE);
	CHECK_INT(expect(&pair, MESSAGE_READY), -ENOSPC);
	CHECK(pair.received.told);
	CHECK_TEXT(error_text(&pair.err), "no room");
}

/* Init's own way to read. */
TEST(init_reads_no_less_carefully)
{
	struct raw raw = { .header = { .message = MESSAGE_GO, .length = 4 } };
	PAIR(pair);

	send_bytes(&pair, &raw, sizeof(raw.header), 0);
	CHECK_INT(sync_read(pair.ends[0], MESSAGE_GO, &pair.err), -EPROTO);
	raw.header.length = 0;
	send_bytes(&pair, &raw, sizeof(raw.header), 0);
	CHECK_INT(sync_read(pair.ends[0], MESSAGE_START, &pair.err), -EPROTO);
	send_bytes(&pair, &raw, sizeof(raw.header), 0);
	CHECK_INT(sync_read(pair.ends[0], MESSAGE_GO, &pair.err), 0);
	fd_cleanup(&pair.ends[1]);
	CHECK_INT(sync_read(pair.ends[0], MESSAGE_GO, &pair.err), -ECONNRESET);
}

/* -- the joiner's message ---------------------------------------------------------------------------------------------------------------- */

static pid_t sleeper_make(int *ret_pidfd)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	*ret_pidfd = pidfd_open(pid, 0);
	CHECK(*ret_pidfd >= 0);
	return pid;
}

static int expect_spawned(struct pair *pair, pid_t joiner, pid_t pid, int fd)
{
	pid_t got = 0;
	int pidfd = FD_NONE, r;

	CHECK_INT(sync_send(pair->ends[1], MESSAGE_SPAWNED, pid, NULL, fd), 0);
	r = sync_expect_spawned(pair->ends[0], joiner, clock_deadline_ns(TIMEOUT_MS), &got, &pidfd, &pair->err);
	CHECK_INT(got, r == 0 ? pid : 0);
	CHECK_INT(pidfd >= 0, r == 0);
	fd_cleanup(&pidfd);
	return r;
}

TEST(only_a_child_can_be_init)
{
	_cleanup_(fd_cleanup) int init_fd = FD_NONE, joiner_fd = FD_NONE, parent_fd = pidfd_open(getppid(), 0);
	pid_t init = sleeper_make(&init_fd), joiner = sleeper_make(&joiner_fd);
	size_t before;
	PAIR(pair);

	before = descriptor_count();
	CHECK_INT(expect_spawned(&pair, joiner, init, init_fd), 0);
	CHECK_INT(expect_spawned(&pair, joiner, init, FD_NONE), -EPROTO);
	CHECK_INT(expect_spawned(&pair, joiner, init, STDIN_FILENO), -EPROTO);
	CHECK_INT(expect_spawned(&pair, joiner, init, parent_fd), -EPROTO);
	CHECK_INT(expect_spawned(&pair, joiner, getppid(), init_fd), -EPROTO);
	CHECK_INT(expect_spawned(&pair, joiner, getpid(), init_fd), -EPROTO);
	CHECK_INT(expect_spawned(&pair, joiner, joiner, joiner_fd), -EPROTO);
	CHECK_INT(expect_spawned(&pair, joiner, 1, init_fd), -EPROTO);
	CHECK_INT(expect_spawned(&pair, joiner, 0, init_fd), -EPROTO);
	CHECK_INT(expect_spawned(&pair, joiner, -1, init_fd), -EPROTO);
	CHECK_INT(descriptor_count(), before);
	CHECK(kill(init, SIGKILL) == 0 && kill(joiner, SIGKILL) == 0);
	/* One that is dead already is still a child, until it is reaped. */
	CHECK_INT(socket_wait(init_fd, POLLIN, clock_deadline_ns(TIMEOUT_MS)) < 0, 0);
	CHECK_INT(expect_spawned(&pair, joiner, init, init_fd), 0);
	CHECK(waitpid(init, NULL, 0) == init && waitpid(joiner, NULL, 0) == joiner);
	CHECK_INT(expect_spawned(&pair, joiner, init, init_fd), -EPROTO);
}

/* Who is told to stop while init's last word is there already has a program that runs: that is no failure to start it. */
TEST(what_was_said_comes_before_an_interruption)
{
	int wish[2];
	PAIR(pair);

	CHECK_INT(socket_pair(wish), 0);
	CHECK_INT(fd_write_all(wish[1], "x", 1), 0);
	const struct gate_ends ends = {
		.report_fd = pair.ends[0],
		.pidfd = FD_NONE,
		.interrupt_fd = wish[0],
		.exec_timeout_ms = TIMEOUT_MS,
	};

	CHECK_INT(gate_listen(&ends, &pair.err), -EINTR);
	CHECK_INT(sync_write(pair.ends[1], MESSAGE_EXEC, 0, NULL), 0);
	fd_cleanup(&pair.ends[1]);
	CHECK_INT(gate_listen(&ends, &pair.err), 0);
	fd_cleanup(&wish[0]);
	fd_cleanup(&wish[1]);
}
