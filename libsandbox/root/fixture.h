/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of root/: a child in a mount namespace of its own, with an empty tmpfs on SCRATCH that goes with it. In the child a failed check
 * cannot jump back into the frame: WANT tells its line and ends the child, and the parent's test fails.
 */
#ifndef ORLOP_LIBSANDBOX_ROOT_FIXTURE_H
#define ORLOP_LIBSANDBOX_ROOT_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/error.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"

#define SCRATCH "/tmp"
#define SKIPPED 77

#define WANT(condition)                                                                                           \
	do {                                                                                                      \
		if (!(condition)) {                                                                               \
			dprintf(STDERR_FILENO, "# %s:%d: child: %s (errno %d)\n", __FILE__, __LINE__, #condition, \
				errno);                                                                           \
			_exit(1);                                                                                 \
		}                                                                                                 \
	} while (0)
#define WANT_INT(got, want)                                                                                         \
	do {                                                                                                        \
		long long _got = (long long)(got), _want = (long long)(want);                                       \
		if (_got != _want) {                                                                                \
			dprintf(STDERR_FILENO, "# %s:%d: child: %s is %lld, want %lld\n", __FILE__, __LINE__, #got, \
				_got, _want);                                                                       \
			_exit(1);                                                                                   \
		}                                                                                                   \
	} while (0)
#define WANT_HAS(text, part)                                                                                \
	do {                                                                                                \
		const char *_text = (text);                                                                 \
		if (!_text || !strstr(_text, (part))) {                                                     \
			dprintf(STDERR_FILENO, "# %s:%d: child: \"%s\" lacks \"%s\"\n", __FILE__, __LINE__, \
				_text ? _text : "(null)", (part));                                          \
			_exit(1);                                                                           \
		}                                                                                           \
	} while (0)
/* `call` must have succeeded; what `err` says is shown otherwise. */
#define WANT_OK(call, err)                                                                                    \
	do {                                                                                                  \
		int _r = (call);                                                                              \
		if (_r < 0) {                                                                                 \
			dprintf(STDERR_FILENO, "# %s:%d: child: %s: %d: %s\n", __FILE__, __LINE__, #call, _r, \
				error_text(err));                                                             \
			_exit(1);                                                                             \
		}                                                                                             \
	} while (0)

/* Runs `body` in a child and wants it to end well. */
static inline void child_run(void (*body)(void))
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		body();
		_exit(0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		check_skip("no right to make the namespaces");
	CHECK_INT(status, 0);
}

static inline void text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	WANT(fd >= 0);
	WANT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static inline bool text_is(const char *path, const char *want)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	return strcmp(text, want) == 0;
}

/* A private mount namespace with an empty tmpfs on SCRATCH. */
static inline void scratch_make(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	WANT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	WANT(mount("tmpfs", SCRATCH, "tmpfs", 0, "mode=755") == 0);
	umask(022);
}

/* The same in a user namespace whose root is the caller. */
static inline void scratch_make_as_user(void)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (unshare(CLONE_NEWUSER) < 0)
		_exit(SKIPPED);
	text_write("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1\n", uid);
	text_write("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1\n", gid);
	text_write("/proc/self/gid_map", map);
	scratch_make();
}

/* SCRATCH/root, a mount of its own, as an O_PATH descriptor. */
static inline int root_make(void)
{
	int fd;

	WANT(mkdir(SCRATCH "/root", 0755) == 0);
	WANT(mount(SCRATCH "/root", SCRATCH "/root", NULL, MS_BIND, NULL) == 0);
	fd = open(SCRATCH "/root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	WANT(fd >= 0);
	return fd;
}

/* ST_RDONLY, ST_NOSUID, ... of the mount that `path` is on. */
static inline unsigned long mount_flags(const char *path)
{
	struct statvfs fs;

	WANT(statvfs(path, &fs) == 0);
	return fs.f_flag;
}

/* The last line of mountinfo whose mount point is `place`. */
static inline bool mountinfo_find(const char *place, char line_to[4096])
{
	char line[4096], point[4096];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	bool found = false;

	WANT(file);
	while (fgets(line, sizeof(line), file)) {
		char *at = line;

		for (int i = 0; i < 4 && at; i++)
			at = strchr(at + 1, ' ');
		if (!at)
			continue;
		snprintf(point, sizeof(point), "%.*s", (int)strcspn(at + 1, " "), at + 1);
		if (strcmp(point, place) != 0)
			continue;
		memcpy(line_to, line, sizeof(line));
		found = true;
	}
	fclose(file);
	return found;
}

#endif
