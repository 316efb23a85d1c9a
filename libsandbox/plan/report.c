/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two backends of a report. See report.h.
 *
 * Text is put together in `part`. A value at section level is written at once; a line when it ends; rows are kept until their list
 * ends, because a column is as wide as its widest cell.
 */
#include "libsandbox/plan/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libbase/utf8.h"

#define INDENT       2
#define VALUE_COLUMN 22
#define COLUMN_LAST  100
#define COLUMNS_MAX  8
#define CELL_MAX     48 /* a wider cell pushes its own row only */

/* Between the cells and rows of a table. Values are printable, so these bytes are never theirs. */
#define CELL_END '\037'
#define ROW_END  '\n'

static bool is_json(const struct report *report)
{
	return report->format == PLAN_JSON;
}

static int place_of(const struct report *report)
{
	return report->depth == 0 ? REPORT_SECTION : report->levels[report->depth - 1].place;
}

/* -- text: small parts ------------------------------------------------------------------------------------------------- */

static void blanks_append(struct text_buffer *to, size_t count)
{
	while (count-- > 0)
		text_append(to, " ");
}

static void printable_append(struct text_buffer *to, const char *text)
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

/* "noNewPrivileges" to "no new privileges"; returns its width. */
static size_t label_append(struct text_buffer *to, const char *key)
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

/* Columns on a terminal, near enough: code points. */
static size_t text_width(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)text[i] & 0xC0) != 0x80;
	return width;
}

static size_t indent_of(unsigned int depth)
{
	return (size_t)depth * INDENT;
}

static void headings_tell(struct report *report)
{
	for (unsigned int i = 0; i < report->depth; i++) {
		if (report->levels[i].told || report->levels[i].place == REPORT_LINE)
			continue;
		report->levels[i].told = true;
		if (!report->levels[i].key)
			continue;
		blanks_append(report->to, indent_of(i));
		(void)label_append(report->to, report->levels[i].key);
		text_append(report->to, "\n");
	}
}

/* "  label     value" at the depth of the section around it. */
static void entry_append(struct report *report, const char *key, const char *value)
{
	size_t indent, width;

	headings_tell(report);
	indent = indent_of(report->depth);
	blanks_append(report->to, indent);
	width = indent + label_append(report->to, key);
	blanks_append(report->to, width + 2 > VALUE_COLUMN ? 2 : VALUE_COLUMN - width);
	text_append(report->to, value);
	text_append(report->to, "\n");
}

static const char *part_text(const struct report *report)
{
	return report->part.bytes ? report->part.bytes : "";
}

static void part_clear(struct report *report)
{
	report->part.length = 0;
	if (report->part.bytes)
		report->part.bytes[0] = '\0';
	report->part_members = 0;
	report->part_has_tail = false;
}

/* What separates the next member of a line or row from those before it. */
static void member_begin(struct report *report, bool cell)
{
	if (place_of(report) == REPORT_LINE) {
		text_append(&report->part, report->part_members++ > 0 ? ", " : "");
		return;
	}
	if (cell && report->part_members++ > 0)
		text_append_format(&report->part, "%c", CELL_END);
	if (!cell) {
		if (!report->part_has_tail)
			text_append_format(&report->part, "%c", CELL_END);
		else
			text_append(&report->part, "  ");
		report->part_has_tail = true;
	}
}

static void member_label(struct report *report, const char *key)
{
	member_begin(report, false);
	(void)label_append(&report->part, key);
}

/* -- text: words and tables -------------------------------------------------------------------------------------------- */

static void word_append(struct text_buffer *to, const char *word)
{
	bool quote = !*word || strpbrk(word, " \t\n");

	text_append(to, quote ? "'" : "");
	printable_append(to, word);
	text_append(to, quote ? "'" : "");
}

/* `column` is where the first word stands, COLUMN_LAST where a line ends; without a column nothing is broken. */
static void words_append(struct text_buffer *to, const struct spec_strings *words, size_t column)
{
	size_t start = to->length;

	for (size_t i = 0; i < words->count; i++) {
		size_t before = to->length;

		text_append(to, i > 0 ? " " : "");
		word_append(to, words->items[i]);
		if (i == 0 || column == 0 || to->failed || column + to->length - start <= COLUMN_LAST)
			continue;
		/* It does not fit: take it back and begin a line. */
		to->length = before;
		text_append(to, "\n");
		start = to->length;
		blanks_append(to, column);
		word_append(to, words->items[i]);
		start += column;
	}
}

/* Widths of the columns; what a row's last cell needs does not count, nothing stands behind it. */
static void table_measure(const char *table, size_t widths[COLUMNS_MAX])
{
	while (*table) {
		for (size_t column = 0;; column++) {
			size_t length = strcspn(table, "\037\n");
			size_t width = text_width(table, length);
			char end = table[length];

			table += length + 1;
			if (end == ROW_END)
				break;
			if (column < COLUMNS_MAX && width <= CELL_MAX && width > widths[column])
				widths[column] = width;
		}
	}
}

static void table_append(struct report *report)
{
	size_t widths[COLUMNS_MAX] = { 0 };
	const char *table = report->table.bytes;

	if (!table || report->table.failed)
		return;
	headings_tell(report);
	table_measure(table, widths);
	while (*table) {
		size_t owed = indent_of(report->depth);

		for (size_t column = 0;; column++) {
			size_t length = strcspn(table, "\037\n");
			size_t width = text_width(table, length);
			char end = table[length];

			/* Blanks are written before what they lead to, so none stand at the end of a line. */
			if (length > 0) {
				blanks_append(report->to, owed);
				text_append_bytes(report->to, table, length);
				owed = 0;
			} else {
				width = 0;
			}
			table += length + 1;
			if (end == ROW_END)
				break;
			if (column < COLUMNS_MAX && widths[column] > 0)
				owed += 2 + (width < widths[column] ? widths[column] - width : 0);
		}
		text_append(report->to, "\n");
	}
}

/* -- both: structure --------------------------------------------------------------------------------------------------- */

void report_open(struct report *report, enum plan_format format, struct text_buffer *to)
{
	*report = (struct report){ .format = format, .to = to };
	if (is_json(report)) {
		json_writer_init(&report->json, to, "  ");
		json_object_begin(&report->json, NULL);
	}
}

int report_close(struct report *report)
{
	bool failed = report->to->failed || report->part.failed || report->table.failed;
	int r = 0;

	text_buffer_cleanup(&report->part);
	text_buffer_cleanup(&report->table);
	if (is_json(report)) {
		json_object_end(&report->json);
		r = json_writer_finish(&report->json);
		text_append(report->to, "\n");
		failed = failed || report->to->failed;
	}
	return failed ? -ENOMEM : r;
}

static void level_begin(struct report *report, int place, const char *key)
{
	report->levels[report->depth].place = place;
	report->levels[report->depth].key = key;
	report->levels[report->depth].told = false;
	report->depth++;
}

void report_section_begin(struct report *report, const char *key)
{
	level_begin(report, REPORT_SECTION, key);
	if (is_json(report))
		json_object_begin(&report->json, key);
}

void report_section_end(struct report *report)
{
	report->depth--;
	if (is_json(report))
		json_object_end(&report->json);
}

void report_line_begin(struct report *report, const char *key)
{
	level_begin(report, REPORT_LINE, key);
	part_clear(report);
	if (is_json(report))
		json_object_begin(&report->json, key);
}

void report_line_end(struct report *report)
{
	report->depth--;
	if (is_json(report))
		json_object_end(&report->json);
	else if (report->part_members > 0)
		entry_append(report, report->levels[report->depth].key, part_text(report));
}

void report_list_begin(struct report *report, const char *key)
{
	level_begin(report, REPORT_LIST, key);
	report->table.length = 0;
	if (report->table.bytes)
		report->table.bytes[0] = '\0';
	if (is_json(report))
		json_array_begin(&report->json, key);
}

void report_list_end(struct report *report)
{
	if (is_json(report))
		json_array_end(&report->json);
	else if (report->table.length > 0)
		table_append(report);
	report->depth--;
}

void report_row_begin(struct report *report)
{
	level_begin(report, REPORT_ROW, NULL);
	part_clear(report);
	if (is_json(report))
		json_object_begin(&report->json, NULL);
}

void report_row_end(struct report *report)
{
	report->depth--;
	if (is_json(report)) {
		json_object_end(&report->json);
		return;
	}
	text_append(&report->table, part_text(report));
	text_append_format(&report->table, "%c", ROW_END);
}

/* -- both: members ----------------------------------------------------------------------------------------------------- */

void report_text(struct report *report, const char *key, const char *value)
{
	if (!value)
		return;
	if (is_json(report)) {
		json_string(&report->json, key, value);
	} else if (place_of(report) == REPORT_SECTION) {
		part_clear(report);
		printable_append(&report->part, value);
		entry_append(report, key, part_text(report));
	} else {
		member_label(report, key);
		text_append(&report->part, " ");
		printable_append(&report->part, value);
	}
}

void report_cell(struct report *report, const char *key, const char *value)
{
	if (is_json(report)) {
		if (value)
			json_string(&report->json, key, value);
		return;
	}
	if (!value && place_of(report) == REPORT_LINE)
		return;
	member_begin(report, true);
	printable_append(&report->part, value ? value : "");
}

void report_format(struct report *report, const char *key, const char *format, ...)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer value = TEXT_BUFFER_INIT;
	va_list args;

	va_start(args, format);
	text_append_vformat(&value, format, args);
	va_end(args);
	report_text(report, key, value.bytes);
}

void report_cell_format(struct report *report, const char *key, const char *format, ...)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer value = TEXT_BUFFER_INIT;
	va_list args;

	va_start(args, format);
	text_append_vformat(&value, format, args);
	va_end(args);
	report_cell(report, key, value.bytes);
}

void report_number(struct report *report, const char *key, int64_t value)
{
	if (is_json(report))
		json_i64(&report->json, key, value);
	else
		report_format(report, key, "%lld", (long long)value);
}

static void u64_format(char *to, size_t size, uint64_t value)
{
	if (value == UINT64_MAX)
		(void)snprintf(to, size, "unlimited");
	else
		(void)snprintf(to, size, "%llu", (unsigned long long)value);
}

void report_u64(struct report *report, const char *key, uint64_t value)
{
	char text[24];

	if (is_json(report)) {
		json_u64(&report->json, key, value);
		return;
	}
	u64_format(text, sizeof(text), value);
	report_text(report, key, text);
}

void report_cell_u64(struct report *report, const char *key, uint64_t value)
{
	char text[24];

	if (is_json(report)) {
		json_u64(&report->json, key, value);
		return;
	}
	u64_format(text, sizeof(text), value);
	report_cell(report, key, text);
}

void report_numbers(struct report *report, const char *key, const struct spec_u32s *numbers)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	if (numbers->count == 0)
		return;
	if (is_json(report)) {
		json_array_begin(&report->json, key);
		for (size_t i = 0; i < numbers->count; i++)
			json_u64(&report->json, NULL, numbers->items[i]);
		json_array_end(&report->json);
		return;
	}
	for (size_t i = 0; i < numbers->count; i++)
		text_append_format(&text, "%s%u", i > 0 ? " " : "", numbers->items[i]);
	report_text(report, key, text.bytes);
}

void report_bool(struct report *report, const char *key, bool value)
{
	if (is_json(report))
		json_bool(&report->json, key, value);
	else if (value && place_of(report) == REPORT_SECTION)
		entry_append(report, key, "yes");
	else if (value)
		member_label(report, key);
}

static void words_write(struct report *report, const char *key, const struct spec_strings *words)
{
	json_array_begin(&report->json, key);
	for (size_t i = 0; i < words->count; i++)
		json_string(&report->json, NULL, words->items[i]);
	json_array_end(&report->json);
}

void report_words(struct report *report, const char *key, const struct spec_strings *words)
{
	if (words->count == 0)
		return;
	if (is_json(report)) {
		words_write(report, key, words);
	} else if (place_of(report) == REPORT_SECTION) {
		part_clear(report);
		words_append(&report->part, words, VALUE_COLUMN);
		entry_append(report, key, part_text(report));
	} else {
		member_label(report, key);
		text_append(&report->part, " ");
		words_append(&report->part, words, 0);
	}
}

void report_cell_words(struct report *report, const char *key, const struct spec_strings *words)
{
	if (is_json(report)) {
		if (words->count > 0)
			words_write(report, key, words);
		return;
	}
	if (words->count == 0 && place_of(report) == REPORT_LINE)
		return;
	member_begin(report, true);
	words_append(&report->part, words, 0);
}

void report_lines(struct report *report, const char *key, const struct spec_strings *lines)
{
	if (lines->count == 0)
		return;
	if (is_json(report)) {
		words_write(report, key, lines);
		return;
	}
	part_clear(report);
	for (size_t i = 0; i < lines->count; i++) {
		if (i > 0) {
			text_append(&report->part, "\n");
			blanks_append(&report->part, VALUE_COLUMN);
		}
		printable_append(&report->part, lines->items[i]);
	}
	entry_append(report, key, part_text(report));
}
