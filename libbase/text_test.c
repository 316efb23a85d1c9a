/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks comparison, strict numbers, the growing string and printable text.
 */
#include "libbase/text.h"

#include "conformance/unit/check.h"

#include <errno.h>

TEST(equality)
{
	CHECK(text_equal("a", "a"));
	CHECK(!text_equal("a", "A"));
	CHECK(!text_equal("a", NULL));
	CHECK(!text_equal(NULL, ""));
	CHECK(text_equal(NULL, NULL));
	CHECK(text_equal_fold("aZ@[`{9", "Az@[`{9"));
	CHECK(!text_equal_fold("@", "`"));
	CHECK(!text_equal_fold("ab", "abc"));
	CHECK(!text_equal_fold("abc", "ab"));
	CHECK(!text_equal_fold("\xc3\x84", "\xc3\xa4"));
	CHECK(!text_equal_fold("", NULL));
}

TEST(prefix_and_suffix)
{
	CHECK(text_starts("abc", "ab"));
	CHECK(text_starts("abc", ""));
	CHECK(!text_starts("ab", "abc"));
	CHECK(!text_starts(NULL, "a"));
	CHECK(text_ends("abc", "bc"));
	CHECK(text_ends("abc", ""));
	CHECK(!text_ends("bc", "abc"));
	CHECK(!text_ends("abc", "ab"));
	CHECK_TEXT(text_after("key=value", "key="), "value");
	CHECK_TEXT(text_after("key=", "key="), "");
	CHECK_TEXT(text_after("kex=", "key="), NULL);
	CHECK(text_is_empty(NULL) && text_is_empty("") && !text_is_empty(" "));
}

static const char *const never_numbers[] = { "",    "+1",       " 1", "1 ",   "01",  "-0",  "00",  "-",
					     "--1", "+",        "1a", "0x10", "1.0", "1e3", "-01", "\n1",
					     "1\n", "\xd9\xa1", "-a", "1-1",  "1_0", "/",   ":",   "1,000" };

TEST(text_that_is_no_number)
{
	uint64_t u = 7;
	int64_t i = 7;

	for (size_t n = 0; n < ARRAY_SIZE(never_numbers); n++) {
		CHECK_INT(number_parse_u64(never_numbers[n], UINT64_MAX, &u), -EINVAL);
		CHECK_INT(number_parse_i64(never_numbers[n], INT64_MIN, INT64_MAX, &i), -EINVAL);
	}
	CHECK_INT(number_parse_u64(NULL, UINT64_MAX, &u), -EINVAL);
	CHECK_INT(number_parse_i64(NULL, INT64_MIN, INT64_MAX, &i), -EINVAL);
	CHECK_INT(number_parse_u64("-1", UINT64_MAX, &u), -EINVAL);
	CHECK_INT(number_parse_u64("99999999999999999999999x", UINT64_MAX, &u), -EINVAL);
	CHECK_INT(u, 7);
	CHECK_INT(i, 7);
}

TEST(unsigned_numbers)
{
	uint64_t u = 7;

	CHECK_INT(number_parse_u64("0", UINT64_MAX, &u), 0);
	CHECK_INT(u, 0);
	CHECK_INT(number_parse_u64("18446744073709551615", UINT64_MAX, &u), 0);
	CHECK(u == UINT64_MAX);
	CHECK_INT(number_parse_u64("18446744073709551616", UINT64_MAX, &u), -ERANGE);
	CHECK_INT(number_parse_u64("100000000000000000000000000", UINT64_MAX, &u), -ERANGE);
	CHECK(u == UINT64_MAX);
	CHECK_INT(number_parse_u64("10", 10, &u), 0);
	CHECK_INT(number_parse_u64("11", 10, &u), -ERANGE);
	CHECK_INT(u, 10);
}

TEST(signed_numbers)
{
	int64_t i = 7;

	CHECK_INT(number_parse_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &i), 0);
	CHECK(i == INT64_MIN);
	CHECK_INT(number_parse_i64("9223372036854775807", INT64_MIN, INT64_MAX, &i), 0);
	CHECK(i == INT64_MAX);
	CHECK_INT(number_parse_i64("9223372036854775808", INT64_MIN, INT64_MAX, &i), -ERANGE);
	CHECK_INT(number_parse_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &i), -ERANGE);
	CHECK_INT(number_parse_i64("-99999999999999999999", INT64_MIN, INT64_MAX, &i), -ERANGE);
	CHECK(i == INT64_MAX);
	CHECK_INT(number_parse_i64("-1000", -1000, 1000, &i), 0);
	CHECK_INT(i, -1000);
	CHECK_INT(number_parse_i64("-1001", -1000, 1000, &i), -ERANGE);
	CHECK_INT(number_parse_i64("1001", -1000, 1000, &i), -ERANGE);
	CHECK_INT(number_parse_i64("-1", 0, 1000, &i), -ERANGE);
	CHECK_INT(i, -1000);
}

TEST(octal_numbers)
{
	uint64_t u = 7;

	CHECK_INT(number_parse_octal("0644", 07777, &u), 0);
	CHECK_INT(u, 0644);
	CHECK_INT(number_parse_octal("1777", 07777, &u), 0);
	CHECK_INT(u, 01777);
	CHECK_INT(number_parse_octal("0", 07777, &u), 0);
	CHECK_INT(u, 0);
	CHECK_INT(number_parse_octal("10000", 07777, &u), -ERANGE);
	CHECK_INT(number_parse_octal("7777777777777777777777777", UINT64_MAX, &u), -ERANGE);
	CHECK_INT(number_parse_octal("0888", 07777, &u), -EINVAL);
	CHECK_INT(number_parse_octal("-1", 07777, &u), -EINVAL);
	CHECK_INT(number_parse_octal("", 07777, &u), -EINVAL);
	CHECK_INT(number_parse_octal("0o644", 07777, &u), -EINVAL);
}

TEST(buffer_grows)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer buffer = TEXT_BUFFER_INIT;

	CHECK(!buffer.bytes);
	text_append(&buffer, "");
	CHECK_TEXT(buffer.bytes, "");
	for (int i = 0; i < 1000; i++) {
		text_append(&buffer, "ab");
		text_append_bytes(&buffer, "cd", 1);
		text_append_format(&buffer, "%03d", i);
	}
	CHECK(!buffer.failed);
	CHECK_INT(buffer.length, 6000);
	CHECK_INT(strlen(buffer.bytes), 6000);
	CHECK(memcmp(buffer.bytes, "abc000abc001", 12) == 0);
	CHECK_TEXT(buffer.bytes + 5994, "abc999");
	text_append_format(&buffer, "%70000s", "x");
	CHECK_INT(buffer.length, 76000);
}

TEST(buffer_failure_sticks)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer buffer = TEXT_BUFFER_INIT;

	text_append(&buffer, "ab");
	text_append_bytes(&buffer, "x", SIZE_MAX - 1);
	CHECK(buffer.failed);
	text_append(&buffer, "cd");
	text_append_format(&buffer, "%d", 1);
	CHECK_TEXT(buffer.bytes, "ab");
}

TEST(printable_escapes)
{
	char to[64];

	CHECK_INT(text_printable(to, sizeof(to), "a\0b\t\x80\xc3\xa9", 7), 1 + 4 + 1 + 4 + 4 + 2);
	CHECK_TEXT(to, "a\\x00b\\x09\\x80\xc3\xa9");
	/* A right-to-left override and a C1 control are valid UTF-8, and dangerous all the same. */
	text_printable(to, sizeof(to), "\xe2\x80\xae|\xc2\x9b", 6);
	CHECK_TEXT(to, "\\xe2\\x80\\xae|\\xc2\\x9b");
	CHECK_INT(text_printable(to, sizeof(to), "", 0), 0);
	CHECK_TEXT(to, "");
}

TEST(printable_is_cut_between_characters)
{
	char to[8];

	memset(to, 'z', sizeof(to));
	CHECK_INT(text_printable(to, 0, "abc", 3), 0);
	CHECK_INT(to[0], 'z');
	CHECK_INT(text_printable(to, 4, "abcd", 4), 3);
	CHECK_TEXT(to, "abc");
	CHECK_INT(text_printable(to, 5, "ab\x01", 3), 2);
	CHECK_TEXT(to, "ab");
	CHECK_INT(text_printable(to, 4, "ab\xc3\xa9", 4), 2);
	CHECK_TEXT(to, "ab");
	CHECK_INT(text_printable(to, 5, "ab\xc3\xa9", 4), 4);
	CHECK_INT(to[7], 'z');
}
