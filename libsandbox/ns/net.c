/* SPDX-License-Identifier: Apache-2.0 */
/* Loopback. See net.h. Read: netdevice(7). */
#include "libsandbox/ns/net.h"

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "libbase/fd.h"

int loopback_up(struct error *err)
{
	/* The family does not matter to the call, and this one is in every kernel. */
	_cleanup_(fd_leave) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (fd < 0)
		return error_set(err, -errno, "open a socket");
	return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? error_set(err, -errno, "bring up lo") : 0;
}
