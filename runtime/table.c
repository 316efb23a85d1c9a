/* SPDX-License-Identifier: Apache-2.0 */
/* Columns. */
#include "runtime/table.h"

#include <string.h>

#define WIDTH_LEAST 12
#define GAP         3

static const struct name format_names[] = {
	{ "table", OUTPUT_TABLE, 0 },
	{ "json", OUTPUT_JSON, 0 },
};
const struct name_table output_formats = { "format", format_names, ARRAY_SIZE(format_names) };

/* Characters, not bytes: a bundle's path may have any. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static size_t column_width(const char *const *cells, size_t rows, size_t columns, size_t column)
{
	size_t widest = WIDTH_LEAST;

	for (size_t row = 0; row < rows; row++) {
		size_t width = text_width(cells[row * columns + column]) + GAP;

		if (width > widest)
			widest = width;
	}
	return widest;
}

static void cell_write(struct text_buffer *to, const char *cell, size_t width)
{
	text_append(to, cell);
	for (size_t have = text_width(cell); have < width; have++)
		text_append(to, " ");
}

void table_write(struct text_buffer *to, const char *const *cells, size_t rows, size_t columns)
{
	for (size_t row = 0; row < rows; row++) {
		for (size_t column = 0; column < columns; column++) {
			const bool last = column + 1 == columns;

			cell_write(to, cells[row * columns + column],
				   last ? 0 : column_width(cells, rows, columns, column));
		}
		text_append(to, "\n");
	}
}
