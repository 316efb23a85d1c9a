/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of statistics: which word of which file is which member of the document. One row a fact; stats.c has the rows and walks them,
 * stats_list.c writes what is not one number.
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_STATS_H
#define ORLOP_LIBSANDBOX_CGROUP_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/json_writer.h"

#define STATS_FILES_MAX 32

struct stats_file {
	const char *name;
	const char *text; /* NULL: there is none */
};

/* Each file is opened once, when the first row wants it. */
struct stats_reading {
	int cgroup_fd;
	struct arena arena;
	struct stats_file files[STATS_FILES_MAX];
	size_t file_count;
};

enum stats_kind {
	STATS_NUMBER = 1, /* the word behind `key`, or the whole file */
	STATS_NUMBER_IF,  /* the same, left out when it is 0 */
	STATS_COMPUTED,   /* by `compute` */
	STATS_COMPUTED_IF,
	STATS_MAP,      /* all words with their numbers, sorted; left out when there are none */
	STATS_PRESSURE, /* some and full of a pressure file; left out when the kernel has none */
	STATS_DEVICES,  /* a list of what the devices did: `key` is two of io.stat's, for Read and Write */
	STATS_HUGEPAGES,
};

struct stats_row {
	const char *path; /* "memory/usage/limit" */
	const char *file; /* NULL: nothing tells, 0 */
	const char *key;
	int kind;       /* enum stats_kind */
	uint32_t scale; /* what the file's number is multiplied by; 0: 1 */
	uint64_t (*compute)(struct stats_reading *reading);
};

extern const struct stats_row stats_rows[];
extern const size_t stats_rows_count;

/* NULL when there is no such file, or it cannot be read. Without the final newline. */
const char *stats_text(struct stats_reading *reading, const char *file);
/* 0 when there is none; UINT64_MAX for "max". `key` NULL: the file is one number. */
uint64_t stats_number(struct stats_reading *reading, const char *file, const char *key);

/* -- stats_list.c: each writes a whole member, or nothing. Return 0 or -ENOMEM ------------------------------------------------------ */

int stats_map_write(const char *text, struct arena *arena, struct json_writer *json, const char *key);
void stats_pressure_write(const char *text, struct json_writer *json, const char *key);
/* `keys` is two with a blank between. */
void stats_devices_write(const char *text, const char *keys, struct json_writer *json, const char *key);
int stats_hugepages_write(struct stats_reading *reading, struct json_writer *json, const char *key);
bool stats_devices_have(const char *text);

#endif
