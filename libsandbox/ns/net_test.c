/* SPDX-License-Identifier: Apache-2.0 */
/* A new network namespace: made from outside, or not where there is no way back; its loopback interface. */
#include "libsandbox/ns/net.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

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

static ino_t network_of(int fd)
{
	struct stat st;

	WANT(fd < 0 ? stat("/proc/self/ns/net", &st) == 0 : fstat(fd, &st) == 0);
	return st.st_ino;
}

static int socket_here(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	WANT(fd >= 0);
	return fd;
}

static bool loopback_is_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	WANT(fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	close(fd);
	return request.ifr_flags & IFF_UP && request.ifr_flags & IFF_RUNNING;
}

CHILD(one_is_made_for_another_and_the_maker_is_where_he_was)
{
	struct network network = NETWORK_NONE;
	bool astray = false;
	struct error err;
	ino_t home;

	ERROR_INIT(&err);
	need_root();
	/* So that lo is down at home, and what is brought up is seen. */
	WANT(unshare(CLONE_NEWNET) == 0);
	home = network_of(FD_NONE);
	WANT_OK(network_make(socket_here(), &network, &astray, &err), &err);
	WANT(!astray && network.fd >= 0 && network.socket_fd >= 0);
	WANT(network_of(FD_NONE) == home && network_of(network.fd) != home);
	WANT(fcntl(network.fd, F_GETFD) & FD_CLOEXEC && fcntl(network.socket_fd, F_GETFD) & FD_CLOEXEC);
	WANT_OK(network_loopback_up(&network, &err), &err);
	WANT(!loopback_is_up());
	WANT_OK(network_enter(network.fd, &err), &err);
	WANT(network_of(FD_NONE) == network_of(network.fd) && loopback_is_up());
	network_cleanup(&network);
	WANT(network.fd == FD_NONE && network.socket_fd == FD_NONE);
}

CHILD(a_maker_who_stays_makes_the_same)
{
	struct network network = NETWORK_NONE;
	struct error err;
	ino_t home;

	ERROR_INIT(&err);
	need_root();
	home = network_of(FD_NONE);
	WANT_OK(network_move(&network, &err), &err);
	WANT(network_of(FD_NONE) != home && network_of(network.fd) == network_of(FD_NONE));
	WANT(fcntl(network.fd, F_GETFD) & FD_CLOEXEC && fcntl(network.socket_fd, F_GETFD) & FD_CLOEXEC);
	WANT(!loopback_is_up());
	WANT_OK(network_loopback_up(&network, &err), &err);
	WANT(loopback_is_up());
	WANT_OK(network_enter(network.fd, &err), &err);
	WANT(network_of(FD_NONE) == network_of(network.fd));
	network_cleanup(&network);
}

CHILD(who_may_not_make_one_neither_leaves_nor_keeps_anything)
{
	struct network network = NETWORK_NONE;
	struct error err;
	ino_t home;

	ERROR_INIT(&err);
	need_root();
	home = network_of(FD_NONE);
	WANT(setresuid(1234, 1234, 1234) == 0);
	WANT_INT(network_move(&network, &err), -EPERM);
	WANT_TEXT(err.text, "unshare the network namespace: Operation not permitted");
	WANT(network.fd == FD_NONE && network.socket_fd == FD_NONE && network_of(FD_NONE) == home);
}

CHILD(entering_something_else_is_an_error)
{
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT_INT(network_enter(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), &err), -EINVAL);
	WANT_TEXT(err.text, "enter the network namespace: Invalid argument");
}

/* For who does not come back: the same by himself. */
static void stays(const char *why)
{
	struct network network = NETWORK_NONE;
	ino_t home = network_of(FD_NONE);
	bool astray = false;
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(network_make(socket_here(), &network, &astray, &err), &err);
	if (astray || network.fd != FD_NONE || network.socket_fd != FD_NONE || network_of(FD_NONE) != home)
		TOLD("%s: he left\n", why);
	WANT_OK(network_loopback_up(&network, &err), &err);
	WANT_OK(network_unshare(&err), &err);
	WANT(network_of(FD_NONE) != home && loopback_is_up());
}

CHILD(who_belongs_to_a_user_namespace_further_in_does_not_leave)
{
	need_root();
	if (unshare(CLONE_NEWUSER) < 0)
		SKIP("no right to make a user namespace");
	stays("user namespace");
}

/* setns(2) fails from here on; with `type`, only that to a namespace of this type. */
static void setns_deny(uint32_t type)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setns, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | (type ? BPF_JEQ : BPF_JGE) | BPF_K, type, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	WANT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	WANT(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
}

CHILD(who_may_not_enter_namespaces_does_not_leave)
{
	need_root();
	setns_deny(0);
	stays("filter");
}

CHILD(a_way_back_that_is_barred_behind_the_maker_is_told)
{
	struct network network = NETWORK_NONE;
	ino_t home = network_of(FD_NONE);
	bool astray = false;
	struct error err;

	ERROR_INIT(&err);
	need_root();
	setns_deny(CLONE_NEWNET);
	WANT_INT(network_make(socket_here(), &network, &astray, &err), -EACCES);
	WANT(astray && network.fd == FD_NONE && network.socket_fd == FD_NONE && network_of(FD_NONE) != home);
	WANT_TEXT(err.text, "return from the container's network namespace: Permission denied");
}
