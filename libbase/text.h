/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings and numbers, strict: nothing is trimmed, no locale, no sign where none is wanted, overflow is an error.
 *
 * Not for: paths (libbase/path.h) or JSON (libbase/json_writer.h).
 */
#ifndef ORLOP_LIBBASE_TEXT_H
#define ORLOP_LIBBASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/cleanup.h"

bool text_equal(const char *a, const char *b);      /* NULL equals only NULL */
bool text_equal_fold(const char *a, const char *b); /* ASCII case folded */
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);
/* The rest behind `prefix`, or NULL. */
const char *text_after(const char *text, const char *prefix);
bool text_is_empty(const char *text); /* NULL or "" */

/*
 * Whole-string decimal numbers: digits only ('-' first for the signed one), no "+", no blanks, no leading zeros but "0" itself.
 * Return 0; -EINVAL: not such a number; -ERANGE: it is one, but outside [min, max]. `*ret` is untouched on failure.
 */
int number_parse_u64(const char *text, uint64_t max, uint64_t *ret) _warn_unused_;
int number_parse_i64(const char *text, int64_t min, int64_t max, int64_t *ret) _warn_unused_;
/* Octal, as file modes are written: "0644", "1777". */
int number_parse_octal(const char *text, uint64_t max, uint64_t *ret) _warn_unused_;

/*
 * A growing string on the heap. Errors stick: after one failed append the buffer says so in `failed` and later appends do
 * nothing, so a writer checks once at its end.
 */
struct text_buffer {
	char *bytes; /* NUL-terminated once anything was appended; NULL before */
	size_t length;
	size_t capacity;
	bool failed; /* memory ran out */
};

#define TEXT_BUFFER_INIT ((struct text_buffer){ 0 })

void text_append(struct text_buffer *buffer, const char *text);
void text_append_bytes(struct text_buffer *buffer, const char *bytes, size_t length);
void text_append_format(struct text_buffer *buffer, const char *format, ...) _printf_(2, 3);
void text_append_vformat(struct text_buffer *buffer, const char *format, va_list args) _printf_(2, 0);
void text_buffer_cleanup(struct text_buffer *buffer);

/*
 * Copies `text` to `to` with every byte that is not printable ASCII or printable, valid UTF-8 (utf8_is_printable) written as \xNN; cut
 * to fit, never inside a sequence or an escape. NUL-terminated when `size` is not 0. Returns the length written. For messages that quote
 * what a stranger sent.
 */
size_t text_printable(char *to, size_t size, const char *text, size_t length);

#endif
