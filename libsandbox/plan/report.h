/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk over a document, two ways to show it: text for people, JSON for programs.
 *
 * The walk names what it shows by JSON keys ("noNewPrivileges"); text shows them as words ("no new privileges"). What is absent (NULL, an
 * empty list, a false bool in text) leaves no trace, and a section without content no heading. Every value goes through text_printable
 * or the JSON escapes: any bytes may come.
 *
 *     section   JSON: an object.            text: a heading, then one member a line
 *     line      JSON: an object.            text: one line, members separated by commas
 *     list      JSON: an array of rows.     text: a heading, then one row a line
 *     row       JSON: an object.            text: cells in columns, other members behind them
 *
 * Not for: what is shown (plan/print.c).
 */
#ifndef ORLOP_LIBSANDBOX_PLAN_REPORT_H
#define ORLOP_LIBSANDBOX_PLAN_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/json_writer.h"
#include "libbase/text.h"
#include "libsandbox/plan.h"

#define REPORT_DEPTH_MAX 6

enum report_place { REPORT_SECTION = 1, REPORT_LINE, REPORT_LIST, REPORT_ROW };

struct report {
	enum plan_format format;
	struct text_buffer *to; /* borrowed */
	struct json_writer json;
	unsigned int depth;
	struct {
		int place;       /* enum report_place */
		const char *key; /* of the heading */
		bool told;       /* the heading stands */
	} levels[REPORT_DEPTH_MAX];
	struct text_buffer part;  /* the value, line or row in the making */
	struct text_buffer table; /* the finished rows of the list in the making */
	size_t part_members;
	bool part_has_tail; /* the row's members behind its columns have begun */
};

void report_open(struct report *report, enum plan_format format, struct text_buffer *to);
/* Releases everything but `to`. Returns 0, or -ENOMEM, or what json_writer_finish says. */
int report_close(struct report *report);

/* For what one of the formats shows differently. */
bool report_is_json(const struct report *report);

void report_section_begin(struct report *report, const char *key);
void report_section_end(struct report *report);
void report_line_begin(struct report *report, const char *key);
void report_line_end(struct report *report);
void report_list_begin(struct report *report, const char *key);
void report_list_end(struct report *report);
void report_row_begin(struct report *report);
void report_row_end(struct report *report);

void report_text(struct report *report, const char *key, const char *value);
void report_format(struct report *report, const char *key, const char *format, ...) _printf_(3, 4);
void report_number(struct report *report, const char *key, int64_t value);
void report_u64(struct report *report, const char *key, uint64_t value); /* text: UINT64_MAX is "unlimited" */
void report_numbers(struct report *report, const char *key, const struct spec_u32s *numbers);
void report_bool(struct report *report, const char *key, bool value);
/* Text: the words one after the other; those with blanks in quotes. */
void report_words(struct report *report, const char *key, const struct spec_strings *words);
/* The same where none is worth telling: text "none", JSON []. */
void report_set(struct report *report, const char *key, const struct spec_strings *words);
/* Sections only. Text: one a line. */
void report_lines(struct report *report, const char *key, const struct spec_strings *lines);

/* Lines and rows only: the same without the key in text; in rows they are the columns and stand before all other members. */
void report_cell(struct report *report, const char *key, const char *value);
void report_cell_format(struct report *report, const char *key, const char *format, ...) _printf_(3, 4);
void report_cell_u64(struct report *report, const char *key, uint64_t value);
void report_cell_words(struct report *report, const char *key, const struct spec_strings *words);

#endif
