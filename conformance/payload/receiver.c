/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever takes descriptors on a unix socket, for the suites in conformance/bats: what orlop is given as --console-socket or --pidfd-socket.
 *
 *     receiver SOCKET       listens until it is killed; keeps what came last, so that a terminal's other end lives on for a while
 *     receiver SOCKET OUT   the same; OUT gets "listening", then a line for each message, "message TEXT descriptors N [terminal NAME ROWS COLUMNS]",
 *                           and behind it all that the terminal shows
 *     receiver SOCKET OUT close   closes each connection at once, says "closed"
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/socket.h"

#define MESSAGE_MAX 65536
#define KEPT        8

static int out_fd = FD_NONE;

static void say(const char *text, size_t length)
{
	if (out_fd >= 0 && fd_write_all(out_fd, text, length) < 0)
		_exit(EXIT_FAILURE);
}

static void message_say(const char *bytes, size_t length, const struct socket_fds *fds)
{
	char line[512];
	unsigned int number;
	struct winsize size;
	int n = snprintf(line, sizeof(line), "message %.*s descriptors %zu", (int)(length < 128 ? length : 128), bytes,
			 fds->count);

	if (fds->count > 0 && ioctl(fds->fds[0], TIOCGPTN, &number) == 0 && ioctl(fds->fds[0], TIOCGWINSZ, &size) == 0)
		n += snprintf(line + n, sizeof(line) - (size_t)n, " terminal /dev/pts/%u %u %u", number, size.ws_row,
			      size.ws_col);
	n += snprintf(line + n, sizeof(line) - (size_t)n, "\n");
	say(line, (size_t)n);
}

static void connection_close(int listen_fd)
{
	_cleanup_(fd_cleanup) int fd = socket_accept(listen_fd);

	fd_cleanup(&fd);
	say("closed\n", strlen("closed\n"));
}

static void message_take(int listen_fd, struct socket_fds kept[KEPT], size_t *next)
{
	_cleanup_(fd_cleanup) int fd = socket_accept(listen_fd);
	static char bytes[MESSAGE_MAX];
	struct socket_fds received = SOCKET_FDS_INIT;
	ssize_t n = fd >= 0 ? socket_receive(fd, bytes, sizeof(bytes), &received) : -1;

	if (n <= 0)
		return;
	message_say(bytes, (size_t)n, &received);
	socket_fds_cleanup(&kept[*next]);
	kept[*next] = received;
	*next = (*next + 1) % KEPT;
}

static void terminal_show(struct socket_fds *kept)
{
	char bytes[4096];
	ssize_t n = read(kept->fds[0], bytes, sizeof(bytes));

	if (n > 0)
		say(bytes, (size_t)n);
	/* The other end is gone. */
	else if (n == 0 || errno != EINTR)
		socket_fds_cleanup(kept);
}

int main(int argc, char **argv)
{
	_cleanup_(fd_cleanup) int listen_fd = FD_NONE;
	static struct socket_fds kept[KEPT];
	size_t next = 0;

	if (argc < 2 || argc > 4)
		return EXIT_FAILURE;
	if (argc >= 3)
		out_fd = path_open_host(AT_FDCWD, argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
	listen_fd = socket_listen(AT_FDCWD, argv[1], SOCK_STREAM, 0666, 64);
	if (listen_fd < 0 || (argc >= 3 && out_fd < 0))
		return EXIT_FAILURE;
	say("listening\n", strlen("listening\n"));
	for (;;) {
		struct pollfd items[KEPT + 1] = { { .fd = listen_fd, .events = POLLIN } };

		for (size_t i = 0; i < KEPT; i++)
			items[i + 1] =
				(struct pollfd){ .fd = out_fd >= 0 && kept[i].count > 0 ? kept[i].fds[0] : FD_NONE,
						 .events = POLLIN };
		if (poll(items, KEPT + 1, -1) < 0 && errno != EINTR)
			return EXIT_FAILURE;
		for (size_t i = 0; i < KEPT; i++)
			if (items[i + 1].revents)
				terminal_show(&kept[i]);
		if (items[0].revents && argc == 4)
			connection_close(listen_fd);
		else if (items[0].revents)
			message_take(listen_fd, kept, &next);
	}
}
