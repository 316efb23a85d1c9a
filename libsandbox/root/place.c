/* SPDX-License-Identifier: Apache-2.0 */
/* A file to mount on. See place.h. */
#include "libsandbox/root/place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"

/* The first finds a link, the second makes the file; whoever puts a link there in between gets no third. */
#define TRIES 2

static int place_make(int dir_fd, const char *name, mode_t mode)
{
	return path_open_beneath(dir_fd, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
}

int place_file_open(int dir_fd, const char *name, mode_t mode)
{
	for (int try = 0; try < TRIES; try++) {
		_cleanup_(fd_cleanup) int fd = place_make(dir_fd, name, mode);
		struct stat st;

		/* A read-only file system says so even when there is a file. */
		if (fd != -EEXIST && fd != -EROFS)
			return fd_take(&fd);
		fd = path_open_beneath(dir_fd, name, O_PATH | O_NOFOLLOW, 0);
		if (fd < 0)
			return fd;
		if (fstat(fd, &st) < 0)
			return -errno;
		if (S_ISDIR(st.st_mode))
			return -EISDIR;
		if (!S_ISLNK(st.st_mode))
			return fd_take(&fd);
		if (unlinkat(dir_fd, name, 0) < 0)
			return -errno;
	}
	return -EEXIST;
}
