/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A GVariant text, as an annotation org.systemd.property.* may bring it from an image: what is read has a type and as many items as that says.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/fuzz/fuzz.h"
#include "libsandbox/plan/variant.h"

static void check_value(const struct plan_variant *value, unsigned int depth)
{
	if (!value->signature || !*value->signature)
		fuzz_fail("a value without a type", NULL);
	if (depth > 64)
		fuzz_fail("values nest without an end", NULL);
	if (strchr("sog", *value->signature) && !value->text)
		fuzz_fail("a text that is none", value->signature);
	if (*value->signature != 'a' && *value->signature != '(' && value->count > 0)
		fuzz_fail("items in a value that can have none", value->signature);
	for (size_t i = 0; i < value->count; i++) {
		if (*value->signature == 'a' && strcmp(value->items[i].signature, value->signature + 1) != 0)
			fuzz_fail("an array of several types", value->signature);
		check_value(&value->items[i], depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *copy = malloc(length + 1);
	const struct plan_variant *value = NULL;
	const char *problem = NULL;
	int r;

	if (!copy)
		abort();
	/* A block of its own: a sanitizer sees the first byte behind the end. */
	memcpy(copy, bytes, length);
	copy[length] = '\0';
	r = variant_read(copy, &arena, &value, &problem);
	if (r == -EINVAL && (!problem || !*problem))
		fuzz_fail("refused without a word", NULL);
	if (r == 0)
		check_value(value, 0);
	free(copy);
	return 0;
}
