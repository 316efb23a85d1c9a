/* SPDX-License-Identifier: Apache-2.0 */
/* See variant.h. */
#include "libsandbox/plan/variant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/signature.h"

#define DEPTH_MAX 8
#define ITEMS_MAX 4096

struct reader {
	const char *at;
	struct arena *arena;
	const char *problem;
	unsigned int depth;
};

static const struct {
	const char *word;
	char type;
	int64_t least;
	uint64_t most;
} number_types[] = {
	{ "byte", 'y', 0, UINT8_MAX },    { "int16", 'n', INT16_MIN, INT16_MAX },
	{ "uint16", 'q', 0, UINT16_MAX }, { "int32", 'i', INT32_MIN, INT32_MAX },
	{ "uint32", 'u', 0, UINT32_MAX }, { "int64", 'x', INT64_MIN, INT64_MAX },
	{ "uint64", 't', 0, UINT64_MAX },
};

static const struct {
	const char *word;
	const char *signature;
} other_types[] = {
	{ "boolean", "b" }, { "double", "d" }, { "objectpath", "o" }, { "signature", "g" }, { "string", "s" },
};

static int wrong(struct reader *reader, const char *problem)
{
	if (!reader->problem)
		reader->problem = problem;
	return -EINVAL;
}

static void blanks_skip(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t\n");
}

static bool take(struct reader *reader, char c)
{
	blanks_skip(reader);
	if (*reader->at != c)
		return false;
	reader->at++;
	return true;
}

static size_t type_length(const char *signature)
{
	return signature_type_length(signature, "bynqiuxtdsog", DEPTH_MAX);
}

static int value_read(struct reader *reader, const char *wanted, struct plan_variant *to);

static size_t word_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789");
}

/* "uint64 ", "@as ": *ret stays as it is where nothing of the kind stands. */
static int type_read(struct reader *reader, const char **ret)
{
	const char *start = reader->at;
	size_t length;

	if (*start == '@') {
		length = type_length(start + 1);
		if (length == 0 || length > PLAN_VARIANT_SIGNATURE_MAX)
			return wrong(reader, "a type after '@'");
		*ret = arena_copy(reader->arena, start + 1, length);
		reader->at = start + 1 + length;
		return *ret ? 0 : -ENOMEM;
	}
	length = word_length(start);
	for (size_t i = 0; i < ARRAY_SIZE(number_types); i++) {
		if (strlen(number_types[i].word) == length && strncmp(start, number_types[i].word, length) == 0) {
			*ret = arena_copy(reader->arena, &number_types[i].type, 1);
			reader->at += length;
			return *ret ? 0 : -ENOMEM;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(other_types); i++) {
		if (strlen(other_types[i].word) == length && strncmp(start, other_types[i].word, length) == 0) {
			*ret = other_types[i].signature;
			reader->at += length;
		}
	}
	return 0;
}

static int text_read(struct reader *reader, const char *wanted, struct plan_variant *to)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	char quote = *reader->at++;

	if (wanted && !strchr("sog", *wanted))
		return wrong(reader, "a value of the type that was named");
	while (*reader->at != quote) {
		char c = *reader->at;

		if (c == '\0')
			return wrong(reader, "a closing quote");
		reader->at++;
		if (c == '\\') {
			static const char names[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
			const char *name = *reader->at ? strchr(names, *reader->at) : NULL;

			if (*reader->at == '\0' || *reader->at == 'u' || *reader->at == 'U')
				return wrong(reader, "a character or one of \\n \\t \\\\ \\' \\\" after '\\'");
			c = name ? values[name - names] : *reader->at;
			reader->at++;
		}
		text_append_bytes(&text, &c, 1);
	}
	reader->at++;
	to->signature = wanted ? wanted : "s";
	to->text = text.failed ? NULL : arena_string(reader->arena, text.bytes ? text.bytes : "");
	return to->text ? 0 : -ENOMEM;
}

static int hex_read(const char *text, uint64_t *ret)
{
	uint64_t number = 0;

	if (*text == '\0')
		return -EINVAL;
	for (; *text; text++) {
		const char *digits = "0123456789abcdef", *digit = strchr(digits, *text | 0x20);

		if (!digit || number >> 60)
			return -EINVAL;
		number = number << 4 | (uint64_t)(digit - digits);
	}
	*ret = number;
	return 0;
}

static int whole_read(struct reader *reader, const char *text, const char *wanted, struct plan_variant *to)
{
	const char type = wanted ? *wanted : 'i';
	bool negative = *text == '-';
	const char *digits = text + (*text == '-' || *text == '+');
	const char *hex = text_after(digits, "0x");
	uint64_t number;
	int r = hex ? hex_read(hex, &number) : number_parse_u64(digits, UINT64_MAX, &number);

	if (r < 0)
		return wrong(reader, "a number");
	for (size_t i = 0; i < ARRAY_SIZE(number_types); i++) {
		if (number_types[i].type != type)
			continue;
		if (negative ? number > -(uint64_t)number_types[i].least : number > number_types[i].most)
			return wrong(reader, "a number in the range of its type");
		to->signature = wanted ? wanted : "i";
		to->number = negative ? -number : number;
		return 0;
	}
	return wrong(reader, "a value of the type that was named");
}

/* Decimal, without the C library's, which asks the locale. */
static int real_read(struct reader *reader, const char *text, struct plan_variant *to)
{
	double sign = *text == '-' ? -1 : 1, value = 0, scale = 1;
	const char *at = text + (*text == '-' || *text == '+');
	size_t digits = strspn(at, "0123456789");

	if (digits == 0)
		return wrong(reader, "a number");
	for (; digits > 0; digits--)
		value = value * 10 + (*at++ - '0');
	if (*at == '.') {
		for (at++; *at >= '0' && *at <= '9'; at++) {
			scale /= 10;
			value += scale * (*at - '0');
		}
	}
	if (*at == 'e' || *at == 'E') {
		int64_t exponent;

		if (number_parse_i64(at + 1 + (at[1] == '+'), -300, 300, &exponent) < 0)
			return wrong(reader, "a number");
		for (; exponent > 0; exponent--)
			value *= 10;
		for (; exponent < 0; exponent++)
			value /= 10;
		at += strlen(at);
	}
	if (*at)
		return wrong(reader, "a number");
	to->signature = "d";
	to->real = sign * value;
	return 0;
}

static int number_read(struct reader *reader, const char *wanted, struct plan_variant *to)
{
	size_t length = strspn(reader->at, "+-.0123456789abcdefABCDEFxX");
	char *text = arena_copy(reader->arena, reader->at, length);
	bool is_hex = text && strchr(text, 'x');

	if (!text)
		return -ENOMEM;
	reader->at += length;
	if ((wanted && *wanted == 'd') || (!wanted && !is_hex && strpbrk(text, ".eE")))
		return real_read(reader, text, to);
	return whole_read(reader, text, wanted, to);
}

static int word_read(struct reader *reader, const char *wanted, struct plan_variant *to)
{
	size_t length = word_length(reader->at);
	bool is_true = length == 4 && strncmp(reader->at, "true", 4) == 0;

	if (!is_true && !(length == 5 && strncmp(reader->at, "false", 5) == 0))
		return wrong(reader, "a quoted text, a number, true, false, [..] or (..)");
	if (wanted && *wanted != 'b')
		return wrong(reader, "a value of the type that was named");
	reader->at += length;
	to->signature = "b";
	to->number = is_true;
	return 0;
}

struct list {
	struct plan_variant *items;
	size_t count, capacity;
};

static int list_add(struct reader *reader, struct list *list, const char *wanted)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 8;
		void *grown = arena_grow(reader->arena, list->items, list->capacity, capacity, sizeof(*list->items));

		if (!grown)
			return -ENOMEM;
		list->items = grown;
		list->capacity = capacity;
	}
	if (list->count == ITEMS_MAX)
		return wrong(reader, "fewer items");
	list->items[list->count] = (struct plan_variant){ 0 };
	return value_read(reader, wanted, &list->items[list->count++]);
}

static int array_read(struct reader *reader, const char *wanted, struct plan_variant *to)
{
	const char *inner = wanted ? wanted + 1 : NULL;
	struct list list = { 0 };

	if (wanted && *wanted != 'a')
		return wrong(reader, "a value of the type that was named");
	reader->at++;
	while (!take(reader, ']')) {
		int r = list.count == 0 || take(reader, ',') ? list_add(reader, &list, inner) : -EINVAL;

		if (r < 0)
			return wrong(reader, "',' or ']'"), r;
		/* The first one's type is that of all. */
		inner = list.items[0].signature;
	}
	if (!inner)
		return wrong(reader, "a type (@as) before an empty array");
	to->signature = arena_printf(reader->arena, "a%s", inner);
	to->items = list.items;
	to->count = list.count;
	return to->signature ? 0 : -ENOMEM;
}

static int struct_read(struct reader *reader, const char *wanted, struct plan_variant *to)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer signature = TEXT_BUFFER_INIT;
	const char *left = wanted ? wanted + 1 : NULL;
	struct list list = { 0 };

	if (wanted && *wanted != '(')
		return wrong(reader, "a value of the type that was named");
	reader->at++;
	text_append(&signature, "(");
	while (!take(reader, ')')) {
		size_t length = left && *left != ')' ? type_length(left) : 0;
		const char *inner = left ? arena_copy(reader->arena, left, length) : NULL;
		int r;

		if (left && length == 0)
			return wrong(reader, "no more items than the type has");
		r = list.count == 0 || take(reader, ',') ? list_add(reader, &list, inner) : -EINVAL;
		if (r < 0)
			return wrong(reader, "',' or ')'"), r;
		text_append(&signature, list.items[list.count - 1].signature);
		left = left ? left + length : NULL;
	}
	text_append(&signature, ")");
	if (list.count == 0 || (left && *left != ')'))
		return wrong(reader, "as many items as the type has");
	to->items = list.items;
	to->count = list.count;
	to->signature = signature.failed ? NULL : arena_string(reader->arena, signature.bytes);
	return to->signature ? 0 : -ENOMEM;
}

static int value_read(struct reader *reader, const char *wanted, struct plan_variant *to)
{
	const char *named = wanted;
	int r;

	if (reader->depth++ == DEPTH_MAX)
		return wrong(reader, "fewer nested values");
	blanks_skip(reader);
	r = type_read(reader, &named);
	if (r < 0)
		return r;
	if (wanted && !text_equal(named, wanted))
		return wrong(reader, "the same type for all items");
	blanks_skip(reader);
	if (*reader->at == '\'' || *reader->at == '"')
		r = text_read(reader, named, to);
	else if (*reader->at == '[')
		r = array_read(reader, named, to);
	else if (*reader->at == '(')
		r = struct_read(reader, named, to);
	else if (*reader->at && strchr("+-.0123456789", *reader->at))
		r = number_read(reader, named, to);
	else
		r = word_read(reader, named, to);
	reader->depth--;
	return r < 0 || strlen(to->signature) <= PLAN_VARIANT_SIGNATURE_MAX ? r : wrong(reader, "a simpler type");
}

int variant_read(const char *text, struct arena *arena, const struct plan_variant **ret, const char **ret_problem)
{
	struct reader reader = { .at = text, .arena = arena };
	struct plan_variant *value = arena_new(arena, struct plan_variant);
	int r = value ? value_read(&reader, NULL, value) : -ENOMEM;

	blanks_skip(&reader);
	if (r == 0 && *reader.at)
		r = wrong(&reader, "nothing after the value");
	if (r == -EINVAL)
		*ret_problem = reader.problem;
	else if (r == 0)
		*ret = value;
	return r;
}
