/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks UTF-8 decoding on the edges of each length and on everything that RFC 3629 forbids.
 */
#include "libbase/utf8.h"

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"

TEST(decodes_the_edges_of_each_length)
{
	static const struct {
		const char *bytes;
		size_t length;
		uint32_t point;
	} cases[] = {
		{ "\x7f", 1, 0x7f },
		{ "\xc2\x80", 2, 0x80 },
		{ "\xdf\xbf", 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 0x800 },
		{ "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 0xe000 },
		{ "\xef\xbf\xbf", 3, 0xffff },
		{ "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t point = 0;

		CHECK_INT(utf8_decode(cases[i].bytes, cases[i].length, &point), cases[i].length);
		CHECK_INT(point, cases[i].point);
		CHECK_INT(utf8_decode(cases[i].bytes, cases[i].length - 1, &point), 0);
	}
}

TEST(refuses_what_is_not_utf8)
{
	static const char *const cases[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xc3(",
		"\xe2\x82(",
		"\xfe",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t point = 42;

		CHECK_INT(utf8_decode(cases[i], strlen(cases[i]), &point), 0);
		CHECK_INT(point, 42);
	}
}

TEST(knows_what_may_reach_a_terminal)
{
	static const uint32_t shown[] = { ' ', '~', 0xe9, 0x20ac, 0x4e2d, 0xfffd, 0x1f600, 0xe0100 };
	static const uint32_t hidden[] = { 0,      0x1b,   0x7f,   0x9b,   0xa0,   0xad,    0x200b,  0x2028,
					   0x202e, 0x2066, 0x3000, 0xe000, 0xfeff, 0x1fffe, 0x10fffd };

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		CHECK(utf8_is_printable(shown[i]));
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		CHECK(!utf8_is_printable(hidden[i]));
}

TEST(trims_only_a_cut_sequence)
{
	CHECK_INT(utf8_trim_cut("ab", 2), 2);
	CHECK_INT(utf8_trim_cut("a\xc3\xa9", 3), 3);
	CHECK_INT(utf8_trim_cut("a\xc3", 2), 1);
	CHECK_INT(utf8_trim_cut("a\xe2\x82", 3), 1);
	CHECK_INT(utf8_trim_cut("a\xf0\x9f\x98", 4), 1);
	CHECK_INT(utf8_trim_cut("", 0), 0);
	CHECK_INT(utf8_trim_cut("\x80\x80\x80\x80", 4), 4);
}
