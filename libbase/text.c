/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparison, strict numbers, the growing string, printable text.
 */
#include "libbase/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libbase/reserve.h"
#include "libbase/utf8.h"

bool text_equal(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

static char ascii_fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal_fold(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	for (; ascii_fold(*a) == ascii_fold(*b); a++, b++)
		if (*a == '\0')
			return true;
	return false;
}

bool text_starts(const char *text, const char *prefix)
{
	return text_after(text, prefix) != NULL;
}

bool text_ends(const char *text, const char *suffix)
{
	size_t length, tail;

	if (!text || !suffix)
		return false;
	length = strlen(text);
	tail = strlen(suffix);
	return tail <= length && memcmp(text + length - tail, suffix, tail) == 0;
}

const char *text_after(const char *text, const char *prefix)
{
	if (!text || !prefix)
		return NULL;
	/* Nearly always the first characters differ: no call tells so sooner. */
	for (; *prefix; text++, prefix++)
		if (*text != *prefix)
			return NULL;
	return text;
}

bool text_is_empty(const char *text)
{
	return !text || *text == '\0';
}

/* Digits only, all of them looked at: "99999999999999999999x" is no number, not one that is too large. */
static int digits_parse(const char *text, unsigned int base, uint64_t *ret)
{
	uint64_t value = 0;
	bool overflow = false;

	if (text_is_empty(text))
		return -EINVAL;
	for (; *text; text++) {
		unsigned int digit = (unsigned int)(unsigned char)*text - '0';

		if (digit >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value))
			overflow = true;
	}
	if (overflow)
		return -ERANGE;
	*ret = value;
	return 0;
}

int number_parse_u64(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	int r;

	if (text && text[0] == '0' && text[1] != '\0')
		return -EINVAL;
	r = digits_parse(text, 10, &value);
	if (r < 0)
		return r;
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int number_parse_i64(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = text && text[0] == '-';
	uint64_t magnitude = 0;
	int64_t value;
	int r;

	if (negative && text[1] == '0')
		return -EINVAL;
	r = number_parse_u64(negative ? text + 1 : text, UINT64_MAX, &magnitude);
	if (r < 0)
		return r;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	/* Wraps for 2^63 alone, to INT64_MIN, as it should. */
	value = (int64_t)(negative ? -magnitude : magnitude);
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int number_parse_octal(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	int r = digits_parse(text, 8, &value);

	if (r < 0)
		return r;
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

/* Makes room for `more` bytes and a NUL. */
static bool buffer_reserve(struct text_buffer *buffer, size_t more)
{
	size_t wanted, capacity = buffer->capacity ? buffer->capacity : 64;
	char *bytes;

	if (buffer->failed)
		return false;
	if (__builtin_add_overflow(buffer->length, more, &wanted) || wanted >= SIZE_MAX / 2) {
		buffer->failed = true;
		return false;
	}
	wanted++;
	if (wanted <= buffer->capacity)
		return true;
	while (capacity < wanted)
		capacity *= 2;
	bytes = reserve_grow(buffer->bytes, buffer->length, capacity);
	if (!bytes) {
		buffer->failed = true;
		return false;
	}
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return true;
}

void text_append(struct text_buffer *buffer, const char *text)
{
	text_append_bytes(buffer, text, text ? strlen(text) : 0);
}

void text_append_bytes(struct text_buffer *buffer, const char *bytes, size_t length)
{
	if (!buffer_reserve(buffer, length))
		return;
	if (length > 0)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	buffer->bytes[buffer->length] = '\0';
}

void text_append_vformat(struct text_buffer *buffer, const char *format, va_list args)
{
	va_list again;
	int wanted;

	va_copy(again, args);
	wanted = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (wanted < 0)
		buffer->failed = true;
	if (wanted < 0 || !buffer_reserve(buffer, (size_t)wanted))
		return;
	vsnprintf(buffer->bytes + buffer->length, (size_t)wanted + 1, format, args);
	buffer->length += (size_t)wanted;
}

void text_append_format(struct text_buffer *buffer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_append_vformat(buffer, format, args);
	va_end(args);
}

void text_buffer_cleanup(struct text_buffer *buffer)
{
	reserve_give(buffer->bytes);
	*buffer = TEXT_BUFFER_INIT;
}

size_t text_printable(char *to, size_t size, const char *text, size_t length)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	if (size == 0)
		return 0;
	for (size_t at = 0; at < length;) {
		uint32_t point = 0;
		size_t step = utf8_decode(text + at, length - at, &point);
		bool shown = step > 0 && utf8_is_printable(point);
		size_t wanted;

		step = step > 0 ? step : 1;
		wanted = shown ? step : 4 * step;
		if (wanted >= size - used)
			break;
		for (size_t i = 0; i < step; i++) {
			unsigned char byte = (unsigned char)text[at + i];

			if (shown) {
				to[used++] = (char)byte;
				continue;
			}
			to[used++] = '\\';
			to[used++] = 'x';
			to[used++] = hex[byte >> 4];
			to[used++] = hex[byte & 15];
		}
		at += step;
	}
	to[used] = '\0';
	return used;
}
