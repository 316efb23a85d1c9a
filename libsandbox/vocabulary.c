/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the tables as lists. */
#include "libsandbox/vocabulary.h"

#include <errno.h>

#include "libsandbox/root/mount_options.h"
#include "libsandbox/seccomp/names.h"
#include "libspec/names.h"

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

int vocabulary_seccomp(struct arena *arena, struct vocabulary_seccomp *ret)
{
	const char **words = arena_calloc(arena, names_seccomp_archs.count, sizeof(*words));
	const uint64_t known = seccomp_archs_known();
	char version[SECCOMP_VERSION_SIZE];
	size_t count = 0;

	*ret = (struct vocabulary_seccomp){ .built = known != 0 };
	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < names_seccomp_archs.count; i++) {
		const struct name *arch = &names_seccomp_archs.names[i];

		if (known & UINT64_C(1) << (arch->value - 1))
			words[count++] = arch->text;
	}
	ret->archs = (struct spec_strings){ .items = words, .count = count };
	if (!ret->built)
		return 0;
	seccomp_version_text(version);
	ret->version = arena_string(arena, version);
	return ret->version ? 0 : -ENOMEM;
}
