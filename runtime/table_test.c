/* SPDX-License-Identifier: Apache-2.0 */
/* Columns as runc's tables have them. */
#include "runtime/table.h"

#include "conformance/unit/check.h"

static void expect(const char *const *cells, size_t rows, size_t columns, const char *want)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	table_write(&text, cells, rows, columns);
	CHECK_TEXT(text.bytes, want);
}

TEST(short_words_stand_twelve_apart)
{
	static const char *const cells[] = { "ID", "PID", "STATUS", "web", "12", "running" };

	expect(cells, 2, 3, "ID          PID         STATUS\nweb         12          running\n");
}

TEST(long_words_are_followed_by_three_blanks)
{
	static const char *const cells[] = { "ID", "X", "a-long-name-of-21-chrs", "y", "nine-char", "z" };

	expect(cells, 3, 2,
	       "ID                       X\n"
	       "a-long-name-of-21-chrs   y\n"
	       "nine-char                z\n");
}

TEST(the_edge_is_at_nine_letters)
{
	static const char *const nine[] = { "123456789", "x" }, *const ten[] = { "1234567890", "x" };

	expect(nine, 1, 2, "123456789   x\n");
	expect(ten, 1, 2, "1234567890   x\n");
}

TEST(letters_are_counted_not_bytes)
{
	static const char *const cells[] = { "\xc3\xa9\xc3\xa9", "x" };

	expect(cells, 1, 2, "\xc3\xa9\xc3\xa9          x\n");
}

TEST(the_last_column_has_no_blanks_behind_it)
{
	static const char *const cells[] = { "a", "" };

	expect(cells, 2, 1, "a\n\n");
}
