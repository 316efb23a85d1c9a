/* SPDX-License-Identifier: Apache-2.0 */
/* What resctrl tells of a group, in runc's words. See rdt.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/rdt.h"
#include "libsandbox/rdt/file.h"

enum row_kind { ROW_TEXT = 1, ROW_NUMBER };

struct row {
	const char *file;
	const char *key;
	int kind; /* enum row_kind */
};

static const struct row cache_rows[] = {
	{ "cbm_mask", "cbm_mask", ROW_TEXT },
	{ "min_cbm_bits", "min_cbm_bits", ROW_NUMBER },
	{ "num_closids", "num_closids", ROW_NUMBER },
};
static const struct row bandwidth_rows[] = {
	{ "bandwidth_gran", "bandwidth_gran", ROW_NUMBER },
	{ "delay_linear", "delay_linear", ROW_NUMBER },
	{ "min_bandwidth", "min_bandwidth", ROW_NUMBER },
	{ "num_closids", "num_closids", ROW_NUMBER },
};
static const struct row bandwidth_used_rows[] = {
	{ "mbm_total_bytes", "mbm_total_bytes", ROW_NUMBER },
	{ "mbm_local_bytes", "mbm_local_bytes", ROW_NUMBER },
};
static const struct row cache_used_rows[] = {
	{ "llc_occupancy", "llc_occupancy", ROW_NUMBER },
};

/* Without its final newline; NULL when there is none. */
static char *file_read(int dir_fd, const char *file, struct arena *arena)
{
	size_t length;
	char *text;

	if (path_read_file(dir_fd, file, RDT_FILE_MAX, arena, &text, &length) < 0)
		return NULL;
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	return text;
}

/* As Go's omitempty: 0 and "" are left out. */
static void row_write(const struct row *row, const char *text, struct json_writer *json)
{
	uint64_t number;

	if (row->kind == ROW_TEXT && *text)
		json_string(json, row->key, text);
	else if (row->kind == ROW_NUMBER && number_parse_u64(text, UINT64_MAX, &number) == 0 && number > 0)
		json_u64(json, row->key, number);
}

/* False when the directory has none of the files. */
static bool rows_write(int root_fd, const char *directory, const char *key, const struct row *rows, size_t count,
		       struct arena *arena, struct json_writer *json)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(root_fd, directory, O_RDONLY | O_DIRECTORY, 0);
	bool any = false;

	for (size_t i = 0; fd >= 0 && i < count; i++) {
		const char *text = file_read(fd, rows[i].file, arena);

		if (!text)
			continue;
		if (!any)
			json_object_begin(json, key);
		any = true;
		row_write(&rows[i], text, json);
	}
	if (any)
		json_object_end(json);
	return any;
}

/* The line of a resource: "L3:0=fffff", of "L3CODE:" and "L3DATA:" too as the kernel splits it. */
static void line_write(const char *schemata, const char *resource, const char *key, struct arena *arena,
		       struct json_writer *json)
{
	while (schemata && *schemata) {
		const char *line = schemata + strspn(schemata, " \t");
		size_t length = strcspn(line, "\n");

		if (text_starts(line, resource)) {
			json_string(json, key, arena_copy(arena, line, length));
			return;
		}
		schemata = line + length + (line[length] == '\n');
	}
}

static void lines_write(const char *schemata, struct arena *arena, struct json_writer *json)
{
	json_array_begin(json, "schemata");
	while (*schemata) {
		const char *line = schemata + strspn(schemata, " \t");
		size_t length = strcspn(line, "\n");

		if (length > 0)
			json_string(json, NULL, arena_copy(arena, line, length));
		schemata = line + length + (line[length] == '\n');
	}
	json_array_end(json);
}

/* -- measurements ------------------------------------------------------------------------------------------------------------ */

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct names {
	const char **items;
	size_t count;
};

/* Directories "mon_L3_00" of mon_data, sorted. */
static int domains_list(int data_fd, struct arena *arena, struct names *ret)
{
	size_t capacity = 0;
	DIR *dir = fdopendir(data_fd);
	struct dirent *entry;
	int r = 0;

	*ret = (struct names){ 0 };
	if (!dir) {
		fd_close(data_fd);
		return -ENOMEM;
	}
	while (r == 0 && (entry = readdir(dir))) {
		if (!text_starts(entry->d_name, "mon_L3_"))
			continue;
		if (ret->count == capacity) {
			size_t wanted = capacity ? 2 * capacity : 8;
			void *grown = arena_grow(arena, ret->items, capacity, wanted, sizeof(*ret->items));

			r = grown ? 0 : -ENOMEM;
			if (r < 0)
				break;
			ret->items = grown;
			capacity = wanted;
		}
		ret->items[ret->count] = arena_string(arena, entry->d_name);
		r = ret->items[ret->count++] ? 0 : -ENOMEM;
	}
	(void)closedir(dir);
	if (r == 0 && ret->count > 1)
		qsort(ret->items, ret->count, sizeof(*ret->items), name_compare);
	return r;
}

static bool has_file(int data_fd, const char *directory, const char *file, struct arena *arena)
{
	const char *path = arena_printf(arena, "%s/%s", directory, file);
	_cleanup_(fd_cleanup) int fd = path ? path_open_beneath(data_fd, path, O_RDONLY, 0) : FD_NONE;

	return fd >= 0;
}

static void measured_write(int data_fd, const struct names *domains, const char *key, const struct row *rows,
			   size_t count, struct arena *arena, struct json_writer *json)
{
	if (domains->count == 0 || !has_file(data_fd, domains->items[0], rows[0].file, arena))
		return;
	json_array_begin(json, key);
	for (size_t i = 0; i < domains->count; i++)
		(void)rows_write(data_fd, domains->items[i], NULL, rows, count, arena, json);
	json_array_end(json);
}

static int measurements_write(int root_fd, const char *group, struct arena *arena, struct json_writer *json)
{
	const char *path = arena_printf(arena, "%s/mon_data", group);
	_cleanup_(fd_cleanup) int fd = path ? path_open_beneath(root_fd, path, O_RDONLY | O_DIRECTORY, 0) : -ENOMEM;
	struct names domains;
	int r;

	if (fd < 0)
		return fd == -ENOMEM ? fd : 0;
	r = path_open_beneath(fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (r >= 0)
		r = domains_list(r, arena, &domains);
	if (r < 0)
		return r;
	measured_write(fd, &domains, "mbm_stats", bandwidth_used_rows, ARRAY_SIZE(bandwidth_used_rows), arena, json);
	measured_write(fd, &domains, "cmt_stats", cache_used_rows, ARRAY_SIZE(cache_used_rows), arena, json);
	return 0;
}

/* -- the whole --------------------------------------------------------------------------------------------------------------- */

int rdt_stats_write(int root_fd, const char *group, const char *monitor, struct json_writer *json, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *path = arena_printf(&arena, "%s/schemata", group);
	const char *all = file_read(root_fd, "schemata", &arena), *own = path ? file_read(root_fd, path, &arena) : NULL;
	int r;

	if (!own)
		return error_say(err, -EINVAL, "'%s' is no resctrl group: it has no file 'schemata'", group);
	if (rows_write(root_fd, "info/L3", "l3_cache_info", cache_rows, ARRAY_SIZE(cache_rows), &arena, json)) {
		line_write(all, "L3", "l3_cache_schema_root", &arena, json);
		line_write(own, "L3", "l3_cache_schema", &arena, json);
	}
	if (rows_write(root_fd, "info/MB", "mem_bw_info", bandwidth_rows, ARRAY_SIZE(bandwidth_rows), &arena, json)) {
		line_write(all, "MB", "mem_bw_schema_root", &arena, json);
		line_write(own, "MB", "mem_bw_schema", &arena, json);
	}
	r = measurements_write(root_fd, monitor ? monitor : group, &arena, json);
	if (r < 0)
		return error_set(err, r, "read the measurements of the resctrl group '%s'", group);
	lines_write(own, &arena, json);
	return 0;
}
