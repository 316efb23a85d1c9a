/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Converting sysctl names. See sysctl.h.
 *
 * Not for: the rules on them.
 */
#include "libspec/sysctl.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static void sysctl_swap(char *text)
{
	for (; *text; text++) {
		if (*text == '.')
			*text = '/';
		else if (*text == '/')
			*text = '.';
	}
}

static bool sysctl_path_is_safe(const char *path)
{
	for (const char *c = path; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	}
	for (const char *component = path;;) {
		size_t length = strcspn(component, "/");
		bool is_dots = (length == 1 && component[0] == '.') ||
			       (length == 2 && component[0] == '.' && component[1] == '.');
		if (length == 0 || is_dots)
			return false;
		if (!component[length])
			return true;
		component += length + 1;
	}
}

int sysctl_path(const char *key, char *to, size_t size)
{
	size_t length = strlen(key);

	if (length >= size)
		return -ENAMETOOLONG;
	memcpy(to, key, length + 1);
	if (to[strcspn(to, "./")] == '.')
		sysctl_swap(to);
	return sysctl_path_is_safe(to) ? 0 : -EINVAL;
}

int sysctl_dotted(const char *key, char *to, size_t size)
{
	int r = sysctl_path(key, to, size);

	if (r == 0)
		sysctl_swap(to);
	return r;
}
