/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The id maps of a new user namespace: who may write them, where the container's 0 is, and whether the process's ids exist in it.
 *
 * Not for: maps of single mounts (mounts.c).
 * Read: user_namespaces(7), "Defining user and group ID mappings"; newuidmap(1).
 */
#include <linux/capability.h>

#include "libbase/kernel.h"
#include "libsandbox/plan/build.h"

#define OVERFLOW_ID 65534 /* what the kernel shows for ids that have no mapping */

static bool id_is_mapped(const struct spec_id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->count; i++) {
		if (id >= maps->items[i].container_id && id - maps->items[i].container_id < maps->items[i].size)
			return true;
	}
	return false;
}

uint32_t plan_id_to_host(const struct spec_id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct spec_id_map *map = &maps->items[i];

		if (id >= map->container_id && id - map->container_id < map->size)
			return map->host_id + (id - map->container_id);
	}
	return OVERFLOW_ID;
}

static bool id_maps_only(const struct spec_id_maps *maps, uint32_t host_id)
{
	return maps->count == 1 && maps->items[0].size == 1 && maps->items[0].host_id == host_id;
}

/* The kernel lets anybody map his own id alone, root map anything, and nobody else more: the set-uid helpers do that, by /etc/subuid. */
static int writer_choose(struct plan_work *work)
{
	const struct host *host = work->host;
	const struct plan_ids *ids = &work->plan->ids;
	bool privileged =
		host->euid == 0 && host_has_capability(host, CAP_SETUID) && host_has_capability(host, CAP_SETGID);

	if (privileged)
		return ID_WRITER_DIRECT;
	if (id_maps_only(&ids->uid_maps, host->euid) && id_maps_only(&ids->gid_maps, host->egid)) {
		/* Else the container could leave a group that is there to keep its members out (CVE-2014-8989). */
		work->plan->ids.deny_setgroups = true;
		return ID_WRITER_DIRECT;
	}
	if (!host->newuidmap || !host->newgidmap) {
		const char *missing = host->newuidmap ? "newgidmap" : "newuidmap";

		problem_error(work->problems, 0, host->newuidmap ? "/linux/gidMappings" : "/linux/uidMappings",
			      "mapping more than one's own id needs %s, which is not in /usr/bin, /bin or "
			      "/usr/local/bin (package uidmap or shadow-utils)",
			      missing);
	}
	return ID_WRITER_HELPERS;
}

static void user_check(struct plan_work *work)
{
	const struct plan_ids *ids = &work->plan->ids;
	const struct spec_user *user;

	if (!work->spec->process || !work->spec->process->user)
		return;
	user = work->spec->process->user;
	if (!id_is_mapped(&ids->uid_maps, user->uid.value))
		problem_error(work->problems, 0, "/process/user/uid",
			      "cannot setuid to unmapped uid %u in user namespace", user->uid.value);
	if (!id_is_mapped(&ids->gid_maps, user->gid.value))
		problem_error(work->problems, 0, "/process/user/gid",
			      "cannot setgid to unmapped gid %u in user namespace", user->gid.value);
	for (size_t i = 0; i < user->additional_gids.count; i++) {
		uint32_t gid = user->additional_gids.items[i];

		if (!id_is_mapped(&ids->gid_maps, gid))
			problem_error(work->problems, 0, "/process/user/additionalGids",
				      "cannot setgroups to unmapped gid %u in user namespace", gid);
	}
}

int plan_ids_build(struct plan_work *work)
{
	const struct spec_linux *os_linux = work->spec->os_linux;
	struct plan_ids *ids = &work->plan->ids;

	ids->writer = ID_WRITER_NONE;
	if (!((work->plan->namespaces.new_flags | work->plan->namespaces.join_flags) & CLONE_NEWUSER))
		return 0;

	/* For a joined namespace the config's maps are only a hint at what it has: nothing is written, nothing refused. */
	ids->root_uid = plan_id_to_host(&os_linux->uid_mappings, 0);
	ids->root_gid = plan_id_to_host(&os_linux->gid_mappings, 0);
	if (!(work->plan->namespaces.new_flags & CLONE_NEWUSER))
		return 0;

	ids->uid_maps = os_linux->uid_mappings;
	ids->gid_maps = os_linux->gid_mappings;
	ids->writer = writer_choose(work);
	user_check(work);
	return 0;
}
