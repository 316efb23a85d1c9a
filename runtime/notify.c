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
#define MESSAGE_MAX        4096
#define BARRIER_TIMEOUT_MS 30000

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

static int send_line(int fd, const char *line)
{
	char text[MESSAGE_MAX + 2];
	int length = snprintf(text, sizeof(text), "%s\n", line);

	return length > 0 && (size_t)length < sizeof(text) ? socket_send(fd, text, (size_t)length, NULL, 0) : -EMSGSIZE;
}

/* Returns when the manager has read what came before. One that does not know barriers closes the pipe too. */
static int send_barrier(int fd)
{
	static const char barrier[] = "BARRIER=1";
	_cleanup_(fd_cleanup) int read_fd = FD_NONE, write_fd = FD_NONE;
	int pair[2], r;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	read_fd = pair[0];
	write_fd = pair[1];
	r = socket_send(fd, barrier, sizeof(barrier) - 1, &write_fd, 1);
	if (r < 0)
		return r;
	fd_cleanup(&write_fd);
	r = socket_wait(read_fd, POLLHUP, clock_deadline_ns(BARRIER_TIMEOUT_MS));
	return r < 0 ? r : 0;
}

static int pass_on(const struct notify *notify, const char *ready)
{
	const bool is_abstract = notify->host[0] == '@';
	_cleanup_(fd_cleanup) int fd =
		is_abstract ? abstract_connect(notify->host + 1) : socket_connect(AT_FDCWD, notify->host, SOCK_DGRAM);
	char main_pid[32];
	int r;

	if (fd < 0)
		return fd;
	(void)snprintf(main_pid, sizeof(main_pid), "MAINPID=%d", (int)notify->main_pid);
	r = send_line(fd, ready);
	if (r == 0)
		r = send_line(fd, main_pid);
	return r == 0 ? send_barrier(fd) : r;
}

int notify_pass(struct notify *notify, struct error *err)
{
	char message[MESSAGE_MAX + 1];
	ssize_t length = recv(notify->fd, message, MESSAGE_MAX, MSG_DONTWAIT);
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
	r = pass_on(notify, ready);
	return r < 0 ? error_set(err, r, "notify '%s'", notify->host) : 1;
}

int notify_wait(struct notify *notify, int pidfd, struct error *err)
{
	while (notify->fd >= 0) {
		struct pollfd items[] = {
			{ .fd = notify->fd, .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN },
		};
		int r;

		if (poll(items, ARRAY_SIZE(items), -1) < 0) {
			if (errno == EINTR)
				continue;
			return error_set(err, -errno, "wait for the container's READY");
		}
		r = items[0].revents ? notify_pass(notify, err) : 0;
		if (r < 0)
			return r;
		if (items[1].revents)
			return 0;
	}
	return 0;
}

void notify_cleanup(struct notify *notify)
{
	fd_cleanup(&notify->fd);
}
