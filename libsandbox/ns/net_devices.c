/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving network devices. See net_devices.h.
 *
 * Read: rtnetlink(7); the kernel's do_setlink(), which moves and renames under one lock.
 */
#include "libsandbox/ns/net_devices.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "libbase/fd.h"
#include "libbase/text.h"
#include "libsandbox/ns/netlink.h"

/* An index that is taken in the other namespace; the next one tried is far from those that grow from 1. */
#define INDEX_TRIES 16
#define INDEX_STEP  65536

/* What of an address's flags is somebody's wish, not the kernel's finding. */
#define FLAGS_KEPT (IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)

static const char *new_name(const struct spec_net_device *device)
{
	return text_is_empty(device->name) ? device->key : device->name;
}

static int device_index(int fd, const char *name, int *ret)
{
	struct ifreq request = { .ifr_ifindex = 0 };
	size_t length = strlen(name);

	if (length >= sizeof(request.ifr_name))
		return -ENAMETOOLONG;
	memcpy(request.ifr_name, name, length);
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return -errno;
	*ret = request.ifr_ifindex;
	return 0;
}

/* -- addresses ----------------------------------------------------------------------------------------------------------------- */

static int addresses_read(int fd, int index, struct arena *arena, struct netlink_bytes *ret)
{
	struct ifaddrmsg head = { .ifa_family = AF_UNSPEC, .ifa_index = (uint32_t)index };
	struct netlink_request request;

	netlink_begin(&request, RTM_GETADDR, 0, &head, sizeof(head));
	return netlink_dump(fd, &request, arena, ret);
}

static uint32_t flags_of(const struct ifaddrmsg *head, struct netlink_bytes attributes)
{
	uint32_t flags = head->ifa_flags;
	struct netlink_bytes value;
	uint16_t type;

	while (netlink_attribute_next(&attributes, &type, &value)) {
		if (type == IFA_FLAGS)
			(void)netlink_head(&value, &flags, sizeof(flags));
	}
	return flags;
}

/* The request that gives the address to device `index`; false: it stays behind, because its worth depends on where it was learnt. */
static bool address_copy(struct netlink_bytes payload, int index, struct netlink_request *to)
{
	struct netlink_bytes value;
	struct ifaddrmsg head;
	uint32_t flags;
	uint16_t type;

	if (!netlink_head(&payload, &head, sizeof(head)))
		return false;
	flags = flags_of(&head, payload);
	if (!(flags & IFA_F_PERMANENT) || head.ifa_scope != RT_SCOPE_UNIVERSE)
		return false;
	flags &= FLAGS_KEPT;
	head.ifa_flags = (uint8_t)flags;
	head.ifa_index = (uint32_t)index;
	netlink_begin(to, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	netlink_add(to, IFA_FLAGS, &flags, sizeof(flags));
	/* Not the label: it holds the old name. */
	while (netlink_attribute_next(&payload, &type, &value)) {
		if (type == IFA_LOCAL || type == IFA_ADDRESS || type == IFA_BROADCAST)
			netlink_add(to, type, value.at, value.length);
	}
	return true;
}

static int addresses_give(int fd, int index, struct netlink_bytes messages)
{
	struct netlink_bytes payload;
	uint16_t type;

	while (netlink_message_next(&messages, &type, &payload)) {
		struct netlink_request request;
		int r = type == RTM_NEWADDR && address_copy(payload, index, &request) ? netlink_call(fd, &request) : 0;

		if (r < 0 && r != -EEXIST)
			return r;
	}
	return 0;
}

/* -- links --------------------------------------------------------------------------------------------------------------------- */

/*
 * With the index told, the device is known in the other namespace whatever name a template ("eth%d") gets there. It keeps its own if that is
 * free.
 */
static int link_move(int fd, int index, const char *name, int target_fd, int *ret_index)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	int r = -EBUSY;

	for (int i = 0; r == -EBUSY && i < INDEX_TRIES; i++) {
		struct netlink_request request;

		*ret_index = index + i * INDEX_STEP;
		netlink_begin(&request, RTM_NEWLINK, 0, &head, sizeof(head));
		netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
		netlink_add(&request, IFLA_NET_NS_FD, &target_fd, sizeof(target_fd));
		netlink_add(&request, IFLA_NEW_IFINDEX, ret_index, sizeof(*ret_index));
		r = netlink_call(fd, &request);
	}
	return r;
}

static int link_up(int fd, int index)
{
	struct ifinfomsg head = {
		.ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP
	};
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, 0, &head, sizeof(head));
	return netlink_call(fd, &request);
}

static int device_move(int here_fd, int there_fd, int target_fd, const struct spec_net_device *device,
		       struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct netlink_bytes addresses = { 0 };
	int index = 0, there_index = 0, r;

	r = device_index(here_fd, device->key, &index);
	if (r < 0)
		return error_set(err, r, "network device '%s'", device->key);
	/* Before the move: the kernel takes the addresses away with it. */
	r = addresses_read(here_fd, index, &arena, &addresses);
	if (r < 0)
		return error_set(err, r, "network device '%s': read its addresses", device->key);
	/* The kernel would move the device first and then refuse its name; it would stay there, without its addresses. */
	r = device_index(there_fd, new_name(device), &there_index) == 0 ? -EEXIST : 0;
	if (r == 0)
		r = link_move(here_fd, index, new_name(device), target_fd, &there_index);
	if (r < 0)
		return error_set(err, r, "network device '%s': move to '%s'", device->key, new_name(device));
	r = addresses_give(there_fd, there_index, addresses);
	if (r < 0)
		return error_set(err, r, "network device '%s': set its addresses", device->key);
	r = link_up(there_fd, there_index);
	return r < 0 ? error_set(err, r, "network device '%s': bring it up", device->key) : 0;
}

/* -- the whole ----------------------------------------------------------------------------------------------------------------- */

/* A socket belongs to the namespace it was made in, wherever its owner goes. */
static int socket_in(int own_fd, int target_fd, struct error *err)
{
	int fd;

	if (setns(target_fd, CLONE_NEWNET) < 0)
		return error_set(err, -errno, "enter the container's network namespace");
	fd = netlink_open();
	if (setns(own_fd, CLONE_NEWNET) < 0) {
		int code = -errno;

		(void)fd_close(fd);
		return error_set(err, code, "return from the container's network namespace");
	}
	return fd < 0 ? error_set(err, fd, "open a netlink socket in the container's network namespace") : fd;
}

int net_devices_move(int own_fd, int target_fd, const struct spec_net_device *devices, size_t count, struct error *err)
{
	_cleanup_(fd_cleanup) int here_fd = netlink_open();
	_cleanup_(fd_cleanup) int there_fd = FD_NONE;

	if (here_fd < 0)
		return error_set(err, here_fd, "open a netlink socket");
	there_fd = socket_in(own_fd, target_fd, err);
	if (there_fd < 0)
		return there_fd;
	for (size_t i = 0; i < count; i++) {
		int r = device_move(here_fd, there_fd, target_fd, &devices[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}
