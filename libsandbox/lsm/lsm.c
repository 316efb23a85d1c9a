/* SPDX-License-Identifier: Apache-2.0 */
/* What the modules share. See lsm.h. Read: proc_pid_attr(5). */
#include "libsandbox/lsm/lsm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/proc.h"

#define FILE_MAX 64

int lsm_attribute_write(int proc_fd, const char *file, const char *bytes, size_t length, bool *ret_opened)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	char path[FILE_MAX];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "attr/%s", file);
	fd = proc_open_self(proc_fd, path, O_WRONLY);
	if (ret_opened)
		*ret_opened = fd >= 0;
	if (fd < 0)
		return fd;
	do
		n = write(fd, bytes, length);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}
