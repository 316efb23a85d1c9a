/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unix sockets by fd, SCM_RIGHTS, waiting.
 */
#include "libbase/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/path.h"

void socket_fds_cleanup(struct socket_fds *fds)
{
	for (size_t i = 0; i < fds->count; i++)
		fd_cleanup(&fds->fds[i]);
	fds->count = 0;
}

int socket_pair(int ret[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) < 0 ? -errno : 0;
}

static int socket_make(int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* -ENAMETOOLONG when `path` does not fit; its NUL has to fit as well, for peers that read the name back. */
static int address_set(struct sockaddr_un *address, const char *path)
{
	size_t length = strlen(path);

	if (length == 0)
		return -ENOENT;
	if (length >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, path, length + 1);
	return 0;
}

static int address_connect(int fd, const char *path)
{
	struct sockaddr_un address;
	int r = address_set(&address, path);

	if (r < 0)
		return r;
	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

int socket_connect(int dir_fd, const char *path, int type)
{
	_cleanup_(fd_cleanup) int fd = socket_make(type);
	_cleanup_(fd_cleanup) int file = FD_NONE;
	char link[32];
	const struct timeval most = { .tv_sec = SOCKET_PEER_TIMEOUT_S };
	int r = fd < 0 ? fd : -ENAMETOOLONG;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) < 0)
		return -errno;
	if (fd >= 0 && (dir_fd == AT_FDCWD || path_is_absolute(path)))
		r = address_connect(fd, path);
	if (r == -ENAMETOOLONG && fd >= 0) {
		file = path_open_host(dir_fd, path, O_PATH, 0);
		if (file < 0)
			return file;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
		r = address_connect(fd, link);
	}
	/* A listener that takes nobody: the wait for room in its queue is over. */
	if (r == -EAGAIN && !(type & SOCK_NONBLOCK))
		r = -ETIMEDOUT;
	return r < 0 ? r : fd_take(&fd);
}

/* The address of a name that does not exist yet: by its directory's fd when it is long or relative to dir_fd. */
static int address_make(struct sockaddr_un *address, int dir_fd, const char *path, int *ret_parent)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *directory;
	int r = -ENAMETOOLONG;

	if (dir_fd == AT_FDCWD || path_is_absolute(path))
		r = address_set(address, path);
	if (r != -ENAMETOOLONG)
		return r;
	if (!path_is_name(name))
		return -EINVAL;
	/* With its slash: "/name" lies in "/". */
	directory = slash ? arena_copy(&arena, path, (size_t)(name - path)) : arena_string(&arena, ".");
	if (!directory)
		return -ENOMEM;
	*ret_parent = path_open_host(dir_fd, directory, O_PATH | O_DIRECTORY, 0);
	if (*ret_parent < 0)
		return *ret_parent;
	directory = arena_printf(&arena, "/proc/self/fd/%d/%s", *ret_parent, name);
	return directory ? address_set(address, directory) : -ENOMEM;
}

int socket_listen(int dir_fd, const char *path, int type, mode_t mode, int backlog)
{
	_cleanup_(fd_cleanup) int fd = socket_make(type);
	_cleanup_(fd_cleanup) int parent = FD_NONE;
	struct sockaddr_un address;
	int r;

	if (fd < 0)
		return fd;
	r = address_make(&address, dir_fd, path, &parent);
	if (r < 0)
		return r;
	/* bind makes the file with the socket's own mode. */
	if (fchmod(fd, mode) < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	if (type != SOCK_DGRAM && listen(fd, backlog) < 0) {
		r = -errno;
		unlinkat(AT_FDCWD, address.sun_path, 0);
		return r;
	}
	return fd_take(&fd);
}

int socket_accept(int fd)
{
	for (;;) {
		int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (accepted >= 0)
			return accepted;
		if (errno != EINTR && errno != ECONNABORTED)
			return -errno;
	}
}

union fds_control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * SOCKET_FDS_MAX)];
};

static void control_fill(struct msghdr *message, union fds_control *control, const int *fds, size_t count)
{
	/* What CMSG_FIRSTHDR would find, but for the compiler's fear that it finds nothing. */
	struct cmsghdr *header = &control->align;

	memset(control, 0, sizeof(*control));
	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(sizeof(int) * count);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
}

static ssize_t send_once(int fd, const char *bytes, size_t length, const int *fds, size_t fd_count, int flags)
{
	union fds_control control;
	/* iovec is not const, sendmsg is. */
	struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = length };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	if (fd_count > 0)
		control_fill(&message, &control, fds, fd_count);
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL | flags);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int socket_send(int fd, const void *bytes, size_t length, const int *fds, size_t fd_count)
{
	const char *rest = bytes;

	if (length == 0 || fd_count > SOCKET_FDS_MAX)
		return -EINVAL;
	while (length > 0) {
		ssize_t n = send_once(fd, rest, length, fds, fd_count, 0);

		if (n < 0)
			return (int)n;
		fd_count = 0;
		rest += n;
		length -= (size_t)n;
	}
	return 0;
}

int socket_send_until(int fd, const void *bytes, size_t length, const int *fds, size_t fd_count, int64_t deadline_ns)
{
	const char *rest = bytes;

	if (length == 0 || fd_count > SOCKET_FDS_MAX)
		return -EINVAL;
	while (length > 0) {
		ssize_t n = send_once(fd, rest, length, fds, fd_count, MSG_DONTWAIT);
		int r = 0;

		if (n == -EAGAIN)
			r = socket_wait(fd, POLLOUT, deadline_ns);
		else if (n < 0)
			r = (int)n;
		/* A reader that takes a little each time is not waited for longer than others. */
		else if (clock_now_ns() >= deadline_ns && (size_t)n < length)
			r = -ETIMEDOUT;
		if (r < 0)
			return r;
		if (n > 0) {
			fd_count = 0;
			rest += n;
			length -= (size_t)n;
		}
	}
	return 0;
}

/* Moves every descriptor that came into `fds`. There is room: the kernel puts no more into the buffer than it holds. */
static void control_take(struct msghdr *message, struct socket_fds *fds)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
		size_t count;

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
			if (fds->count < SOCKET_FDS_MAX)
				fds->fds[fds->count++] = fd;
			else
				fd_close(fd);
		}
	}
}

ssize_t socket_receive(int fd, void *to, size_t size, struct socket_fds *fds)
{
	_cleanup_(socket_fds_cleanup) struct socket_fds came = SOCKET_FDS_INIT;
	union fds_control control = { 0 };
	struct iovec part = { .iov_base = to, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	if (fds) {
		*fds = SOCKET_FDS_INIT;
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	control_take(&message, &came);
	if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return -EMSGSIZE;
	if (fds) {
		*fds = came;
		came.count = 0;
	}
	return n;
}

int socket_wait(int fd, short events, int64_t deadline_ns)
{
	for (;;) {
		struct pollfd item = { .fd = fd, .events = events };
		int r = poll(&item, 1, clock_left_ms(deadline_ns));

		if (r > 0)
			return item.revents & POLLNVAL ? -EBADF : item.revents;
		if (r < 0 && errno != EINTR)
			return -errno;
		/* Rounding and EINTR may end the wait early. */
		if (deadline_ns != CLOCK_NEVER && clock_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
	}
}
