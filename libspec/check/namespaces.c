/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on `linux.namespaces` and on what needs one of them: names, id maps, clocks, sysctls, paths to hide, network devices.
 *
 * Not for: whether a path leads to a namespace of its type, or whether a joined one is the host's own (libsandbox/plan).
 * Read: runtime-spec config-linux.md; namespaces(7), user_namespaces(7), time_namespaces(7).
 */
#include <stdlib.h>
#include <string.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/check/check.h"
#include "libspec/check/rule.h"

static void rule_namespaces(const struct spec *spec, struct problems *problems)
{
	bool seen[NAMESPACE_TYPES + 1] = { false };

	for (size_t i = 0; spec->os_linux && i < spec->os_linux->namespaces.count; i++) {
		const struct spec_namespace *namespace = &spec->os_linux->namespaces.items[i];

		/* Engines write "" for "a new one". */
		if (!text_is_empty(namespace->path) && !path_is_absolute(namespace->path))
			problem_error(problems, 0, rule_path("/linux/namespaces/%zu/path", i).text,
				      "want an absolute path: invalid namespace path '%s'",
				      rule_quote(namespace->path).text);
		if (namespace->type <= 0 || namespace->type > NAMESPACE_TYPES)
			continue;
		if (seen[namespace->type])
			problem_error(problems, 0, rule_path("/linux/namespaces/%zu", i).text,
				      "malformed spec file: duplicated ns \"%s\"",
				      name_text(&names_namespaces, namespace->type));
		seen[namespace->type] = true;
	}
}

#define HOST_NAME_MAX_BYTES 64 /* __NEW_UTS_LEN */

static void rule_name(const struct spec *spec, struct problems *problems, const char *what, const char *name)
{
	if (text_is_empty(name))
		return;
	struct rule_path path = rule_path("/%s", what);

	if (!spec_has_namespace(spec, NAMESPACE_UTS))
		problem_error(problems, 0, path.text, "unable to set %s without a private UTS namespace", what);
	if (strlen(name) > HOST_NAME_MAX_BYTES)
		problem_error(problems, 0, path.text, "want at most %d bytes, got '%s'", HOST_NAME_MAX_BYTES,
			      rule_quote(name).text);
}

static void rule_names(const struct spec *spec, struct problems *problems)
{
	rule_name(spec, problems, "hostname", spec->hostname);
	rule_name(spec, problems, "domainname", spec->domainname);
}

static void rule_new_user_namespace(const struct spec_linux *os_linux, struct problems *problems)
{
	if (os_linux->uid_mappings.count == 0 && os_linux->gid_mappings.count == 0)
		problem_error(problems, 0, "/linux/namespaces",
			      "user namespaces enabled, but no namespace path to join nor mappings to apply specified");
	else if (os_linux->uid_mappings.count == 0)
		problem_error(problems, 0, "/linux/uidMappings", "want uid mappings beside the gid mappings, got none");
	else if (os_linux->gid_mappings.count == 0)
		problem_error(problems, 0, "/linux/gidMappings", "want gid mappings beside the uid mappings, got none");
}

static void rule_user_namespace(const struct spec *spec, struct problems *problems)
{
	if (!spec->os_linux)
		return;
	const struct spec_linux *os_linux = spec->os_linux;
	const struct spec_namespace *user = spec_namespace_of(spec, NAMESPACE_USER);
	bool has_maps = os_linux->uid_mappings.count > 0 || os_linux->gid_mappings.count > 0;
	const char *place = os_linux->uid_mappings.count > 0 ? "/linux/uidMappings" : "/linux/gidMappings";

	rule_id_maps(problems, "/linux/uidMappings", &os_linux->uid_mappings);
	rule_id_maps(problems, "/linux/gidMappings", &os_linux->gid_mappings);
	if (!user && has_maps)
		problem_error(problems, 0, place,
			      "user namespace mappings specified, but user namespace isn't enabled in the config");
	/* containerd and CRI-O send both; whether the mappings are those of the namespace is for the plan to compare. */
	if (user && !text_is_empty(user->path) && has_maps)
		problem_warning(problems, 0, place, "want either the path of a user namespace or mappings, got both");
	if (user && text_is_empty(user->path))
		rule_new_user_namespace(os_linux, problems);
}

static void rule_nanosecs(struct problems *problems, const char *path, const struct spec_time_offset *offset)
{
	if (offset && offset->nanosecs.value >= 1000000000)
		problem_error(problems, 0, path, "want less than 1000000000, got %u", offset->nanosecs.value);
}

static void rule_time(const struct spec *spec, struct problems *problems)
{
	if (!spec->os_linux || !spec->os_linux->time_offsets)
		return;
	const struct spec_time_offsets *offsets = spec->os_linux->time_offsets;
	const struct spec_namespace *namespace = spec_namespace_of(spec, NAMESPACE_TIME);

	rule_nanosecs(problems, "/linux/timeOffsets/boottime/nanosecs", offsets->boottime);
	rule_nanosecs(problems, "/linux/timeOffsets/monotonic/nanosecs", offsets->monotonic);
	if (!offsets->boottime && !offsets->monotonic)
		return;
	if (!namespace)
		problem_error(problems, 0, "/linux/timeOffsets",
			      "time namespace offsets specified, but time namespace isn't enabled in the config");
	else if (!text_is_empty(namespace->path))
		problem_error(problems, 0, "/linux/timeOffsets",
			      "time namespace enabled, but both namespace path and time offsets specified -- you may "
			      "only provide one");
}

static void rule_hidden_paths(const struct spec *spec, struct problems *problems)
{
	if (!spec->os_linux)
		return;
	const struct spec_strings *masked = &spec->os_linux->masked_paths;
	const struct spec_strings *readonly = &spec->os_linux->readonly_paths;

	if ((masked->count > 0 || readonly->count > 0) && !spec_has_namespace(spec, NAMESPACE_MOUNT))
		problem_error(problems, 0, masked->count > 0 ? "/linux/maskedPaths" : "/linux/readonlyPaths",
			      "unable to restrict sys entries without a private MNT namespace");
	rule_absolute_paths(problems, "/linux/maskedPaths", masked);
	rule_absolute_paths(problems, "/linux/readonlyPaths", readonly);
}

#define DEVICE_NAME_MAX 15 /* IFNAMSIZ has room for the NUL */

/* dev_valid_name of the kernel. */
static bool is_net_device_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > DEVICE_NAME_MAX || text_equal(name, ".") || text_equal(name, ".."))
		return false;
	return !strpbrk(name, "/: \t\n\v\f\r");
}

/* A '%' asks the kernel for a number, which it gives for exactly one "%d". */
static bool is_template_sound(const char *name)
{
	const char *percent = strchr(name, '%');

	return !percent || (percent[1] == 'd' && !strchr(percent + 1, '%'));
}

static int net_device_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void rule_net_device_targets(const struct spec_linux *os_linux, struct problems *problems)
{
	size_t count = os_linux->net_devices.count;
	const char **targets = arena_calloc(problems->arena, count, sizeof(*targets));

	if (!targets)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct spec_net_device *device = &os_linux->net_devices.items[i];

		targets[i] = text_is_empty(device->name) ? device->key : device->name;
	}
	qsort(targets, count, sizeof(*targets), net_device_compare);
	for (size_t i = 1; i < count; i++) {
		if (text_equal(targets[i - 1], targets[i]) && !strchr(targets[i], '%'))
			problem_error(problems, 0, "/linux/netDevices",
				      "want each name in the container once, got '%s' again",
				      rule_quote(targets[i]).text);
	}
}

static void rule_net_devices(const struct spec *spec, struct problems *problems)
{
	if (!spec->os_linux || spec->os_linux->net_devices.count == 0)
		return;

	if (!spec_has_namespace(spec, NAMESPACE_NETWORK))
		problem_error(problems, 0, "/linux/netDevices",
			      "unable to move network devices without a NET namespace");
	for (size_t i = 0; i < spec->os_linux->net_devices.count; i++) {
		const struct spec_net_device *device = &spec->os_linux->net_devices.items[i];
		struct rule_path path = rule_key_path("/linux/netDevices", device->key);

		if (!is_net_device_name(device->key))
			problem_error(problems, 0, path.text, "invalid network device name \"%s\"",
				      rule_quote(device->key).text);
		if (!text_is_empty(device->name) &&
		    (!is_net_device_name(device->name) || !is_template_sound(device->name)))
			problem_error(problems, 0, rule_path("%s/name", path.text).text,
				      "invalid network device name \"%s\"", rule_quote(device->name).text);
	}
	rule_net_device_targets(spec->os_linux, problems);
}

const struct check_row checks_namespaces[] = {
	{ "namespaces", "each namespace type stands once, a path is absolute", rule_namespaces },
	{ "namespace-names", "hostname and domainname need a uts namespace and have at most 64 bytes", rule_names },
	{ "namespace-user",
	  "id mappings need a user namespace, a new one needs both; entries do not overlap and fit the kernel's limits",
	  rule_user_namespace },
	{ "namespace-time", "time offsets need a new time namespace, nanoseconds are below one second", rule_time },
	{ "namespace-sysctl", "a sysctl belongs to a namespace of the container", rule_sysctl },
	{ "namespace-paths", "masked and read-only paths are absolute and need a mount namespace", rule_hidden_paths },
	{ "namespace-net-devices",
	  "network devices need a network namespace, names that the kernel takes, and no name twice",
	  rule_net_devices },
};
const size_t checks_namespaces_count = ARRAY_SIZE(checks_namespaces);
