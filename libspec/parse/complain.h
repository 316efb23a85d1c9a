/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the binder says what is wrong: the place as a chain on the stack, made into a JSON pointer and a line only when
 * it is needed.
 */
#ifndef ORLOP_LIBSPEC_PARSE_COMPLAIN_H
#define ORLOP_LIBSPEC_PARSE_COMPLAIN_H

#include "libspec/fields.h"
#include "libspec/parse/json.h"
#include "libspec/problem.h"

struct binder {
	const struct json_document *document;
	struct arena *arena;
	struct problems *problems;
	bool memory_gone;
};

struct place {
	const struct place *above; /* NULL at the root */
	const struct json_node *node;
	size_t index; /* within an array */
};

void complain(struct binder *binder, const struct place *place, const char *format, ...) _printf_(3, 4);
void warn(struct binder *binder, const struct place *place, const char *format, ...) _printf_(3, 4);
/* `text` is none of the words that `field` takes. */
void complain_word(struct binder *binder, const struct place *place, const struct field *field, const char *text);

/* How the text about an absent required property begins; its name and a quote follow, and perhaps more. Told at the object that lacks it. */
#define MISSING_PROPERTY "missing required property '"

/* A value for a message: printable, and cut when long. Returns `to`. */
#define QUOTE_SIZE 280
const char *quote(char to[QUOTE_SIZE], const char *text, size_t length);

#endif
