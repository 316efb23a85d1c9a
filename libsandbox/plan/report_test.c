/* SPDX-License-Identifier: Apache-2.0 */
/* Both backends of a report over one small walk: layout, what leaves no trace, and values that would drive a terminal. */
#include "libsandbox/plan/report.h"

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"

static void walk(struct report *report, const char *hostile)
{
	static const char *const some[] = { "a", "b c", "" };
	const uint32_t numbers[] = { 10, 20 };
	struct spec_strings words = { some, 3 }, none = { 0 };

	report_text(report, "container", "demo");
	report_text(report, "absent", NULL);
	report_section_begin(report, "outer");
	report_words(report, "args", &words);
	report_words(report, "none", &none);
	report_set(report, "set", &none);
	report_set(report, "other", &words);
	report_lines(report, "env", &words);
	report_bool(report, "noNewPrivileges", true);
	report_bool(report, "off", false);
	report_numbers(report, "groups", &(struct spec_u32s){ numbers, 2 });
	report_line_begin(report, "user");
	report_cell(report, "name", hostile);
	report_number(report, "nice", -5);
	report_bool(report, "readOnly", true);
	report_line_end(report);
	report_section_end(report);
	report_section_begin(report, "empty");
	report_bool(report, "off", false);
	report_section_end(report);
	report_list_begin(report, "mounts");
	report_row_begin(report);
	report_cell_u64(report, "index", 0);
	report_cell(report, "path", "/proc");
	report_cell(report, "source", NULL);
	report_cell_words(report, "options", &none);
	report_row_end(report);
	report_row_begin(report);
	report_cell_u64(report, "index", 11);
	report_cell(report, "path", "/a");
	report_cell(report, "source", "x");
	report_cell_words(report, "options", &words);
	report_u64(report, "limit", UINT64_MAX);
	report_bool(report, "copyUp", true);
	report_row_end(report);
	report_list_end(report);
	report_list_begin(report, "nothing");
	report_list_end(report);
}

TEST(text_is_laid_out)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	struct report report;

	report_open(&report, PLAN_TEXT, &to);
	walk(&report, "me");
	CHECK_INT(report_close(&report), 0);
	CHECK_TEXT(to.bytes, "container             demo\n"
			     "outer\n"
			     "  args                a 'b c' ''\n"
			     "  set                 none\n"
			     "  other               a 'b c' ''\n"
			     "  env                 a\n"
			     "                      b c\n"
			     "                      ''\n"
			     "  no new privileges   yes\n"
			     "  groups              10 20\n"
			     "  user                me, nice -5, read only\n"
			     "mounts\n"
			     "  0   /proc\n"
			     "  11  /a     x  a 'b c' ''  limit unlimited  copy up\n");
}

TEST(json_has_the_same_members)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	struct report report;

	report_open(&report, PLAN_JSON, &to);
	walk(&report, "me");
	CHECK_INT(report_close(&report), 0);
	CHECK_HAS(to.bytes, "\"container\": \"demo\"");
	CHECK_HAS(to.bytes, "\"noNewPrivileges\": true");
	CHECK_HAS(to.bytes, "\"off\": false");
	CHECK_HAS(to.bytes, "\"nice\": -5");
	CHECK_HAS(to.bytes, "\"limit\": 18446744073709551615");
	CHECK_HAS(to.bytes, "\"nothing\": []");
	CHECK_HAS(to.bytes, "\"set\": []");
	CHECK(!strstr(to.bytes, "absent"));
	CHECK(!strstr(to.bytes, "none"));
}

TEST(values_cannot_drive_a_terminal_or_make_lines)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	struct report report;

	report_open(&report, PLAN_TEXT, &to);
	walk(&report, "a\033[2J\nb\037c");
	CHECK_INT(report_close(&report), 0);
	CHECK_HAS(to.bytes, "  user                a\\x1b[2J\\x0ab\\x1fc, nice -5");
	CHECK(!strchr(to.bytes, '\033'));
}

TEST(long_values_keep_their_characters_whole)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT, value = TEXT_BUFFER_INIT;
	struct report report;

	text_append(&value, "x");
	for (int i = 0; i < 1000; i++)
		text_append(&value, "é€𝄞");
	report_open(&report, PLAN_TEXT, &to);
	report_text(&report, "key", value.bytes);
	CHECK_INT(report_close(&report), 0);
	CHECK_HAS(to.bytes, value.bytes);
	text_buffer_cleanup(&value);
}

TEST(many_words_are_broken_into_lines)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	const char *items[60];
	struct report report;

	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		items[i] = "word";
	report_open(&report, PLAN_TEXT, &to);
	report_words(&report, "list", &(struct spec_strings){ items, ARRAY_SIZE(items) });
	CHECK_INT(report_close(&report), 0);
	for (const char *line = to.bytes; *line;) {
		size_t length = strcspn(line, "\n");

		CHECK(length <= 100);
		CHECK(line == to.bytes || text_starts(line, "                      word word"));
		line += length + 1;
	}
	CHECK(to.length > 60 * 5);
}

TEST(columns_count_characters_and_wide_cells_push_their_own_row)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	static const char *const paths[] = { "é", "ab",
					     "/a/path/that/is/longer/than/any/column/should/ever/be/made/for/it" };
	struct report report;

	report_open(&report, PLAN_TEXT, &to);
	report_list_begin(&report, "list");
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		report_row_begin(&report);
		report_cell(&report, "path", paths[i]);
		report_cell(&report, "to", "x");
		report_row_end(&report);
	}
	report_list_end(&report);
	CHECK_INT(report_close(&report), 0);
	CHECK_TEXT(to.bytes, "list\n"
			     "  é   x\n"
			     "  ab  x\n"
			     "  /a/path/that/is/longer/than/any/column/should/ever/be/made/for/it  x\n");
}
