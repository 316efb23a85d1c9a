/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of ns/: what is tested changes its process for good, so each test is a child. In the child a failed check cannot jump back
 * into the frame: WANT tells its line and ends the child, and the parent's test fails. SKIP ends it as skipped.
 */
#ifndef ORLOP_LIBSANDBOX_NS_FIXTURE_H
#define ORLOP_LIBSANDBOX_NS_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/error.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"

#define SCRATCH "/tmp"
#define SKIPPED 77

#define TOLD(...)                                         \
	do {                                              \
		dprintf(STDERR_FILENO, "# " __VA_ARGS__); \
		_exit(1);                                 \
	} while (0)
#define SKIP(reason)                                                   \
	do {                                                           \
		dprintf(STDERR_FILENO, "# child: skip: %s\n", reason); \
		_exit(SKIPPED);                                        \
	} while (0)
#define WANT(condition)                                                                               \
	do {                                                                                          \
		if (!(condition))                                                                     \
			TOLD("%s:%d: child: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno); \
	} while (0)
#define WANT_INT(got, want)                                                                                   \
	do {                                                                                                  \
		long long _got = (long long)(got), _want = (long long)(want);                                 \
		if (_got != _want)                                                                            \
			TOLD("%s:%d: child: %s is %lld, want %lld\n", __FILE__, __LINE__, #got, _got, _want); \
	} while (0)
#define WANT_TEXT(got, want)                                                                                        \
	do {                                                                                                        \
		const char *_got = (got), *_want = (want);                                                          \
		if (!_got || strcmp(_got, _want) != 0)                                                              \
			TOLD("%s:%d: child: got \"%s\", want \"%s\"\n", __FILE__, __LINE__, _got ? _got : "(null)", \
			     _want);                                                                                \
	} while (0)
#define WANT_HAS(text, part)                                                                                      \
	do {                                                                                                      \
		const char *_text = (text);                                                                       \
		if (!_text || !strstr(_text, (part)))                                                             \
			TOLD("%s:%d: child: \"%s\" lacks \"%s\"\n", __FILE__, __LINE__, _text ? _text : "(null)", \
			     (part));                                                                             \
	} while (0)
/* `call` must have succeeded; what `err` says is shown otherwise. */
#define WANT_OK(call, err)                                                                                  \
	do {                                                                                                \
		int _r = (call);                                                                            \
		if (_r < 0)                                                                                 \
			TOLD("%s:%d: child: %s: %d: %s\n", __FILE__, __LINE__, #call, _r, error_text(err)); \
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
		check_skip("see above");
	CHECK_INT(status, 0);
}

/* A test whose body is a child. */
#define CHILD(name)                      \
	static void name##_child(void);  \
	TEST(name)                       \
	{                                \
		child_run(name##_child); \
	}                                \
	static void name##_child(void)

/* In a child of a test: nothing, until the parent is gone. Not by a parent death signal: the parent may lose the right to send one. */
static inline void wait_for_parent(void)
{
	pid_t parent = getppid();

	while (parent > 1 && getppid() == parent)
		usleep(10000);
	_exit(0);
}

static inline void need_root(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
}

static inline void text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	WANT(fd >= 0);
	WANT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static inline const char *text_read(const char *path, char to[4096])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, to, 4095);

	WANT(n >= 0);
	to[n] = '\0';
	close(fd);
	return to;
}

/* A private mount namespace with an empty tmpfs on SCRATCH, which goes with it. */
static inline void scratch_make(void)
{
	need_root();
	if (unshare(CLONE_NEWNS) < 0)
		SKIP("no right to make a mount namespace");
	WANT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	WANT(mount("tmpfs", SCRATCH, "tmpfs", 0, "mode=755") == 0);
	umask(022);
}

#endif
