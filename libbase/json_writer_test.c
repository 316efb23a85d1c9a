/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks the shape, the escapes and the refusals of the JSON writer.
 */
#include "libbase/json_writer.h"

#include "conformance/unit/check.h"

#include <errno.h>

static void sample_write(struct json_writer *json)
{
	json_object_begin(json, NULL);
	json_string(json, "s", "v");
	json_u64(json, "u", UINT64_MAX);
	json_i64(json, "i", INT64_MIN);
	json_number(json, "d", "12.5");
	json_bool(json, "t", true);
	json_null(json, "n");
	json_object_begin(json, "o");
	json_object_end(json);
	json_array_begin(json, "a");
	json_string_format(json, NULL, "%s-%d", "x", 1);
	json_object_begin(json, NULL);
	json_bool(json, "f", false);
	json_object_end(json);
	json_array_begin(json, NULL);
	json_array_end(json);
	json_array_end(json);
	json_string(json, "z", NULL);
	json_object_end(json);
}

TEST(compact)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	struct json_writer json;

	json_writer_init(&json, &to, "");
	sample_write(&json);
	CHECK_INT(json_writer_finish(&json), 0);
	CHECK_TEXT(
		to.bytes,
		"{\"s\":\"v\",\"u\":18446744073709551615,\"i\":-9223372036854775808,\"d\":12.5,\"t\":true,\"n\":null,"
		"\"o\":{},\"a\":[\"x-1\",{\"f\":false},[]],\"z\":null}");
}

TEST(indented)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	struct json_writer json;

	json_writer_init(&json, &to, "  ");
	json_object_begin(&json, NULL);
	json_u64(&json, "a", 1);
	json_array_begin(&json, "b");
	json_u64(&json, NULL, 1);
	json_u64(&json, NULL, 2);
	json_array_end(&json);
	json_object_begin(&json, "c");
	json_object_end(&json);
	json_object_end(&json);
	CHECK_INT(json_writer_finish(&json), 0);
	CHECK_TEXT(to.bytes, "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ],\n  \"c\": {}\n}");
}

TEST(escapes_as_go_does)
{
	static const struct {
		const char *value, *want;
	} cases[] = {
		{ "", "\"\"" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
		{ "\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"" },
		{ "<a href='x'>&", "\"\\u003ca href='x'\\u003e\\u0026\"" },
		{ "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", "\"\\u2028\\u2029\xe2\x80\xaa\"" },
		{ "\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ "a\xff\xc3z\xe2\x82", "\"a\\ufffd\\ufffdz\\ufffd\\ufffd\"" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
		struct json_writer json;

		json_writer_init(&json, &to, "");
		json_string(&json, NULL, cases[i].value);
		CHECK_INT(json_writer_finish(&json), 0);
		CHECK_TEXT(to.bytes, cases[i].want);
	}
}

TEST(keys_are_escaped_too)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	struct json_writer json;

	json_writer_init(&json, &to, "");
	json_object_begin(&json, NULL);
	json_bool(&json, "a\"\n", true);
	json_object_end(&json);
	CHECK_INT(json_writer_finish(&json), 0);
	CHECK_TEXT(to.bytes, "{\"a\\\"\\n\":true}");
}

TEST(depth_is_bounded)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	struct json_writer json;

	json_writer_init(&json, &to, "");
	for (int i = 0; i < JSON_WRITER_DEPTH_MAX; i++)
		json_array_begin(&json, NULL);
	for (int i = 0; i < JSON_WRITER_DEPTH_MAX; i++)
		json_array_end(&json);
	CHECK_INT(json_writer_finish(&json), 0);
	CHECK_INT(to.length, 2 * JSON_WRITER_DEPTH_MAX);

	json_writer_init(&json, &to, "");
	for (int i = 0; i < JSON_WRITER_DEPTH_MAX + 100; i++)
		json_array_begin(&json, NULL);
	for (int i = 0; i < JSON_WRITER_DEPTH_MAX + 100; i++)
		json_array_end(&json);
	CHECK_INT(json_writer_finish(&json), -EOVERFLOW);
}

enum mistake { NOTHING, OPEN, CLOSED_TWICE, WRONG_END, TWO_VALUES, KEY_IN_ARRAY, NO_KEY, KEY_AT_TOP, MISTAKES };

static void mistake_make(struct json_writer *json, enum mistake mistake)
{
	if (mistake == NOTHING)
		return;
	if (mistake == WRONG_END || mistake == KEY_IN_ARRAY)
		json_array_begin(json, NULL);
	else
		json_object_begin(json, mistake == KEY_AT_TOP ? "k" : NULL);
	if (mistake == KEY_IN_ARRAY || mistake == NO_KEY)
		json_u64(json, mistake == NO_KEY ? NULL : "k", 1);
	if (mistake == KEY_IN_ARRAY)
		json_array_end(json);
	else if (mistake != OPEN)
		json_object_end(json);
	if (mistake == CLOSED_TWICE)
		json_object_end(json);
	if (mistake == TWO_VALUES)
		json_null(json, NULL);
}

TEST(mistakes_are_refused)
{
	for (int mistake = NOTHING; mistake < MISTAKES; mistake++) {
		_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
		struct json_writer json;

		json_writer_init(&json, &to, "");
		mistake_make(&json, (enum mistake)mistake);
		CHECK_INT(json_writer_finish(&json), -EINVAL);
	}
}

TEST(lost_memory_is_told)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer to = TEXT_BUFFER_INIT;
	struct json_writer json;

	json_writer_init(&json, &to, "");
	to.failed = true;
	json_null(&json, NULL);
	CHECK_INT(json_writer_finish(&json), -ENOMEM);
}
