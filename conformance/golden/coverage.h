/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which properties and which words of the project's tables the golden configs mention: what no case mentions is not tested.
 */
#ifndef ORLOP_CONFORMANCE_GOLDEN_COVERAGE_H
#define ORLOP_CONFORMANCE_GOLDEN_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libbase/text.h"

/* One place and, at most, one text there. */
struct coverage_row {
	const char *path; /* "/linux/namespaces[]/type", as in config-paths.tsv */
	const char *word; /* NULL: the place is enough */
	bool seen;
};

struct coverage {
	struct arena *arena;       /* borrowed */
	struct coverage_row *rows; /* sorted by path, then word */
	size_t count;
};

/* Rows for every property of config.json in `schema` (the text of config-paths.tsv) and every word of every table that the config uses.
 * -EINVAL when a table has no known place in the config. */
int coverage_prepare(struct coverage *coverage, const char *schema, struct arena *arena, struct error *err);

/* Marks what one config mentions. Bytes that are not JSON mention nothing. */
int coverage_note(struct coverage *coverage, const char *config, size_t length, struct error *err);

/* A line for each row that was not seen; returns their number. */
size_t coverage_tell(const struct coverage *coverage, struct text_buffer *to);

#endif
