/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speaks on orlop's sockets what nobody should: as an init that is no longer orlop's own, and as a peer that does as it likes.
 *
 *     impostor say PID SIZE MESSAGE CODE LENGTH RESERVED COUNT [FILE]   on the SEQPACKET socket of a process: SIZE bytes that begin with a header of
 *                                                                       these numbers, with COUNT descriptors of FILE (/dev/null)
 *     impostor peer SOCKET deaf|mute|chatter                            a listener that takes no connection, never reads, or talks back without end,
 *                                                                       descriptors and all; says "listening"
 *     impostor manager SOCKET                                           a datagram socket; each message is a line, made printable
 *     impostor tell SOCKET SIZE COUNT TEXT                              a datagram of SIZE bytes that ends with TEXT, with COUNT descriptors
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libbase/error.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/socket.h"
#include "libbase/text.h"

#define SIZE_MAX_SENT (1 << 20)
#define COUNT_MAX     250

static int64_t number(const char *text)
{
	int64_t value = 0;

	if (number_parse_i64(text, INT32_MIN, UINT32_MAX, &value) < 0) {
		fprintf(stderr, "impostor: '%s' is no number\n", text);
		exit(EXIT_FAILURE);
	}
	return value;
}

/* socket_send has its own idea of how many descriptors are enough. */
static int bytes_send(int fd, const void *bytes, size_t size, const char *file, size_t count)
{
	_cleanup_(fd_cleanup) int sent = open(file, O_RDWR | O_CLOEXEC | O_NOCTTY);
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * COUNT_MAX)];
	} control = { 0 };
	struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (sent < 0 || count > COUNT_MAX)
		return -EINVAL;
	if (count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
		for (size_t i = 0; i < count; i++)
			memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &sent, sizeof(sent));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* -- the dialogue -------------------------------------------------------------------------------------------------------------------------- */

static bool is_dialogue(int fd)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

static int dialogue_fetch(pid_t pid)
{
	_cleanup_(fd_cleanup) int pidfd = pidfd_open(pid, 0);

	for (int number_there = 0; pidfd >= 0 && number_there < 1024; number_there++) {
		_cleanup_(fd_cleanup) int fd = pidfd_getfd(pidfd, number_there, 0);

		if (fd >= 0 && is_dialogue(fd))
			return fd_take(&fd);
	}
	return -ENOENT;
}

static int say(char **words)
{
	static unsigned char bytes[SIZE_MAX_SENT];
	_cleanup_(fd_cleanup) int fd = dialogue_fetch((pid_t)number(words[0]));
	uint32_t header[4];

	if (fd < 0)
		return fd;
	/* Text that would move a cursor. */
	memset(bytes, '\033', sizeof(bytes));
	for (size_t i = 0; i < 4; i++)
		header[i] = (uint32_t)number(words[2 + i]);
	memcpy(bytes, header, sizeof(header));
	return bytes_send(fd, bytes, (size_t)number(words[1]), words[7] ? words[7] : "/dev/null",
			  (size_t)number(words[6]));
}

/* -- peers --------------------------------------------------------------------------------------------------------------------------------- */

static int peer_deaf(const char *path, int listen_fd)
{
	int fd;

	(void)listen_fd;
	/* Its queue is full of its own. */
	while ((fd = socket_connect(AT_FDCWD, path, SOCK_STREAM | SOCK_NONBLOCK)) >= 0)
		;
	printf("listening\n");
	return pause();
}

static _Noreturn void peer_talk(int listen_fd, bool talks)
{
	char bytes[4096];

	memset(bytes, 'x', sizeof(bytes));
	printf("listening\n");
	for (;;) {
		int fd = socket_accept(listen_fd);

		/* Kept open: nobody is to be told of an end. */
		while (fd >= 0 && talks && bytes_send(fd, bytes, sizeof(bytes), "/dev/null", 100) == 0)
			;
	}
}

static int peer(char **words)
{
	int listen_fd = socket_listen(AT_FDCWD, words[0], SOCK_STREAM, 0666, text_equal(words[1], "deaf") ? 0 : 64);

	if (listen_fd < 0)
		return listen_fd;
	if (text_equal(words[1], "deaf"))
		return peer_deaf(words[0], listen_fd);
	peer_talk(listen_fd, text_equal(words[1], "chatter"));
}

static int manager(char **words)
{
	int fd = socket_listen(AT_FDCWD, words[0], SOCK_DGRAM, 0666, 0);
	char bytes[4096], line[4 * sizeof(bytes) + 1];

	while (fd >= 0) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n < 0)
			return -errno;
		text_printable(line, sizeof(line), bytes, (size_t)n);
		printf("%s\n", line);
	}
	return fd;
}

static int tell(char **words)
{
	static char bytes[SIZE_MAX_SENT];
	_cleanup_(fd_cleanup) int fd = socket_connect(AT_FDCWD, words[0], SOCK_DGRAM);
	size_t size = (size_t)number(words[1]), length = strlen(words[3]);

	if (fd < 0)
		return fd;
	if (size < length || size > sizeof(bytes))
		return -EINVAL;
	memset(bytes, '\n', size);
	memcpy(bytes + size - length, words[3], length);
	return bytes_send(fd, bytes, size, "/dev/null", (size_t)number(words[2]));
}

static const struct {
	const char *name;
	int least, most;
	int (*run)(char **words);
} rows[] = {
	{ "say", 7, 8, say },
	{ "peer", 2, 2, peer },
	{ "manager", 1, 1, manager },
	{ "tell", 4, 4, tell },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows) && argc > 1; i++) {
		int r;

		if (!text_equal(argv[1], rows[i].name) || argc - 2 < rows[i].least || argc - 2 > rows[i].most)
			continue;
		r = rows[i].run(argv + 2);
		if (r < 0)
			fprintf(stderr, "impostor: %s: %s\n", argv[1], error_name(-r));
		return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	fprintf(stderr, "usage: see the head of impostor.c\n");
	return EXIT_FAILURE;
}
