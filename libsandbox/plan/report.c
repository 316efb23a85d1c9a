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

#include "libsandbox/plan/layout.h"

#define INDENT       2
#define VALUE_COLUMN 22

bool report_is_json(const struct report *report)
{
	return report->format == PLAN_JSON;
}

static int place_of(const struct report *report)
{
	return report->depth == 0 ? REPORT_SECTION : report->levels[report->depth - 1].place;
}

/* -- text ---------------------------------------------------------------------------------------------------------------- */

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
		layout_append_blanks(report->to, indent_of(i));
		(void)layout_append_label(report->to, report->levels[i].key);
		text_append(report->to, "\n");
	}
}

/* "  label     value" at the depth of the section around it. */
static void entry_append(struct report *report, const char *key, const char *value)
{
	size_t indent, width;

	headings_tell(report);
	indent = indent_of(report->depth);
	layout_append_blanks(report->to, indent);
	width = indent + layout_append_label(report->to, key);
	layout_append_blanks(report->to, width + 2 > VALUE_COLUMN ? 2 : VALUE_COLUMN - width);
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
		text_append(&report->part, LAYOUT_CELL_END);
	if (!cell) {
		if (!report->part_has_tail)
			text_append(&report->part, LAYOUT_CELL_END);
		else
			text_append(&report->part, "  ");
		report->part_has_tail = true;
	}
}

static void member_label(struct report *report, const char *key)
{
	member_begin(report, false);
	(void)layout_append_label(&report->part, key);
}

static void table_append(struct report *report)
{
	const char *table = report->table.bytes;

	if (!table || report->table.failed)
		return;
	headings_tell(report);
	layout_append_table(report->to, table, indent_of(report->depth));
}

/* -- both: structure --------------------------------------------------------------------------------------------------- */

void report_open(struct report *report, enum plan_format format, struct text_buffer *to)
{
	*report = (struct report){ .format = format, .to = to };
	if (report_is_json(report)) {
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
	if (report_is_json(report)) {
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
	if (report_is_json(report))
		json_object_begin(&report->json, key);
}

void report_section_end(struct report *report)
{
	report->depth--;
	if (report_is_json(report))
		json_object_end(&report->json);
}

void report_line_begin(struct report *report, const char *key)
{
	level_begin(report, REPORT_LINE, key);
	part_clear(report);
	if (report_is_json(report))
		json_object_begin(&report->json, key);
}

void report_line_end(struct report *report)
{
	report->depth--;
	if (report_is_json(report))
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
	if (report_is_json(report))
		json_array_begin(&report->json, key);
}

void report_list_end(struct report *report)
{
	if (report_is_json(report))
		json_array_end(&report->json);
	else if (report->table.length > 0)
		table_append(report);
	report->depth--;
}

void report_row_begin(struct report *report)
{
	level_begin(report, REPORT_ROW, NULL);
	part_clear(report);
	if (report_is_json(report))
		json_object_begin(&report->json, NULL);
}

void report_row_end(struct report *report)
{
	report->depth--;
	if (report_is_json(report)) {
		json_object_end(&report->json);
		return;
	}
	text_append(&report->table, part_text(report));
	text_append(&report->table, LAYOUT_ROW_END);
}

/* -- both: members ----------------------------------------------------------------------------------------------------- */

void report_text(struct report *report, const char *key, const char *value)
{
	if (!value)
		return;
	if (report_is_json(report)) {
		json_string(&report->json, key, value);
	} else if (place_of(report) == REPORT_SECTION) {
		part_clear(report);
		layout_append_printable(&report->part, value);
		entry_append(report, key, part_text(report));
	} else {
		member_label(report, key);
		text_append(&report->part, " ");
		layout_append_printable(&report->part, value);
	}
}

void report_cell(struct report *report, const char *key, const char *value)
{
	if (report_is_json(report)) {
		if (value)
			json_string(&report->json, key, value);
		return;
	}
	if (!value && place_of(report) == REPORT_LINE)
		return;
	member_begin(report, true);
	layout_append_printable(&report->part, value ? value : "");
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
	if (report_is_json(report))
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

	if (report_is_json(report)) {
		json_u64(&report->json, key, value);
		return;
	}
	u64_format(text, sizeof(text), value);
	report_text(report, key, text);
}

void report_cell_u64(struct report *report, const char *key, uint64_t value)
{
	char text[24];

	if (report_is_json(report)) {
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
	if (report_is_json(report)) {
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
	if (report_is_json(report))
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
	if (report_is_json(report)) {
		words_write(report, key, words);
	} else if (place_of(report) == REPORT_SECTION) {
		part_clear(report);
		layout_append_words(&report->part, words, VALUE_COLUMN);
		entry_append(report, key, part_text(report));
	} else {
		member_label(report, key);
		text_append(&report->part, " ");
		layout_append_words(&report->part, words, 0);
	}
}

void report_set(struct report *report, const char *key, const struct spec_strings *words)
{
	if (words->count > 0)
		report_words(report, key, words);
	else if (report_is_json(report))
		words_write(report, key, words);
	else
		report_text(report, key, "none");
}

void report_cell_words(struct report *report, const char *key, const struct spec_strings *words)
{
	if (report_is_json(report)) {
		if (words->count > 0)
			words_write(report, key, words);
		return;
	}
	if (words->count == 0 && place_of(report) == REPORT_LINE)
		return;
	member_begin(report, true);
	layout_append_words(&report->part, words, 0);
}

void report_lines(struct report *report, const char *key, const struct spec_strings *lines)
{
	if (lines->count == 0)
		return;
	if (report_is_json(report)) {
		words_write(report, key, lines);
		return;
	}
	part_clear(report);
	for (size_t i = 0; i < lines->count; i++) {
		if (i > 0) {
			text_append(&report->part, "\n");
			layout_append_blanks(&report->part, VALUE_COLUMN);
		}
		if (lines->items[i][0])
			layout_append_printable(&report->part, lines->items[i]);
		else
			layout_append_word(&report->part, "");
	}
	entry_append(report, key, part_text(report));
}
