/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Option words of a mount, one a line of the input: what comes out must be something that mount_setattr(2) and fsconfig(2) can be asked.
 */
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/fuzz/fuzz.h"
#include "libsandbox/plan/mount.h"
#include "libsandbox/root/mount_options.h"

#define ATTRS_KNOWN                                                                                         \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR__ATIME | \
	 MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)

static void check_attributes(uint64_t set, uint64_t clear)
{
	uint64_t atime_set = set & MOUNT_ATTR__ATIME, atime_clear = clear & MOUNT_ATTR__ATIME;

	if ((set | clear) & ~(uint64_t)ATTRS_KNOWN)
		fuzz_fail("an attribute that no word means", NULL);
	if (set & clear & ~(uint64_t)MOUNT_ATTR__ATIME)
		fuzz_fail("set and cleared at once", NULL);
	if (atime_clear != 0 && atime_clear != MOUNT_ATTR__ATIME)
		fuzz_fail("a part of the access times is cleared", NULL);
	if (atime_set != 0 && (atime_clear == 0 || atime_set == MOUNT_ATTR__ATIME))
		fuzz_fail("an access time that mount_setattr refuses", NULL);
}

/* None of these may be a word of the table in disguise: it would not have its effect. */
static void check_words(const struct mount_words *words)
{
	for (size_t i = 0; i < words->vfs.count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(words->vfs.items[i], words->vfs.items[j]) == 0)
				fuzz_fail("a superblock word twice", words->vfs.items[i]);
		}
	}
	for (size_t i = 0; i < words->data.count; i++) {
		if (!*words->data.items[i])
			fuzz_fail("an empty word for the file system", NULL);
	}
	for (size_t i = 0; i < words->propagation_count; i++) {
		if (!name_text(&names_propagations, words->propagations[i]))
			fuzz_fail("a propagation that is none", NULL);
	}
}

static size_t cut_lines(char *text, const char **lines)
{
	size_t count = 0;

	for (char *end; text; text = end ? end + 1 : NULL) {
		end = strchr(text, '\n');
		if (end)
			*end = '\0';
		lines[count++] = text;
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct problems problems;
	struct mount_words words;
	char *text = arena_copy(&arena, (const char *)bytes, length);
	const char **lines = arena_calloc(&arena, length + 1, sizeof(*lines));

	if (!text || !lines)
		abort();
	struct spec_strings options = { .items = lines, .count = cut_lines(text, lines) };
	problems_init(&problems, &arena);
	if (mount_options_apply(&options, 0, &arena, &problems, &words) < 0)
		fuzz_fail("fails", NULL);
	check_attributes(words.attr_set, words.attr_clear);
	check_attributes(words.recursive_set, words.recursive_clear);
	check_words(&words);
	return 0;
}
