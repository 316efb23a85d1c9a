/* SPDX-License-Identifier: Apache-2.0 */
/* Symlinks in the container's root. See symlink.h. */
#include "libsandbox/root/symlink.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

int symlink_make(int dir_fd, const char *name, const char *text, bool replace)
{
	char found[PATH_MAX];
	ssize_t length;

	if (symlinkat(text, dir_fd, name) == 0)
		return 0;
	if (errno != EEXIST && errno != EROFS)
		return -errno;
	int code = -errno;
	length = readlinkat(dir_fd, name, found, sizeof(found));
	if (length >= 0 && (size_t)length == strlen(text) && memcmp(found, text, (size_t)length) == 0)
		return 0;
	if (code != -EEXIST || !replace)
		return code;
	if (unlinkat(dir_fd, name, 0) < 0)
		return -errno;
	return symlinkat(text, dir_fd, name) < 0 ? -errno : 0;
}
