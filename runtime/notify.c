/* SPDX-License-Identifier: Apache-2.0 */
/* Passing READY on. See notify.h. */
#include "runtime/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/clock.h"
#include "libbase/socket.h"
#include "libbase/text.h"

#define NOTIFY_NAME        NOTIFY_DIRECTORY "/notify.sock"
#define MANAGER_TIMEOUT_MS 30000

int notify_prepare(int dir_fd, struct error *err)
{
	/* Whatever the container's ids are, they must get in. */
	if (mkdirat(dir_fd, NOTIFY_DIRECTORY, 0755) < 0 || fchmodat(dir_fd, NOTIFY_DIRECTORY, 0755, 0) < 0)
		return error_set(err, -errno, "make the directory of the notify socket");
	return 0;
}

int notify_listen(struct notify *notify, int dir_fd, const char *host, pid_t main_pid, struct error *err)
{
	(void)unlinkat(dir_fd, NOTIFY_NAME, 0);
	notify->fd = socket_listen(dir_fd, NOTIFY_NAME, SOCK_DGRAM, 0600, 1);
	if (notify->fd < 0)
		return error_set(err, notify->fd, "make the notify socket");
	if (fchmodat(dir_fd, NOTIFY_NAME, 0777, 0) < 0)
		return error_set(err, -errno, "open the notify socket to all");
	notify->host = host;
	notify->main_pid = main_pid;
	return 0;
}

/* The line that begins with READY=, cut off in place. */
static char *ready_line(char *message)
{
	char *line = message;

	while (line) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		if (text_starts(line, "READY="))
			return line;
		line = end;
	}
	return NULL;
}

static int abstract_connect(const char *name)
{
	_cleanup_(fd_cleanup) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(name);

	if (fd < 0)
		return -errno;
	if (length > sizeof(address.sun_path) - 1)
		return -ENAMETOOLONG;
	memcpy(address.sun_path + 1, name, length);
	if (connect(fd, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)) < 0)
		return -errno;
	return fd_take(&fd);
}

/* In the order in which they are sent. */
enum { SEND_READY, SEND_MAIN_PID, SEND_BARRIER, SEND_NOTHING };

static int send_line(int fd, const char *line)
{
	char text[NOTIFY_MESSAGE_MAX + 2];
	int length = snprintf(text, sizeof(text), "%s\n", line);

	return length > 0 && (size_t)length < sizeof(text) ? socket_send(fd, text, (size_t)length, NULL, 0) : -EMSGSIZE;
}

/* Its pipe hangs up when the manager has read what came before. One that does not know barriers closes the pipe too. */
static int send_barrier(struct notify *notify)
{
	static const char barrier[] = "BARRIER=1";
	_cleanup_(fd_cleanup) int read_fd = FD_NONE, write_fd = FD_NONE;
	int pair[2], r;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	read_fd = pair[0];
	write_fd = pair[1];
	r = socket_send(notify->manager_fd, barrier, sizeof(barrier) - 1, &write_fd, 1);
	if (r == 0)
		notify->barrier_fd = fd_take(&read_fd);
	return r;
}

static int send_next(struct notify *notify)
{
	char main_pid[32];

	switch (notify->next) {
	case SEND_READY:
		return send_line(notify->manager_fd, notify->ready);
	case SEND_MAIN_PID:
		(void)snprintf(main_pid, sizeof(main_pid), "MAINPID=%d", (int)notify->main_pid);
		return send_line(notify->manager_fd, main_pid);
	default:
		return send_barrier(notify);
	}
}

/* As much as the manager's queue takes. */
static int send_more(struct notify *notify)
{
	int r = 0;

	while (r == 0 && notify->next < SEND_NOTHING) {
		r = send_next(notify);
		if (r == 0)
			notify->next++;
	}
	if (r == 0)
		fd_cleanup(&notify->manager_fd);
	return r == -EAGAIN ? 0 : r;
}

static int manager_connect(struct notify *notify)
{
	const char *host = notify->host;
	int fd = host[0] == '@' ? abstract_connect(host + 1) : socket_connect(AT_FDCWD, host, SOCK_DGRAM);

	if (fd < 0)
		return fd;
	notify->manager_fd = fd;
	return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int container_hear(struct notify *notify)
{
	char message[NOTIFY_MESSAGE_MAX + 1];
	ssize_t length = recv(notify->fd, message, NOTIFY_MESSAGE_MAX, MSG_DONTWAIT);
	char *ready;
	int r;

	/* Descriptors that came along were never asked for: the kernel dropped them. */
	if (length <= 0)
		return 0;
	message[length] = '\0';
	ready = ready_line(message);
	if (!ready)
		return 0;
	fd_cleanup(&notify->fd);
	(void)snprintf(notify->ready, sizeof(notify->ready), "%s", ready);
	notify->deadline_ns = clock_deadline_ns(MANAGER_TIMEOUT_MS);
	r = manager_connect(notify);
	return r < 0 ? r : send_more(notify);
}

/* Nothing more can come but the hang-up: the other end is the manager's. */
static int barrier_look(const struct notify *notify)
{
	struct pollfd item = { .fd = notify->barrier_fd };

	return poll(&item, 1, 0) > 0 ? 1 : 0;
}

static bool is_done(const struct notify *notify)
{
	return notify->fd < 0 && notify->manager_fd < 0 && notify->barrier_fd < 0;
}

void notify_poll(const struct notify *notify, struct pollfd *ret)
{
	if (notify->fd >= 0)
		*ret = (struct pollfd){ .fd = notify->fd, .events = POLLIN };
	else if (notify->manager_fd >= 0)
		*ret = (struct pollfd){ .fd = notify->manager_fd, .events = POLLOUT };
	else
		*ret = (struct pollfd){ .fd = notify->barrier_fd };
}

int notify_left_ms(const struct notify *notify)
{
	return clock_left_ms(notify->deadline_ns);
}

int notify_step(struct notify *notify, struct error *err)
{
	int r = 0;

	if (is_done(notify))
		return 1;
	if (notify->fd >= 0)
		r = container_hear(notify);
	else if (notify->manager_fd >= 0)
		r = send_more(notify);
	if (r == 0 && notify->barrier_fd >= 0)
		r = barrier_look(notify);
	if (r == 0 && notify_left_ms(notify) == 0)
		r = -ETIMEDOUT;
	if (r == 0)
		return 0;
	notify_cleanup(notify);
	return r < 0 ? error_set(err, r, "notify '%s'", notify->host) : 1;
}

int notify_wait(struct notify *notify, int pidfd, struct error *err)
{
	while (!is_done(notify)) {
		struct pollfd items[] = { { .fd = FD_NONE }, { .fd = pidfd, .events = POLLIN } };
		/* Once it is ready, its end does not keep the manager from hearing so. */
		const bool is_ready = notify->fd < 0;
		int r;

		notify_poll(notify, &items[0]);
		if (poll(items, is_ready ? 1 : 2, notify_left_ms(notify)) < 0) {
			if (errno == EINTR)
				continue;
			return error_set(err, -errno, "wait for the container's READY");
		}
		r = items[0].revents || notify_left_ms(notify) == 0 ? notify_step(notify, err) : 0;
		if (r < 0)
			return r;
		if (items[1].revents && notify->fd >= 0)
			return 0;
	}
	return 0;
}

void notify_cleanup(struct notify *notify)
{
	fd_cleanup(&notify->fd);
	fd_cleanup(&notify->manager_fd);
	fd_cleanup(&notify->barrier_fd);
	notify->deadline_ns = CLOCK_NEVER;
}
