/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about a parsed tree: which line, which node, what is it.
 */
#include <stdbool.h>
#include <string.h>

#include "libspec/parse/json.h"

unsigned int json_line(const struct json_document *document, const struct json_node *node)
{
	const char *at = document->text, *end = document->text + node->offset;
	unsigned int line = 1;

	while ((at = memchr(at, '\n', (size_t)(end - at)))) {
		line++;
		at++;
	}
	return line;
}

/* The pointer's token of `length` bytes, "~0" and "~1" being '~' and '/'. */
static bool token_is(const char *token, size_t length, const char *key)
{
	const char *end = token + length;

	for (; token < end; token++, key++) {
		char want = *token;

		if (want == '~' && end - token > 1)
			want = *++token == '1' ? '/' : '~';
		if (*key != want)
			return false;
	}
	return *key == '\0';
}

/* SIZE_MAX: not an index. */
static size_t token_index(const char *token, size_t length)
{
	size_t index = 0;

	if (length == 0 || length > 9)
		return SIZE_MAX;
	for (size_t i = 0; i < length; i++) {
		if (token[i] < '0' || token[i] > '9')
			return SIZE_MAX;
		index = index * 10 + (size_t)(token[i] - '0');
	}
	return index;
}

static const struct json_node *child_at(const struct json_node *node, const char *token, size_t length)
{
	const struct json_node *found = NULL;

	if (node->kind == JSON_OBJECT) {
		for (const struct json_node *child = node->first; child; child = child->next) {
			if (token_is(token, length, child->key))
				found = child;
		}
	} else if (node->kind == JSON_ARRAY) {
		size_t index = token_index(token, length);

		if (index >= node->count)
			return NULL;
		for (found = node->first; found && index > 0; index--)
			found = found->next;
	}
	return found;
}

const struct json_node *json_at(const struct json_document *document, const char *pointer)
{
	const struct json_node *node = document->root;

	while (*pointer == '/') {
		const char *token = pointer + 1;
		size_t length = strcspn(token, "/");
		const struct json_node *child = child_at(node, token, length);

		if (!child)
			break;
		node = child;
		pointer = token + length;
	}
	return node;
}

const char *json_kind_text(const struct json_node *node)
{
	static const char *const texts[] = {
		[JSON_NULL] = "null",        [JSON_FALSE] = "a boolean", [JSON_TRUE] = "a boolean",
		[JSON_NUMBER] = "a number",  [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",
		[JSON_OBJECT] = "an object",
	};

	return texts[node->kind];
}
