/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks unix sockets by long and relative paths, and descriptors that travel: as many as fit, too many, unwanted.
 */
#include "libbase/socket.h"

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct pair {
	int ends[2];
};

static void pair_cleanup(struct pair *pair)
{
	fd_cleanup(&pair->ends[0]);
	fd_cleanup(&pair->ends[1]);
}

#define PAIR(pair)                                                                   \
	_cleanup_(pair_cleanup) struct pair pair = { .ends = { FD_NONE, FD_NONE } }; \
	CHECK_INT(socket_pair((pair).ends), 0)

/* How many descriptors the process has: received ones that were not closed show. */
static int fds_count(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

TEST(messages_keep_their_bounds)
{
	char to[16];
	PAIR(pair);

	CHECK(fcntl(pair.ends[0], F_GETFD) & FD_CLOEXEC);
	CHECK_INT(socket_send(pair.ends[0], "one", 3, NULL, 0), 0);
	CHECK_INT(socket_send(pair.ends[0], "three", 5, NULL, 0), 0);
	CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), NULL), 3);
	CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), NULL), 5);
	CHECK(memcmp(to, "three", 5) == 0);
	CHECK_INT(socket_send(pair.ends[0], "", 0, NULL, 0), -EINVAL);
	fd_cleanup(&pair.ends[0]);
	CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), NULL), 0);
	CHECK_INT(socket_send(pair.ends[1], "x", 1, NULL, 0), -EPIPE);
}

TEST(a_cut_message_is_refused)
{
	_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;
	int before, own = STDIN_FILENO;
	char to[4];
	PAIR(pair);

	before = fds_count();
	CHECK_INT(socket_send(pair.ends[0], "longer", 6, &own, 1), 0);
	CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), &fds), -EMSGSIZE);
	CHECK_INT(fds.count, 0);
	CHECK_INT(fds_count(), before);
}

TEST(descriptors_arrive)
{
	int own[SOCKET_FDS_MAX];
	char to[4];
	PAIR(pair);

	for (size_t count = 0; count <= SOCKET_FDS_MAX; count += 8) {
		_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;

		for (size_t i = 0; i < count; i++)
			CHECK((own[i] = memfd_create("x", 0)) >= 0);
		CHECK_INT(socket_send(pair.ends[0], "x", 1, own, count), 0);
		CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), &fds), 1);
		CHECK_INT(fds.count, count);
		for (size_t i = 0; i < count; i++) {
			struct stat a, b;

			CHECK(fcntl(fds.fds[i], F_GETFD) & FD_CLOEXEC);
			CHECK_INT(fstat(own[i], &a) | fstat(fds.fds[i], &b), 0);
			CHECK_INT(a.st_ino, b.st_ino);
			fd_close(own[i]);
		}
	}
}

TEST(cleanup_spares_what_was_taken)
{
	struct socket_fds fds = SOCKET_FDS_INIT;
	int own = STDIN_FILENO, taken, before;
	char to[4];
	PAIR(pair);

	before = fds_count();
	for (int i = 0; i < 2; i++) {
		int two[] = { own, own };

		CHECK_INT(socket_send(pair.ends[0], "x", 1, two, 2), 0);
		CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), &fds), 1);
		taken = fd_take(&fds.fds[i]);
		socket_fds_cleanup(&fds);
		CHECK_INT(fds.count, 0);
		CHECK(fcntl(taken, F_GETFD) >= 0);
		fd_close(taken);
	}
	CHECK_INT(fds_count(), before);
}

/* Sends more descriptors than socket_send would. */
static void send_many(int fd, size_t count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * 64)];
	} control = { 0 };
	char byte = 'x';
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control };
	struct cmsghdr *header;

	message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
	header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * count);
	for (size_t i = 0; i < count; i++)
		memset(CMSG_DATA(header) + i * sizeof(int), 0, sizeof(int));
	CHECK_INT(sendmsg(fd, &message, MSG_NOSIGNAL), 1);
}

TEST(too_many_descriptors_are_refused_and_closed)
{
	_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;
	int before, none[SOCKET_FDS_MAX + 1] = { 0 };
	char to[4];
	PAIR(pair);

	CHECK_INT(socket_send(pair.ends[0], "x", 1, none, SOCKET_FDS_MAX + 1), -EINVAL);
	before = fds_count();
	send_many(pair.ends[0], SOCKET_FDS_MAX + 1);
	send_many(pair.ends[0], 60);
	send_many(pair.ends[0], SOCKET_FDS_MAX);
	CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), &fds), -EMSGSIZE);
	CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), &fds), -EMSGSIZE);
	CHECK_INT(fds_count(), before);
	CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), &fds), 1);
	CHECK_INT(fds.count, SOCKET_FDS_MAX);
}

TEST(unwanted_descriptors_are_refused)
{
	int before, own = STDIN_FILENO;
	char to[4];
	PAIR(pair);

	before = fds_count();
	CHECK_INT(socket_send(pair.ends[0], "x", 1, &own, 1), 0);
	CHECK_INT(socket_receive(pair.ends[1], to, sizeof(to), NULL), -EMSGSIZE);
	CHECK_INT(fds_count(), before);
}

TEST(wait_has_a_deadline)
{
	int64_t before = clock_now_ns();
	PAIR(pair);

	CHECK_INT(socket_wait(pair.ends[0], POLLIN, clock_deadline_ns(50)), -ETIMEDOUT);
	CHECK(clock_now_ns() - before >= 50000000);
	CHECK_INT(socket_wait(pair.ends[0], POLLIN, clock_deadline_ns(0)), -ETIMEDOUT);
	CHECK_INT(socket_wait(pair.ends[0], POLLOUT, CLOCK_NEVER), POLLOUT);
	CHECK_INT(socket_send(pair.ends[1], "x", 1, NULL, 0), 0);
	CHECK_INT(socket_wait(pair.ends[0], POLLIN, clock_deadline_ns(1000)), POLLIN);
	fd_cleanup(&pair.ends[1]);
	CHECK(socket_wait(pair.ends[0], 0, CLOCK_NEVER) & POLLHUP);
	CHECK_INT(socket_wait(1000000, POLLIN, CLOCK_NEVER), -EBADF);
}

static int entry_remove(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)walk;
	return type == FTW_DP ? rmdir(path) : unlink(path);
}

struct place {
	char path[512];
	int fd;
	size_t top; /* length of what mkdtemp made */
};

static void place_cleanup(struct place *place)
{
	fd_close(place->fd);
	place->path[place->top] = '\0';
	if (place->top > 0)
		nftw(place->path, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* A directory whose path alone is longer than sun_path. */
static void place_make(struct place *place)
{
	size_t length = (size_t)snprintf(place->path, sizeof(place->path), "/tmp/orlop-socket-XXXXXX");

	CHECK(mkdtemp(place->path));
	place->top = length;
	place->path[length++] = '/';
	memset(place->path + length, 'd', 200);
	place->path[length + 200] = '\0';
	CHECK_INT(mkdir(place->path, 0755), 0);
	place->fd = open(place->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(place->fd >= 0);
}

#define PLACE(place)                                                               \
	_cleanup_(place_cleanup) struct place place = { .fd = FD_NONE, .top = 0 }; \
	place_make(&(place))

static void check_link(int listening, int client)
{
	_cleanup_(fd_cleanup) int ours = client;
	_cleanup_(fd_cleanup) int theirs = FD_NONE;
	char to[8];

	CHECK(ours >= 0);
	CHECK(fcntl(ours, F_GETFD) & FD_CLOEXEC);
	theirs = socket_accept(listening);
	CHECK(theirs >= 0);
	CHECK(fcntl(theirs, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(socket_send(ours, "hello", 5, NULL, 0), 0);
	CHECK_INT(socket_receive(theirs, to, sizeof(to), NULL), 5);
}

TEST(paths_longer_than_an_address)
{
	_cleanup_(fd_cleanup) int listening = FD_NONE;
	char path[600];
	PLACE(place);

	snprintf(path, sizeof(path), "%s/sock", place.path);
	listening = socket_listen(AT_FDCWD, path, SOCK_STREAM, 0600, 4);
	CHECK(listening >= 0);
	CHECK(fcntl(listening, F_GETFD) & FD_CLOEXEC);
	check_link(listening, socket_connect(AT_FDCWD, path, SOCK_STREAM));
	check_link(listening, socket_connect(place.fd, "sock", SOCK_STREAM));
	check_link(listening, socket_connect(place.fd, path, SOCK_STREAM));
	CHECK_INT(symlinkat("sock", place.fd, "link"), 0);
	check_link(listening, socket_connect(place.fd, "link", SOCK_STREAM));
	CHECK_INT(socket_connect(place.fd, "sock", SOCK_SEQPACKET), -EPROTOTYPE);
	CHECK_INT(socket_connect(place.fd, "missing", SOCK_STREAM), -ENOENT);
	CHECK_INT(socket_connect(AT_FDCWD, "", SOCK_STREAM), -ENOENT);
	CHECK_INT(socket_connect(AT_FDCWD, "/tmp", SOCK_STREAM), -ECONNREFUSED);
	CHECK_INT(socket_connect(place.fd, ".", SOCK_STREAM), -ECONNREFUSED);
}

TEST(who_accepts_nobody_is_not_waited_for)
{
	_cleanup_(fd_cleanup) int listening = FD_NONE;
	int64_t begin = clock_now_ns(), most_ns = (SOCKET_PEER_TIMEOUT_S + 20) * INT64_C(1000000000);
	int fds[2] = { FD_NONE, FD_NONE };
	PLACE(place);

	listening = socket_listen(place.fd, "sock", SOCK_STREAM, 0600, 0);
	CHECK(listening >= 0);
	fds[0] = socket_connect(place.fd, "sock", SOCK_STREAM);
	CHECK(fds[0] >= 0);
	fds[1] = socket_connect(place.fd, "sock", SOCK_STREAM);
	CHECK_INT(fds[1], -ETIMEDOUT);
	CHECK(clock_now_ns() - begin < most_ns);
	fd_cleanup(&fds[0]);
}

TEST(short_paths_and_modes)
{
	_cleanup_(fd_cleanup) int listening = FD_NONE;
	_cleanup_(fd_cleanup) int second = FD_NONE;
	char path[128];
	mode_t saved = umask(0);
	struct stat st;
	PLACE(place);

	snprintf(path, sizeof(path), "%.*s/sock", (int)place.top, place.path);
	listening = socket_listen(AT_FDCWD, path, SOCK_SEQPACKET, 0600, 4);
	umask(saved);
	CHECK(listening >= 0);
	check_link(listening, socket_connect(AT_FDCWD, path, SOCK_SEQPACKET));
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(socket_listen(AT_FDCWD, path, SOCK_STREAM, 0600, 4), -EADDRINUSE);
	second = socket_listen(place.fd, "other", SOCK_DGRAM, 0600, 0);
	CHECK(second >= 0);
	CHECK_INT(faccessat(place.fd, "other", F_OK, 0), 0);
	CHECK_INT(socket_listen(place.fd, "missing/x", SOCK_STREAM, 0600, 4), -ENOENT);
	CHECK_INT(socket_listen(place.fd, "..", SOCK_STREAM, 0600, 4), -EINVAL);
	memset(path, 'n', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	CHECK_INT(socket_listen(place.fd, path, SOCK_STREAM, 0600, 4), -ENAMETOOLONG);
}

TEST(a_stream_takes_more_than_its_buffer)
{
	static char bytes[1 << 20];
	_cleanup_(fd_cleanup) int reader = FD_NONE;
	int ends[2];
	size_t total = 0;
	pid_t pid;

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		int own = STDIN_FILENO;

		_exit(socket_send(ends[0], bytes, sizeof(bytes), &own, 1) == 0 ? 0 : 1);
	}
	fd_close(ends[0]);
	reader = ends[1];
	for (size_t fd_total = 0;;) {
		_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;
		ssize_t n = socket_receive(reader, bytes, sizeof(bytes), &fds);

		CHECK(n >= 0);
		fd_total += fds.count;
		total += (size_t)n;
		if (n > 0)
			continue;
		/* With the first bytes, and only there. */
		CHECK_INT(fd_total, 1);
		break;
	}
	CHECK_INT(total, sizeof(bytes));
}
