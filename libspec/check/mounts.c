/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on `root` and `mounts`. Destinations are looked at as text; links in the container's root may still lead elsewhere, so
 * libsandbox/root holds the same rules against what was opened.
 *
 * Not for: option words (libsandbox/root/mount_options.c), sources, or what the host can mount.
 * Read: runtime-spec config.md, "Root", "Mounts"; mount_setattr(2).
 */
#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/check/check.h"
#include "libspec/check/rule.h"

static void rule_root(const struct spec *spec, struct problems *problems)
{
	if (!spec->root)
		problem_error(problems, 0, "/root", "root must be specified");
	else if (text_is_empty(spec->root->path))
		problem_error(problems, 0, "/root/path", "want the path of the root filesystem, got ''");
}

/* Written only for a message: there may be hundreds of mounts. */
static struct rule_path destination_path(size_t at)
{
	return rule_path("/mounts/%zu/destination", at);
}

static void rule_destination(const struct spec *spec, struct problems *problems)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		const char *destination = spec->mounts.items[i].destination;

		if (text_is_empty(destination))
			problem_error(problems, 0, destination_path(i).text, "want a path in the container, got ''");
		else if (!path_is_absolute(destination))
			problem_warning(
				problems, 0, destination_path(i).text,
				"relative destination path is **deprecated**, using it as relative to /, got '%s'",
				rule_quote(destination).text);
	}
}

static bool mount_has_option(const struct spec_mount *mount, const char *one, const char *other)
{
	for (size_t i = 0; i < mount->options.count; i++) {
		if (text_equal(mount->options.items[i], one) || text_equal(mount->options.items[i], other))
			return true;
	}
	return false;
}

/* Files below /proc that show values of the container (lxcfs) or that CRIU and FIPS images need. */
static const char *const proc_allowed[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/meminfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/uptime",
	"/proc/loadavg",
	"/proc/slabinfo",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/sys/crypto/fips_enabled",
};

static bool proc_allows(const char *destination)
{
	for (size_t i = 0; i < ARRAY_SIZE(proc_allowed); i++) {
		if (text_equal(destination, proc_allowed[i]))
			return true;
	}
	return false;
}

static void rule_place_one(struct problems *problems, const struct spec_mount *mount, size_t at)
{
	char *destination = path_join(problems->arena, "/", mount->destination);

	if (!destination)
		return;
	bool is_bind = mount_has_option(mount, "bind", "rbind");

	if (text_equal(destination, "/")) {
		problem_error(problems, 0, destination_path(at).text, "mountpoint \"%s\" is on the top of rootfs",
			      rule_quote(mount->destination).text);
	} else if (text_equal(destination, "/proc")) {
		if (!is_bind && !text_equal(mount->type, "proc"))
			problem_error(problems, 0, destination_path(at).text,
				      "\"/proc\" cannot be mounted because it is not of type proc, got type '%s'",
				      rule_quote(mount->type).text);
	} else if (text_starts(destination, "/proc/")) {
		if (!is_bind || !proc_allows(destination))
			problem_error(problems, 0, destination_path(at).text,
				      "\"%s\" cannot be mounted because it is inside /proc",
				      rule_quote(destination).text);
	}
}

static void rule_place(const struct spec *spec, struct problems *problems)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		if (!text_is_empty(spec->mounts.items[i].destination))
			rule_place_one(problems, &spec->mounts.items[i], i);
	}
}

static void rule_idmap_one(const struct spec *spec, struct problems *problems, const struct spec_mount *mount,
			   size_t at)
{
	bool has_uids = mount->uid_mappings.count > 0, has_gids = mount->gid_mappings.count > 0;

	if (has_uids)
		rule_id_maps(problems, rule_path("/mounts/%zu/uidMappings", at).text, &mount->uid_mappings);
	if (has_gids)
		rule_id_maps(problems, rule_path("/mounts/%zu/gidMappings", at).text, &mount->gid_mappings);

	bool wanted = has_uids || has_gids || mount_has_option(mount, "idmap", "ridmap");
	bool from_container = !has_uids && !has_gids && spec_has_namespace(spec, NAMESPACE_USER);
	if (wanted && !from_container && (!has_uids || !has_gids))
		problem_error(problems, 0, rule_path("/mounts/%zu", at).text,
			      "id-mapped mounts must have both uid and gid mappings specified");
}

static void rule_idmap(const struct spec *spec, struct problems *problems)
{
	for (size_t i = 0; i < spec->mounts.count; i++)
		rule_idmap_one(spec, problems, &spec->mounts.items[i], i);
}

const struct check_row checks_mounts[] = {
	{ "root", "root is given and has a path", rule_root },
	{ "mount-destination", "a destination is not empty; warns when it is relative", rule_destination },
	{ "mount-place",
	  "nothing is mounted on / or below /proc but a few bound files; on /proc only proc or a bind mount",
	  rule_place },
	{ "mount-idmap",
	  "an id-mapped mount has both mappings, or a user namespace to take them from; entries are as the kernel "
	  "wants them",
	  rule_idmap },
};
const size_t checks_mounts_count = ARRAY_SIZE(checks_mounts);
