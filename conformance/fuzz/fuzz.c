/* SPDX-License-Identifier: Apache-2.0 */
/* See fuzz.h. */
#include "conformance/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_fail(const char *what, const char *detail)
{
	fprintf(stderr, "%s: %s\n", what, detail ? detail : "(null)");
	abort();
}

/* True when the document is good; `out` then holds what was written. */
static bool copy_once(fuzz_copy *copy, const char *bytes, size_t length, struct text_buffer *out)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct json_writer json;
	struct problems problems;
	struct error err;
	int code;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	json_writer_init(&json, out, "\t");
	code = copy(bytes, length, &arena, &problems, &json, &err);
	if (code == 0) {
		if (problems.errors > 0)
			fuzz_fail("loaded in spite of errors", problems.items[0]->text);
		if (json_writer_finish(&json) < 0)
			fuzz_fail("cannot be written", out->bytes);
		return true;
	}
	if (code > 0 || err.length == 0 || err.length != strlen(err.text) || strchr(err.text, '\n'))
		fuzz_fail("not an error in one line", err.text);
	return false;
}

void fuzz_round_trip(fuzz_copy *copy, const uint8_t *bytes, size_t length)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer first = TEXT_BUFFER_INIT, second = TEXT_BUFFER_INIT;

	if (!copy_once(copy, (const char *)bytes, length, &first))
		return;
	if (!copy_once(copy, first.bytes, first.length, &second))
		fuzz_fail("does not load again", first.bytes);
	if (strcmp(first.bytes, second.bytes) != 0)
		fuzz_fail("is written differently the second time", second.bytes);
}
