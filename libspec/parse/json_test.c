/* SPDX-License-Identifier: Apache-2.0 */
/* json.c, json_query.c: what is read, what is refused and in which words, where things stand, what memory it takes. */
#include "libspec/parse/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "conformance/unit/check.h"
#include "libspec/load.h"

#define MIB ((size_t)1 << 20)

struct parsed {
	struct arena keep, scratch;
	struct json_document document;
	struct error err;
	int code;
	char *text;
};

/* The text is an allocation of its exact size, so that a sanitizer sees a step over its end. */
static void parse(struct parsed *parsed, const char *text, size_t length)
{
	*parsed = (struct parsed){ 0 };
	parsed->text = malloc(length + (length == 0));
	CHECK(parsed->text);
	if (length > 0)
		memcpy(parsed->text, text, length);
	parsed->code =
		json_parse(parsed->text, length, &parsed->keep, &parsed->scratch, &parsed->document, &parsed->err);
}

static void drop(struct parsed *parsed)
{
	arena_cleanup(&parsed->keep);
	arena_cleanup(&parsed->scratch);
	free(parsed->text);
}

static void refuses_bytes(const char *text, size_t length, const char *words)
{
	struct parsed parsed;

	parse(&parsed, text, length);
	CHECK_INT(parsed.code, -EINVAL);
	CHECK_TEXT(error_text(&parsed.err), words);
	drop(&parsed);
}

static void refuses(const char *text, const char *words)
{
	refuses_bytes(text, strlen(text), words);
}

TEST(node_is_small)
{
	CHECK(sizeof(struct json_node) <= 40);
}

TEST(every_kind_of_value)
{
	const char *text =
		"{\"a\": null, \"b\": true, \"c\": false, \"d\": -12.5e+3, \"e\": \"x\\ty\", \"f\": [1, 2], \"g\": {}}";
	static const enum json_kind kinds[] = { JSON_NULL,   JSON_TRUE,  JSON_FALSE, JSON_NUMBER,
						JSON_STRING, JSON_ARRAY, JSON_OBJECT };
	const struct json_node *node;
	struct parsed parsed;
	char key[2] = "a";

	parse(&parsed, text, strlen(text));
	CHECK_INT(parsed.code, 0);
	CHECK_INT(parsed.document.root->kind, JSON_OBJECT);
	CHECK_INT(parsed.document.root->count, 7);
	node = parsed.document.root->first;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++, key[0]++) {
		CHECK_INT(node->kind, kinds[i]);
		CHECK_TEXT(node->key, key);
		node = node->next;
	}
	CHECK(!node);
	node = json_at(&parsed.document, "/d");
	CHECK_INT(node->count, 8);
	CHECK(memcmp(node->text, "-12.5e+3", 8) == 0);
	node = json_at(&parsed.document, "/e");
	CHECK_TEXT(node->text, "x\ty");
	CHECK_INT(node->count, 3);
	node = json_at(&parsed.document, "/f");
	CHECK_INT(node->count, 2);
	CHECK_INT(*node->first->text, '1');
	CHECK_INT(*node->first->next->text, '2');
	CHECK(!json_at(&parsed.document, "/g")->first);
	drop(&parsed);
}

TEST(scalars_at_the_top)
{
	struct parsed parsed;

	parse(&parsed, "42", 2);
	CHECK_INT(parsed.code, 0);
	CHECK_INT(parsed.document.root->kind, JSON_NUMBER);
	CHECK_INT(parsed.document.root->count, 2);
	CHECK(memcmp(parsed.document.root->text, "42", 2) == 0);
	drop(&parsed);
	parse(&parsed, "\"x\"", 3);
	CHECK_INT(parsed.code, 0);
	CHECK_TEXT(parsed.document.root->text, "x");
	drop(&parsed);
}

TEST(strings_are_not_copied)
{
	const char *text = "{\"plain\": \"abc\", \"escaped\": \"a\\u0062c\"}";
	const char *at;
	struct parsed parsed;

	parse(&parsed, text, strlen(text));
	CHECK_INT(parsed.code, 0);
	at = json_at(&parsed.document, "/plain")->text;
	CHECK_TEXT(at, "abc");
	CHECK(at == parsed.text + 11);
	at = json_at(&parsed.document, "/escaped")->text;
	CHECK_TEXT(at, "abc");
	CHECK(at < parsed.text || at >= parsed.text + strlen(text));
	drop(&parsed);
}

TEST(escapes_are_decoded)
{
	const char *text = "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u00e9\\u20AC\", \"\\ud83d\\ude00\", \"\\\\u0000\"]";
	struct parsed parsed;

	parse(&parsed, text, strlen(text));
	CHECK_INT(parsed.code, 0);
	CHECK_TEXT(json_at(&parsed.document, "/0")->text, "\"\\/\b\f\n\r\t");
	CHECK_TEXT(json_at(&parsed.document, "/1")->text, "\xc3\xa9\xe2\x82\xac");
	CHECK_TEXT(json_at(&parsed.document, "/2")->text, "\xf0\x9f\x98\x80");
	CHECK_TEXT(json_at(&parsed.document, "/3")->text, "\\u0000");
	drop(&parsed);
}

/* Line breaks inside decoded strings, and the NULs that the parser writes into the text, must not shift the count. */
TEST(lines_are_right)
{
	const char *text = "{\n  \"a\": \"x\\ny\\nz\",\n\n  \"b\": [\n    1,\n    22\n  ],\n  \"c\": {\"d\": "
			   "\"e\"},\r\n \"f\":\ntrue}\n";
	struct parsed parsed;

	parse(&parsed, text, strlen(text));
	CHECK_INT(parsed.code, 0);
	CHECK_INT(json_line(&parsed.document, parsed.document.root), 1);
	CHECK_INT(json_line(&parsed.document, json_at(&parsed.document, "/a")), 2);
	CHECK_INT(json_line(&parsed.document, json_at(&parsed.document, "/b")), 4);
	CHECK_INT(json_line(&parsed.document, json_at(&parsed.document, "/b/0")), 5);
	CHECK_INT(json_line(&parsed.document, json_at(&parsed.document, "/b/1")), 6);
	CHECK_INT(json_line(&parsed.document, json_at(&parsed.document, "/c/d")), 8);
	CHECK_INT(json_line(&parsed.document, json_at(&parsed.document, "/f")), 10);
	drop(&parsed);
}

TEST(pointers_find_the_deepest_that_exists)
{
	const char *text = "{\"a~b/c\": [{\"d\": 1}, 5], \"\": 2, \"x\": 3, \"x\": 4}";
	struct parsed parsed;

	parse(&parsed, text, strlen(text));
	CHECK_INT(parsed.code, 0);
	CHECK(json_at(&parsed.document, "") == parsed.document.root);
	CHECK_INT(json_at(&parsed.document, "/a~0b~1c/0/d")->kind, JSON_NUMBER);
	CHECK_INT(json_at(&parsed.document, "/a~0b~1c/1")->kind, JSON_NUMBER);
	CHECK_INT(json_at(&parsed.document, "/a~0b~1c/2")->kind, JSON_ARRAY);
	CHECK_INT(json_at(&parsed.document, "/a~0b~1c/x")->kind, JSON_ARRAY);
	CHECK_INT(json_at(&parsed.document, "/a~0b~1c/0/none/of/these")->kind, JSON_OBJECT);
	CHECK_INT(*json_at(&parsed.document, "/")->text, '2');
	CHECK_INT(*json_at(&parsed.document, "/x")->text, '4');
	CHECK(json_at(&parsed.document, "/a") == parsed.document.root);
	drop(&parsed);
}

TEST(broken_documents_in_one_line)
{
	refuses("", "the document is empty");
	refuses(" \n ", "the document is empty");
	refuses("{\"a\" 1}", "line 1, column 6: want ':' behind the key, got '1'");
	refuses("{\n \"a\": 1\n \"b\": 2}", "line 3, column 2: want ',' or '}' behind the value, got '\"'");
	refuses("[1\n2]", "line 2, column 1: want ',' or ']' behind the value, got '2'");
	refuses("{1: 2}", "line 1, column 2: want a key in double quotes, got '1'");
	refuses("{'a': 2}", "line 1, column 2: want a value, got '''");
	refuses("{\"a\": 1,}", "line 1, column 9: want a key in double quotes, got '}'");
	refuses("[1,]", "line 1, column 4: want a value, got ']'");
	refuses("{\"a\":\n\n  }", "line 3, column 3: want a value, got '}'");
	refuses("{} x", "line 1, column 4: there is more behind the end of the document, got 'x'");
	refuses("{}\n{}", "line 2, column 1: there is more behind the end of the document, got '{'");
	refuses("{} 5", "line 1, column 4: there is more behind the end of the document, got '5'");
	refuses("// hello\n{}", "line 1, column 1: comments are not JSON, got '/'");
	refuses("{ /* x */ }", "line 1, column 3: comments are not JSON, got '/'");
	refuses("[nul]", "line 1, column 5: want true, false or null, got ']'");
	refuses("[+1]", "line 1, column 2: want a value, got '+'");
	refuses("[-x]", "line 1, column 3: want a digit behind '-', got 'x'");
	refuses("[1.x]", "line 1, column 4: want a digit behind the decimal point, got 'x'");
	refuses("[1e]", "line 1, column 4: want a digit in the exponent, got ']'");
	refuses("[01]", "line 1, column 3: want ',' or ']' behind the value, got '1'");
	refuses("[\"a\tb\"]", "line 1, column 4: a string has a raw control character, got '\\x09'");
	refuses("[\"a\nb\"]", "line 1, column 4: a string has a raw control character, got '\\x0a'");
	refuses("[\"\\x\"]", "line 1, column 4: a string has an unknown escape, got 'x'");
	refuses("[\"\\u12g4\"]", "line 1, column 7: want four hex digits behind \\u, got 'g'");
	refuses("hello", "line 1, column 1: want a value, got 'h'");
}

TEST(bytes_that_are_no_text)
{
	refuses("\xef\xbb\xbf{}", "line 1, column 1: the document starts with a byte order mark, want plain UTF-8");
	refuses("{\n\"a\": \"\xff\"}", "line 2, column 7: a byte that is not UTF-8");
	refuses("[\"\xc0\x80\"]", "line 1, column 3: a byte that is not UTF-8");
	refuses("[\"\xed\xa0\x80\"]", "line 1, column 3: a byte that is not UTF-8");
	refuses("[\"\xf4\x90\x80\x80\"]", "line 1, column 3: a byte that is not UTF-8");
	refuses("[\"12345678\xe2\x82\"]", "line 1, column 11: a byte that is not UTF-8");
	refuses_bytes("[\"a\0b\"]", 7, "line 1, column 4: a string has a raw control character, got '\\x00'");
	refuses_bytes("[]\0", 3, "line 1, column 3: there is more behind the end of the document, got '\\x00'");
	refuses("\xff\xfe{\0}\0", "line 1, column 1: a byte that is not UTF-8");
}

TEST(escapes_without_meaning)
{
	refuses("{\n\"a\": \"x\\u0000y\"}", "line 2, column 15: a string has a NUL character (\\u0000)");
	refuses("{\"a\\u0000\": 1}", "line 1, column 10: a string has a NUL character (\\u0000)");
	refuses("[\"\\ud800\"]", "line 1, column 9: a string has half of a surrogate pair");
	refuses("[\"\\ud800\\u0041\"]", "line 1, column 15: a string has half of a surrogate pair");
	refuses("[\"\\udc00\\ud800\"]", "line 1, column 15: a string has half of a surrogate pair");
	refuses("[\"\\ud83d\\n\"]", "line 1, column 11: a string has half of a surrogate pair");
	refuses("[\"ok\", \"\\n\\u0000\"]", "line 1, column 17: a string has a NUL character (\\u0000)");
}

TEST(every_truncation)
{
	const char *text =
		"{\"ociVersion\": \"1.0\\u00e9.2\", \"process\": {\"args\": [\"a\", true, null, -1.5e3], \"x\": {}}}";

	for (size_t length = 1; length < strlen(text); length++) {
		struct parsed parsed;

		parse(&parsed, text, length);
		CHECK_INT(parsed.code, -EINVAL);
		CHECK_HAS(error_text(&parsed.err), "line 1, column ");
		CHECK_HAS(error_text(&parsed.err), ": the document ends too early");
		CHECK(!strchr(error_text(&parsed.err), '\n'));
		drop(&parsed);
	}
}

static char *repeat(const char *unit, size_t count, const char *before, const char *after, size_t *ret)
{
	size_t width = strlen(unit), start = strlen(before);
	char *text;

	*ret = start + width * count + strlen(after);
	text = malloc(*ret + 1);
	CHECK(text);
	memcpy(text, before, start);
	for (size_t i = 0; i < count; i++)
		memcpy(text + start + i * width, unit, width);
	memcpy(text + start + width * count, after, strlen(after) + 1);
	return text;
}

TEST(depth_is_bounded)
{
	struct parsed parsed;
	size_t length;
	char *text = repeat("[", 300000, "", "", &length);

	parse(&parsed, text, length);
	CHECK_INT(parsed.code, -EINVAL);
	CHECK_TEXT(error_text(&parsed.err), "line 1, column 65: nested too deep");
	CHECK(parsed.scratch.held + parsed.keep.held < MIB);
	drop(&parsed);
	free(text);
	text = repeat("{\"a\":", 300000, "", "", &length);
	parse(&parsed, text, length);
	CHECK_INT(parsed.code, -EINVAL);
	CHECK_TEXT(error_text(&parsed.err), "line 1, column 321: nested too deep");
	drop(&parsed);
	free(text);
}

TEST(depth_at_the_limit)
{
	char text[2 * SPEC_DEPTH_MAX + 3] = { 0 };
	struct parsed parsed;

	memset(text, '[', SPEC_DEPTH_MAX);
	memset(text + SPEC_DEPTH_MAX, ']', SPEC_DEPTH_MAX);
	parse(&parsed, text, strlen(text));
	CHECK_INT(parsed.code, 0);
	drop(&parsed);
	memset(text, '[', SPEC_DEPTH_MAX + 1);
	memset(text + SPEC_DEPTH_MAX + 1, ']', SPEC_DEPTH_MAX + 1);
	parse(&parsed, text, strlen(text));
	CHECK_INT(parsed.code, -EINVAL);
	drop(&parsed);
}

TEST(values_are_bounded)
{
	struct parsed parsed;
	size_t length;
	char *text = repeat("0,", 8 * MIB - 8, "[", "0]", &length);

	parse(&parsed, text, length);
	CHECK_INT(parsed.code, -EFBIG);
	CHECK_HAS(error_text(&parsed.err), "too many values");
	CHECK(parsed.scratch.held + parsed.keep.held < 48 * MIB);
	drop(&parsed);
	free(text);
}

TEST(long_strings)
{
	struct parsed parsed;
	size_t length;
	char *text = repeat("\\n", 4 * MIB, "[\"", "\"]", &length);

	parse(&parsed, text, length);
	CHECK_INT(parsed.code, 0);
	CHECK_INT(json_at(&parsed.document, "/0")->count, 4 * MIB);
	CHECK_INT(json_line(&parsed.document, json_at(&parsed.document, "/0")), 1);
	CHECK(parsed.scratch.held + parsed.keep.held < 40 * MIB);
	drop(&parsed);
	free(text);
	text = repeat("x", 8 * MIB, "[\"", "", &length);
	parse(&parsed, text, length);
	CHECK_INT(parsed.code, -EINVAL);
	CHECK_HAS(error_text(&parsed.err), "the document ends too early");
	drop(&parsed);
	free(text);
}

/* Wherever memory ends, the way out is clean. */
TEST(memory_may_run_out_anywhere)
{
	size_t length;
	char *text = repeat("{\"key\": [1, \"es\\u0063aped and longer than it looks at first sight\"]}, ", 60, "[",
			    "0]", &length);
	char *copy = malloc(length);
	bool fitted = false;

	CHECK(copy);
	for (size_t limit = 1; !fitted; limit += 256) {
		struct arena keep = { .limit = limit }, scratch = { .limit = limit };
		struct json_document document;
		struct error err = { 0 };
		int code;

		memcpy(copy, text, length);
		code = json_parse(copy, length, &keep, &scratch, &document, &err);
		if (code < 0)
			CHECK_INT(code, -ENOMEM);
		fitted = code == 0;
		arena_cleanup(&keep);
		arena_cleanup(&scratch);
		CHECK(limit < MIB);
	}
	free(text);
	free(copy);
}
