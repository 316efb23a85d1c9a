/* SPDX-License-Identifier: Apache-2.0 */
/* plan_devices_build: the default set, what the config adds or replaces, and what is left alone. */
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "conformance/unit/check.h"
#include "libbase/text.h"
#include "libsandbox/plan/build.h"

struct bench {
	struct arena arena;
	struct problems problems;
	struct spec_linux os_linux;
	struct spec spec;
	struct host host;
	struct plan plan;
	struct plan_work work;
};

static void bench_prepare(struct bench *bench)
{
	*bench = (struct bench){ .arena = ARENA_INIT, .plan = { .root.own_mounts = true } };
	problems_init(&bench->problems, &bench->arena);
	bench->spec = (struct spec){ .os_linux = &bench->os_linux };
	bench->work = (struct plan_work){
		.spec = &bench->spec,
		.host = &bench->host,
		.arena = &bench->arena,
		.problems = &bench->problems,
		.plan = &bench->plan,
	};
}

static void bench_cleanup(struct bench *bench)
{
	arena_cleanup(&bench->arena);
}

#define BENCH(name)                                         \
	_cleanup_(bench_cleanup) struct bench name = { 0 }; \
	bench_prepare(&name)

static void give_devices(struct bench *bench, const struct spec_device *devices, size_t count)
{
	bench->os_linux.devices.items = devices;
	bench->os_linux.devices.count = count;
}

static void check_paths(const struct bench *bench, const char *want)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer line = TEXT_BUFFER_INIT;

	for (size_t i = 0; i < bench->plan.device_count; i++)
		text_append_format(&line, "%s%s", i ? " " : "", bench->plan.devices[i].path);
	CHECK_TEXT(line.bytes ? line.bytes : "", want);
}

TEST(default_nodes)
{
	BENCH(bench);
	CHECK_INT(plan_devices_build(&bench.work), 0);
	check_paths(&bench, "/dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty");
	CHECK(bench.plan.dev_setup);
	for (size_t i = 0; i < bench.plan.device_count; i++) {
		struct stat on_host;
		const struct plan_device *device = &bench.plan.devices[i];
		CHECK_INT(device->mode, S_IFCHR | 0666);
		CHECK(device->standard && !device->bind);
		/* The numbers are the kernel's, the same on every machine. */
		if (stat(device->path, &on_host) == 0)
			CHECK_INT(on_host.st_rdev, makedev(device->major, device->minor));
	}
}

TEST(links)
{
	BENCH(bench);
	_cleanup_(text_buffer_cleanup) struct text_buffer line = TEXT_BUFFER_INIT;
	CHECK_INT(plan_devices_build(&bench.work), 0);
	for (size_t i = 0; i < bench.plan.symlink_count; i++)
		text_append_format(&line, "%s:%s ", bench.plan.symlinks[i].path, bench.plan.symlinks[i].target);
	CHECK_TEXT(line.bytes, "/dev/fd:/proc/self/fd /dev/stdin:/proc/self/fd/0 /dev/stdout:/proc/self/fd/1 "
			       "/dev/stderr:/proc/self/fd/2 /dev/core:/proc/kcore /dev/ptmx:pts/ptmx ");
}

TEST(configured_nodes_come_after_and_replace)
{
	static const struct spec_device devices[] = {
		{ .type = DEVICE_BLOCK,
		  .path = "/dev/disk//x",
		  .major = { true, 8 },
		  .minor = { true, 1 },
		  .file_mode = { true, 0100640 },
		  .uid = { true, 5 },
		  .gid = { true, 6 } },
		{ .type = DEVICE_UNBUFFERED, .path = "/dev/zero", .major = { true, 1 }, .minor = { true, 3 } },
		{ .type = DEVICE_FIFO, .path = "run/pipe" },
		{ .type = DEVICE_CHAR, .path = "/dev/ptmx", .major = { true, 5 }, .minor = { true, 2 } },
		{ .type = DEVICE_CHAR, .path = "/dev/fd", .major = { true, 2 }, .minor = { true, 2 } },
	};

	BENCH(bench);
	give_devices(&bench, devices, ARRAY_SIZE(devices));
	CHECK_INT(plan_devices_build(&bench.work), 0);
	check_paths(&bench,
		    "/dev/null /dev/full /dev/random /dev/urandom /dev/tty /dev/disk/x /dev/zero /run/pipe /dev/fd");
	const struct plan_device *own = bench.plan.devices + 5;
	CHECK_INT(own[0].mode, S_IFBLK | 0640);
	CHECK_INT(own[0].major, 8);
	CHECK_INT(own[0].minor, 1);
	CHECK_INT(own[0].uid, 5);
	CHECK_INT(own[0].gid, 6);
	CHECK_INT(own[1].mode, S_IFCHR | 0666);
	CHECK(!own[1].standard);
	CHECK_INT(own[2].mode, S_IFIFO | 0666);
	CHECK_INT(bench.plan.symlink_count, 5);
	CHECK_TEXT(bench.plan.symlinks[0].path, "/dev/stdin");
}

TEST(user_namespaces_bind)
{
	static const struct spec_device devices[] = { { .type = DEVICE_FIFO, .path = "/dev/pipe" },
						      { .type = DEVICE_CHAR, .path = "/dev/fuse" } };
	static const struct spec_namespace joined = { NAMESPACE_USER, "/proc/1/ns/user" };

	for (int in_one = 0; in_one < 2; in_one++) {
		BENCH(bench);
		give_devices(&bench, devices, ARRAY_SIZE(devices));
		if (in_one) {
			bench.host.in_user_namespace = true;
		} else {
			bench.os_linux.namespaces.items = &joined;
			bench.os_linux.namespaces.count = 1;
		}
		CHECK_INT(plan_devices_build(&bench.work), 0);
		CHECK_INT(bench.plan.device_count, 8);
		for (size_t i = 0; i < bench.plan.device_count; i++)
			CHECK_INT(bench.plan.devices[i].bind, !S_ISFIFO(bench.plan.devices[i].mode));
	}
}

TEST(a_bound_dev_is_left_alone)
{
	static const struct spec_device devices[] = { { .type = DEVICE_CHAR, .path = "/dev/fuse" },
						      { .type = DEVICE_CHAR, .path = "/opt/null" } };
	static const struct plan_mount mounts[] = { { .kind = MOUNT_FILESYSTEM, .destination = "/dev" },
						    { .kind = MOUNT_BIND, .destination = "/dev" } };

	BENCH(mounted);
	mounted.plan.mounts = mounts;
	mounted.plan.mount_count = 1;
	CHECK_INT(plan_devices_build(&mounted.work), 0);
	CHECK(mounted.plan.dev_setup);
	BENCH(bound);
	give_devices(&bound, devices, ARRAY_SIZE(devices));
	bound.plan.mounts = mounts;
	bound.plan.mount_count = 2;
	CHECK_INT(plan_devices_build(&bound.work), 0);
	CHECK(!bound.plan.dev_setup);
	check_paths(&bound, "/opt/null");
	CHECK_INT(bound.plan.symlink_count, 0);
}

TEST(without_a_mount_namespace_nothing_is_made)
{
	BENCH(bench);
	bench.plan.root.own_mounts = false;
	CHECK_INT(plan_devices_build(&bench.work), 0);
	CHECK(!bench.plan.dev_setup);
	CHECK_INT(bench.plan.device_count + bench.plan.symlink_count, 0);
}
