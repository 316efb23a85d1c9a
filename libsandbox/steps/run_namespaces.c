/* SPDX-License-Identifier: Apache-2.0 */
/* What the namespace rows of the step tables call. The work is in ns/. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "libbase/proc.h"
#include "libsandbox/ns/idmap.h"
#include "libsandbox/ns/join.h"
#include "libsandbox/ns/net.h"
#include "libsandbox/ns/net_devices.h"
#include "libsandbox/ns/uts.h"
#include "libsandbox/steps/run.h"

/* The number may have gone to another process, before or while its namespaces were opened, only if this one is dead. */
static int target_check(const struct sandbox *sandbox, struct error *err)
{
	struct pollfd item = { .fd = sandbox->target_pidfd, .events = POLLIN };

	if (sandbox->target_pidfd >= 0 && poll(&item, 1, 0) != 0)
		return error_say(err, -ESRCH, "the container's init has ended");
	return 0;
}

int run_namespaces_open(struct sandbox *sandbox, struct error *err)
{
	int r = namespaces_open(&sandbox->plan->namespaces, sandbox->namespace_fds, err);

	return r < 0 ? r : target_check(sandbox, err);
}

int run_namespaces_join(struct sandbox *sandbox, struct error *err)
{
	return namespaces_join(&sandbox->plan->namespaces, sandbox->namespace_fds, err);
}

int run_cgroup_namespace_join(struct sandbox *sandbox, struct error *err)
{
	const struct plan_namespaces *namespaces = &sandbox->plan->namespaces;
	int fds[NAMESPACE_TYPES];

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
		fd = fcntl(sandbox->namespace_fds[i], F_DUPFD_CLOEXEC, 0);
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
