/* SPDX-License-Identifier: Apache-2.0 */
/* What the namespace rows of the step tables call. The work is in ns/. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/proc.h"
#include "libbase/text.h"
#include "libsandbox/ns/idmap.h"
#include "libsandbox/ns/join.h"
#include "libsandbox/ns/net.h"
#include "libsandbox/ns/net_devices.h"
#include "libsandbox/ns/uts.h"
#include "libsandbox/priv/session.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/when.h"

/* The number may have gone to another process, before or while its namespaces were opened, only if this one is dead. */
static int target_check(const struct sandbox *sandbox, struct error *err)
{
	struct pollfd item = { .fd = sandbox->target_pidfd, .events = POLLIN };

	if (sandbox->exec && poll(&item, 1, 0) != 0)
		return error_say(err, -ESRCH, "the container's init has ended");
	return 0;
}

/* "net/ipv4/..." is of the network namespace, "kernel/domainname" of uts, all others that the check of the config lets through of ipc. */
static bool sysctls_need(const struct spec_pairs *sysctl, uint64_t type)
{
	for (size_t i = 0; i < sysctl->count; i++) {
		const char *key = sysctl->items[i].key;
		const bool net = text_starts(key, "net/");
		const bool uts = text_equal(key, "kernel/domainname") || text_equal(key, "kernel/hostname");

		if ((type == NAMESPACE_NETWORK && net) || (type == NAMESPACE_UTS && uts) ||
		    (type == NAMESPACE_IPC && !net && !uts))
			return true;
	}
	return false;
}

/* A namespace that is joined may be our own: then its sysctls are the host's (GHSA-w2j5-3rcx-vx7x). */
static int sysctls_check(const struct sandbox *sandbox, struct error *err)
{
	const struct plan_namespaces *namespaces = &sandbox->plan->namespaces;

	for (size_t i = 0; i < namespaces->count; i++) {
		const struct name *name = namespaces->items[i].name;
		struct stat joined, own;
		char path[64];
		_cleanup_(fd_cleanup) int fd = FD_NONE;

		if (sandbox->namespace_fds[i] < 0 || !sysctls_need(&sandbox->plan->sysctl, name->value))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s",
			       name->value == NAMESPACE_NETWORK ? "net" : name->text);
		fd = path_open_host(AT_FDCWD, path, O_RDONLY, 0);
		if (fd < 0)
			return error_set(err, fd, "open '%s'", path);
		if (fstat(fd, &own) < 0 || fstat(sandbox->namespace_fds[i], &joined) < 0)
			return error_set(err, -errno, "look at namespace '%s'", name->text);
		if (own.st_ino == joined.st_ino && own.st_dev == joined.st_dev)
			return error_say(err, -EINVAL,
					 "sysctl of the host's %s namespace: '%s' is the one that we are in",
					 name->text, namespaces->items[i].path);
	}
	return 0;
}

int run_namespaces_open(struct sandbox *sandbox, struct error *err)
{
	int r;

	/* The pidfd stands for all of them, and for nobody else: who enters hears that he is dead. */
	if (sandbox->plan->namespaces.of_target)
		return 0;
	r = namespaces_open(&sandbox->plan->namespaces, sandbox->namespace_fds, err);
	if (r == 0)
		r = sysctls_check(sandbox, err);
	return r < 0 ? r : target_check(sandbox, err);
}

/* setns(2) puts who enters a mount namespace there, and nothing that joins goes elsewhere before "user". */
bool run_stands_at_root(const struct sandbox *sandbox)
{
	return sandbox->exec && (sandbox->plan->namespaces.join_flags & CLONE_NEWNS);
}

int run_namespaces_join(struct sandbox *sandbox, struct error *err)
{
	const struct plan_namespaces *namespaces = &sandbox->plan->namespaces;
	/* Before it is seen there. */
	int r = sandbox->exec ? session_hide(err) : 0;

	if (r < 0)
		return r;
	return namespaces->of_target ? namespaces_join_process(sandbox->target_pidfd, namespaces->join_flags, err)
				     : namespaces_join(namespaces, sandbox->namespace_fds, err);
}

int run_cgroup_namespace_join(struct sandbox *sandbox, struct error *err)
{
	const struct plan_namespaces *namespaces = &sandbox->plan->namespaces;
	int fds[NAMESPACE_TYPES];

	if (namespaces->of_target)
		return namespaces_join_process(sandbox->target_pidfd, CLONE_NEWCGROUP, err);
	for (size_t i = 0; i < NAMESPACE_TYPES; i++) {
		const bool is_cgroup = i < namespaces->count && namespaces->items[i].name->value == NAMESPACE_CGROUP;

		fds[i] = is_cgroup ? sandbox->namespace_fds[i] : FD_NONE;
	}
	return namespaces_join(namespaces, fds, err);
}

int run_id_maps(struct sandbox *sandbox, struct error *err)
{
	const struct idmap_target target = {
		.proc_fd = sandbox->proc_fd,
		.pid = sandbox->init_pid,
		.newuidmap = sandbox->host->newuidmap,
		.newgidmap = sandbox->host->newgidmap,
	};

	return idmap_write(&target, &sandbox->plan->ids, err);
}

int run_cgroup_namespace(struct sandbox *sandbox, struct error *err)
{
	(void)sandbox;
	return cgroup_namespace_unshare(err);
}

int run_loopback(struct sandbox *sandbox, struct error *err)
{
	(void)sandbox;
	return loopback_up(err);
}

/* Hooks are the host's, and so may be the names of systemd's and the agent's sockets. */
static bool network_is_left(const struct sandbox *sandbox)
{
	const struct plan *plan = sandbox->plan;

	return sandbox->leaves_network && !when_runtime_hooks(plan) && !when_cgroup_unit(plan) && !plan->seccomp.notify;
}

int run_network_make(struct sandbox *sandbox, struct error *err)
{
	struct network network = NETWORK_NONE;
	int r = network_is_left(sandbox) ? network_move(&network, err)
					 : network_make(sandbox->dialogue_fd, &network, &sandbox->astray, err);

	sandbox->message_fd = network.fd;
	sandbox->keeps_sent_fd = network.fd >= 0 && network_is_left(sandbox);
	sandbox->network_socket_fd = network.socket_fd;
	return r;
}

int run_network_loopback(struct sandbox *sandbox, struct error *err)
{
	const struct network network = { .fd = FD_NONE, .socket_fd = sandbox->network_socket_fd };
	int r = network_loopback_up(&network, err);

	/* Else it is a matter of the host side's own network namespace, and ends with it. */
	if (!network_is_left(sandbox))
		fd_cleanup(&sandbox->network_socket_fd);
	return r;
}

int run_network_enter(struct sandbox *sandbox, struct error *err)
{
	int r;

	if (sandbox->message_fd < 0)
		return network_unshare(err);
	r = network_enter(sandbox->message_fd, err);
	/* Only who came back is known to be let into one. */
	if (r < 0 && network_is_left(sandbox))
		r = network_unshare(err);
	fd_leave(&sandbox->message_fd);
	return r;
}

int run_names(struct sandbox *sandbox, struct error *err)
{
	return names_set(sandbox->plan->hostname, sandbox->plan->domainname, err);
}

/* The joined one was opened by its name; a new one is init's, who is in it since its birth. */
static int network_open(const struct sandbox *sandbox, struct error *err)
{
	const struct plan_namespaces *namespaces = &sandbox->plan->namespaces;
	char path[64];
	int fd;

	for (size_t i = 0; i < namespaces->count; i++) {
		if (namespaces->items[i].name->value != NAMESPACE_NETWORK || sandbox->namespace_fds[i] < 0)
			continue;
		fd = kernel_dup(sandbox->namespace_fds[i], 0);
		return fd < 0 ? error_set(err, -errno, "keep the network namespace") : fd;
	}
	(void)snprintf(path, sizeof(path), "%d/ns/net", (int)sandbox->init_pid);
	fd = proc_open_link(sandbox->proc_fd, path, O_RDONLY);
	return fd < 0 ? error_set(err, fd, "open the container's network namespace") : fd;
}

int run_net_devices(struct sandbox *sandbox, struct error *err)
{
	_cleanup_(fd_cleanup) int target_fd = network_open(sandbox, err);
	_cleanup_(fd_cleanup) int own_fd = FD_NONE;

	if (target_fd < 0)
		return target_fd;
	own_fd = proc_open_link(sandbox->proc_fd, "self/ns/net", O_RDONLY);
	if (own_fd < 0)
		return error_set(err, own_fd, "open our own network namespace");
	return net_devices_move(own_fd, target_fd, sandbox->plan->net_devices, sandbox->plan->net_device_count, err);
}
