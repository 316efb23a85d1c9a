/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log records: whatever the message, a record is one line, and the message can be read back from it. The first byte
 * of the input chooses the room for it, the next eight the time; the rest is the message.
 */
#include <stdlib.h>
#include <string.h>

#include "conformance/fuzz/fuzz.h"
#include "libbase/log.h"
#include "libbase/utf8.h"
#include "libspec/parse/json.h"

#define HEAD_SIZE 9
#define ROOM_MIN  128 /* a record without a message fits, with the widest of times */
#define ROOM_STEP 4

/* JSON is for programs, so only its own line counts; text may meet a terminal. */
static void check_line(const char *record, size_t length, size_t size, enum log_format format)
{
	uint32_t point = 0;

	if (length == 0 || length >= size || length != strlen(record) || record[length - 1] != '\n')
		fuzz_fail("not a whole record", record);
	for (size_t at = 0, step; at < length - 1; at += step) {
		step = utf8_decode(record + at, length - 1 - at, &point);
		if (step == 0 || point < 0x20 || (format == LOG_FORMAT_TEXT && !utf8_is_printable(point)))
			fuzz_fail("not printable", record);
	}
}

/* All of it, or its beginning and dots. */
static void check_message(const char *got, size_t length, const char *want)
{
	if (length == strlen(want) && memcmp(got, want, length) == 0)
		return;
	if (length < 3 || memcmp(got + length - 3, "...", 3) != 0 || strncmp(got, want, length - 3) != 0)
		fuzz_fail("the message came out as", got);
}

/* -- text -------------------------------------------------------------------------------------------------------------- */

static void point_append(struct text_buffer *to, uint32_t point)
{
	static const unsigned int shifts[] = { 0, 6, 12, 18 }, leads[] = { 0, 0xC0, 0xE0, 0xF0 };
	size_t more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
	char bytes[4];

	bytes[0] = (char)(leads[more] | point >> shifts[more]);
	for (size_t i = 1; i <= more; i++)
		bytes[i] = (char)(0x80 | (point >> shifts[more - i] & 0x3F));
	text_append_bytes(to, bytes, more + 1);
}

/* Reads `digits` of base 16. */
static uint32_t hex_read(const char *text, size_t digits)
{
	static const char all[] = "0123456789abcdef";
	uint32_t value = 0;

	for (size_t i = 0; i < digits; i++) {
		const char *found = text[i] ? strchr(all, text[i]) : NULL;

		if (!found)
			fuzz_fail("an escape that is none", text);
		value = value * 16 + (uint32_t)(found - all);
	}
	return value;
}

/* Steps over one escape, behind its backslash. */
static const char *escape_read(const char *at, struct text_buffer *to)
{
	static const char pairs[] = "\"\"\\\\a\ab\bf\fn\nr\rt\tv\v";
	size_t digits = *at == 'x' ? 2 : *at == 'u' ? 4 : *at == 'U' ? 8 : 0;
	uint32_t value;

	for (size_t i = 0; pairs[i]; i += 2) {
		if (*at == pairs[i]) {
			text_append_bytes(to, &pairs[i + 1], 1);
			return at + 1;
		}
	}
	if (digits == 0)
		fuzz_fail("an escape that is none", at);
	value = hex_read(at + 1, digits);
	if (digits == 2)
		text_append_bytes(to, &(char){ (char)value }, 1);
	else
		point_append(to, value);
	return at + 1 + digits;
}

static void check_text(const char *record, const char *message)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer got = TEXT_BUFFER_INIT;
	const char *at = strstr(record, " level=warning msg=");

	if (!text_starts(record, "time=\"") || !at)
		fuzz_fail("not the shape of a record", record);
	at += strlen(" level=warning msg=");
	text_append(&got, "");
	if (*at != '"') {
		text_append_bytes(&got, at, strcspn(at, "\n"));
		if (strpbrk(got.bytes, " =\"\\"))
			fuzz_fail("wants quotes", record);
	} else {
		for (at++; *at != '"';) {
			if (*at == '\n')
				fuzz_fail("the quotes are not closed", record);
			if (*at == '\\')
				at = escape_read(at + 1, &got);
			else
				text_append_bytes(&got, at++, 1);
		}
		if (!text_equal(at, "\"\n"))
			fuzz_fail("goes on behind the quotes", record);
	}
	check_message(got.bytes, got.length, message);
}

/* -- JSON -------------------------------------------------------------------------------------------------------------- */

/* What JSON can say of it: bytes that are not UTF-8 become U+FFFD. */
static void message_repair(const char *message, struct text_buffer *to)
{
	size_t length = strlen(message);
	uint32_t point;

	text_append(to, "");
	for (size_t at = 0; at < length;) {
		size_t step = utf8_decode(message + at, length - at, &point);

		if (step > 0)
			text_append_bytes(to, message + at, step);
		else
			text_append(to, "\xef\xbf\xbd");
		at += step > 0 ? step : 1;
	}
}

static void check_json(char *record, size_t length, const char *message)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(text_buffer_cleanup) struct text_buffer want = TEXT_BUFFER_INIT;
	static const char *const keys[] = { "level", "msg", "time" };
	const struct json_node *node;
	struct json_document document;
	struct error err;

	ERROR_INIT(&err);
	if (json_parse(record, length, &arena, &arena, &document, &err) < 0)
		fuzz_fail("not JSON", error_text(&err));
	if (document.root->kind != JSON_OBJECT || document.root->count != ARRAY_SIZE(keys))
		fuzz_fail("not the shape of a record", record);
	node = document.root->first;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++, node = node->next) {
		if (!text_equal(node->key, keys[i]) || node->kind != JSON_STRING)
			fuzz_fail("not the member of a record", node->key);
	}
	message_repair(message, &want);
	check_message(document.root->first->next->text, document.root->first->next->count, want.bytes);
}

/* -- both -------------------------------------------------------------------------------------------------------------- */

static void check_record(enum log_format format, int64_t seconds, const char *message, size_t room)
{
	char *record = malloc(room);
	size_t length;

	if (!record)
		abort();
	length = log_format_record(record, room, format, LOG_LEVEL_WARNING, seconds, message);
	check_line(record, length, room, format);
	if (format == LOG_FORMAT_TEXT)
		check_text(record, message);
	else
		check_json(record, length, message);
	free(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	int64_t seconds;
	size_t tight;
	char *message;

	if (length < HEAD_SIZE)
		return 0;
	tight = ROOM_MIN + (size_t)bytes[0] * ROOM_STEP;
	memcpy(&seconds, bytes + 1, sizeof(seconds));
	message = arena_copy(&arena, (const char *)bytes + HEAD_SIZE, length - HEAD_SIZE);
	if (!message)
		abort();
	for (int format = LOG_FORMAT_TEXT; format <= LOG_FORMAT_JSON; format++) {
		check_record((enum log_format)format, seconds, message, tight);
		/* No escape is longer than ten bytes, so nothing need be cut here. */
		check_record((enum log_format)format, seconds, message, ROOM_MIN + 10 * strlen(message));
	}
	return 0;
}
