/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on the rest of `linux`, and the table that also lists the rules on the whole document and on seccomp.
 *
 * Not for: namespaces (namespaces.c), resources (resources.c), or what the host supports (libsandbox/plan).
 * Read: runtime-spec config-linux.md; set_mempolicy(2), mknod(2), the kernel's resctrl.rst.
 */
#include <stdlib.h>
#include <string.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/check/check.h"
#include "libspec/check/rule.h"
#include "libspec/ranges.h"

#define MAJOR_MAX ((1 << 12) - 1) /* the kernel's dev_t */
#define MINOR_MAX ((1 << 20) - 1)
#define MODE_MAX  07777

static void rule_number(struct problems *problems, const char *path, struct opt_i64 number, int max)
{
	if (!number.set)
		problem_error(problems, 0, path, "want a number: only devices of type p have none");
	else if (number.value < 0 || number.value > max)
		problem_error(problems, 0, path, "want 0 to %d, got %lld", max, (long long)number.value);
}

static void rule_device(struct problems *problems, const struct spec_device *device, size_t at)
{
	struct rule_path path = rule_path("/linux/devices/%zu", at);

	if (!path_is_absolute(device->path))
		problem_error(problems, 0, rule_path("%s/path", path.text).text, "want an absolute path, got '%s'",
			      rule_quote(device->path).text);
	if (device->type != DEVICE_FIFO && device->type != 0) {
		rule_number(problems, rule_path("%s/major", path.text).text, device->major, MAJOR_MAX);
		rule_number(problems, rule_path("%s/minor", path.text).text, device->minor, MINOR_MAX);
	}
	if (device->file_mode.value > MODE_MAX)
		problem_error(problems, 0, rule_path("%s/fileMode", path.text).text,
			      "want at most %d (octal %o), got %u", MODE_MAX, MODE_MAX, device->file_mode.value);
}

static int device_compare(const void *a, const void *b)
{
	const struct spec_device *one = *(const struct spec_device *const *)a;
	const struct spec_device *other = *(const struct spec_device *const *)b;

	return strcmp(one->path, other->path);
}

static bool device_is_same(const struct spec_device *one, const struct spec_device *other)
{
	bool same_type = one->type == other->type || (one->type != DEVICE_FIFO && one->type != DEVICE_BLOCK &&
						      other->type != DEVICE_FIFO && other->type != DEVICE_BLOCK);

	return same_type && (one->type == DEVICE_FIFO ||
			     (one->major.value == other->major.value && one->minor.value == other->minor.value));
}

static void rule_device_paths(const struct spec_linux *os_linux, struct problems *problems)
{
	size_t count = 0;
	const struct spec_device **devices =
		arena_calloc(problems->arena, os_linux->devices.count, sizeof(const struct spec_device *));

	if (!devices)
		return;
	for (size_t i = 0; i < os_linux->devices.count; i++) {
		if (os_linux->devices.items[i].path)
			devices[count++] = &os_linux->devices.items[i];
	}
	qsort(devices, count, sizeof(*devices), device_compare);
	for (size_t i = 1; i < count; i++) {
		if (text_equal(devices[i - 1]->path, devices[i]->path) && !device_is_same(devices[i - 1], devices[i]))
			problem_error(problems, 0, "/linux/devices", "want one device at '%s', got two different ones",
				      rule_quote(devices[i]->path).text);
	}
}

static void rule_devices(const struct spec *spec, struct problems *problems)
{
	if (!spec->os_linux || spec->os_linux->devices.count == 0)
		return;
	for (size_t i = 0; i < spec->os_linux->devices.count; i++)
		rule_device(problems, &spec->os_linux->devices.items[i], i);
	rule_device_paths(spec->os_linux, problems);
}

static void rule_personality(const struct spec *spec, struct problems *problems)
{
	if (!spec->os_linux || !spec->os_linux->personality)
		return;
	if (spec->os_linux->personality->domain == 0)
		problem_error(problems, 0, "/linux/personality/domain",
			      "want LINUX or LINUX32: invalid personality domain");
	if (spec->os_linux->personality->flags.count > 0)
		problem_warning(problems, 0, "/linux/personality/flags",
				"ignoring unsupported personality flags: none are defined");
}

#define MEMORY_FLAG_RELATIVE (UINT64_C(1) << 1)
#define MEMORY_FLAG_STATIC   (UINT64_C(1) << 2)

static void rule_memory_policy(const struct spec *spec, struct problems *problems)
{
	if (!spec->os_linux || !spec->os_linux->memory_policy)
		return;
	const struct spec_memory_policy *policy = spec->os_linux->memory_policy;
	int ranges = policy->nodes ? ranges_count(policy->nodes) : 0;

	rule_ranges(problems, "/linux/memoryPolicy/nodes", policy->nodes);
	switch (policy->mode) {
	case 0:
		problem_error(problems, 0, "/linux/memoryPolicy/mode", "want a mode: invalid memory policy mode \"\"");
		break;
	case MEMORY_DEFAULT:
	case MEMORY_LOCAL:
		if (ranges > 0)
			problem_error(problems, 0, "/linux/memoryPolicy/nodes",
				      "%s: memory policy mode requires 0 nodes but got '%s'",
				      name_text(&names_memory_modes, policy->mode), rule_quote(policy->nodes).text);
		break;
	case MEMORY_BIND:
	case MEMORY_INTERLEAVE:
	case MEMORY_WEIGHTED_INTERLEAVE:
	case MEMORY_PREFERRED_MANY:
		if (ranges == 0)
			problem_error(problems, 0, "/linux/memoryPolicy/nodes",
				      "%s: memory policy mode requires at least one node but got 0",
				      name_text(&names_memory_modes, policy->mode));
		break;
	default:
		break;
	}
	if ((policy->flags.bits & MEMORY_FLAG_STATIC) && (policy->flags.bits & MEMORY_FLAG_RELATIVE))
		problem_error(problems, 0, "/linux/memoryPolicy/flags",
			      "want one of MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES, got both");
}

static void rule_no_newline(struct problems *problems, const char *path, const char *text)
{
	if (rule_has_newline(text))
		problem_error(problems, 0, path, "want one line, got '%s'", rule_quote(text).text);
}

static void rule_intel_rdt(const struct spec *spec, struct problems *problems)
{
	if (!spec->os_linux || !spec->os_linux->intel_rdt)
		return;
	const struct spec_intel_rdt *rdt = spec->os_linux->intel_rdt;
	const char *clos = rdt->clos_id;

	/* "/" is the default class; anything else is the name of one directory. */
	if (!text_is_empty(clos) && !text_equal(clos, "/") && !path_is_name(clos))
		problem_error(problems, 0, "/linux/intelRdt/closID", "invalid intelRdt.ClosID \"%s\"",
			      rule_quote(clos).text);
	if (!text_is_empty(rdt->mem_bw_schema) && !text_starts(rdt->mem_bw_schema, "MB:"))
		problem_error(problems, 0, "/linux/intelRdt/memBwSchema", "want 'MB:' at its begin, got '%s'",
			      rule_quote(rdt->mem_bw_schema).text);
	rule_no_newline(problems, "/linux/intelRdt/memBwSchema", rdt->mem_bw_schema);
	/* Several lines were allowed once, and what they mean beside memBwSchema is still specified. */
	if (rule_has_newline(rdt->l3_cache_schema))
		problem_warning(problems, 0, "/linux/intelRdt/l3CacheSchema", "want one line; schemata takes more");
	for (size_t i = 0; i < rdt->schemata.count; i++)
		rule_no_newline(problems, rule_path("/linux/intelRdt/schemata/%zu", i).text, rdt->schemata.items[i]);
}

static void rule_cgroups_path(const struct spec *spec, struct problems *problems)
{
	if (spec->os_linux && spec->os_linux->cgroups_path && rule_climbs(spec->os_linux->cgroups_path))
		problem_error(problems, 0, "/linux/cgroupsPath", "want a path without '..', got '%s'",
			      rule_quote(spec->os_linux->cgroups_path).text);
}

static void rule_mount_label(const struct spec *spec, struct problems *problems)
{
	/* A quote would end the value of the context= option. */
	if (spec->os_linux && spec->os_linux->mount_label && strpbrk(spec->os_linux->mount_label, "\"\n"))
		problem_error(problems, 0, "/linux/mountLabel", "want a label without quotes and newlines, got '%s'",
			      rule_quote(spec->os_linux->mount_label).text);
}

const struct check_row checks_linux[] = {
	{ "oci-version", "ociVersion is a semantic version with major version 1", rule_oci_version },
	{ "process", "process is given", rule_process_present },
	{ "hooks", "a hook has an absolute path and a timeout above 0; warns of odd environments", rule_hooks },
	{ "annotation-systemd", "org.systemd.property.NAME has a name of three or more letters",
	  rule_systemd_properties },
	{ "linux-devices",
	  "a device has an absolute path, numbers that the kernel takes, permission bits only, and its place for "
	  "itself",
	  rule_devices },
	{ "linux-seccomp-default",
	  "the default action is given where there are calls, is not NOTIFY, and has an errno only if it takes one",
	  rule_seccomp_default },
	{ "linux-seccomp-listener", "SCMP_ACT_NOTIFY needs an absolute listenerPath, listenerMetadata needs it too",
	  rule_seccomp_listener },
	{ "linux-seccomp-syscalls",
	  "a call has no empty name, arguments 0 to 5, an errno only if it takes one; write never notifies",
	  rule_seccomp_syscalls },
	{ "linux-personality", "a personality has a domain; warns of flags, of which none are defined",
	  rule_personality },
	{ "linux-memory-policy",
	  "a memory policy has a mode, the node list suits it, and flags do not exclude each other",
	  rule_memory_policy },
	{ "linux-intel-rdt",
	  "closID is / or a directory name, schemata are single lines, memBwSchema begins with MB:; warns of lines in "
	  "l3CacheSchema",
	  rule_intel_rdt },
	{ "linux-cgroups-path", "cgroupsPath does not climb by '..'", rule_cgroups_path },
	{ "linux-mount-label", "mountLabel has no quotes and no newline", rule_mount_label },
	{ "linux-memory-swap", "memory.swap, which counts memory too, needs memory.limit and is not below it",
	  rule_memory_swap },
};
const size_t checks_linux_count = ARRAY_SIZE(checks_linux);
