/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yajl's events to nodes. Its tree is not used: it recurses without bound when freed and finds the first of duplicate
 * keys.
 *
 * Not for: what the values mean (bind.c), nor questions about a finished tree (json_query.c).
 * Read: yajl/yajl_parse.h, RFC 8259.
 */
#include "libspec/parse/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "libbase/text.h"
#include "libbase/utf8.h"
#include "libspec/load.h"

/* Honest configs have 20 to 30 bytes a value; the first block is to hold most of them in one go. */
#define BYTES_PER_NODE   20
#define NODES_FIRST_MOST 4096
#define NODES_BLOCK      256

struct level {
	struct json_node *container;
	struct json_node *last;
};

struct parser {
	struct arena *keep;
	struct arena *scratch;
	char *text;
	size_t length;
	yajl_handle yajl;
	struct json_node *nodes; /* the block being filled */
	size_t nodes_left;
	size_t nodes_made;
	struct json_node *root;
	const char *key;    /* of the value that comes next */
	size_t token_after; /* where the previous token ended */
	struct level levels[SPEC_DEPTH_MAX];
	unsigned int depth;
	int code;            /* why a callback stopped */
	const char *problem; /* the same in words */
	jmp_buf memory_gone;
};

/*
 * yajl's memory comes from the arena too, so nothing is freed one by one. yajl does not look whether it got any: when
 * memory is gone the only safe way out is to leave its frames at once, and as all it owns is in the arena, that leaks
 * nothing.
 */
union chunk {
	size_t size;
	max_align_t align;
};

static void *yajl_memory_take(void *context, size_t size)
{
	struct parser *parser = context;
	union chunk *chunk = size < SIZE_MAX / 2 ? arena_alloc(parser->scratch, sizeof(*chunk) + size) : NULL;

	if (!chunk)
		longjmp(parser->memory_gone, 1);
	chunk->size = size;
	return chunk + 1;
}

static void *yajl_memory_grow(void *context, void *old, size_t size)
{
	struct parser *parser = context;
	union chunk *chunk = old;

	if (!old)
		return yajl_memory_take(context, size);
	chunk--;
	if (size <= chunk->size)
		return old;
	chunk = arena_grow(parser->scratch, chunk, sizeof(*chunk) + chunk->size, sizeof(*chunk) + size, 1);
	if (!chunk)
		longjmp(parser->memory_gone, 1);
	chunk->size = size;
	return chunk + 1;
}

static void yajl_memory_give(void *context, void *old)
{
	(void)context;
	(void)old;
}

/* Callbacks return 0 to stop yajl. */
static int parser_stop(struct parser *parser, int code, const char *problem)
{
	parser->code = code;
	parser->problem = problem;
	return 0;
}

static struct json_node *node_new(struct parser *parser)
{
	if (parser->nodes_left == 0) {
		size_t count = NODES_BLOCK;

		if (parser->nodes_made == 0 && parser->length / BYTES_PER_NODE < NODES_FIRST_MOST)
			count = parser->length / BYTES_PER_NODE + 16;
		if (parser->nodes_made >= JSON_NODES_MAX) {
			parser_stop(parser, -EFBIG, "too many values");
			return NULL;
		}
		parser->nodes = arena_calloc(parser->scratch, count, sizeof(struct json_node));
		if (!parser->nodes) {
			parser_stop(parser, -ENOMEM, "out of memory");
			return NULL;
		}
		parser->nodes_left = count;
		parser->nodes_made += count;
	}
	parser->nodes_left--;
	return parser->nodes++;
}

/* A node for the value whose first token yajl has just consumed, linked behind its elder sibling. */
static struct json_node *node_add(struct parser *parser, enum json_kind kind)
{
	struct json_node *node = node_new(parser);
	size_t after = yajl_get_bytes_consumed(parser->yajl);

	if (!node)
		return NULL;
	node->kind = (uint8_t)kind;
	node->offset = (uint32_t)(after > 0 ? after - 1 : 0);
	node->key = parser->key;
	parser->key = NULL;
	parser->token_after = after;
	if (parser->depth == 0) {
		parser->root = node;
	} else {
		struct level *level = &parser->levels[parser->depth - 1];

		if (level->last)
			level->last->next = node;
		else
			level->container->first = node;
		level->last = node;
		level->container->count++;
	}
	return node;
}

static int hex_value(char digit)
{
	return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

static unsigned int hex4(const char *digits)
{
	unsigned int value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 4 | (unsigned int)hex_value(digits[i]);
	return value;
}

/* yajl checks the form of escapes, not their meaning: it lets \u0000 through and makes '?' or worse of half a pair. */
static const char *escapes_problem(const char *raw, size_t length)
{
	for (size_t i = 0; i + 1 < length; i += 2) {
		const char *escape = memchr(raw + i, '\\', length - i);
		unsigned int unit;

		if (!escape)
			return NULL;
		i = (size_t)(escape - raw);
		if (escape[1] != 'u')
			continue;
		unit = hex4(escape + 2);
		i += 4;
		if (unit == 0)
			return "a string has a NUL character (\\u0000)";
		if (unit < 0xd800 || unit > 0xdfff)
			continue;
		if (unit > 0xdbff || length - i < 8 || raw[i + 2] != '\\' || raw[i + 3] != 'u' ||
		    hex4(raw + i + 4) < 0xdc00 || hex4(raw + i + 4) > 0xdfff)
			return "a string has half of a surrogate pair";
		i += 6;
	}
	return NULL;
}

static bool within(const char *bytes, const char *text, size_t length)
{
	uintptr_t at = (uintptr_t)bytes, start = (uintptr_t)text;

	return at >= start && at < start + length;
}

/* The string's bytes with a NUL behind: in place, over the closing quote, which yajl has done with. */
static const char *string_keep(struct parser *parser, const unsigned char *bytes, size_t length)
{
	size_t after = yajl_get_bytes_consumed(parser->yajl);
	const char *open, *copy, *problem;

	if (within((const char *)bytes, parser->text, parser->length)) {
		parser->text[after - 1] = '\0';
		return parser->text + (after - 1 - length);
	}
	open = memchr(parser->text + parser->token_after, '"', after - parser->token_after);
	problem = open ? escapes_problem(open + 1, (size_t)(parser->text + after - 1 - (open + 1))) : NULL;
	if (problem) {
		parser_stop(parser, -EINVAL, problem);
		return NULL;
	}
	copy = arena_copy(parser->keep, (const char *)bytes, length);
	if (!copy)
		parser_stop(parser, -ENOMEM, "out of memory");
	return copy;
}

static int take_null(void *context)
{
	return node_add(context, JSON_NULL) != NULL;
}

static int take_bool(void *context, int value)
{
	return node_add(context, value ? JSON_TRUE : JSON_FALSE) != NULL;
}

static int take_number(void *context, const char *bytes, size_t length)
{
	struct parser *parser = context;
	struct json_node *node = node_add(parser, JSON_NUMBER);

	if (!node)
		return 0;
	node->count = (uint32_t)length;
	node->text = bytes;
	if (within(bytes, parser->text, parser->length))
		return 1;
	/* A number that ends the document is told at the end, from yajl's own buffer. */
	node->offset = (uint32_t)(parser->length - 1);
	node->text = arena_copy(parser->keep, bytes, length);
	return node->text ? 1 : parser_stop(parser, -ENOMEM, "out of memory");
}

static int take_string(void *context, const unsigned char *bytes, size_t length)
{
	struct parser *parser = context;
	const char *text = string_keep(parser, bytes, length);
	struct json_node *node = text ? node_add(parser, JSON_STRING) : NULL;

	if (!node)
		return 0;
	node->text = text;
	node->count = (uint32_t)length;
	return 1;
}

static int take_key(void *context, const unsigned char *bytes, size_t length)
{
	struct parser *parser = context;

	parser->key = string_keep(parser, bytes, length);
	parser->token_after = yajl_get_bytes_consumed(parser->yajl);
	return parser->key != NULL;
}

static int container_begin(struct parser *parser, enum json_kind kind)
{
	struct json_node *node;

	if (parser->depth == SPEC_DEPTH_MAX)
		return parser_stop(parser, -EINVAL, "nested too deep");
	node = node_add(parser, kind);
	if (!node)
		return 0;
	parser->levels[parser->depth++] = (struct level){ .container = node };
	return 1;
}

static int container_end(void *context)
{
	struct parser *parser = context;

	parser->depth--;
	parser->token_after = yajl_get_bytes_consumed(parser->yajl);
	return 1;
}

static int take_object(void *context)
{
	return container_begin(context, JSON_OBJECT);
}

static int take_array(void *context)
{
	return container_begin(context, JSON_ARRAY);
}

static const yajl_callbacks callbacks = {
	.yajl_null = take_null,
	.yajl_boolean = take_bool,
	.yajl_number = take_number,
	.yajl_string = take_string,
	.yajl_start_map = take_object,
	.yajl_map_key = take_key,
	.yajl_end_map = container_end,
	.yajl_start_array = take_array,
	.yajl_end_array = container_end,
};

/* yajl tells its errors as words only: known ones are put in ours. Where it stands then differs. */
enum complaint_place {
	AT_BYTE,     /* before the byte that it did not like */
	BEHIND_BYTE, /* behind that byte */
	NEXT_TOKEN,  /* somewhere in the token that follows the last good one */
};

static const struct {
	const char *words;
	const char *problem;
	enum complaint_place place;
} complaints[] = {
	{ "after key and value", "want ',' or '}' behind the value", NEXT_TOKEN },
	{ "after array element", "want ',' or ']' behind the value", NEXT_TOKEN },
	{ "separated by a colon", "want ':' behind the key", NEXT_TOKEN },
	{ "trailing garbage", "there is more behind the end of the document", NEXT_TOKEN },
	{ "invalid object key", "want a key in double quotes", BEHIND_BYTE },
	{ "unallowed token", "want a value", BEHIND_BYTE },
	{ "invalid character inside string", "a string has a raw control character", AT_BYTE },
	{ "occurs before a character", "a string has an unknown escape", AT_BYTE },
	{ "invalid (non-hex)", "want four hex digits behind \\u", AT_BYTE },
	{ "comment", "comments are not JSON", AT_BYTE },
	{ "after the exponent", "want a digit in the exponent", AT_BYTE },
	{ "after the decimal point", "want a digit behind the decimal point", AT_BYTE },
	{ "after the minus sign", "want a digit behind '-'", AT_BYTE },
	{ "invalid char in json text", "want a value", BEHIND_BYTE },
	{ "invalid string in json text", "want true, false or null", AT_BYTE },
};

static size_t complaint_at(const struct parser *parser, enum complaint_place place, size_t at)
{
	if (place == BEHIND_BYTE)
		return at > 0 ? at - 1 : 0;
	if (place == NEXT_TOKEN) {
		for (at = parser->token_after; at < parser->length; at++) {
			if (!strchr(" \t\r\n", parser->text[at]) || !parser->text[at])
				break;
		}
	}
	return at;
}

static int place_say(struct error *err, int code, const char *text, size_t at, const char *problem, const char *got)
{
	unsigned int line = 1;
	size_t start = 0;

	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	return error_say(err, code, "line %u, column %zu: %s%s%s", line, at - start + 1, problem, got ? ", got " : "",
			 got ? got : "");
}

static int complaint_say(struct parser *parser, size_t at, struct error *err)
{
	const char *words = (const char *)yajl_get_error(parser->yajl, 0, NULL, 0), *problem = "this is not JSON";
	char got[8] = "'", *end = got + 1;

	for (size_t i = 0; i < ARRAY_SIZE(complaints); i++) {
		if (!strstr(words, complaints[i].words))
			continue;
		problem = complaints[i].problem;
		at = complaint_at(parser, complaints[i].place, at);
		break;
	}
	if (at >= parser->length)
		return place_say(err, -EINVAL, parser->text, parser->length, "the document ends too early", NULL);
	end += text_printable(end, sizeof(got) - 2, parser->text + at, 1);
	*end++ = '\'';
	*end = '\0';
	return place_say(err, -EINVAL, parser->text, at, problem, got);
}

/* Where the bytes stop being UTF-8; `length` when they do not. */
static size_t utf8_end(const char *text, size_t length)
{
	const uint64_t high_bits = 0x8080808080808080;
	size_t at = 0;

	while (at < length) {
		uint32_t point;
		uint64_t eight;
		size_t step;

		if (length - at >= sizeof(eight)) {
			memcpy(&eight, text + at, sizeof(eight));
			if (!(eight & high_bits)) {
				at += sizeof(eight);
				continue;
			}
		}
		step = utf8_decode(text + at, length - at, &point);
		if (step == 0)
			return at;
		at += step;
	}
	return at;
}

static int bytes_check(const char *text, size_t length, struct error *err)
{
	size_t end;

	if (length > UINT32_MAX)
		return error_say(err, -EFBIG, "more than 4 GiB");
	if (length == 0)
		return error_say(err, -EINVAL, "the document is empty");
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return error_say(err, -EINVAL,
				 "line 1, column 1: the document starts with a byte order mark, want plain UTF-8");
	end = utf8_end(text, length);
	if (end < length)
		return place_say(err, -EINVAL, text, end, "a byte that is not UTF-8", NULL);
	return 0;
}

static int parser_run(struct parser *parser, struct error *err)
{
	yajl_alloc_funcs memory = {
		.malloc = yajl_memory_take,
		.realloc = yajl_memory_grow,
		.free = yajl_memory_give,
		.ctx = parser,
	};
	size_t at;

	if (setjmp(parser->memory_gone) != 0)
		return error_set(err, -ENOMEM, "parse JSON");
	parser->yajl = yajl_alloc(&callbacks, &memory, parser);
	/* bytes_check was stricter. */
	yajl_config(parser->yajl, yajl_dont_validate_strings, 1);
	if (yajl_parse(parser->yajl, (const unsigned char *)parser->text, parser->length) != yajl_status_ok) {
		at = yajl_get_bytes_consumed(parser->yajl);
		if (parser->code < 0)
			return place_say(err, parser->code, parser->text, at > 0 ? at - 1 : 0, parser->problem, NULL);
		return complaint_say(parser, at, err);
	}
	if (yajl_complete_parse(parser->yajl) != yajl_status_ok) {
		if (parser->code < 0)
			return error_say(err, parser->code, "%s", parser->problem);
		if (parser->root && parser->depth == 0)
			return complaint_say(parser, parser->length, err);
		if (!parser->root)
			return error_say(err, -EINVAL, "the document is empty");
		return place_say(err, -EINVAL, parser->text, parser->length, "the document ends too early", NULL);
	}
	return 0;
}

int json_parse(char *text, size_t length, struct arena *keep, struct arena *scratch, struct json_document *ret,
	       struct error *err)
{
	struct parser *parser;
	int code = bytes_check(text, length, err);

	if (code < 0)
		return code;
	parser = arena_new(scratch, struct parser);
	if (!parser)
		return error_set(err, -ENOMEM, "parse JSON");
	parser->keep = keep;
	parser->scratch = scratch;
	parser->text = text;
	parser->length = length;
	code = parser_run(parser, err);
	if (code < 0)
		return code;
	*ret = (struct json_document){ .text = text, .length = length, .root = parser->root };
	return 0;
}
