/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See complain.h.
 */
#include "libspec/parse/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libbase/text.h"
#include "libbase/utf8.h"

/* Of a quoted value. Printable form takes up to four times that. */
#define QUOTE_BYTES_MAX 64
/* Of one key within a path. */
#define KEY_BYTES_MAX 128
/* Longer tables are not listed in a message. */
#define WORDS_LISTED_MAX 16

const char *quote(char to[QUOTE_SIZE], const char *text, size_t length)
{
	size_t shown = length > QUOTE_BYTES_MAX ? utf8_trim_cut(text, QUOTE_BYTES_MAX) : length;
	size_t written = text_printable(to, QUOTE_SIZE - 4, text, shown);

	memcpy(to + written, shown < length ? "..." : "", shown < length ? 4 : 1);
	return to;
}

static void key_append(struct text_buffer *path, const char *key)
{
	size_t length = strlen(key), shown = length > KEY_BYTES_MAX ? utf8_trim_cut(key, KEY_BYTES_MAX) : length;

	for (size_t i = 0; i < shown; i++) {
		if (key[i] == '~')
			text_append(path, "~0");
		else if (key[i] == '/')
			text_append(path, "~1");
		else
			text_append_bytes(path, key + i, 1);
	}
	if (shown < length)
		text_append(path, "...");
}

static void place_append(struct text_buffer *path, const struct place *place)
{
	if (!place->above)
		return;
	place_append(path, place->above);
	text_append(path, "/");
	if (place->node->key)
		key_append(path, place->node->key);
	else
		text_append_format(path, "%zu", place->index);
}

static void place_tell(struct binder *binder, enum problem_severity severity, const struct place *place,
		       const char *text)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer path = TEXT_BUFFER_INIT;
	unsigned int line = 0;

	/* Of a flood only the first ones are shown, the rest is counted: then place and line would be for nothing. */
	if ((severity == PROBLEM_ERROR ? binder->problems->errors : binder->problems->count) < PROBLEMS_KEPT) {
		place_append(&path, place);
		line = json_line(binder->document, place->node);
	}
	if (severity == PROBLEM_ERROR)
		problem_error(binder->problems, line, path.bytes, "%s", text);
	else
		problem_warning(binder->problems, line, path.bytes, "%s", text);
}

void complain(struct binder *binder, const struct place *place, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	place_tell(binder, PROBLEM_ERROR, place, text);
}

void warn(struct binder *binder, const struct place *place, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	place_tell(binder, PROBLEM_WARNING, place, text);
}

void complain_word(struct binder *binder, const struct place *place, const struct field *field, const char *text)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer words = TEXT_BUFFER_INIT;
	const struct name_table *table = field->names;
	char quoted[QUOTE_SIZE];

	quote(quoted, text, strlen(text));
	for (size_t i = 0; i < table->count && table->count <= WORDS_LISTED_MAX; i++) {
		if ((field->flags & FIELD_BOUNDED) && table->names[i].value < field->least)
			continue;
		text_append(&words, words.length > 0 ? ", " : "one of ");
		text_append(&words, table->names[i].text);
	}
	if (words.length > 0)
		complain(binder, place, "want %s, got '%s'", words.bytes, quoted);
	else
		complain(binder, place, "want a known %s, got '%s'", table->what, quoted);
}
