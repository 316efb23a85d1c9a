/* SPDX-License-Identifier: Apache-2.0 */
/* Symlinks in the container's root. See symlink.h. */
#include "libsandbox/root/symlink.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static _noinline_ bool is_there(int dir_fd, const char *name, const char *text)
{
	char found[PATH_MAX];
	ssize_t length = readlinkat(dir_fd, name, found, sizeof(found));

	return length >= 0 && (size_t)length == strlen(text) && memcmp(found, text, (size_t)length) == 0;
}

int symlink_make(int dir_fd, const char *name, const char *text, bool replace)
{
	int code = symlinkat(text, dir_fd, name) < 0 ? -errno : 0;

	if (code != -EEXIST && code != -EROFS)
		return code;
	if (is_there(dir_fd, name, text))
		return 0;
	if (code != -EEXIST || !replace)
		return code;
	if (unlinkat(dir_fd, name, 0) < 0)
		return -errno;
	return symlinkat(text, dir_fd, name) < 0 ? -errno : 0;
}
