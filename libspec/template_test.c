/* SPDX-License-Identifier: Apache-2.0 */
/* What `orlop spec` writes means what `runc spec` writes, but for the host name; and it is itself a config without fault. */
#include "conformance/unit/check.h"
#include "libspec/load.h"
#include "libspec/template.h"
#include "libspec/write.h"

static const struct template_options as_root = { 0 };
static const struct template_options rootless = { .rootless = true, .uid = 1000, .gid = 100 };

#define PROCESS                                                                           \
	"{\"terminal\":true,\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"sh\"],"            \
	"\"env\":[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"," \
	"\"TERM=xterm\"],\"cwd\":\"/\",\"capabilities\":{"                                \
	"\"bounding\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"],"       \
	"\"effective\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"],"      \
	"\"permitted\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"]},"     \
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1024,\"soft\":1024}],\"noNewPrivileges\":true}"

static void check_process(const struct spec_process *process)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct json_writer json;

	json_writer_init(&json, &text, "");
	process_write(&json, NULL, process);
	CHECK_INT(json_writer_finish(&json), 0);
	CHECK_TEXT(text.bytes, PROCESS);
}

static void check_strings(const struct spec_strings *got, const char *want)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	text_append(&text, "");
	for (size_t i = 0; i < got->count; i++)
		text_append_format(&text, "%s%s", i > 0 ? " " : "", got->items[i]);
	CHECK_TEXT(text.bytes, want);
}

static void check_mount(const struct spec_mount *mount, const char *what, const char *options)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	text_append_format(&text, "%s %s %s", mount->destination, mount->type, mount->source);
	CHECK_TEXT(text.bytes, what);
	check_strings(&mount->options, options);
}

static void check_namespaces(const struct spec *spec, const int *types, size_t count)
{
	CHECK_INT(spec->os_linux->namespaces.count, count);
	for (size_t i = 0; i < count; i++) {
		CHECK_INT(spec->os_linux->namespaces.items[i].type, types[i]);
		CHECK(!spec->os_linux->namespaces.items[i].path);
	}
}

static void check_common(const struct spec *spec)
{
	CHECK_TEXT(spec->oci_version, "1.3.0");
	CHECK_TEXT(spec->hostname, "orlop");
	CHECK_TEXT(spec->root->path, "rootfs");
	CHECK(spec->root->readonly.value);
	CHECK(!spec->hooks);
	CHECK_INT(spec->mounts.count, 7);
	check_process(spec->process);
	check_mount(&spec->mounts.items[0], "/proc proc proc", "");
	check_mount(&spec->mounts.items[1], "/dev tmpfs tmpfs", "nosuid strictatime mode=755 size=65536k");
	check_mount(&spec->mounts.items[3], "/dev/shm tmpfs shm", "nosuid noexec nodev mode=1777 size=65536k");
	check_mount(&spec->mounts.items[4], "/dev/mqueue mqueue mqueue", "nosuid noexec nodev");
	check_mount(&spec->mounts.items[6], "/sys/fs/cgroup cgroup cgroup", "nosuid noexec nodev relatime ro");
	check_strings(&spec->os_linux->masked_paths,
		      "/proc/acpi /proc/asound /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list "
		      "/proc/timer_stats /proc/sched_debug /sys/firmware /proc/scsi "
		      "/sys/devices/virtual/powercap");
	check_strings(&spec->os_linux->readonly_paths, "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger");
}

TEST(template_of_root)
{
	static const int types[] = { NAMESPACE_PID, NAMESPACE_NETWORK, NAMESPACE_IPC,
				     NAMESPACE_UTS, NAMESPACE_MOUNT,   NAMESPACE_CGROUP };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec *spec = spec_template(&arena, &as_root);

	CHECK(spec);
	check_common(spec);
	check_mount(&spec->mounts.items[2], "/dev/pts devpts devpts",
		    "nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5");
	check_mount(&spec->mounts.items[5], "/sys sysfs sysfs", "nosuid noexec nodev ro");
	check_namespaces(spec, types, ARRAY_SIZE(types));
	CHECK_INT(spec->os_linux->uid_mappings.count, 0);

	const struct spec_resources *resources = spec->os_linux->resources;
	CHECK_INT(resources->devices.count, 1);
	CHECK(resources->devices.items[0].allow.set && !resources->devices.items[0].allow.value);
	CHECK_TEXT(resources->devices.items[0].access, "rwm");
	CHECK_INT(resources->devices.items[0].type, 0);
	CHECK(!resources->memory && !resources->pids);
}

TEST(template_of_others)
{
	static const int types[] = { NAMESPACE_PID,   NAMESPACE_IPC,    NAMESPACE_UTS,
				     NAMESPACE_MOUNT, NAMESPACE_CGROUP, NAMESPACE_USER };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct spec *spec = spec_template(&arena, &rootless);

	CHECK(spec);
	check_common(spec);
	check_mount(&spec->mounts.items[2], "/dev/pts devpts devpts",
		    "nosuid noexec newinstance ptmxmode=0666 mode=0620");
	check_mount(&spec->mounts.items[5], "/sys none /sys", "rbind nosuid noexec nodev ro");
	check_namespaces(spec, types, ARRAY_SIZE(types));
	CHECK(!spec->os_linux->resources);
	CHECK_INT(spec->os_linux->uid_mappings.count, 1);
	CHECK_INT(spec->os_linux->uid_mappings.items[0].container_id, 0);
	CHECK_INT(spec->os_linux->uid_mappings.items[0].host_id, 1000);
	CHECK_INT(spec->os_linux->uid_mappings.items[0].size, 1);
	CHECK_INT(spec->os_linux->gid_mappings.count, 1);
	CHECK_INT(spec->os_linux->gid_mappings.items[0].host_id, 100);
}

static void check_loads(const struct template_options *options)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	const struct spec *spec = NULL;
	struct json_writer json;
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	json_writer_init(&json, &text, "\t");
	spec_write(&json, NULL, spec_template(&arena, options));
	CHECK_INT(json_writer_finish(&json), 0);
	spec_load_bytes("config.json", text.bytes, text.length, &arena, &problems, &spec, &err);
	CHECK_TEXT(err.text, "");
	CHECK_INT(problems.count, 0);
	CHECK_INT(spec->os_linux->namespaces.count, 6);
}

TEST(templates_load_without_a_word)
{
	check_loads(&as_root);
	check_loads(&rootless);
}

TEST(no_template_without_memory)
{
	_cleanup_(arena_cleanup) struct arena arena = { .limit = 1 };

	CHECK(!spec_template(&arena, &as_root));
}
