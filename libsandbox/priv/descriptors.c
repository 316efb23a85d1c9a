/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors. See descriptors.h. Read: close_range(2). */
#include "libsandbox/priv/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"

/* Fixed by the kernel: UNIX98_PTY_SLAVE_MAJOR, eight of them. */
#define PTY_MAJOR_FIRST 136
#define PTY_MAJOR_LAST  143

int descriptors_preserve(uint32_t count, struct error *err)
{
	for (uint32_t i = 0; i < count; i++) {
		if (fcntl((int)(PRESERVED_FIRST + i), F_SETFD, 0) < 0)
			return error_set(err, -errno, "unable to stat preserved-fd %u (of %u)", i, count);
	}
	return 0;
}

/* A handful. */
static void numbers_sort(int *numbers, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		int number = numbers[i];
		size_t at = i;

		for (; at > 0 && numbers[at - 1] > number; at--)
			numbers[at] = numbers[at - 1];
		numbers[at] = number;
	}
}

/* [first, last]; a range without any descriptor is fine. */
static int range_close(unsigned int first, unsigned int last, bool filtered)
{
	if (first > last || close_range(first, last, 0) == 0)
		return 0;
	/* A filter written before close_range existed denies it. Then close-on-exec, which all of them are, has to do. */
	return filtered && (errno == EPERM || errno == ENOSYS) ? 0 : -errno;
}

int descriptors_close_others(uint32_t preserved, int *keep, size_t count, bool filtered, struct error *err)
{
	unsigned int next = PRESERVED_FIRST + preserved;
	int r = 0;

	numbers_sort(keep, count);
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (keep[i] < 0 || (unsigned int)keep[i] < next)
			continue;
		if ((unsigned int)keep[i] > next)
			r = range_close(next, (unsigned int)keep[i] - 1, filtered);
		next = (unsigned int)keep[i] + 1;
	}
	if (r == 0)
		r = range_close(next, UINT_MAX, filtered);
	return r < 0 ? error_set(err, r, "close other descriptors") : 0;
}

/*
 * Streams are made for the program; a device or a file that is only read is the host's, and lent. A terminal is one only as a pty's slave: other
 * majors are the machine's consoles.
 */
static bool is_given(int fd, const struct stat *st)
{
	const unsigned int type = st->st_mode & S_IFMT;
	int flags;

	if (type == S_IFCHR)
		return major(st->st_rdev) >= PTY_MAJOR_FIRST && major(st->st_rdev) <= PTY_MAJOR_LAST;
	if (type != S_IFREG)
		return type == S_IFIFO || type == S_IFSOCK;
	flags = fcntl(fd, F_GETFL);
	return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

int descriptors_chown(uint32_t uid, struct error *err)
{
	static const char *const names[] = { "input", "output", "error" };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0)
			return error_set(err, -errno, "look at standard %s", names[fd]);
		if (st.st_uid == uid || !is_given(fd, &st))
			continue;
		if (fchown(fd, uid, (gid_t)-1) < 0 && errno != EPERM && errno != EROFS && errno != EINVAL)
			return error_set(err, -errno, "give standard %s to user %u", names[fd], uid);
	}
	return 0;
}
