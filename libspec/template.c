/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config that `orlop spec` writes. See template.h.
 *
 * Not for: defaults of a config that someone else wrote (defaults.c).
 */
#include "libspec/template.h"

#include <linux/capability.h>
#include <sys/resource.h>

#define STRINGS(words)                                       \
	{                                                    \
		.items = (words), .count = ARRAY_SIZE(words) \
	}
#define LIST(rows)                                         \
	{                                                  \
		.items = (rows), .count = ARRAY_SIZE(rows) \
	}
#define YES                                \
	{                                  \
		.set = true, .value = true \
	}
#define NO                                  \
	{                                   \
		.set = true, .value = false \
	}

#define CAPABILITY_BIT(number) (UINT64_C(1) << (number))

#define CAPABILITIES                                                                              \
	{                                                                                         \
		.set = true, .bits = CAPABILITY_BIT(CAP_AUDIT_WRITE) | CAPABILITY_BIT(CAP_KILL) | \
				     CAPABILITY_BIT(CAP_NET_BIND_SERVICE)                         \
	}

#define NOFILE      1024
#define NOFILE_TYPE (RLIMIT_NOFILE + 1)

static const char *const args[] = { "sh" };
static const char *const env[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"TERM=xterm",
};
static const struct spec_user user = { .uid = { .set = true }, .gid = { .set = true } };
static const struct spec_capabilities capabilities = {
	.bounding = CAPABILITIES,
	.effective = CAPABILITIES,
	.permitted = CAPABILITIES,
};
static const struct spec_rlimit rlimits[] = { { .type = NOFILE_TYPE, .hard = NOFILE, .soft = NOFILE } };

static const struct spec_process process = {
	.terminal = YES,
	.cwd = "/",
	.env = STRINGS(env),
	.args = STRINGS(args),
	.user = &user,
	.capabilities = &capabilities,
	.rlimits = LIST(rlimits),
	.no_new_privileges = YES,
};
static const struct spec_root root = { .path = "rootfs", .readonly = YES };

static const char *const dev_options[] = { "nosuid", "strictatime", "mode=755", "size=65536k" };
static const char *const pts_options[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" };
/* The same without gid=5, which a user namespace of one id cannot name. */
static const char *const pts_rootless[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620" };
static const char *const shm_options[] = { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" };
static const char *const mqueue_options[] = { "nosuid", "noexec", "nodev" };
static const char *const sys_options[] = { "nosuid", "noexec", "nodev", "ro" };
/* A new sysfs needs a network namespace of one's own, so rootless binds the host's. */
static const char *const sys_rootless[] = { "rbind", "nosuid", "noexec", "nodev", "ro" };
static const char *const cgroup_options[] = { "nosuid", "noexec", "nodev", "relatime", "ro" };

#define MOUNT(to, kind, from, words)                                                             \
	{                                                                                        \
		.destination = (to), .type = (kind), .source = (from), .options = STRINGS(words) \
	}
#define MOUNT_PROC                                                       \
	{                                                                \
		.destination = "/proc", .type = "proc", .source = "proc" \
	}

static const struct spec_mount mounts[] = {
	MOUNT_PROC,
	MOUNT("/dev", "tmpfs", "tmpfs", dev_options),
	MOUNT("/dev/pts", "devpts", "devpts", pts_options),
	MOUNT("/dev/shm", "tmpfs", "shm", shm_options),
	MOUNT("/dev/mqueue", "mqueue", "mqueue", mqueue_options),
	MOUNT("/sys", "sysfs", "sysfs", sys_options),
	MOUNT("/sys/fs/cgroup", "cgroup", "cgroup", cgroup_options),
};
static const struct spec_mount mounts_rootless[] = {
	MOUNT_PROC,
	MOUNT("/dev", "tmpfs", "tmpfs", dev_options),
	MOUNT("/dev/pts", "devpts", "devpts", pts_rootless),
	MOUNT("/dev/shm", "tmpfs", "shm", shm_options),
	MOUNT("/dev/mqueue", "mqueue", "mqueue", mqueue_options),
	MOUNT("/sys", "none", "/sys", sys_rootless),
	MOUNT("/sys/fs/cgroup", "cgroup", "cgroup", cgroup_options),
};

static const struct spec_device_rule device_rules[] = { { .allow = NO, .access = "rwm" } };
static const struct spec_resources resources = { .devices = LIST(device_rules) };

static const struct spec_namespace namespaces[] = {
	{ .type = NAMESPACE_PID }, { .type = NAMESPACE_NETWORK }, { .type = NAMESPACE_IPC },
	{ .type = NAMESPACE_UTS }, { .type = NAMESPACE_MOUNT },   { .type = NAMESPACE_CGROUP },
};
static const struct spec_namespace namespaces_rootless[] = {
	{ .type = NAMESPACE_PID },   { .type = NAMESPACE_IPC },    { .type = NAMESPACE_UTS },
	{ .type = NAMESPACE_MOUNT }, { .type = NAMESPACE_CGROUP }, { .type = NAMESPACE_USER },
};

static const char *const masked_paths[] = {
	"/proc/acpi",
	"/proc/asound",
	"/proc/kcore",
	"/proc/keys",
	"/proc/latency_stats",
	"/proc/timer_list",
	"/proc/timer_stats",
	"/proc/sched_debug",
	"/sys/firmware",
	"/proc/scsi",
	/* CVE-2020-8694: what the processor consumes tells what it computes. */
	"/sys/devices/virtual/powercap",
};
static const char *const readonly_paths[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static const struct spec_linux template_linux = {
	.resources = &resources,
	.namespaces = LIST(namespaces),
	.masked_paths = STRINGS(masked_paths),
	.readonly_paths = STRINGS(readonly_paths),
};

static const struct spec template = {
	.oci_version = SPEC_VERSION,
	.process = &process,
	.root = &root,
	.hostname = "orlop",
	.mounts = LIST(mounts),
	.os_linux = &template_linux,
};

/* Container root is the caller: the one id that needs no help from newuidmap(1). */
static bool id_map_one(struct arena *arena, uint32_t host_id, struct spec_id_maps *to)
{
	struct spec_id_map *map = arena_new(arena, struct spec_id_map);

	if (!map)
		return false;
	*map = (struct spec_id_map){ .host_id = host_id, .size = 1 };
	*to = (struct spec_id_maps){ .items = map, .count = 1 };
	return true;
}

const struct spec *spec_template(struct arena *arena, const struct template_options *options)
{
	struct spec *spec = arena_new(arena, struct spec);
	struct spec_linux *os_linux = arena_new(arena, struct spec_linux);

	if (!spec || !os_linux)
		return NULL;
	*spec = template;
	*os_linux = template_linux;
	spec->os_linux = os_linux;
	if (!options->rootless)
		return spec;

	spec->mounts = (struct spec_mounts)LIST(mounts_rootless);
	os_linux->resources = NULL;
	os_linux->namespaces.items = namespaces_rootless;
	os_linux->namespaces.count = ARRAY_SIZE(namespaces_rootless);
	if (!id_map_one(arena, options->uid, &os_linux->uid_mappings) ||
	    !id_map_one(arena, options->gid, &os_linux->gid_mappings))
		return NULL;
	return spec;
}
