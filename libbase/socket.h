/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unix sockets, and descriptors sent through them.
 *
 * Every descriptor made here is close-on-exec from birth. Nothing raises SIGPIPE: a gone peer is -EPIPE.
 * Not for: what the bytes mean.
 */
#ifndef ORLOP_LIBBASE_SOCKET_H
#define ORLOP_LIBBASE_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "libbase/cleanup.h"

#define SOCKET_FDS_MAX 16

/* Received descriptors; owned. Take one out with fd_take(&fds.fds[i]). */
struct socket_fds {
	int fds[SOCKET_FDS_MAX];
	size_t count;
};

#define SOCKET_FDS_INIT ((struct socket_fds){ .count = 0 })

void socket_fds_cleanup(struct socket_fds *fds);

/* Two ends of a SOCK_SEQPACKET socket: messages keep their bounds, and a peer that is gone reads as end of file. */
int socket_pair(int ret[2]) _warn_unused_;

/* What a peer outside of orlop may take to accept a connection, or to read what is sent. */
#define SOCKET_PEER_TIMEOUT_S 5

/* `type`: SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM, with SOCK_NONBLOCK for -EAGAIN instead of waiting. `path` may be longer than a sockaddr_un holds; symlinks are followed, as the host
 * does. Returns the connected socket, on which a send takes no longer than that time either (-EAGAIN). -ETIMEDOUT: nobody accepts. */
int socket_connect(int dir_fd, const char *path, int type) _warn_unused_;
/* Binds a new socket to `path` (which must not exist) and listens. The file gets `mode` less the umask, never more in between. */
int socket_listen(int dir_fd, const char *path, int type, mode_t mode, int backlog) _warn_unused_;
int socket_accept(int fd) _warn_unused_;

/* Sends all bytes (at least one), and the descriptors with the first. They stay the caller's. Returns 0. */
int socket_send(int fd, const void *bytes, size_t length, const int *fds, size_t fd_count) _warn_unused_;

/* The same, but all of it by `deadline_ns`, whether the socket blocks or not: -ETIMEDOUT. */
int socket_send_until(int fd, const void *bytes, size_t length, const int *fds, size_t fd_count, int64_t deadline_ns)
	_warn_unused_;

/*
 * Receives one message (of a stream: what is there). Returns its length, 0 at end of file. `fds` is overwritten, and empty unless the
 * call succeeds; with NULL no descriptors are wanted. -EMSGSIZE: bytes or descriptors were cut, or came unwanted; all that came with
 * the message are closed, the message is lost.
 */
ssize_t socket_receive(int fd, void *to, size_t size, struct socket_fds *fds) _warn_unused_;

/* Waits until one of the poll(2) `events`, POLLHUP or POLLERR; returns those that are, or -ETIMEDOUT. See libbase/clock.h. */
int socket_wait(int fd, short events, int64_t deadline_ns) _warn_unused_;

#endif
