/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees to structs and back, driven by rows (libspec/fields.h), and the macros that make rows. A row whose kind does
 * not fit its member does not compile.
 *
 *     static const struct field pids_rows[] = {
 *             ROW_I64(struct spec_pids, "limit", limit, OPTIONAL),
 *     };
 *     FIELDS(fields_pids, pids_rows);
 *
 * Binding only fills structs: no default, no rule but type, range, presence and uniqueness. Unknown properties are
 * passed over (the specification's rule for extensibility); null is the same as absent.
 */
#ifndef ORLOP_LIBSPEC_PARSE_BIND_H
#define ORLOP_LIBSPEC_PARSE_BIND_H

#include "libbase/arena.h"
#include "libbase/json_writer.h"
#include "libspec/fields.h"
#include "libspec/parse/json.h"
#include "libspec/problem.h"

/*
 * Fills a new struct in `arena` from the document's root. Strings stay where json_parse put them. Violations go to
 * `problems`, all of them; even then what could be read is there, and these hold: no string in a list or map is NULL,
 * no required string is NULL, lists have as many items as their arrays, with zeroes for those that could not be read.
 * *ret is NULL when the root is not an object. Returns 0 or -ENOMEM.
 */
int bind_document(const struct fields *fields, const struct json_document *document, struct arena *arena,
		  struct problems *problems, void **ret) _warn_unused_;

/* Writes the struct as an object. What is absent is left out, unless its row is required or FIELD_ALWAYS. */
void emit_object(struct json_writer *json, const char *key, const struct fields *fields, const void *object);

/* The last macro argument of each row: one or more of these, with commas. */
#define OPTIONAL              .flags = 0
#define REQUIRED              .flags = FIELD_REQUIRED
#define REQUIRED_OR(words)    .flags = FIELD_REQUIRED, .missing = (words)
#define FLAGS(bits)           .flags = (bits)
#define BOUNDED(number, bits) .least = (number), .flags = FIELD_BOUNDED | (bits)
#define NOT_ACTED_ON(words)   .reason = (words)

#define ROW_OFFSET(type, member, wanted)                                                                          \
	((uint16_t)(offsetof(type, member) +                                                                      \
		    0 * sizeof(struct {                                                                           \
			    _Static_assert(__builtin_types_compatible_p(__typeof__(((type *)0)->member), wanted), \
					   "the row's kind does not fit the member " #member);                    \
			    char unused;                                                                          \
		    })))
#define ROW(type, word, member, wanted, what, ...)                                                      \
	{                                                                                               \
		.name = (word), .kind = (what), .offset = ROW_OFFSET(type, member, wanted), __VA_ARGS__ \
	}

#define ROW_STRING(type, word, member, ...)    ROW(type, word, member, const char *, FIELD_STRING, __VA_ARGS__)
#define ROW_BOOL(type, word, member, ...)      ROW(type, word, member, struct opt_bool, FIELD_BOOL, __VA_ARGS__)
#define ROW_I32(type, word, member, ...)       ROW(type, word, member, struct opt_i32, FIELD_I32, __VA_ARGS__)
#define ROW_U16(type, word, member, ...)       ROW(type, word, member, struct opt_u16, FIELD_U16, __VA_ARGS__)
#define ROW_U32(type, word, member, ...)       ROW(type, word, member, struct opt_u32, FIELD_U32, __VA_ARGS__)
#define ROW_I64(type, word, member, ...)       ROW(type, word, member, struct opt_i64, FIELD_I64, __VA_ARGS__)
#define ROW_U64(type, word, member, ...)       ROW(type, word, member, struct opt_u64, FIELD_U64, __VA_ARGS__)
#define ROW_PLAIN_U32(type, word, member, ...) ROW(type, word, member, uint32_t, FIELD_PLAIN_U32, __VA_ARGS__)
#define ROW_PLAIN_I64(type, word, member, ...) ROW(type, word, member, int64_t, FIELD_PLAIN_I64, __VA_ARGS__)
#define ROW_PLAIN_U64(type, word, member, ...) ROW(type, word, member, uint64_t, FIELD_PLAIN_U64, __VA_ARGS__)
#define ROW_ENUM(type, word, member, table, ...) \
	ROW(type, word, member, int, FIELD_ENUM, .names = &(table), __VA_ARGS__)
#define ROW_MASK(type, word, member, table, ...) \
	ROW(type, word, member, struct opt_mask, FIELD_MASK, .names = &(table), __VA_ARGS__)
#define ROW_STRINGS(type, word, member, ...) ROW(type, word, member, struct spec_strings, FIELD_STRINGS, __VA_ARGS__)
#define ROW_U32S(type, word, member, ...)    ROW(type, word, member, struct spec_u32s, FIELD_U32S, __VA_ARGS__)
#define ROW_PAIRS(type, word, member, ...)   ROW(type, word, member, struct spec_pairs, FIELD_PAIRS, __VA_ARGS__)
/* `table` is declared by FIELDS_DECLARE, which ties it to the struct that it fills. */
#define ROW_OBJECT(type, word, member, table, ...) \
	ROW(type, word, member, const table##_type *, FIELD_OBJECT, .child = &(table), __VA_ARGS__)
#define ROW_OBJECTS(type, word, member, table, ...) \
	ROW(type, word, member.items, const table##_type *, FIELD_OBJECTS, .child = &(table), __VA_ARGS__)
#define ROW_MAP(type, word, member, table, ...) \
	ROW(type, word, member.items, const table##_type *, FIELD_MAP, .child = &(table), __VA_ARGS__)
#define ROW_IGNORED(word, words)                                                                   \
	{                                                                                          \
		.name = (word), .kind = FIELD_IGNORED, .flags = FIELD_EXTENSION, .reason = (words) \
	}
#define ROW_REFUSED(word, words)                                                                   \
	{                                                                                          \
		.name = (word), .kind = FIELD_REFUSED, .flags = FIELD_EXTENSION, .reason = (words) \
	}

#define FIELDS_DECLARE(table, type) \
	typedef type table##_type;  \
	extern const struct fields table
#define FIELDS(table, array)                                                           \
	_Static_assert(ARRAY_SIZE(array) <= 64, "object_bind counts rows in 64 bits"); \
	const struct fields table = { .rows = array, .count = ARRAY_SIZE(array), .size = sizeof(table##_type) }

#endif
