/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics from files as the kernel writes them. stats_real_test.c has those of a cgroup that is real. */
#include "libsandbox/stats.h"

#include "libbase/path_fixture.h"
#include "libsandbox/cgroup/stats.h"
#include "libsandbox/cgroup/stats_fixture.h"

#define CPUSET                                                                                              \
	"\"cpuset\":{\"cpu_exclusive\":0,\"mem_hardwall\":0,\"mem_exclusive\":0,\"memory_migrate\":0,"      \
	"\"memory_spread_page\":0,\"memory_spread_slab\":0,\"memory_pressure\":0,\"sched_load_balance\":0," \
	"\"sched_relax_domain_level\":0}"
#define KERNEL "\"kernel\":{\"limit\":0,\"failcnt\":0},\"kernelTCP\":{\"limit\":0,\"failcnt\":0}"

TEST(nothing_but_the_core)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	TREE(tree);

	tree_file_make(tree.fd, "cgroup.events", "populated 1\nfrozen 0\n");
	tree_file_make(tree.fd, "cgroup.type", "domain\n");
	tree_file_make(tree.fd, "cgroup.procs", "");
	print(tree.fd, &text);
	CHECK_TEXT(text.bytes,
		   "{\"cpu\":{\"usage\":{\"kernel\":0,\"user\":0}}," CPUSET
		   ",\"memory\":{\"usage\":{\"limit\":0,\"failcnt\":0},\"swap\":{\"limit\":0,\"failcnt\":0}," KERNEL
		   "},\"pids\":{},\"blkio\":{},\"hugetlb\":{}}");
}

static const struct {
	const char *name, *text;
} files[] = {
	{ "cgroup.events", "populated 1\nfrozen 0\n" },
	{ "cpu.stat", "usage_usec 7\nuser_usec 4\nsystem_usec 3\nnr_periods 5\nnr_throttled 2\nthrottled_usec 9\n" },
	{ "cpu.pressure", "some avg10=0.50 avg60=12.00 avg300=100.00 total=77\nfull avg10=0.00 avg60=0.05 avg300=10.10 "
			  "total=0\n" },
	{ "memory.stat", "anon 4096\nfile 8192\nactive_file 1\n" },
	{ "memory.max", "max\n" },
	{ "memory.current", "12288\n" },
	{ "memory.peak", "16384\n" },
	{ "memory.swap.max", "1000\n" },
	{ "memory.swap.current", "100\n" },
	{ "pids.current", "3\n" },
	{ "pids.max", "max\n" },
	{ "io.stat",
	  "8:16 \n8:0 rbytes=10 wbytes=0 rios=1 wios=2 dbytes=0 dios=0\n0:44 rbytes=5 wbytes=6 rios=0 wios=0\n" },
	{ "hugetlb.2MB.current", "111\n" },
	{ "hugetlb.2MB.rsvd.current", "222\n" },
	{ "hugetlb.2MB.events", "max 4\n" },
	{ "hugetlb.1GB.current", "0\n" },
	{ "hugetlb.1GB.events", "max 0\n" },
};

TEST(everything)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	TREE(tree);

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		tree_file_make(tree.fd, files[i].name, files[i].text);
	print(tree.fd, &text);
	CHECK_TEXT(
		text.bytes,
		"{\"cpu\":{\"usage\":{\"total\":7000,\"kernel\":3000,\"user\":4000},"
		"\"throttling\":{\"periods\":5,\"throttledPeriods\":2,\"throttledTime\":9000},"
		"\"psi\":{\"some\":{\"avg10\":0.5,\"avg60\":12,\"avg300\":100,\"total\":77},"
		"\"full\":{\"avg10\":0,\"avg60\":0.05,\"avg300\":10.1,\"total\":0}}}," CPUSET
		",\"memory\":{\"cache\":8192,\"usage\":{\"limit\":18446744073709551615,\"usage\":12288,\"max\":16384,"
		"\"failcnt\":0},\"swap\":{\"limit\":18446744073709551615,\"usage\":12388,\"failcnt\":0}," KERNEL
		",\"raw\":{\"active_file\":1,\"anon\":4096,\"file\":8192}},\"pids\":{\"current\":3},"
		"\"blkio\":{\"ioServiceBytesRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":10},"
		"{\"major\":8,\"op\":\"Write\"},{\"minor\":44,\"op\":\"Read\",\"value\":5},"
		"{\"minor\":44,\"op\":\"Write\",\"value\":6}],"
		"\"ioServicedRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":1},"
		"{\"major\":8,\"op\":\"Write\",\"value\":2},{\"minor\":44,\"op\":\"Read\"},{\"minor\":44,\"op\":"
		"\"Write\"}]},"
		"\"hugetlb\":{\"1GB\":{\"failcnt\":0},\"2MB\":{\"usage\":222,\"failcnt\":4}}}");
}

/* What opens an object stands together with its like, or the walk would write it twice. */
TEST(rows_of_an_object_stand_together)
{
	for (size_t i = 0; i < stats_rows_count; i++) {
		const char *path = stats_rows[i].path;

		for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
			size_t length = (size_t)(slash - path) + 1;
			bool left = false;

			for (size_t next = i + 1; next < stats_rows_count; next++) {
				bool inside = strncmp(stats_rows[next].path, path, length) == 0;

				CHECK(!(inside && left));
				left = left || !inside;
			}
		}
	}
}

TEST(the_memory_check_counts_what_is_used)
{
	static const struct {
		struct spec_memory memory;
		const char *words;
	} rows[] = {
		{ { .limit = { true, 12288 } }, NULL },
		{ { .limit = { true, 12288 }, .check_before_update = { true, true } },
		  "rejecting memory limit 12288 <= usage 12288" },
		{ { .limit = { true, 12289 }, .check_before_update = { true, true } }, NULL },
		{ { .limit = { true, -1 }, .check_before_update = { true, true } }, NULL },
		{ { .limit = { true, 99999 }, .swap = { true, 12388 }, .check_before_update = { true, true } },
		  "rejecting memory+swap limit 12388 <= usage 12388" },
	};
	TREE(tree);

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		tree_file_make(tree.fd, files[i].name, files[i].text);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct control control = control_of(tree.fd);
		struct error err;

		ERROR_INIT(&err);
		CHECK_INT(stats_check_memory(&control, &rows[i].memory, &err), rows[i].words ? -EBUSY : 0);
		if (rows[i].words)
			CHECK_TEXT(error_text(&err), rows[i].words);
	}
}

TEST(the_watch_counts_kills)
{
	TREE(tree);
	_cleanup_(stats_watch_cleanup) struct stats_watch watch = STATS_WATCH_INIT;
	const struct control control = control_of(tree.fd);
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	uint64_t kills;
	bool ended;

	tree_file_make(tree.fd, "cgroup.events", "populated 1\nfrozen 0\n");
	tree_file_make(tree.fd, "memory.events", "low 0\nhigh 0\nmax 3\noom 2\noom_kill 2\n");
	CHECK_INT(stats_watch_open(&watch, &control, NULL), 0);
	CHECK_INT(stats_watch_look(&watch, &kills, &ended, NULL), 0);
	CHECK(!ended && kills == 0);
	fd = openat(tree.fd, "memory.events", O_WRONLY | O_TRUNC | O_CLOEXEC);
	CHECK_INT(fd_write_all(fd, "oom_kill 5\n", 11), 0);
	CHECK_INT(stats_watch_look(&watch, &kills, &ended, NULL), 0);
	CHECK_INT(kills, 3);
	CHECK_INT(stats_watch_look(&watch, &kills, &ended, NULL), 0);
	CHECK_INT(kills, 0);
}
