/* SPDX-License-Identifier: Apache-2.0 */
/* A new network namespace. See net.h. Read: network_namespaces(7), setns(2), netdevice(7). */
#include "libsandbox/ns/net.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "libbase/fd.h"

/* The family does not matter to the calls, and this one is in every kernel. */
static int socket_make(struct error *err)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? error_set(err, -errno, "open a socket") : fd;
}

static int loopback_set(int socket_fd, struct error *err)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	return ioctl(socket_fd, SIOCSIFFLAGS, &request) < 0 ? error_set(err, -errno, "bring up lo") : 0;
}

int loopback_up(struct error *err)
{
	_cleanup_(fd_leave) int fd = socket_make(err);

	return fd < 0 ? fd : loopback_set(fd, err);
}

/* The namespace that a socket was made in: the caller's, without a name that could lead elsewhere. Close-on-exec. */
static int socket_network(int socket_fd)
{
	int fd = ioctl(socket_fd, SIOCGSKNS);

	return fd < 0 ? -errno : fd;
}

/*
 * The way back, proved before it is needed: whatever forbids it (capabilities, a filter, a security module) forbids it here already, where nobody
 * has left yet. Without a type, to be told from the return itself.
 */
static int home_open(int socket_fd)
{
	_cleanup_(fd_cleanup) int home_fd = socket_network(socket_fd);

	return home_fd >= 0 && setns(home_fd, 0) == 0 ? fd_take(&home_fd) : FD_NONE;
}

void network_cleanup(struct network *network)
{
	fd_cleanup(&network->fd);
	fd_cleanup(&network->socket_fd);
}

/* In the new one. */
static int network_open(struct network *network, struct error *err)
{
	network->socket_fd = socket_make(err);
	if (network->socket_fd < 0)
		return network->socket_fd;
	network->fd = socket_network(network->socket_fd);
	return network->fd < 0 ? error_set(err, network->fd, "open the network namespace") : 0;
}

static int network_leave(struct error *err)
{
	return unshare(CLONE_NEWNET) < 0 ? error_set(err, -errno, "unshare the network namespace") : 0;
}

int network_move(struct network *ret, struct error *err)
{
	int r = network_leave(err);

	if (r == 0)
		r = network_open(ret, err);
	if (r < 0)
		network_cleanup(ret);
	return r;
}

int network_make(int socket_fd, struct network *ret, bool *astray, struct error *err)
{
	_cleanup_(fd_cleanup) int home_fd = home_open(socket_fd);
	_cleanup_(network_cleanup) struct network network = NETWORK_NONE;
	int r;

	if (home_fd < 0)
		return 0;
	r = network_leave(err);
	if (r < 0)
		return r;
	r = network_open(&network, err);
	*astray = setns(home_fd, CLONE_NEWNET) < 0;
	if (*astray)
		return error_set(err, -errno, "return from the container's network namespace");
	if (r < 0)
		return r;
	*ret = network;
	network = NETWORK_NONE;
	return 0;
}

int network_loopback_up(const struct network *network, struct error *err)
{
	return network->socket_fd < 0 ? 0 : loopback_set(network->socket_fd, err);
}

int network_enter(int network_fd, struct error *err)
{
	return setns(network_fd, CLONE_NEWNET) < 0 ? error_set(err, -errno, "enter the network namespace") : 0;
}

int network_unshare(struct error *err)
{
	int r = network_leave(err);

	return r < 0 ? r : loopback_up(err);
}
