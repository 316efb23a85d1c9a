/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the one line of an error in its fixed buffer.
 */
#include "libbase/error.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "libbase/error_names.h"
#include "libbase/text.h"
#include "libbase/utf8.h"

static const char dots[] = "...";

/* One more than the longest text, so that a phrase that does not fit is seen to be cut. */
#define PHRASE_SIZE (ERROR_TEXT_MAX + 1)

/* Returns false when the phrase was cut. */
static bool phrase_format(char *to, const char *format, va_list args) _printf_(2, 0);
static bool phrase_format(char *to, const char *format, va_list args)
{
	int wanted;

	to[0] = '\0';
	wanted = vsnprintf(to, PHRASE_SIZE, format, args);
	to[PHRASE_SIZE - 1] = '\0';
	if (wanted >= 0 && wanted < PHRASE_SIZE)
		return true;
	/* A negative result is a text beyond INT_MAX. */
	to[utf8_trim_cut(to, strlen(to))] = '\0';
	return false;
}

/* Returns the new length. Sets `*cut`, and stops there, when the rest does not fit; adds nothing once it is set. */
static size_t text_add(char *to, size_t used, const char *text, bool *cut)
{
	char piece[sizeof("\\x00\\x00\\x00\\x00")];
	size_t length = strlen(text);

	for (size_t at = 0; at < length && !*cut;) {
		uint32_t point;
		size_t step = utf8_decode(text + at, length - at, &point);
		size_t written;

		if (step == 0)
			step = 1;
		written = text_printable(piece, sizeof(piece), text + at, step);
		if (used + written >= ERROR_TEXT_MAX) {
			*cut = true;
			break;
		}
		memcpy(to + used, piece, written);
		used += written;
		at += step;
	}
	to[used] = '\0';
	return used;
}

/* Joins the parts with ": ", makes them printable and cuts the whole with dots. */
static void text_build(struct error *err, const char *phrase, bool cut, const char *rest)
{
	char text[ERROR_TEXT_MAX];
	bool full = false;
	size_t used = text_add(text, 0, phrase, &full);

	cut |= full;
	if (rest) {
		used = text_add(text, used, used > 0 ? ": " : "", &cut);
		used = text_add(text, used, rest, &cut);
	}
	if (cut) {
		size_t room = ERROR_TEXT_MAX - sizeof(dots);

		if (used > room)
			used = utf8_trim_cut(text, room);
		memcpy(text + used, dots, sizeof(dots));
		used += sizeof(dots) - 1;
	}
	memcpy(err->text, text, used + 1);
	err->length = used;
}

static int code_normalize(int code)
{
	if (code == 0 || code == INT_MIN)
		return -EINVAL;
	return code > 0 ? -code : code;
}

int error_set(struct error *err, int code, const char *format, ...)
{
	char phrase[PHRASE_SIZE];
	int saved = errno;
	va_list args;
	bool whole;

	code = code_normalize(code);
	if (!err)
		return code;
	va_start(args, format);
	whole = phrase_format(phrase, format, args);
	va_end(args);
	err->code = code;
	text_build(err, phrase, !whole, error_name(code));
	errno = saved;
	return code;
}

int error_say(struct error *err, int code, const char *format, ...)
{
	char phrase[PHRASE_SIZE];
	int saved = errno;
	va_list args;
	bool whole;

	code = code_normalize(code);
	if (!err)
		return code;
	va_start(args, format);
	whole = phrase_format(phrase, format, args);
	va_end(args);
	err->code = code;
	text_build(err, phrase, !whole, NULL);
	errno = saved;
	return code;
}

int error_wrap(struct error *err, const char *format, ...)
{
	char phrase[PHRASE_SIZE];
	int saved = errno;
	va_list args;
	bool whole;

	if (!err || err->code == 0)
		return -EINVAL;
	va_start(args, format);
	whole = phrase_format(phrase, format, args);
	va_end(args);
	text_build(err, phrase, !whole, error_text(err));
	errno = saved;
	return err->code;
}

const char *error_text(const struct error *err)
{
	if (!err)
		return error_name(0);
	return err->length > 0 ? err->text : error_name(err->code);
}

/* One text behind the other, found by offsets: a table of pointers would have to be relocated at each start. */
static const struct names {
	char none;
#define MEMBER(number, text) char of_##number[sizeof(text)];
	ERROR_NAMES(MEMBER)
#undef MEMBER
} names = {
#define TEXT(number, text) .of_##number = text,
	ERROR_NAMES(TEXT)
#undef TEXT
};

static const uint16_t name_offsets[] = {
#define OFFSET(number, text) [number] = offsetof(struct names, of_##number),
	ERROR_NAMES(OFFSET)
#undef OFFSET
};

const char *error_name(int code)
{
	/* strerror(3) would look at the locale, may allocate, and says other words in each libc. */
	const int number = code < 0 && code != INT_MIN ? -code : code;

	if (number == 0)
		return "Success";
	if (number < 0 || number >= (int)ARRAY_SIZE(name_offsets) || name_offsets[number] == 0)
		return "Unknown error";
	return (const char *)&names + name_offsets[number];
}
