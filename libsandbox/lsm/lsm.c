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

static int attribute_open(int proc_fd, const char *file, uint64_t flags)
{
	char path[FILE_MAX];

	(void)snprintf(path, sizeof(path), "attr/%s", file);
	return proc_open_self(proc_fd, path, flags);
}

int lsm_attribute_read(int proc_fd, const char *file, char *to, size_t size)
{
	_cleanup_(fd_cleanup) int fd = attribute_open(proc_fd, file, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = read(fd, to, size - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	while (n > 0 && (to[n - 1] == '\n' || to[n - 1] == '\0'))
		n--;
	to[n] = '\0';
	return 0;
}

int lsm_attribute_write(int proc_fd, const char *file, const char *bytes, size_t length, bool *ret_opened)
{
	_cleanup_(fd_cleanup) int fd = attribute_open(proc_fd, file, O_WRONLY);
	ssize_t n;

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
