/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commas, indentation and escapes.
 */
#include "libbase/json_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libbase/utf8.h"

void json_writer_init(struct json_writer *json, struct text_buffer *to, const char *indent)
{
	memset(json, 0, sizeof(*json));
	json->to = to;
	json->indent = indent ? indent : "";
}

static void json_fail(struct json_writer *json, int failure)
{
	if (json->failure == 0)
		json->failure = failure;
}

void json_escape(char to[JSON_ESCAPE_SIZE], uint32_t point, bool valid)
{
	static const char pairs[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	to[0] = '\0';
	for (size_t i = 0; valid && i + 1 < sizeof(pairs); i += 2) {
		if (point == (uint32_t)pairs[i]) {
			snprintf(to, JSON_ESCAPE_SIZE, "\\%c", pairs[i + 1]);
			return;
		}
	}
	if (!valid)
		snprintf(to, JSON_ESCAPE_SIZE, "\\ufffd");
	else if (point < 0x20 || point == '<' || point == '>' || point == '&' || point == 0x2028 || point == 0x2029)
		snprintf(to, JSON_ESCAPE_SIZE, "\\u%04" PRIx32, point);
}

static void text_append_quoted(struct text_buffer *to, const char *text)
{
	size_t length = strlen(text), plain = 0;

	text_append_bytes(to, "\"", 1);
	for (size_t at = 0; at < length;) {
		char escape[JSON_ESCAPE_SIZE];
		uint32_t point = 0;
		size_t step = utf8_decode(text + at, length - at, &point);
		size_t next = at + (step > 0 ? step : 1);

		json_escape(escape, point, step > 0);
		if (escape[0]) {
			text_append_bytes(to, text + plain, at - plain);
			text_append(to, escape);
			plain = next;
		}
		at = next;
	}
	text_append_bytes(to, text + plain, length - plain);
	text_append_bytes(to, "\"", 1);
}

static void line_begin(struct json_writer *json)
{
	if (*json->indent == '\0')
		return;
	text_append(json->to, "\n");
	for (unsigned int i = 0; i < json->depth; i++)
		text_append(json->to, json->indent);
}

/* Writes what stands before a value: comma, line, key. False: nothing may be written (any more). */
static bool value_begin(struct json_writer *json, const char *key)
{
	bool keyed = json->depth > 0 && !json->array[json->depth];

	if (json->failure)
		return false;
	if (keyed != (key != NULL) || (json->depth == 0 && json->filled[0])) {
		json_fail(json, -EINVAL);
		return false;
	}
	if (json->filled[json->depth])
		text_append(json->to, ",");
	json->filled[json->depth] = true;
	if (json->depth > 0)
		line_begin(json);
	if (key) {
		text_append_quoted(json->to, key);
		text_append(json->to, *json->indent ? ": " : ":");
	}
	return true;
}

static void container_begin(struct json_writer *json, const char *key, bool array)
{
	if (!value_begin(json, key))
		return;
	if (json->depth == JSON_WRITER_DEPTH_MAX) {
		json_fail(json, -EOVERFLOW);
		return;
	}
	json->depth++;
	json->filled[json->depth] = false;
	json->array[json->depth] = array;
	text_append(json->to, array ? "[" : "{");
}

static void container_end(struct json_writer *json, bool array)
{
	bool filled;

	if (json->failure)
		return;
	if (json->depth == 0 || json->array[json->depth] != array) {
		json_fail(json, -EINVAL);
		return;
	}
	filled = json->filled[json->depth];
	json->depth--;
	if (filled)
		line_begin(json);
	text_append(json->to, array ? "]" : "}");
}

void json_object_begin(struct json_writer *json, const char *key)
{
	container_begin(json, key, false);
}

void json_object_end(struct json_writer *json)
{
	container_end(json, false);
}

void json_array_begin(struct json_writer *json, const char *key)
{
	container_begin(json, key, true);
}

void json_array_end(struct json_writer *json)
{
	container_end(json, true);
}

void json_string(struct json_writer *json, const char *key, const char *value)
{
	if (!value) {
		json_null(json, key);
		return;
	}
	if (value_begin(json, key))
		text_append_quoted(json->to, value);
}

void json_string_format(struct json_writer *json, const char *key, const char *format, ...)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer value = TEXT_BUFFER_INIT;
	va_list args;

	va_start(args, format);
	text_append_vformat(&value, format, args);
	va_end(args);
	if (value.failed)
		json_fail(json, -ENOMEM);
	else
		json_string(json, key, value.bytes);
}

void json_bool(struct json_writer *json, const char *key, bool value)
{
	if (value_begin(json, key))
		text_append(json->to, value ? "true" : "false");
}

void json_u64(struct json_writer *json, const char *key, uint64_t value)
{
	if (value_begin(json, key))
		text_append_format(json->to, "%" PRIu64, value);
}

void json_i64(struct json_writer *json, const char *key, int64_t value)
{
	if (value_begin(json, key))
		text_append_format(json->to, "%" PRId64, value);
}

void json_number(struct json_writer *json, const char *key, const char *number)
{
	if (value_begin(json, key))
		text_append(json->to, number);
}

void json_null(struct json_writer *json, const char *key)
{
	if (value_begin(json, key))
		text_append(json->to, "null");
}

int json_writer_finish(struct json_writer *json)
{
	if (json->to->failed)
		return -ENOMEM;
	if (json->failure)
		return json->failure;
	return json->depth == 0 && json->filled[0] ? 0 : -EINVAL;
}
