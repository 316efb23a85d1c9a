/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp agent for conformance/bats/seccomp.bats: takes listeners on a unix socket and answers their notifications.
 *
 *     agent SOCKET OUT MODE [NUMBER]
 *
 *     continue        lets every call through, NUMBER milliseconds later
 *     errno           refuses it with error NUMBER
 *     hang            keeps the listener and answers nothing
 *     deaf            takes no connection
 *     leave           lets NUMBER calls through and is gone; 0: once it has the listener
 *
 * OUT gets a line for each connection, which is the document it brought behind "state COUNT-OF-DESCRIPTORS ", and "call NUMBER" for each
 * notification. Its first line is "listening": the socket is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/socket.h"
#include "libbase/text.h"

#define MESSAGE_MAX   65536
#define LISTENERS_MAX 16

struct agent {
	const char *mode;
	uint64_t number;
	int socket_fd, out_fd;
	int listeners[LISTENERS_MAX];
	size_t count;
};

static void say(const struct agent *agent, const char *text, size_t length)
{
	if (fd_write_all(agent->out_fd, text, length) < 0)
		_exit(EXIT_FAILURE);
}

static bool agent_leaves(const struct agent *agent)
{
	return text_equal(agent->mode, "leave") && agent->number == 0;
}

/* One piece: runc leaves the connection open behind it. */
static void connection_take(struct agent *agent)
{
	_cleanup_(fd_cleanup) int fd = socket_accept(agent->socket_fd);
	static char bytes[MESSAGE_MAX];
	struct socket_fds came = SOCKET_FDS_INIT;
	char head[32];
	ssize_t n = fd < 0 ? -1 : socket_receive(fd, bytes, sizeof(bytes) - 1, &came);
	size_t length = n > 0 ? (size_t)n : 0;

	if (n <= 0)
		return;
	/* crun's document has several lines. */
	for (size_t i = 0; i < length; i++)
		if (bytes[i] == '\n')
			bytes[i] = ' ';
	bytes[length++] = '\n';
	n = snprintf(head, sizeof(head), "state %zu ", came.count);
	say(agent, head, (size_t)n);
	say(agent, bytes, length);
	if (agent_leaves(agent))
		_exit(EXIT_SUCCESS);
	for (size_t i = 0; i < came.count && agent->count < LISTENERS_MAX; i++)
		agent->listeners[agent->count++] = fd_take(&came.fds[i]);
	socket_fds_cleanup(&came);
}

static void notification_answer(struct agent *agent, int listener_fd)
{
	struct seccomp_notif notification = { 0 };
	struct seccomp_notif_resp answer = { 0 };
	struct timespec time = { (time_t)(agent->number / 1000), (long)(agent->number % 1000 * 1000000) };
	char line[32];
	int n;

	/* The caller may be gone meanwhile. */
	if (ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &notification) < 0)
		return;
	n = snprintf(line, sizeof(line), "call %d\n", notification.data.nr);
	say(agent, line, (size_t)n);
	answer.id = notification.id;
	if (text_equal(agent->mode, "errno")) {
		answer.error = -(int)agent->number;
	} else {
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		if (text_equal(agent->mode, "continue"))
			(void)nanosleep(&time, NULL);
	}
	(void)ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	if (text_equal(agent->mode, "leave"))
		agent->number--;
	if (agent_leaves(agent))
		_exit(EXIT_SUCCESS);
}

static void agent_serve(struct agent *agent)
{
	for (;;) {
		struct pollfd items[LISTENERS_MAX + 1] = { { .fd = agent->socket_fd, .events = POLLIN } };
		size_t count = text_equal(agent->mode, "hang") ? 0 : agent->count;

		if (text_equal(agent->mode, "deaf"))
			items[0].fd = FD_NONE;
		for (size_t i = 0; i < count; i++)
			items[i + 1] = (struct pollfd){ .fd = agent->listeners[i], .events = POLLIN };
		if (poll(items, (nfds_t)count + 1, -1) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < count; i++) {
			if (items[i + 1].revents & POLLIN)
				notification_answer(agent, agent->listeners[i]);
			/* Nobody is left under the filter. */
			else if (items[i + 1].revents & POLLHUP)
				fd_cleanup(&agent->listeners[i]);
		}
		if (items[0].revents & POLLIN)
			connection_take(agent);
	}
}

int main(int argc, char **argv)
{
	struct agent agent = { .out_fd = FD_NONE };
	bool deaf;

	if (argc < 4 || argc > 5 || (argc == 5 && number_parse_u64(argv[4], 100000, &agent.number) < 0))
		return EXIT_FAILURE;
	agent.mode = argv[3];
	deaf = text_equal(agent.mode, "deaf");
	agent.out_fd = path_open_host(AT_FDCWD, argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
	/* Nobody fits into the queue behind the first one. */
	agent.socket_fd = socket_listen(AT_FDCWD, argv[1], SOCK_STREAM, 0666, deaf ? 0 : 64);
	if (agent.socket_fd < 0 || agent.out_fd < 0)
		return EXIT_FAILURE;
	say(&agent, "listening\n", strlen("listening\n"));
	agent_serve(&agent);
	return EXIT_FAILURE;
}
