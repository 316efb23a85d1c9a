/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the statistics, and the walk over them. See stats.h in this folder for the table, libsandbox/stats.h for callers.
 *
 * The document is runc's, whose names are of cgroup v1: some of its members nothing can tell any more. Read: the kernel's cgroup-v2.rst.
 */
#include "libsandbox/cgroup/stats.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/cgroup/control.h"
#include "libsandbox/cgroup/file.h"
#include "libsandbox/stats.h"

static uint64_t compute_swap_limit(struct stats_reading *reading);
static uint64_t compute_swap_usage(struct stats_reading *reading);
static uint64_t compute_pids(struct stats_reading *reading);
static uint64_t compute_pids_limit(struct stats_reading *reading);

#define NUMBER(its_path, its_file, its_key)                                                    \
	{                                                                                      \
		.path = (its_path), .file = (its_file), .key = (its_key), .kind = STATS_NUMBER \
	}
#define NUMBER_IF(its_path, its_file, its_key)                                                    \
	{                                                                                         \
		.path = (its_path), .file = (its_file), .key = (its_key), .kind = STATS_NUMBER_IF \
	}
#define NANOSECONDS(its_path, its_key)                                                                        \
	{                                                                                                     \
		.path = (its_path), .file = "cpu.stat", .key = (its_key), .kind = STATS_NUMBER, .scale = 1000 \
	}
#define NANOSECONDS_IF(its_path, its_key)                                                                        \
	{                                                                                                        \
		.path = (its_path), .file = "cpu.stat", .key = (its_key), .kind = STATS_NUMBER_IF, .scale = 1000 \
	}
#define NOTHING(its_path) NUMBER(its_path, NULL, NULL)
#define LIST(its_path, its_kind, its_file, its_key)                                          \
	{                                                                                    \
		.path = (its_path), .file = (its_file), .key = (its_key), .kind = (its_kind) \
	}

/* In the order of the document: members of one object stand together. */
const struct stats_row stats_rows[] = {
	NANOSECONDS_IF("cpu/usage/total", "usage_usec"),
	NANOSECONDS("cpu/usage/kernel", "system_usec"),
	NANOSECONDS("cpu/usage/user", "user_usec"),
	NUMBER_IF("cpu/throttling/periods", "cpu.stat", "nr_periods"),
	NUMBER_IF("cpu/throttling/throttledPeriods", "cpu.stat", "nr_throttled"),
	NANOSECONDS_IF("cpu/throttling/throttledTime", "throttled_usec"),
	LIST("cpu/psi", STATS_PRESSURE, "cpu.pressure", NULL),
	NOTHING("cpuset/cpu_exclusive"),
	NOTHING("cpuset/mem_hardwall"),
	NOTHING("cpuset/mem_exclusive"),
	NOTHING("cpuset/memory_migrate"),
	NOTHING("cpuset/memory_spread_page"),
	NOTHING("cpuset/memory_spread_slab"),
	NOTHING("cpuset/memory_pressure"),
	NOTHING("cpuset/sched_load_balance"),
	NOTHING("cpuset/sched_relax_domain_level"),
	NUMBER_IF("memory/cache", "memory.stat", "file"),
	NUMBER("memory/usage/limit", "memory.max", NULL),
	NUMBER_IF("memory/usage/usage", "memory.current", NULL),
	NUMBER_IF("memory/usage/max", "memory.peak", NULL),
	NOTHING("memory/usage/failcnt"),
	/* Memory and swap together, as cgroup v1 had it. */
	{ .path = "memory/swap/limit", .kind = STATS_COMPUTED, .compute = compute_swap_limit },
	{ .path = "memory/swap/usage", .kind = STATS_COMPUTED_IF, .compute = compute_swap_usage },
	NOTHING("memory/swap/failcnt"),
	NOTHING("memory/kernel/limit"),
	NOTHING("memory/kernel/failcnt"),
	NOTHING("memory/kernelTCP/limit"),
	NOTHING("memory/kernelTCP/failcnt"),
	LIST("memory/raw", STATS_MAP, "memory.stat", NULL),
	LIST("memory/psi", STATS_PRESSURE, "memory.pressure", NULL),
	{ .path = "pids/current", .kind = STATS_COMPUTED_IF, .compute = compute_pids },
	{ .path = "pids/limit", .kind = STATS_COMPUTED_IF, .compute = compute_pids_limit },
	LIST("blkio/ioServiceBytesRecursive", STATS_DEVICES, "io.stat", "rbytes wbytes"),
	LIST("blkio/ioServicedRecursive", STATS_DEVICES, "io.stat", "rios wios"),
	LIST("blkio/psi", STATS_PRESSURE, "io.pressure", NULL),
	LIST("hugetlb", STATS_HUGEPAGES, NULL, NULL),
};
const size_t stats_rows_count = ARRAY_SIZE(stats_rows);

/* -- reading ----------------------------------------------------------------------------------------------------------------- */

const char *stats_text(struct stats_reading *reading, const char *file)
{
	char *text = NULL;

	for (size_t i = 0; i < reading->file_count; i++) {
		if (text_equal(reading->files[i].name, file))
			return reading->files[i].text;
	}
	if (cgroup_file_read(reading->cgroup_fd, file, &reading->arena, &text) < 0)
		text = NULL;
	if (reading->file_count < STATS_FILES_MAX)
		reading->files[reading->file_count++] = (struct stats_file){ file, text };
	return text;
}

static uint64_t number_of(const char *word)
{
	uint64_t number;

	if (text_equal(word, "max"))
		return UINT64_MAX;
	return number_parse_u64(word, UINT64_MAX, &number) < 0 ? 0 : number;
}

uint64_t stats_number(struct stats_reading *reading, const char *file, const char *key)
{
	const char *rest = stats_text(reading, file);
	char word[64], value[32];

	if (!rest)
		return 0;
	if (!key)
		return cgroup_word_next(&rest, word, sizeof(word)) ? number_of(word) : 0;
	while (cgroup_word_next(&rest, word, sizeof(word)) && cgroup_word_next(&rest, value, sizeof(value))) {
		if (text_equal(word, key))
			return number_of(value);
	}
	return 0;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t compute_swap_limit(struct stats_reading *reading)
{
	return sum(stats_number(reading, "memory.max", NULL), stats_number(reading, "memory.swap.max", NULL));
}

static uint64_t compute_swap_usage(struct stats_reading *reading)
{
	return sum(stats_number(reading, "memory.current", NULL), stats_number(reading, "memory.swap.current", NULL));
}

/* Without the controller they can still be counted. */
static uint64_t compute_pids(struct stats_reading *reading)
{
	size_t count = 0;
	pid_t *pids;

	if (stats_text(reading, "pids.current"))
		return stats_number(reading, "pids.current", NULL);
	return cgroup_pids(reading->cgroup_fd, true, &reading->arena, &pids, &count, NULL) < 0 ? 0 : count;
}

static uint64_t compute_pids_limit(struct stats_reading *reading)
{
	uint64_t limit = stats_number(reading, "pids.max", NULL);

	return limit == UINT64_MAX ? 0 : limit;
}

/* -- writing ----------------------------------------------------------------------------------------------------------------- */

/* The objects that are open are the part of `open` before its last '/'. Those of the next path are made out of them. */
static const char *objects_change(struct json_writer *json, const char *open, const char *path)
{
	size_t same = 0;
	const char *key;

	for (size_t i = 0; open[i] && open[i] == path[i]; i++) {
		if (open[i] == '/')
			same = i + 1;
	}
	for (const char *at = open + same; (at = strchr(at, '/')); at++)
		json_object_end(json);
	key = path + same;
	for (const char *slash; (slash = strchr(key, '/')); key = slash + 1) {
		char name[32];
		size_t length = (size_t)(slash - key);

		length = length < sizeof(name) ? length : sizeof(name) - 1;
		memcpy(name, key, length);
		name[length] = '\0';
		json_object_begin(json, name);
	}
	return key;
}

static uint64_t row_number(const struct stats_row *row, struct stats_reading *reading)
{
	uint64_t number = 0;

	if (row->compute)
		return row->compute(reading);
	if (row->file)
		number = stats_number(reading, row->file, row->key);
	return number * (row->scale ? row->scale : 1);
}

/* What there is nothing to say of is left out, with the object around it when that has nothing else. */
static bool row_is_left_out(const struct stats_row *row, struct stats_reading *reading)
{
	switch (row->kind) {
	case STATS_NUMBER_IF:
	case STATS_COMPUTED_IF:
		return row_number(row, reading) == 0;
	case STATS_MAP:
	case STATS_PRESSURE:
		return text_is_empty(stats_text(reading, row->file));
	case STATS_DEVICES:
		return !stats_devices_have(stats_text(reading, row->file));
	default:
		return false;
	}
}

static int row_write(const struct stats_row *row, struct stats_reading *reading, struct json_writer *json,
		     const char *key)
{
	switch (row->kind) {
	case STATS_MAP:
		return stats_map_write(stats_text(reading, row->file), &reading->arena, json, key);
	case STATS_PRESSURE:
		stats_pressure_write(stats_text(reading, row->file), json, key);
		return 0;
	case STATS_DEVICES:
		stats_devices_write(stats_text(reading, row->file), row->key, json, key);
		return 0;
	case STATS_HUGEPAGES:
		return stats_hugepages_write(reading, json, key);
	default:
		json_u64(json, key, row_number(row, reading));
		return 0;
	}
}

/* `pids` and `blkio` are there even when they say nothing. */
static bool is_first_of_member(const struct stats_row *row)
{
	size_t length = strcspn(row->path, "/");

	return row->path[length] && (row == stats_rows || strncmp(row[-1].path, row->path, length + 1) != 0);
}

static int rows_write(struct stats_reading *reading, struct json_writer *json)
{
	char open[128] = "";
	int r = 0;

	for (size_t i = 0; r == 0 && i < stats_rows_count; i++) {
		const struct stats_row *row = &stats_rows[i];
		char path[128];
		bool left_out = row_is_left_out(row, reading);
		size_t length = strcspn(row->path, "/") + 1;

		if (left_out && !is_first_of_member(row))
			continue;
		if (!left_out)
			length = strlen(row->path);
		memcpy(path, row->path, length);
		path[length] = '\0';
		const char *key = objects_change(json, open, path);

		if (!left_out)
			r = row_write(row, reading, json, key);
		memcpy(open, path, length + 1);
	}
	(void)objects_change(json, open, "");
	return r;
}

int stats_write(const struct control *control, struct json_writer *json, struct error *err)
{
	struct stats_reading reading = { .cgroup_fd = control->cgroup_fd, .arena = ARENA_INIT };
	struct cgroup_events events;
	int r = cgroup_events_read(control->cgroup_fd, &events);

	if (r == 0)
		r = rows_write(&reading, json);
	arena_cleanup(&reading.arena);
	return r < 0 ? error_set(err, r, "read the statistics of cgroup '%s'", control->path) : 0;
}

/* -- memory ------------------------------------------------------------------------------------------------------------------ */

static int memory_check(struct stats_reading *reading, const struct spec_memory *memory, struct error *err)
{
	uint64_t usage = stats_number(reading, "memory.current", NULL), both = compute_swap_usage(reading);

	/* The words are runc's. */
	if (memory->swap.value > 0 && (uint64_t)memory->swap.value <= both)
		return error_say(err, -EBUSY, "rejecting memory+swap limit %" PRId64 " <= usage %" PRIu64,
				 memory->swap.value, both);
	if (memory->limit.value > 0 && (uint64_t)memory->limit.value <= usage)
		return error_say(err, -EBUSY, "rejecting memory limit %" PRId64 " <= usage %" PRIu64,
				 memory->limit.value, usage);
	return 0;
}

int stats_check_memory(const struct control *control, const struct spec_memory *memory, struct error *err)
{
	struct stats_reading reading = { .cgroup_fd = control->cgroup_fd, .arena = ARENA_INIT };
	int r = memory->check_before_update.value ? memory_check(&reading, memory, err) : 0;

	arena_cleanup(&reading.arena);
	return r;
}
