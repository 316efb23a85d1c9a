/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever takes descriptors on a unix socket, for the suites in conformance/bats: what orlop is given as --console-socket, --pidfd-socket or the
 * seccomp agent's listenerPath.
 *
 *     receiver SOCKET       listens until it is killed; keeps what came last, so that a terminal's other end lives on for a while
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/socket.h"

#define MESSAGE_MAX 65536
#define KEPT        8

int main(int argc, char **argv)
{
	_cleanup_(fd_cleanup) int listen_fd = FD_NONE;
	static struct socket_fds kept[KEPT];
	size_t next = 0;
	static char bytes[MESSAGE_MAX];

	if (argc != 2)
		return EXIT_FAILURE;
	listen_fd = socket_listen(AT_FDCWD, argv[1], SOCK_STREAM, 0666, 64);
	while (listen_fd >= 0) {
		_cleanup_(fd_cleanup) int fd = socket_accept(listen_fd);
		struct socket_fds received = SOCKET_FDS_INIT;

		if (fd >= 0 && socket_receive(fd, bytes, sizeof(bytes), &received) > 0) {
			socket_fds_cleanup(&kept[next]);
			kept[next] = received;
			next = (next + 1) % KEPT;
		}
	}
	return EXIT_FAILURE;
}
