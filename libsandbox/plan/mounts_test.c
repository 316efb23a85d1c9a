/* SPDX-License-Identifier: Apache-2.0 */
/* plan_root_build: the root, each kind of mount, what is refused, and the lists of paths. */
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>

#include "conformance/unit/check.h"
#include "libbase/text.h"
#include "libsandbox/plan/build.h"

/* One entry of /mounts with everything around it that plan_root_build looks at. */
struct bench {
	struct arena arena;
	struct problems problems;
	struct spec_root root;
	struct spec_linux os_linux;
	struct spec_namespace namespaces[1];
	struct spec spec;
	struct host host;
	struct plan_options options;
	struct plan plan;
	struct plan_work work;
};

static const struct spec_id_map user_maps[] = { { 0, 100000, 1000 } };

static void bench_prepare(struct bench *bench)
{
	*bench = (struct bench){
		.arena = ARENA_INIT,
		.root = { .path = "rootfs" },
		.options = { .id = "c", .bundle = "/bundle" },
		.plan = { .namespaces.new_flags = CLONE_NEWNS },
	};
	problems_init(&bench->problems, &bench->arena);
	bench->spec = (struct spec){ .root = &bench->root, .os_linux = &bench->os_linux };
	bench->work = (struct plan_work){
		.spec = &bench->spec,
		.host = &bench->host,
		.options = &bench->options,
		.arena = &bench->arena,
		.problems = &bench->problems,
		.plan = &bench->plan,
	};
}

static void bench_cleanup(struct bench *bench)
{
	arena_cleanup(&bench->arena);
}

/* In a user namespace of its own with the ids 0 to 999. */
static void bench_enter_user_namespace(struct bench *bench)
{
	bench->namespaces[0] = (struct spec_namespace){ .type = NAMESPACE_USER };
	bench->os_linux.namespaces.items = bench->namespaces;
	bench->os_linux.namespaces.count = 1;
	bench->plan.namespaces.new_flags |= CLONE_NEWUSER;
	bench->plan.ids.uid_maps = bench->plan.ids.gid_maps = (struct spec_id_maps){ user_maps, 1 };
}

static const struct plan_mount *bench_mount(struct bench *bench, const struct spec_mount *mount)
{
	bench->spec.mounts = (struct spec_mounts){ mount, 1 };
	CHECK_INT(plan_root_build(&bench->work), 0);
	CHECK_INT(bench->plan.mount_count, 1);
	return &bench->plan.mounts[0];
}

static const char *first_error(const struct bench *bench)
{
	for (unsigned int i = 0; i < bench->problems.count; i++) {
		if (bench->problems.items[i]->severity == PROBLEM_ERROR)
			return bench->problems.items[i]->text;
	}
	return "";
}

#define BENCH(name)                                         \
	_cleanup_(bench_cleanup) struct bench name = { 0 }; \
	bench_prepare(&name)
#define WORDS(...)                                                          \
	{                                                                   \
		.items = (const char *const[]){ __VA_ARGS__ },              \
		.count = ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })) \
	}

#define NO_WORDS  \
	{         \
		0 \
	}
#define ENTRY(destination_, source_, type_, words) \
	((struct spec_mount){ .destination = (destination_), .source = (source_), .type = (type_), .options = words })

static void check_words(const struct spec_strings *got, const char *want)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer line = TEXT_BUFFER_INIT;

	for (size_t i = 0; i < got->count; i++)
		text_append_format(&line, "%s%s", i ? " " : "", got->items[i]);
	CHECK_TEXT(line.bytes ? line.bytes : "", want);
}

TEST(root_path_is_below_the_bundle)
{
	BENCH(bench);
	bench.root.path = "./a/../rootfs/";
	CHECK_INT(plan_root_build(&bench.work), 0);
	CHECK_TEXT(bench.plan.root.path, "/bundle/rootfs");
	CHECK(bench.plan.root.pivot && bench.plan.root.own_mounts && !bench.plan.root.readonly);
	CHECK_INT(bench.plan.root.propagation, PROPAGATION_RSLAVE);
}

TEST(absolute_root_path_stays)
{
	BENCH(bench);
	bench.root.path = "/srv//root";
	bench.root.readonly = (struct opt_bool){ true, true };
	bench.os_linux.rootfs_propagation = PROPAGATION_SHARED;
	CHECK_INT(plan_root_build(&bench.work), 0);
	CHECK_TEXT(bench.plan.root.path, "/srv/root");
	CHECK(bench.plan.root.readonly);
	CHECK_INT(bench.plan.root.propagation, PROPAGATION_SHARED);
}

TEST(private_without_pivot_is_refused)
{
	static const int propagations[] = { PROPAGATION_PRIVATE, PROPAGATION_RPRIVATE, PROPAGATION_RSLAVE, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(propagations); i++) {
		BENCH(bench);
		bench.options.no_pivot = true;
		bench.os_linux.rootfs_propagation = propagations[i];
		CHECK_INT(plan_root_build(&bench.work), 0);
		CHECK(!bench.plan.root.pivot);
		CHECK_INT(bench.problems.errors, i < 2 ? 1 : 0);
	}
}

TEST(without_a_mount_namespace_nothing_is_mounted)
{
	BENCH(bench);
	const struct spec_mount mount = ENTRY("/t", NULL, "tmpfs", NO_WORDS);
	bench.plan.namespaces.new_flags = 0;
	bench.plan.namespaces.join_flags = CLONE_NEWNS;
	bench.spec.mounts = (struct spec_mounts){ &mount, 1 };
	bench.os_linux.masked_paths = (struct spec_strings)WORDS("/proc/kcore");
	CHECK_INT(plan_root_build(&bench.work), 0);
	CHECK(!bench.plan.root.own_mounts);
	CHECK_INT(bench.plan.mount_count + bench.plan.masked_paths.count, 0);
	CHECK_INT(bench.problems.errors, 0);
	CHECK_INT(bench.problems.warnings, 2);
}

TEST(file_system)
{
	BENCH(bench);
	const struct plan_mount *mount = bench_mount(
		&bench, &ENTRY("data//x/", NULL, "tmpfs", WORDS("nosuid", "size=64k", "sync", "mode=755", "rw")));
	CHECK_INT(mount->kind, MOUNT_FILESYSTEM);
	CHECK_TEXT(mount->destination, "/data/x");
	CHECK_TEXT(mount->type, "tmpfs");
	CHECK_TEXT(mount->source, "tmpfs");
	CHECK_INT(mount->attr_set, MOUNT_ATTR_NOSUID);
	CHECK_INT(mount->attr_clear, MOUNT_ATTR_RDONLY);
	check_words(&mount->super, "sync size=64k mode=755");
	CHECK(!mount->readonly_late);
	CHECK_INT(bench.problems.count, 0);
}

TEST(recursive_words_of_a_new_file_system_are_its_own)
{
	BENCH(bench);
	const struct plan_mount *mount =
		bench_mount(&bench, &ENTRY("/t", NULL, "tmpfs",
					   WORDS("rro", "suid", "rnosuid", "nodev", "rdev", "noatime", "ratime")));
	CHECK_INT(mount->attr_set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
	CHECK_INT(mount->attr_clear, MOUNT_ATTR_NODEV | MOUNT_ATTR__ATIME);
	CHECK_INT(mount->recursive_set | mount->recursive_clear, 0);
	CHECK(mount->readonly_late);
}

TEST(bind)
{
	BENCH(bench);
	const struct plan_mount *mount =
		bench_mount(&bench, &ENTRY("/d", "vol/./x", "none", WORDS("rbind", "ro", "rro", "rnosuid", "rshared")));
	CHECK_INT(mount->kind, MOUNT_BIND);
	CHECK_TEXT(mount->source, "/bundle/vol/x");
	CHECK_TEXT(mount->type, NULL);
	CHECK(mount->recursive && !mount->readonly_late);
	CHECK_INT(mount->attr_set, MOUNT_ATTR_RDONLY);
	CHECK_INT(mount->recursive_set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
	CHECK_INT(mount->propagation_count, 1);
	CHECK_INT(mount->super.count, 0);
}

TEST(absolute_bind_source_is_not_cleaned)
{
	BENCH(bench);
	const struct plan_mount *mount = bench_mount(&bench, &ENTRY("/d", "/link/../x", NULL, WORDS("bind")));
	CHECK_TEXT(mount->source, "/link/../x");
}

TEST(bind_takes_no_file_system_words)
{
	BENCH(bench);
	bench_mount(&bench, &ENTRY("/d", "/s", NULL, WORDS("bind", "size=1")));
	CHECK_HAS(first_error(&bench), "bind mounts cannot have any filesystem-specific options applied");
	CHECK_TEXT(bench.problems.items[0]->path, "/mounts/0/options");
}

TEST(bind_leaves_superblock_words_out)
{
	BENCH(bench);
	const struct plan_mount *mount =
		bench_mount(&bench, &ENTRY("/d", "/s", NULL, WORDS("bind", "sync", "defaults")));
	CHECK_INT(bench.problems.errors, 0);
	CHECK_INT(bench.problems.warnings, 1);
	CHECK_INT(mount->super.count, 0);
}

TEST(bind_wants_a_source)
{
	BENCH(bench);
	bench_mount(&bench, &ENTRY("/d", NULL, "bind", WORDS("bind")));
	CHECK_HAS(first_error(&bench), "want the path that is bound");
}

TEST(type_is_wanted_and_is_not_bind)
{
	BENCH(none);
	bench_mount(&none, &ENTRY("/d", "/s", NULL, NO_WORDS));
	CHECK_HAS(first_error(&none), "want a file system type");
	BENCH(bind);
	bench_mount(&bind, &ENTRY("/d", "/s", "bind", NO_WORDS));
	CHECK_HAS(first_error(&bind), "'bind' is no file system");
}

TEST(cgroup_of_either_version)
{
	static const char *const types[] = { "cgroup", "cgroup2" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		BENCH(bench);
		const struct plan_mount *mount =
			bench_mount(&bench, &ENTRY("/sys/fs/cgroup", NULL, types[i], WORDS("ro")));
		CHECK_INT(mount->kind, MOUNT_CGROUP);
		CHECK_TEXT(mount->type, "cgroup2");
		CHECK_INT(mount->attr_set, MOUNT_ATTR_RDONLY);
		CHECK(!mount->readonly_late);
	}
	BENCH(bound);
	CHECK_INT(bench_mount(&bound, &ENTRY("/c", "/sys/fs/cgroup", "cgroup", WORDS("bind")))->kind, MOUNT_BIND);
}

TEST(remount)
{
	BENCH(bench);
	const struct plan_mount *mount =
		bench_mount(&bench, &ENTRY("/d", NULL, NULL, WORDS("remount", "ro", "size=1m")));
	CHECK_INT(mount->kind, MOUNT_REMOUNT);
	CHECK_INT(mount->attr_set, MOUNT_ATTR_RDONLY);
	check_words(&mount->super, "size=1m");
	CHECK_INT(bench.problems.errors, 0);
	BENCH(bound);
	bench_mount(&bound, &ENTRY("/d", NULL, NULL, WORDS("remount", "bind", "size=1m")));
	CHECK_HAS(first_error(&bound), "filesystem-specific options");
}

TEST(read_only_is_late_where_more_is_set_up)
{
	const struct spec_mount mounts[] = {
		ENTRY("/t", NULL, "tmpfs", WORDS("ro")),         ENTRY("/dev/", NULL, "devtmpfs", WORDS("ro")),
		ENTRY("/dev", "/d", NULL, WORDS("rbind", "ro")), ENTRY("/t", NULL, "tmpfs", WORDS("ro", "rw")),
		ENTRY("/sys", NULL, "sysfs", WORDS("ro")),       ENTRY("/d", "/s", "tmpfs", WORDS("bind", "ro")),
	};

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		BENCH(bench);
		CHECK_INT(bench_mount(&bench, &mounts[i])->readonly_late, i < 3);
	}
}

TEST(superblock_is_read_only_only_on_a_device)
{
	BENCH(device);
	check_words(&bench_mount(&device, &ENTRY("/d", "/dev/sda1", "ext4", WORDS("ro", "noload")))->super,
		    "ro noload");
	BENCH(shared);
	check_words(&bench_mount(&shared, &ENTRY("/s", "sysfs", "sysfs", WORDS("ro")))->super, "");
}

TEST(label)
{
	const struct spec_mount mounts[] = {
		ENTRY("/t", NULL, "tmpfs", NO_WORDS),
		ENTRY("/p", NULL, "devpts", WORDS("newinstance")),
		ENTRY("/t", NULL, "tmpfs", WORDS("context=\"mine\"")),
		ENTRY("/proc", NULL, "proc", NO_WORDS),
		ENTRY("/sys", NULL, "sysfs", NO_WORDS),
		ENTRY("/m", NULL, "mqueue", NO_WORDS),
		ENTRY("/c", NULL, "cgroup", NO_WORDS),
		ENTRY("/b", "/s", NULL, WORDS("bind")),
	};

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		BENCH(bench);
		bench.host.selinux = true;
		bench.os_linux.mount_label = "u:r:t:s0:c1,c2";
		CHECK_TEXT(bench_mount(&bench, &mounts[i])->label, i < 2 ? "context=u:r:t:s0:c1,c2" : NULL);
		CHECK_INT(bench.problems.errors, 0);
	}
}

TEST(label_wants_selinux)
{
	BENCH(bench);
	bench.os_linux.mount_label = "u:r:t:s0";
	CHECK_INT(plan_root_build(&bench.work), 0);
	CHECK_HAS(first_error(&bench), "selinux is disabled or not supported");
}

TEST(label_wants_selinux_even_without_mounts_of_its_own)
{
	BENCH(bench);
	bench.os_linux.mount_label = "u:r:t:s0";
	bench.plan.namespaces.new_flags &= ~(uint64_t)CLONE_NEWNS;
	CHECK_INT(plan_root_build(&bench.work), 0);
	CHECK_HAS(first_error(&bench), "selinux is disabled or not supported");
}

TEST(label_without_mounts_of_its_own_is_told_to_be_left_out)
{
	BENCH(bench);
	bench.os_linux.mount_label = "u:r:t:s0";
	bench.host.selinux = true;
	bench.plan.namespaces.new_flags &= ~(uint64_t)CLONE_NEWNS;
	CHECK_INT(plan_root_build(&bench.work), 0);
	CHECK_INT(bench.problems.errors, 0);
	CHECK_TEXT(bench.problems.items[bench.problems.count - 1]->path, "/linux/mountLabel");
	CHECK_HAS(bench.problems.items[bench.problems.count - 1]->text, "left out");
}

TEST(words_that_belong_elsewhere_are_refused)
{
	const struct spec_mount mounts[] = {
		ENTRY("/d", NULL, "ramfs", WORDS("tmpcopyup")),
		ENTRY("/d", "/s", NULL, WORDS("bind", "tmpcopyup")),
		ENTRY("/d", NULL, "tmpfs", WORDS("copy-symlink")),
		ENTRY("/d", NULL, "tmpfs", WORDS("src-nofollow")),
	};

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		BENCH(bench);
		bench_mount(&bench, &mounts[i]);
		CHECK_INT(bench.problems.errors, 1);
	}
}

TEST(unmapped_ids_of_a_file_system_are_refused)
{
	const struct spec_mount mount =
		ENTRY("/p", NULL, "devpts", WORDS("gid=999", "uid=0x7ffff", "gid=1000", "uidx=5000"));

	BENCH(inside);
	bench_enter_user_namespace(&inside);
	bench_mount(&inside, &mount);
	CHECK_INT(inside.problems.errors, 1);
	CHECK_HAS(first_error(&inside), "'gid=1000'");
	BENCH(outside);
	bench_mount(&outside, &mount);
	CHECK_INT(outside.problems.errors, 0);
}

TEST(idmap_with_the_containers_maps)
{
	BENCH(bench);
	bench_enter_user_namespace(&bench);
	const struct plan_mount *mount = bench_mount(&bench, &ENTRY("/d", "/s", NULL, WORDS("bind", "ridmap")));
	CHECK_INT(bench.problems.errors, 0);
	CHECK_INT(mount->idmap, IDMAP_CONTAINER);
	CHECK(mount->idmap_recursive);
}

TEST(idmap_with_maps_of_its_own)
{
	static const struct spec_id_map own[] = { { 0, 7, 1 } };
	struct spec_mount implied = ENTRY("/d", "/s", NULL, WORDS("bind"));

	implied.uid_mappings = implied.gid_mappings = (struct spec_id_maps){ own, 1 };
	BENCH(bench);
	const struct plan_mount *mount = bench_mount(&bench, &implied);
	CHECK_INT(mount->idmap, IDMAP_OWN);
	CHECK(!mount->idmap_recursive);
	CHECK_INT(mount->uid_maps.items[0].host_id, 7);
	BENCH(written);
	bench_enter_user_namespace(&written);
	mount = bench_mount(&written, &ENTRY("/d", "/s", NULL, WORDS("bind", "idmap=uids=3-4-5;gids=@0-10-5")));
	CHECK_INT(written.problems.errors, 0);
	CHECK_INT(mount->idmap, IDMAP_OWN);
	CHECK_INT(mount->uid_maps.items[0].host_id, 4);
	CHECK_INT(mount->gid_maps.items[0].host_id, 100010);
}

static void check_refused(const struct spec_mount *mount, const char *want)
{
	BENCH(bench);
	bench_mount(&bench, mount);
	CHECK_INT(bench.problems.errors, 1);
	CHECK_HAS(first_error(&bench), want);
}

TEST(idmap_refusals)
{
	static const struct spec_id_map own[] = { { 0, 7, 1 } };
	struct spec_mount half = ENTRY("/d", "/s", NULL, WORDS("bind"));

	half.uid_mappings = (struct spec_id_maps){ own, 1 };
	check_refused(&half, "must have both uid and gid");
	check_refused(&ENTRY("/d", "/s", NULL, WORDS("bind", "idmap")), "must have both uid and gid");
	check_refused(&ENTRY("/d", "/s", NULL, WORDS("bind", "idmap=uids=0-0-1")), "must have both uid and gid");
	check_refused(&ENTRY("/d", NULL, "tmpfs", WORDS("idmap")), "only supported for bind-mounts");
	check_refused(&ENTRY("/d", NULL, NULL, WORDS("remount", "bind", "idmap")), "only supported for bind-mounts");
	check_refused(&ENTRY("/d", "/s", NULL, WORDS("bind", "idmap=uids=x")), "want FROM-TO-LENGTH");
	check_refused(&ENTRY("/d", "/s", NULL, WORDS("bind", "idmap=uids=@0-0-1;gids=0-0-1")),
		      "not within one mapping");
}

TEST(idmap_is_not_for_rootless)
{
	BENCH(bench);
	bench.host.euid = 1000;
	bench_enter_user_namespace(&bench);
	bench_mount(&bench, &ENTRY("/d", "/s", NULL, WORDS("bind", "idmap")));
	CHECK_HAS(first_error(&bench), "not supported for rootless containers");
}

TEST(paths_are_clean_and_each_once)
{
	BENCH(bench);
	bench.os_linux.masked_paths =
		(struct spec_strings)WORDS("/proc/kcore", "/b/", "/a//x", "/proc/./kcore", "/b", "/a/x");
	bench.os_linux.readonly_paths = (struct spec_strings)WORDS("/proc/sys");
	CHECK_INT(plan_root_build(&bench.work), 0);
	check_words(&bench.plan.masked_paths, "/proc/kcore /b /a/x");
	check_words(&bench.plan.readonly_paths, "/proc/sys");
}

TEST(many_paths_keep_the_order_of_their_first_mention)
{
	BENCH(bench);
	enum { NAMES = 700, MENTIONS = 3 * NAMES + 1 };
	static char names[NAMES][16];
	static const char *items[MENTIONS];

	/* 11 and 700 have no common factor: each name comes again after 700 others, in no order of letters. */
	for (size_t i = 0; i < MENTIONS; i++) {
		char *name = names[i * 11 % NAMES];

		snprintf(name, sizeof(names[0]), "/p/%zu", i * 11 % NAMES);
		items[i] = name;
	}
	bench.os_linux.masked_paths = (struct spec_strings){ .items = items, .count = MENTIONS };
	CHECK_INT(plan_root_build(&bench.work), 0);
	CHECK_INT(bench.plan.masked_paths.count, NAMES);
	for (size_t i = 0; i < NAMES; i++)
		CHECK_TEXT(bench.plan.masked_paths.items[i], items[i]);
}

TEST(notify_directory_comes_last)
{
	struct bench bench;

	bench_prepare(&bench);
	bench.options.notify_directory = "/run/orlop/c/notify";
	CHECK_INT(plan_root_build(&bench.work), 0);
	CHECK_INT(bench.plan.mount_count, 1);
	CHECK_INT(bench.plan.mounts[0].kind, MOUNT_BIND);
	CHECK_TEXT(bench.plan.mounts[0].source, "/run/orlop/c/notify");
	CHECK_TEXT(bench.plan.mounts[0].destination, "/run/notify");
	CHECK_INT(bench.plan.mounts[0].attr_set,
		  MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	arena_cleanup(&bench.arena);
}

TEST(mounts_wait_for_no_more_than_they_need)
{
	const struct {
		char letter;
		struct spec_mount mount;
	} kinds[] = {
		{ 'p', ENTRY("/p", NULL, "proc", NO_WORDS) },   { 't', ENTRY("/t", NULL, "tmpfs", NO_WORDS) },
		{ 'd', ENTRY("/d", NULL, "devpts", NO_WORDS) }, { 'm', ENTRY("/m", NULL, "mqueue", NO_WORDS) },
		{ 'c', ENTRY("/c", NULL, "cgroup", NO_WORDS) }, { 'b', ENTRY("/b", "/s", NULL, WORDS("bind")) },
		{ 's', ENTRY("/s", NULL, "sysfs", NO_WORDS) },  { 'e', ENTRY("/e", "/dev/x", "ext4", NO_WORDS) },
		{ 'n', ENTRY("/n", "h:/x", "nfs", NO_WORDS) },  { 'r', ENTRY("/r", NULL, NULL, WORDS("remount")) },
	};
	static const struct {
		const char *mounts;
		bool handed, ruled;
		size_t network, devices;
	} rows[] = {
		{ "pdtmbscb", false, false, 8, 8 }, { "pdtmbscb", true, false, 5, 8 },
		{ "pdtmbscb", false, true, 8, 8 },  { "pdtmbscb", true, true, 5, 8 },
		{ "", true, true, 0, 0 },           { "sp", true, true, 0, 2 },
		{ "psbep", true, true, 1, 3 },      { "psbep", false, true, 3, 3 },
		{ "psbep", true, false, 1, 5 },     { "pes", true, true, 1, 1 },
		{ "pn", true, true, 1, 1 },         { "pr", true, true, 1, 1 },
		{ "pr", false, false, 2, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct spec_mount mounts[8] = { 0 };
		size_t count = strlen(rows[i].mounts);

		BENCH(bench);
		for (size_t at = 0; at < count * ARRAY_SIZE(kinds); at++) {
			if (kinds[at % ARRAY_SIZE(kinds)].letter == rows[i].mounts[at / ARRAY_SIZE(kinds)])
				mounts[at / ARRAY_SIZE(kinds)] = kinds[at % ARRAY_SIZE(kinds)].mount;
		}
		bench.spec.mounts = (struct spec_mounts){ mounts, count };
		bench.plan.namespaces.handed_flags = rows[i].handed ? CLONE_NEWNET : 0;
		CHECK_INT(plan_root_build(&bench.work), 0);
		CHECK_INT(bench.problems.errors, 0);
		bench.plan.cgroup.driver = CGROUP_DRIVER_CGROUPFS;
		bench.plan.cgroup.device_program = rows[i].ruled;
		CHECK_INT(plan_mounts_split(&bench.work), 0);
		CHECK_INT(bench.plan.mounts_network, rows[i].network);
		CHECK_INT(bench.plan.mounts_devices, rows[i].devices);
		/* systemd's unit has its program before init goes on. */
		bench.plan.cgroup.driver = CGROUP_DRIVER_SYSTEMD;
		CHECK_INT(plan_mounts_split(&bench.work), 0);
		CHECK_INT(bench.plan.mounts_devices, count);
	}
}
