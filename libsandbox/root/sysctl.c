/* SPDX-License-Identifier: Apache-2.0 */
/* Writing kernel parameters. See sysctl.h. */
#include "libsandbox/root/sysctl.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "libbase/path.h"
#include "libbase/proc.h"

/* Plain names between single slashes, so that the walk below /proc/sys cannot leave it. */
static bool key_is_sane(const char *key)
{
	char name[NAME_MAX + 1];

	for (;;) {
		size_t length = strcspn(key, "/");

		if (length >= sizeof(name))
			return false;
		memcpy(name, key, length);
		name[length] = '\0';
		if (!path_is_name(name))
			return false;
		if (key[length] == '\0')
			return true;
		key += length + 1;
	}
}

int sysctls_write(int proc_fd, const struct spec_pairs *pairs, struct error *err)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct spec_pair *pair = &pairs->items[i];
		char path[PATH_MAX];
		int r, length;

		if (!key_is_sane(pair->key))
			return error_say(err, -EINVAL, "sysctl '%s': want names between slashes", pair->key);
		length = snprintf(path, sizeof(path), "sys/%s", pair->key);
		if (length < 0 || (size_t)length >= sizeof(path))
			return error_set(err, -ENAMETOOLONG, "sysctl '%s'", pair->key);
		r = proc_write(proc_fd, path, pair->value, strlen(pair->value));
		if (r < 0)
			return error_set(err, r, "sysctl '%s': write '%s'", pair->key, pair->value);
	}
	return 0;
}
