/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who makes the container's cgroup and where it is; properties for its unit.
 *
 * Not for: what is written into it (plan/resources.c).
 * Read: runtime-spec config-linux.md, "Cgroups Path"; systemd.slice(5), systemd.scope(5).
 */
#include <errno.h>
#include <string.h>

#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libsandbox/plan/build.h"
#include "libsandbox/plan/unit.h"
#include "libsandbox/plan/variant.h"

#define CGROUPS_PATH "/linux/cgroupsPath"

/* Docker and CRI hand "system.slice:docker:ID" to a runtime of another name than runc's without telling it of systemd. */
static bool names_a_unit(const char *path)
{
	const char *first = path ? strchr(path, ':') : NULL;
	const char *second = first ? strchr(first + 1, ':') : NULL;
	const size_t suffix = strlen(UNIT_SLICE_SUFFIX);

	return second && !strchr(second + 1, ':') && (size_t)(first - path) > suffix &&
	       strncmp(first - suffix, UNIT_SLICE_SUFFIX, suffix) == 0;
}

static int driver_choose(const struct plan_work *work)
{
	int asked = work->options->cgroup_driver;

	if (asked)
		return asked;
	if (work->host->systemd && names_a_unit(work->spec->os_linux->cgroups_path))
		return CGROUP_DRIVER_SYSTEMD;
	return CGROUP_DRIVER_CGROUPFS;
}

/* A path that is not absolute stands beside our own cgroup, not in it: one with processes cannot hand controllers down. */
static int path_build(struct plan_work *work)
{
	const char *given = work->spec->os_linux->cgroups_path;
	const char *own = work->host->cgroup_own ? work->host->cgroup_own : "/";
	const char *inner = text_is_empty(given) ? work->options->id : given;
	struct plan_cgroup *cgroup = &work->plan->cgroup;
	char *base;

	/* Cleaned as if it began at the root, so that it leads nowhere above it. */
	char *below = arena_printf(work->arena, "/%s", inner);

	below = below ? path_clean(work->arena, below) : NULL;
	if (!below)
		return -ENOMEM;
	if (path_is_absolute(inner)) {
		cgroup->path = below;
		return 0;
	}
	base = path_clean(work->arena, own);
	if (!base)
		return -ENOMEM;
	*strrchr(base, '/') = '\0';
	cgroup->path = arena_printf(work->arena, "%s%s", base, below);
	return cgroup->path ? 0 : -ENOMEM;
}

static const char *property_problem_path(const struct plan_work *work, const char *key)
{
	return arena_printf(work->arena, "/annotations/%s", key);
}

/* 1: it was read; 0: a problem was added. */
static int property_build(struct plan_work *work, const struct spec_pair *pair, const char *name,
			  struct plan_property *to)
{
	const char *wanted = NULL;
	int r;

	r = unit_property_read(name, pair->value, work->arena, to);
	if (r == -EINVAL) {
		problem_error(work->problems, 0, property_problem_path(work, pair->key),
			      "want a number of seconds, got '%s'", pair->value);
		return 0;
	}
	if (r == 0)
		r = variant_read(to->value, work->arena, &to->variant, &wanted);
	if (r == -EINVAL) {
		problem_error(work->problems, 0, property_problem_path(work, pair->key),
			      "want a value in GVariant notation, got \"%s\": want %s", pair->value, wanted);
		return 0;
	}
	return r < 0 ? r : 1;
}

static int properties_build(struct plan_work *work)
{
	const struct spec_pairs *annotations = &work->spec->annotations;
	struct plan_property *items = arena_calloc(work->arena, annotations->count, sizeof(*items));
	struct plan_cgroup *cgroup = &work->plan->cgroup;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < annotations->count; i++) {
		const struct spec_pair *pair = &annotations->items[i];
		const char *name = text_after(pair->key, "org.systemd.property.");
		int r = name ? property_build(work, pair, name, &items[cgroup->property_count]) : 0;

		if (r < 0)
			return r;
		cgroup->property_count += (size_t)r;
	}
	cgroup->properties = items;
	return 0;
}

/* The user's service manager has its own subtree, found by our own place in it or by our id. */
static const char *user_manager_path(const struct plan_work *work)
{
	const char *own = work->host->cgroup_own;
	const char *service = own ? strstr(own, "/user@") : NULL;
	const char *end = service ? strstr(service, ".service") : NULL;

	if (end && !memchr(service + 1, '/', (size_t)(end - service - 1)))
		return arena_copy(work->arena, own, (size_t)(end - own) + strlen(".service"));
	return arena_printf(work->arena, "/user.slice/user-%u.slice/user@%u.service", work->host->euid,
			    work->host->euid);
}

/* A slice's place follows from its name, a scope's from its slice. */
static int unit_place(struct plan_work *work)
{
	struct plan_cgroup *cgroup = &work->plan->cgroup;
	const char *manager = cgroup->user_manager ? user_manager_path(work) : "";
	char *slice = NULL;
	int r = unit_slice_path(cgroup->unit_is_slice ? cgroup->unit : cgroup->slice, work->arena, &slice);

	if (r == -EINVAL) {
		problem_error(work->problems, 0, CGROUPS_PATH, "invalid slice name: %s",
			      cgroup->unit_is_slice ? cgroup->unit : cgroup->slice);
		slice = arena_string(work->arena, "/");
		r = 0;
	}
	if (r < 0 || !manager || !slice)
		return -ENOMEM;
	cgroup->path = cgroup->unit_is_slice ? arena_printf(work->arena, "%s%s", manager, slice)
					     : arena_printf(work->arena, "%s%s/%s", manager,
							    text_equal(slice, "/") ? "" : slice, cgroup->unit);
	return cgroup->path ? 0 : -ENOMEM;
}

static int unit_build(struct plan_work *work)
{
	const char *given = work->spec->os_linux->cgroups_path;
	struct plan_cgroup *cgroup = &work->plan->cgroup;
	struct unit_parts parts = { .slice = "", .prefix = "orlop", .name = work->options->id };
	int r = text_is_empty(given) ? 0 : unit_parts_read(given, work->arena, &parts);

	if (r == -EINVAL) {
		problem_error(work->problems, 0, CGROUPS_PATH,
			      "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got "
			      "\"%s\" instead",
			      given);
		return 0;
	}
	if (r < 0)
		return r;
	cgroup->user_manager = work->plan->rootless;
	cgroup->slice = parts.slice;
	if (text_is_empty(parts.slice))
		cgroup->slice = work->plan->rootless ? "user.slice" : "system.slice";
	cgroup->unit = unit_name(&parts, work->arena);
	if (!cgroup->unit)
		return -ENOMEM;
	if (!unit_name_is_valid(cgroup->unit)) {
		problem_error(
			work->problems, 0, CGROUPS_PATH,
			"want what systemd takes as a name (letters, digits and :-_.\\ up to %d bytes), got \"%s\"",
			UNIT_NAME_MAX, cgroup->unit);
		return 0;
	}
	cgroup->unit_is_slice = text_ends(cgroup->unit, UNIT_SLICE_SUFFIX);
	r = unit_place(work);
	return r < 0 ? r : properties_build(work);
}

/* As runc: only a scope of systemd is handed over, and only where the container can see it as its own and write to it. */
static bool wants_delegation(const struct plan *plan)
{
	if (plan->cgroup.driver != CGROUP_DRIVER_SYSTEMD || !(plan->namespaces.new_flags & CLONE_NEWCGROUP))
		return false;
	for (size_t i = 0; i < plan->mount_count; i++) {
		const struct plan_mount *mount = &plan->mounts[i];

		if (mount->kind == MOUNT_CGROUP && text_equal(mount->destination, "/sys/fs/cgroup"))
			return !((mount->attr_set | mount->recursive_set) & MOUNT_ATTR_RDONLY);
	}
	return false;
}

/* The runtime-spec's config-linux.md, "Cgroup ownership": the host's id of the one the process runs as. */
static uint32_t delegate_uid(const struct plan_work *work)
{
	const struct spec_process *process = work->spec->process;
	uint32_t uid = process && process->user ? process->user->uid.value : 0;
	uint64_t flags = work->plan->namespaces.new_flags | work->plan->namespaces.join_flags;

	return flags & CLONE_NEWUSER ? plan_id_to_host(&work->spec->os_linux->uid_mappings, uid) : uid;
}

/* Without cgroup2 only who asks for nothing of it runs: plan_resources_build tells of limits and device rules. */
static void missing_check(struct plan_work *work)
{
	if (work->plan->cgroup.driver == CGROUP_DRIVER_SYSTEMD)
		problem_error(work->problems, 0, "", "the systemd driver needs cgroup v2, and none is mounted");
	else if (work->plan->cgroup.path_given)
		problem_error(work->problems, 0, CGROUPS_PATH,
			      "needs cgroup v2, and none is mounted at /sys/fs/cgroup");
	work->plan->cgroup.driver = CGROUP_DRIVER_DISABLED;
}

int plan_cgroup_build(struct plan_work *work)
{
	struct plan_cgroup *cgroup = &work->plan->cgroup;

	cgroup->driver = driver_choose(work);
	if (cgroup->driver == CGROUP_DRIVER_DISABLED)
		return 0;
	cgroup->path_given = !text_is_empty(work->spec->os_linux->cgroups_path);
	if (work->host->cgroup == HOST_CGROUP_NONE || !work->host->cgroup_mount) {
		missing_check(work);
		return 0;
	}
	cgroup->mount = work->host->cgroup_mount;
	if (cgroup->driver == CGROUP_DRIVER_SYSTEMD) {
		if (!work->host->systemd)
			problem_error(work->problems, 0, "",
				      "systemd not running on this host, cannot use systemd cgroups manager");
		cgroup->delegate = wants_delegation(work->plan);
		cgroup->delegate_uid = cgroup->delegate ? delegate_uid(work) : 0;
		return unit_build(work);
	}
	cgroup->tolerate_denied = work->plan->rootless && !cgroup->path_given;
	return path_build(work);
}
