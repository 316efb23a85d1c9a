/* SPDX-License-Identifier: Apache-2.0 */
/* The loopback interface of a new network namespace. */
#include "libsandbox/ns/net.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "libsandbox/ns/fixture.h"

CHILD(loopback_is_up_and_has_its_address)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(9),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ifreq request = { .ifr_name = "lo" };
	struct error err;
	int fd;

	ERROR_INIT(&err);
	need_root();
	WANT(unshare(CLONE_NEWNET) == 0);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	WANT(sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)) < 0);
	WANT_OK(loopback_up(&err), &err);
	WANT(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	WANT(request.ifr_flags & IFF_UP && request.ifr_flags & IFF_RUNNING && request.ifr_flags & IFF_LOOPBACK);
	WANT(sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)) == 1);
}

CHILD(a_denial_is_told)
{
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT(unshare(CLONE_NEWNET) == 0);
	WANT(setresuid(1234, 1234, 1234) == 0);
	WANT_INT(loopback_up(&err), -EPERM);
	WANT_TEXT(err.text, "bring up lo: Operation not permitted");
}
