/* SPDX-License-Identifier: Apache-2.0 */
/* Values in GVariant text notation. */

#include <errno.h>

#include "conformance/unit/check.h"
#include "libsandbox/plan/variant.h"

static const struct plan_variant *read_value(struct arena *arena, const char *text)
{
	const struct plan_variant *value = NULL;
	const char *problem = NULL;

	CHECK_INT(variant_read(text, arena, &value, &problem), 0);
	CHECK(value && !problem);
	return value;
}

TEST(types_are_named_or_follow_from_the_value)
{
	static const char *const cases[][2] = {
		{ "'a'", "s" },
		{ "\"a\"", "s" },
		{ "true", "b" },
		{ " 17 ", "i" },
		{ "-3", "i" },
		{ "1.5", "d" },
		{ "uint64 17", "t" },
		{ "@t 17", "t" },
		{ "@y 0x1f", "y" },
		{ "byte 255", "y" },
		{ "double 3", "d" },
		{ "objectpath '/a'", "o" },
		{ "['a', 'b']", "as" },
		{ "@as []", "as" },
		{ "[uint32 1, 2]", "au" },
		{ "@au [1, 2]", "au" },
		{ "[('/dev/null', 'rw'), ('char-*', 'm')]", "a(ss)" },
		{ "@a(ss) []", "a(ss)" },
		{ "(1, 'x', [true])", "(isab)" },
		{ "@(tsab) (1, 'x', [])", "(tsab)" },
		{ "[[1], @ai []]", "aai" },
	};
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_TEXT(read_value(&arena, cases[i][0])->signature, cases[i][1]);
}

TEST(values_are_what_was_written)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct plan_variant *value;

	CHECK_TEXT(read_value(&arena, "'it\\'s \\n\\\\ \"x\"'")->text, "it's \n\\ \"x\"");
	CHECK_TEXT(read_value(&arena, "''")->text, "");
	CHECK(read_value(&arena, "true")->number == 1);
	CHECK(read_value(&arena, "false")->number == 0);
	CHECK(read_value(&arena, "uint64 18446744073709551615")->number == UINT64_MAX);
	CHECK((int64_t)read_value(&arena, "-3")->number == -3);
	CHECK((int64_t)read_value(&arena, "int64 -9223372036854775808")->number == INT64_MIN);
	CHECK(read_value(&arena, "uint32 0xff")->number == 255);
	CHECK(read_value(&arena, "-1.25")->real < -1.2499 && read_value(&arena, "-1.25")->real > -1.2501);
	CHECK(read_value(&arena, "2e3")->real > 1999.9 && read_value(&arena, "2e3")->real < 2000.1);
	value = read_value(&arena, "[('/dev/null', 'rw'), ('char-*', 'm')]");
	CHECK_INT(value->count, 2);
	CHECK_TEXT(value->items[1].items[0].text, "char-*");
	CHECK_TEXT(value->items[1].signature, "(ss)");
	CHECK_INT(read_value(&arena, "@as []")->count, 0);
}

TEST(what_is_no_value_is_refused)
{
	static const char *const cases[][2] = {
		{ "", "a quoted text" },
		{ "yes", "a quoted text" },
		{ "uint64", "a quoted text" },
		{ "uint64 'a'", "of the type" },
		{ "uint64 -1", "in the range" },
		{ "byte 256", "in the range" },
		{ "2147483648", "in the range" },
		{ "int32 -2147483649", "in the range" },
		{ "12x", "a number" },
		{ "1.2.3", "a number" },
		{ "'a", "closing quote" },
		{ "'a' 'b'", "nothing after" },
		{ "[1, 'a']", "of the type" },
		{ "[1, uint32 2]", "the same type" },
		{ "[1 2]", "',' or ']'" },
		{ "[]", "a type (@as)" },
		{ "[1", "',' or ']'" },
		{ "()", "as many items" },
		{ "@(ss) ('a')", "as many items" },
		{ "@(s) ('a', 'b')", "no more items" },
		{ "@{ss} {}", "a type after" },
		{ "@a 1", "a type after" },
		{ "@s true", "of the type" },
		{ "[[[[[[[[[1]]]]]]]]]", "fewer nested" },
		{ "'\\u1234'", "after '\\'" },
	};
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct plan_variant *value = NULL;
		const char *problem = "none";

		CHECK_INT(variant_read(cases[i][0], &arena, &value, &problem), -EINVAL);
		CHECK_HAS(problem, cases[i][1]);
		CHECK(!value);
	}
}
