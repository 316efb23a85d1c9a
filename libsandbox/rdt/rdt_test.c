/* SPDX-License-Identifier: Apache-2.0 */
/* Groups on a tree of plain files that looks like resctrl. What only the kernel does (files in a new directory) the tests do by hand. */
#include "libsandbox/rdt.h"

#include "libbase/path.h"
#include "libbase/path_fixture.h"
#include "libbase/text.h"

static const char root_schemata[] = "    L3:0=fffff;1=fffff\n    MB:0=100;1=100\n";

static void group_fill(int root_fd, const char *group, const char *schemata)
{
	_cleanup_(fd_cleanup) int fd = openat(root_fd, group, O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	tree_file_make(fd, "schemata", schemata);
	tree_file_make(fd, "tasks", "");
}

static void resctrl_make(struct tree *tree)
{
	group_fill(tree->root, ".", root_schemata);
	CHECK_INT(mkdirat(tree->root, "info", 0755), 0);
	CHECK_INT(mkdirat(tree->root, "mon_groups", 0755), 0);
}

static const char *file_text(int root_fd, const char *path, struct arena *arena)
{
	char *text = NULL;
	size_t length;

	CHECK_INT(path_read_file(root_fd, path, 65536, arena, &text, &length), 0);
	return text;
}

TEST(resctrl_is_verified)
{
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(rdt_open("/tmp", &err), -ENOTSUP);
	CHECK_TEXT(error_text(&err), "resctrl is not mounted at /tmp");
	CHECK_INT(rdt_open("/no/such/place", &err), -ENOTSUP);
	CHECK_TEXT(error_text(&err), "resctrl is not mounted at /no/such/place");
}

TEST(groups_are_made_and_removed)
{
	struct error err;
	bool made = false;
	TREE(tree);

	ERROR_INIT(&err);
	resctrl_make(&tree);
	CHECK(!rdt_group_exists(tree.root, "web"));
	CHECK_INT(rdt_group_make(tree.root, "web", true, &made, &err), -EINVAL);
	CHECK_HAS(error_text(&err), "clos dir not accessible (must be pre-created when");
	CHECK(!made && !rdt_group_exists(tree.root, "web"));
	CHECK_INT(rdt_group_make(tree.root, "web", false, &made, &err), 0);
	CHECK(made && rdt_group_exists(tree.root, "web"));
	/* As it is now it looks like none of the kernel's. */
	CHECK_INT(rdt_group_make(tree.root, "web", false, &made, &err), -EINVAL);
	CHECK_HAS(error_text(&err), "'web' is no resctrl group");
	CHECK_INT(rdt_remove(tree.root, "web", &err), 0);
	CHECK(!rdt_group_exists(tree.root, "web"));
	CHECK_INT(rdt_remove(tree.root, "web", &err), 0);
	CHECK_INT(rdt_group_make(tree.root, ".", true, &made, &err), 0);
	CHECK(!made);
	CHECK_INT(rdt_group_make(tree.root, "info", true, &made, &err), -EINVAL);
	CHECK_INT(rdt_group_make(tree.root, "./mon_groups/web", false, &made, &err), 0);
	CHECK(made);
	CHECK_INT(rdt_remove(tree.root, "./mon_groups/web", &err), 0);
	CHECK_INT(rdt_group_make(tree.root, "nowhere/mon_groups/web", false, &made, &err), -ENOENT);
}

TEST(a_link_is_no_group)
{
	bool made = false;
	TREE(tree);

	resctrl_make(&tree);
	CHECK_INT(symlinkat("../outside", tree.root, "web"), 0);
	CHECK(rdt_group_make(tree.root, "web", false, &made, NULL) < 0);
	CHECK(!made);
	CHECK(rdt_enter(tree.root, "web", 1, NULL) < 0);
}

TEST(schemata_are_written_as_the_specification_combines_them)
{
	static const char *const line[] = { "L3:1=3", "MB:1=30" };
	static const struct {
		struct spec_intel_rdt rdt;
		const char *want; /* of the last write */
	} rows[] = {
		{ { .l3_cache_schema = "L3:0=f" }, "L3:0=f\n" },
		{ { .mem_bw_schema = "MB:0=20" }, "MB:0=20\n" },
		{ { .l3_cache_schema = "L3:0=f", .mem_bw_schema = "MB:0=20" }, "L3:0=f\nMB:0=20\n" },
		{ { .l3_cache_schema = "L3:0=f\nMB:0=70\nL3:1=f\n", .mem_bw_schema = "MB:0=20" },
		  "L3:0=f\nL3:1=f\nMB:0=20\n" },
		{ { .l3_cache_schema = "L3:0=f\nMB:0=70" }, "L3:0=f\nMB:0=70\n" },
		{ { .l3_cache_schema = "L3:0=f", .schemata = { line, 2 } }, "L3:1=3\nMB:1=30\n" },
		{ { .clos_id = "web" }, root_schemata },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
		TREE(tree);

		resctrl_make(&tree);
		CHECK_INT(rdt_schemata_write(tree.root, ".", &rows[i].rdt, NULL), 0);
		CHECK_TEXT(file_text(tree.root, "schemata", &arena), rows[i].want);
	}
}

TEST(a_refusal_has_the_kernels_words)
{
	const struct spec_intel_rdt rdt = { .l3_cache_schema = "L3:0=f" };
	_cleanup_(fd_cleanup) int info = FD_NONE;
	struct error err;
	TREE(tree);

	ERROR_INIT(&err);
	resctrl_make(&tree);
	CHECK_INT(mkdirat(tree.root, "web", 0755), 0);
	CHECK_INT(rdt_schemata_write(tree.root, "web", &rdt, &err), -ENOENT);
	CHECK_TEXT(error_text(&err), "write the schemata of the resctrl group 'web': No such file or directory");
	info = openat(tree.root, "info", O_PATH | O_DIRECTORY | O_CLOEXEC);
	tree_file_make(info, "last_cmd_status", "Mask f overlaps\n");
	CHECK_INT(rdt_schemata_write(tree.root, "web", &rdt, &err), -ENOENT);
	CHECK_TEXT(error_text(&err),
		   "write the schemata of the resctrl group 'web' (Mask f overlaps): No such file or directory");
}

TEST(schemata_of_others_are_compared)
{
	static const char *const lines[] = { "L3:0=f", "MB:1=100" };
	static const struct {
		struct spec_intel_rdt rdt;
		const char *refused;
	} rows[] = {
		{ { .clos_id = "web" }, NULL },
		{ { .l3_cache_schema = "L3:0=fffff;1=fffff" }, NULL },
		{ { .l3_cache_schema = "L3:1=FFFFF" }, NULL },
		{ { .l3_cache_schema = "L3:0=000fffff" }, NULL },
		{ { .l3_cache_schema = "L3: 0 = fffff ; 1 = fffff" }, NULL },
		{ { .l3_cache_schema = "L3:0=ffff" }, "'L3:0=ffff'" },
		{ { .l3_cache_schema = "L3:0=fffff;2=fffff" }, "'L3:0=fffff;2=fffff'" },
		{ { .l3_cache_schema = "L2:0=fffff" }, "'L2:0=fffff'" },
		{ { .l3_cache_schema = "L3" }, "'L3'" },
		{ { .mem_bw_schema = "MB:0=100" }, NULL },
		{ { .mem_bw_schema = "MB:0=10" }, "'MB:0=10'" },
		{ { .l3_cache_schema = "L3:0=fffff\nMB:0=7", .mem_bw_schema = "MB:0=100" }, NULL },
		{ { .schemata = { lines, 2 } }, "'L3:0=f'" },
	};
	TREE(tree);

	resctrl_make(&tree);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
		struct error err;

		ERROR_INIT(&err);
		CHECK_INT(rdt_schemata_check(tree.root, ".", &rows[i].rdt, &err), rows[i].refused ? -EINVAL : 0);
		if (rows[i].refused)
			CHECK_HAS(error_text(&err), rows[i].refused);
		CHECK_TEXT(file_text(tree.root, "schemata", &arena), root_schemata);
	}
}

TEST(who_enters_stands_in_tasks)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct error err;
	TREE(tree);

	ERROR_INIT(&err);
	resctrl_make(&tree);
	CHECK_INT(rdt_enter(tree.root, ".", 4711, &err), 0);
	CHECK_TEXT(file_text(tree.root, "tasks", &arena), "4711\n");
	CHECK_INT(rdt_enter(tree.root, "mon_groups/web", 4711, &err), -ENOENT);
	CHECK_HAS(error_text(&err), "write the process to tasks of the resctrl group 'mon_groups/web'");
}

/* -- statistics -------------------------------------------------------------------------------------------------------------- */

static void file_at(int root_fd, const char *directory, const char *name, const char *text)
{
	_cleanup_(fd_cleanup) int fd = path_make_directories_beneath(root_fd, directory, 0755);

	CHECK(fd >= 0);
	tree_file_make(fd, name, text);
}

static void stats(int root_fd, const char *group, const char *monitor, struct text_buffer *to)
{
	struct json_writer json;

	json_writer_init(&json, to, "");
	json_object_begin(&json, NULL);
	CHECK_INT(rdt_stats_write(root_fd, group, monitor, &json, NULL), 0);
	json_object_end(&json);
	CHECK_INT(json_writer_finish(&json), 0);
}

TEST(statistics_as_runc_has_them)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	TREE(tree);

	resctrl_make(&tree);
	file_at(tree.root, "info/L3", "cbm_mask", "fffff\n");
	file_at(tree.root, "info/L3", "min_cbm_bits", "2\n");
	file_at(tree.root, "info/L3", "num_closids", "16\n");
	file_at(tree.root, "info/MB", "bandwidth_gran", "10\n");
	file_at(tree.root, "info/MB", "delay_linear", "0\n");
	file_at(tree.root, "info/MB", "min_bandwidth", "10\n");
	file_at(tree.root, "info/MB", "num_closids", "8\n");
	CHECK_INT(mkdirat(tree.root, "web", 0755), 0);
	group_fill(tree.root, "web", "    MB:0=20\n    L3:0=3\n");
	file_at(tree.root, "web/mon_data/mon_L3_01", "mbm_total_bytes", "9\n");
	file_at(tree.root, "web/mon_data/mon_L3_00", "mbm_total_bytes", "7\n");
	file_at(tree.root, "web/mon_data/mon_L3_00", "mbm_local_bytes", "5\n");
	file_at(tree.root, "web/mon_data/mon_L3_00", "llc_occupancy", "Unavailable\n");
	file_at(tree.root, "web/mon_groups/c1/mon_data/mon_L3_00", "llc_occupancy", "4096\n");
	stats(tree.root, "web", NULL, &text);
	CHECK_TEXT(text.bytes, "{\"l3_cache_info\":{\"cbm_mask\":\"fffff\",\"min_cbm_bits\":2,\"num_closids\":16},"
			       "\"l3_cache_schema_root\":\"L3:0=fffff;1=fffff\",\"l3_cache_schema\":\"L3:0=3\","
			       "\"mem_bw_info\":{\"bandwidth_gran\":10,\"min_bandwidth\":10,\"num_closids\":8},"
			       "\"mem_bw_schema_root\":\"MB:0=100;1=100\",\"mem_bw_schema\":\"MB:0=20\","
			       "\"mbm_stats\":[{\"mbm_total_bytes\":7,\"mbm_local_bytes\":5},{\"mbm_total_bytes\":9}],"
			       "\"cmt_stats\":[{}],\"schemata\":[\"MB:0=20\",\"L3:0=3\"]}");
	text_buffer_cleanup(&text);
	text = TEXT_BUFFER_INIT;
	stats(tree.root, "web", "web/mon_groups/c1", &text);
	CHECK_HAS(text.bytes, "\"cmt_stats\":[{\"llc_occupancy\":4096}],\"schemata\":");
	CHECK(!strstr(text.bytes, "mbm_stats"));
}

TEST(statistics_of_a_machine_that_has_little)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct json_writer json;
	struct error err;
	TREE(tree);

	ERROR_INIT(&err);
	resctrl_make(&tree);
	stats(tree.root, ".", NULL, &text);
	CHECK_TEXT(text.bytes, "{\"schemata\":[\"L3:0=fffff;1=fffff\",\"MB:0=100;1=100\"]}");
	json_writer_init(&json, &text, "");
	json_object_begin(&json, NULL);
	CHECK_INT(rdt_stats_write(tree.root, "gone", NULL, &json, &err), -EINVAL);
	CHECK_HAS(error_text(&err), "'gone' is no resctrl group");
}
