/* SPDX-License-Identifier: Apache-2.0 */
/* Short reads and writes, and which errors fit. See stepper_transfer.h. Pages: seccomp_unotify(2), pidfd_getfd(2). */
#include "conformance/security/stepper_transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "conformance/security/stepper_calls.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

#define HALF_MAX 4096

static int descriptor_take(int pidfd, const struct seccomp_notif *stop)
{
	return pidfd < 0 ? FD_NONE : (int)syscall(SYS_pidfd_getfd, pidfd, (int)stop->data.args[0], 0);
}

/* A file of the kernel's takes what is written to it as a whole, or not. Nobody waits here for one who waits for the stepper. */
static bool takes_parts(int fd, bool is_write)
{
	struct pollfd ready = { .fd = fd, .events = is_write ? POLLOUT : POLLIN };
	struct stat st;
	struct statfs fs;

	if (fd < 0 || fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0 || poll(&ready, 1, 0) != 1)
		return false;
	if (is_write && (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC))
		return false;
	return S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode);
}

static bool is_transfer(const struct seccomp_notif *stop)
{
	return stop->data.nr == SYS_read || stop->data.nr == SYS_write;
}

int64_t transfer_half(int pidfd, const struct seccomp_notif *stop)
{
	const bool is_write = stop->data.nr == SYS_write;
	_cleanup_(fd_cleanup) int fd = is_transfer(stop) ? descriptor_take(pidfd, stop) : FD_NONE;
	char bytes[HALF_MAX];
	size_t half = stop->data.args[2] / 2 < sizeof(bytes) ? (size_t)stop->data.args[2] / 2 : sizeof(bytes);
	struct iovec here = { .iov_base = bytes, .iov_len = half };
	struct iovec there = { .iov_base = (void *)(uintptr_t)stop->data.args[1], .iov_len = half };
	ssize_t length;

	if (half == 0 || !takes_parts(fd, is_write))
		return -EINVAL;
	if (is_write)
		return process_vm_readv((pid_t)stop->pid, &here, 1, &there, 1, 0) == (ssize_t)half
			       ? write(fd, bytes, half)
			       : -EFAULT;
	length = read(fd, bytes, half);
	if (length <= 0)
		return length;
	here.iov_len = there.iov_len = (size_t)length;
	return process_vm_writev((pid_t)stop->pid, &here, 1, &there, 1, 0) == length ? length : -EFAULT;
}

static bool may_not_wait(int fd, const struct seccomp_notif *stop)
{
	struct timeval limit = { 0 };
	socklen_t size = sizeof(limit);

	switch (stop->data.nr) {
	case SYS_flock:
		return stop->data.args[1] & LOCK_NB;
	case SYS_recvfrom:
	case SYS_sendto:
		if (stop->data.args[3] & MSG_DONTWAIT)
			return true;
		break;
	case SYS_recvmsg:
	case SYS_sendmsg:
		if (stop->data.args[2] & MSG_DONTWAIT)
			return true;
		break;
	case SYS_read:
	case SYS_write:
		break;
	default:
		return true;
	}
	if (fd < 0)
		return false;
	if (fcntl(fd, F_GETFL) & O_NONBLOCK)
		return true;
	return getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &size) == 0 && (limit.tv_sec || limit.tv_usec);
}

static bool makes_files(const struct seccomp_notif *stop)
{
	struct open_how how = { 0 };
	struct iovec here = { .iov_base = &how, .iov_len = sizeof(how) };
	struct iovec there = { .iov_base = (void *)(uintptr_t)stop->data.args[2], .iov_len = sizeof(how) };

	if (stop->data.nr == SYS_openat)
		return stop->data.args[2] & O_CREAT;
	if (stop->data.nr == SYS_openat2)
		return process_vm_readv((pid_t)stop->pid, &here, 1, &there, 1, 0) > 0 && (how.flags & O_CREAT);
	return true;
}

static bool fits(const char *error, int fd, const struct seccomp_notif *stop)
{
	if (text_equal(error, TRANSFER_SHORT))
		return stop->data.args[2] > 1 && takes_parts(fd, stop->data.nr == SYS_write);
	if (text_equal(error, "EAGAIN"))
		return may_not_wait(fd, stop);
	return !text_equal(error, "ENOSPC") || makes_files(stop);
}

void errors_fitting(const struct stepper_call *call, int pidfd, const struct seccomp_notif *stop, char *text,
		    size_t size)
{
	_cleanup_(fd_cleanup) int fd = descriptor_take(pidfd, stop);
	char words[256], *rest = words, *word;
	size_t length = 0;

	text[0] = '\0';
	(void)snprintf(words, sizeof(words), "%s", call->errors);
	while ((word = strsep(&rest, ",")))
		if (*word && fits(word, fd, stop) && length < size)
			length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? "," : "", word);
}
