/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON bytes to a tree of small nodes. The only way to yajl.
 *
 * Strict RFC 8259: one document, UTF-8 without byte order mark, no comments; besides, no NUL inside strings, no lone
 * surrogates, at most SPEC_DEPTH_MAX levels and JSON_NODES_MAX values. Meaning (types, ranges, duplicate keys) is
 * parse/bind.h's business.
 */
#ifndef ORLOP_LIBSPEC_PARSE_JSON_H
#define ORLOP_LIBSPEC_PARSE_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/error.h"

/* Bounds the memory of a hostile document: 40 bytes a node. The largest honest config has some ten thousand. */
#define JSON_NODES_MAX ((size_t)1 << 20)

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_node {
	const char *key; /* inside an object, else NULL */
	union {
		const char *text; /* JSON_STRING, NUL-terminated. JSON_NUMBER, as written, `count` bytes and *no* NUL */
		const struct json_node *first; /* JSON_ARRAY, JSON_OBJECT; NULL when empty */
	};
	const struct json_node *next; /* within the same container, in order */
	uint32_t offset;              /* in the document, of the last byte of its first token */
	uint32_t count;               /* items; or bytes of text */
	uint8_t kind;                 /* enum json_kind */
};

struct json_document {
	const char *text;
	size_t length;
	const struct json_node *root;
};

/*
 * Takes the bytes over: strings are pointers into `text`, whose closing quotes become NUL, so `text` must live as
 * long as any of them. Strings with escapes are copied to `keep`, nodes come from `scratch`. `text` need not be
 * terminated. -EINVAL with one line, "line 3, column 7: want ':' after a key, got ','"; -EFBIG: longer than 4 GiB or
 * too many values; -ENOMEM.
 */
int json_parse(char *text, size_t length, struct arena *keep, struct arena *scratch, struct json_document *ret,
	       struct error *err) _warn_unused_;

/* 1 is the first. */
unsigned int json_line(const struct json_document *document, const struct json_node *node);

/* The node at a JSON pointer (RFC 6901), or the deepest one on the way there that exists. Of equal keys the last. */
const struct json_node *json_at(const struct json_document *document, const char *pointer);

/* "a string", "an integer", ...: what a node is, for messages. */
const char *json_kind_text(const struct json_node *node);

#endif
