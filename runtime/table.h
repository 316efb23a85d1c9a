/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of words in columns, spaced as runc's tables are, because people and scripts cut them by position. */
#ifndef ORLOP_RUNTIME_TABLE_H
#define ORLOP_RUNTIME_TABLE_H

#include <stddef.h>

#include "libbase/text.h"
#include "libspec/names.h"

/* What --format takes of commands that list something. */
enum output_format { OUTPUT_TABLE = 1, OUTPUT_JSON };
extern const struct name_table output_formats;

/* `cells` are rows * columns texts. Each column but the last is as wide as its widest cell and three blanks, at least 12. */
void table_write(struct text_buffer *to, const char *const *cells, size_t rows, size_t columns);

#endif
