/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON into a text_buffer: commas, indentation and escapes are its business, structure is the caller's.
 *
 * Escapes as Go's encoding/json does, because callers compare orlop's output with runc's: '<', '>', '&' as \u00XX, U+2028 and
 * U+2029 as \u202X, invalid UTF-8 as \ufffd. Numbers are written as they are: 2^64-1 too. `indent` 0 writes compact ("a":1); else members go one a line with ": ".
 * Empty containers are written as {} and [].
 */
#ifndef ORLOP_LIBBASE_JSON_WRITER_H
#define ORLOP_LIBBASE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/text.h"

#define JSON_WRITER_DEPTH_MAX 64

struct json_writer {
	struct text_buffer *to; /* borrowed */
	const char *indent;     /* one level: "", "  ", "\t"; "" means compact */
	unsigned int depth;
	bool filled[JSON_WRITER_DEPTH_MAX + 1]; /* the container at this depth (0: the top) already has an item */
	bool array[JSON_WRITER_DEPTH_MAX + 1];
	int failure; /* the first one, -errno; from then on nothing is written */
};

void json_writer_init(struct json_writer *json, struct text_buffer *to, const char *indent);

/* `key` is NULL inside an array and at the top, and only there. */
void json_object_begin(struct json_writer *json, const char *key);
void json_object_end(struct json_writer *json);
void json_array_begin(struct json_writer *json, const char *key);
void json_array_end(struct json_writer *json);

void json_string(struct json_writer *json, const char *key, const char *value); /* NULL value: null */
void json_string_format(struct json_writer *json, const char *key, const char *format, ...) _printf_(3, 4);
void json_bool(struct json_writer *json, const char *key, bool value);
void json_u64(struct json_writer *json, const char *key, uint64_t value);
void json_i64(struct json_writer *json, const char *key, int64_t value);
/* `number` stands as it is: it must be one of JSON's. */
void json_number(struct json_writer *json, const char *key, const char *number);
void json_null(struct json_writer *json, const char *key);

/* Writes to `to` how a JSON string spells the code point (or a stray byte, when `valid` is false); "" when it stands for itself. */
#define JSON_ESCAPE_SIZE 16
void json_escape(char to[JSON_ESCAPE_SIZE], uint32_t point, bool valid);

/* 0, or -ENOMEM (buffer), -EOVERFLOW (too deep), -EINVAL (unbalanced, a key too many or too few, or not exactly one value). */
int json_writer_finish(struct json_writer *json) _warn_unused_;

#endif
