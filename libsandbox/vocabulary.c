/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the tables as lists. */
#include "libsandbox/vocabulary.h"

#include <errno.h>

#include "libsandbox/root/mount_options.h"

int vocabulary_mount_options(struct arena *arena, struct spec_strings *ret)
{
	const char **words = arena_calloc(arena, mount_options_count, sizeof(*words));
	size_t count = 0;

	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < mount_options_count; i++)
		if (!mount_options[i].extension)
			words[count++] = mount_options[i].name;
	*ret = (struct spec_strings){ .items = words, .count = count };
	return 0;
}
