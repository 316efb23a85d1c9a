/* SPDX-License-Identifier: Apache-2.0 */
/* See layout.h. */
#include "libsandbox/plan/layout.h"

#include <string.h>

#include "libbase/utf8.h"

#define COLUMN_LAST 100
#define COLUMNS_MAX 8
#define CELL_MAX    48 /* a wider cell pushes its own row only */

void layout_append_blanks(struct text_buffer *to, size_t count)
{
	while (count-- > 0)
		text_append(to, " ");
}

void layout_append_printable(struct text_buffer *to, const char *text)
{
	char shown[4 * 256 + 1];
	size_t left = strlen(text);

	while (left > 0) {
		size_t length = left > 256 ? utf8_trim_cut(text, 256) : left;

		text_append_bytes(to, shown, text_printable(shown, sizeof(shown), text, length));
		text += length;
		left -= length;
	}
}

size_t layout_append_label(struct text_buffer *to, const char *key)
{
	size_t width = 0;

	for (; *key; key++) {
		bool upper = *key >= 'A' && *key <= 'Z';
		char word[3] = { ' ', upper ? (char)(*key - 'A' + 'a') : *key, '\0' };

		text_append(to, upper ? word : word + 1);
		width += upper ? 2 : 1;
	}
	return width;
}

/* -- words ------------------------------------------------------------------------------------------------------------- */

void layout_append_word(struct text_buffer *to, const char *word)
{
	bool quote = !*word || strpbrk(word, " \t\n");

	text_append(to, quote ? "'" : "");
	layout_append_printable(to, word);
	text_append(to, quote ? "'" : "");
}

void layout_append_words(struct text_buffer *to, const struct spec_strings *words, size_t column)
{
	size_t start = to->length;

	for (size_t i = 0; i < words->count; i++) {
		size_t before = to->length;

		text_append(to, i > 0 ? " " : "");
		layout_append_word(to, words->items[i]);
		if (i == 0 || column == 0 || to->failed || column + to->length - start <= COLUMN_LAST)
			continue;
		/* It does not fit: take it back and begin a line. */
		to->length = before;
		text_append(to, "\n");
		start = to->length;
		layout_append_blanks(to, column);
		layout_append_word(to, words->items[i]);
		start += column;
	}
}

/* -- tables ------------------------------------------------------------------------------------------------------------ */

/* Columns on a terminal, near enough: code points. */
static size_t text_width(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)text[i] & 0xC0) != 0x80;
	return width;
}

/* Widths of the columns; what a row's last cell needs does not count, nothing stands behind it. */
static void table_measure(const char *table, size_t widths[COLUMNS_MAX])
{
	while (*table) {
		for (size_t column = 0;; column++) {
			size_t length = strcspn(table, LAYOUT_CELL_END LAYOUT_ROW_END);
			size_t width = text_width(table, length);
			bool last = table[length] == LAYOUT_ROW_END[0];

			table += length + 1;
			if (last)
				break;
			if (column < COLUMNS_MAX && width <= CELL_MAX && width > widths[column])
				widths[column] = width;
		}
	}
}

void layout_append_table(struct text_buffer *to, const char *table, size_t indent)
{
	size_t widths[COLUMNS_MAX] = { 0 };

	table_measure(table, widths);
	while (*table) {
		size_t owed = indent;

		for (size_t column = 0;; column++) {
			size_t length = strcspn(table, LAYOUT_CELL_END LAYOUT_ROW_END);
			size_t width = text_width(table, length);
			bool last = table[length] == LAYOUT_ROW_END[0];

			/* Blanks are written before what they lead to, so none stand at the end of a line. */
			if (length > 0) {
				layout_append_blanks(to, owed);
				text_append_bytes(to, table, length);
				owed = 0;
			} else {
				width = 0;
			}
			table += length + 1;
			if (last)
				break;
			if (column < COLUMNS_MAX && widths[column] > 0)
				owed += 2 + (width < widths[column] ? widths[column] - width : 0);
		}
		text_append(to, "\n");
	}
}
