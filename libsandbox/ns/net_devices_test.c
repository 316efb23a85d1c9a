/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that move between two network namespaces of the test's own: veth pairs, made by the same netlink. */
#include "libsandbox/ns/net_devices.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "libsandbox/ns/fixture.h"
#include "libsandbox/ns/netlink.h"

struct world {
	int here_ns, there_ns;
	int here, there; /* netlink sockets */
};

/* A veth; its other end gets a name from the kernel. */
static void device_make(int fd, const char *name, int index)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	const struct nlattr kind = { .nla_len = NLA_HDRLEN + 5, .nla_type = IFLA_INFO_KIND };
	struct netlink_request request;
	char info[NLA_HDRLEN + 8] = { 0 };
	int r;

	memcpy(info, &kind, sizeof(kind));
	memcpy(info + NLA_HDRLEN, "veth", 5);
	netlink_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
	netlink_add(&request, IFLA_LINKINFO, info, sizeof(info));
	r = netlink_call(fd, &request);
	if (r == -EOPNOTSUPP)
		SKIP("the kernel has no veth");
	WANT_INT(r, 0);
}

static int index_of(int fd, const char *name)
{
	struct ifreq request = { 0 };

	memcpy(request.ifr_name, name, strlen(name));
	return ioctl(fd, SIOCGIFINDEX, &request) < 0 ? -errno : request.ifr_ifindex;
}

static void address_add(int fd, const char *device, const char *text, unsigned char bits, unsigned char scope)
{
	struct ifaddrmsg head = { .ifa_prefixlen = bits,
				  .ifa_scope = scope,
				  .ifa_index = (uint32_t)index_of(fd, device) };
	struct netlink_request request;
	unsigned char address[16];

	head.ifa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	WANT(inet_pton(head.ifa_family, text, address) == 1);
	netlink_begin(&request, RTM_NEWADDR, NLM_F_CREATE, &head, sizeof(head));
	netlink_add(&request, IFA_LOCAL, address, head.ifa_family == AF_INET ? 4 : 16);
	netlink_add(&request, IFA_ADDRESS, address, head.ifa_family == AF_INET ? 4 : 16);
	WANT_INT(netlink_call(fd, &request), 0);
}

static bool address_found(int fd, const char *device, const char *text)
{
	struct ifaddrmsg head = { .ifa_family = AF_UNSPEC, .ifa_index = (uint32_t)index_of(fd, device) };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct netlink_bytes all, payload, value;
	struct netlink_request request;
	bool found = false;
	uint16_t type;

	netlink_begin(&request, RTM_GETADDR, 0, &head, sizeof(head));
	WANT_INT(netlink_dump(fd, &request, &arena, &all), 0);
	while (netlink_message_next(&all, &type, &payload)) {
		if (type != RTM_NEWADDR || !netlink_head(&payload, &head, sizeof(head)))
			continue;
		while (netlink_attribute_next(&payload, &type, &value)) {
			char have[64];

			if (type == IFA_ADDRESS && inet_ntop(head.ifa_family, value.at, have, sizeof(have)))
				found = found || strcmp(have, text) == 0;
		}
	}
	return found;
}

static bool is_up(int fd, const char *name)
{
	struct ifreq request = { 0 };

	memcpy(request.ifr_name, name, strlen(name));
	WANT(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	return request.ifr_flags & IFF_UP;
}

static struct world world_make(void)
{
	struct world world;

	need_root();
	WANT(unshare(CLONE_NEWNET) == 0);
	world.there_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	world.there = netlink_open();
	WANT(unshare(CLONE_NEWNET) == 0);
	world.here_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	world.here = netlink_open();
	WANT(world.there >= 0 && world.here >= 0);
	return world;
}

CHILD(a_device_moves_with_its_lasting_addresses)
{
	struct world world = world_make();
	const struct spec_net_device devices[] = { { "deck0", "eth0" }, { "deck1", NULL } };
	struct stat before, after;
	struct error err;

	ERROR_INIT(&err);
	device_make(world.here, "deck0", 0);
	device_make(world.here, "deck1", 0);
	address_add(world.here, "deck0", "10.9.8.7", 24, RT_SCOPE_UNIVERSE);
	address_add(world.here, "deck0", "2001:db8::7", 64, RT_SCOPE_UNIVERSE);
	address_add(world.here, "deck0", "169.254.3.4", 16, RT_SCOPE_LINK);
	address_add(world.here, "deck1", "10.9.9.1", 32, RT_SCOPE_UNIVERSE);
	WANT(fstat(world.here_ns, &before) == 0);
	WANT_OK(net_devices_move(world.here_ns, world.there_ns, devices, 2, &err), &err);
	WANT(stat("/proc/self/ns/net", &after) == 0);
	WANT_INT(after.st_ino, before.st_ino);

	WANT_INT(index_of(world.here, "deck0"), -ENODEV);
	WANT(index_of(world.there, "eth0") > 0 && index_of(world.there, "deck1") > 0);
	WANT(is_up(world.there, "eth0") && is_up(world.there, "deck1"));
	WANT(address_found(world.there, "eth0", "10.9.8.7"));
	WANT(address_found(world.there, "eth0", "2001:db8::7"));
	WANT(!address_found(world.there, "eth0", "169.254.3.4"));
	WANT(!address_found(world.there, "eth0", "10.9.9.1"));
	WANT(address_found(world.there, "deck1", "10.9.9.1"));
}

CHILD(an_index_that_is_taken_there_does_not_matter)
{
	struct world world = world_make();
	const struct spec_net_device devices[] = { { "deck0", "eth%d" }, { "deck1", "eth%d" } };
	struct error err;

	ERROR_INIT(&err);
	device_make(world.here, "deck0", 50);
	device_make(world.here, "deck1", 60);
	device_make(world.there, "other", 50);
	address_add(world.here, "deck0", "10.9.8.7", 24, RT_SCOPE_UNIVERSE);
	WANT_OK(net_devices_move(world.here_ns, world.there_ns, devices, 2, &err), &err);
	WANT_INT(index_of(world.there, "other"), 50);
	WANT(!is_up(world.there, "other") && !address_found(world.there, "other", "10.9.8.7"));
	WANT(index_of(world.there, "eth0") > 0 && index_of(world.there, "eth1") > 0);
	WANT(address_found(world.there, "eth0", "10.9.8.7") || address_found(world.there, "eth1", "10.9.8.7"));
}

CHILD(errors_name_the_device)
{
	struct world world = world_make();
	struct spec_net_device device = { "nowhere", NULL };
	struct error err;

	ERROR_INIT(&err);
	WANT_INT(net_devices_move(world.here_ns, world.there_ns, &device, 1, &err), -ENODEV);
	WANT_TEXT(err.text, "network device 'nowhere': No such device");
	device_make(world.here, "deck0", 0);
	device_make(world.there, "eth0", 0);
	device = (struct spec_net_device){ "deck0", "eth0" };
	WANT_INT(net_devices_move(world.here_ns, world.there_ns, &device, 1, &err), -EEXIST);
	WANT_TEXT(err.text, "network device 'deck0': move to 'eth0': File exists");
	WANT(index_of(world.here, "deck0") > 0);
}

TEST(messages_that_do_not_fit_end_the_walk)
{
	struct nlattr head = { .nla_len = 200, .nla_type = 1 };
	struct netlink_bytes bytes = { (const char *)&head, sizeof(head) }, payload;
	struct netlink_request request;
	char big[NETLINK_REQUEST_MAX] = { 0 };
	uint16_t type;

	CHECK(!netlink_attribute_next(&bytes, &type, &payload));
	head.nla_len = 2;
	CHECK(!netlink_attribute_next(&bytes, &type, &payload));
	head.nla_len = NLA_HDRLEN;
	CHECK(netlink_attribute_next(&bytes, &type, &payload));
	CHECK_INT(payload.length, 0);
	CHECK(!netlink_attribute_next(&bytes, &type, &payload));
	netlink_begin(&request, RTM_NEWLINK, 0, big, sizeof(struct ifinfomsg));
	netlink_add(&request, IFLA_IFNAME, big, sizeof(big));
	CHECK_INT(netlink_call(FD_NONE, &request), -EMSGSIZE);
}
