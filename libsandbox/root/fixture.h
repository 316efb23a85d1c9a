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
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "conformance/unit/check.h"
#include "libbase/error.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libsandbox/root/filesystem.h"
#include "libsandbox/root/tree.h"
#include "libspec/names.h"

#define SCRATCH "/tmp"
#define SKIPPED 77

/* To the terminal or log that the test was started with. */
_printf_(3, 4) static inline _Noreturn void want_fail(const char *file, int line, const char *format, ...)
{
	char text[4096];
	int length = snprintf(text, sizeof(text), "# %s:%d: child: ", file, line);
	va_list arguments;

	va_start(arguments, format);
	length += vsnprintf(text + length, sizeof(text) - 1 - (size_t)length, format, arguments);
	va_end(arguments);
	length = length < (int)sizeof(text) - 1 ? length : (int)sizeof(text) - 2;
	text[length++] = '\n';
	(void)!write(STDERR_FILENO, text, (size_t)length);
	_exit(1);
}

#define WANT(condition)                                                                    \
	do {                                                                               \
		if (!(condition))                                                          \
			want_fail(__FILE__, __LINE__, "%s (errno %d)", #condition, errno); \
	} while (0)
#define WANT_INT(got, want)                                                                        \
	do {                                                                                       \
		long long _got = (long long)(got), _want = (long long)(want);                      \
		if (_got != _want)                                                                 \
			want_fail(__FILE__, __LINE__, "%s is %lld, want %lld", #got, _got, _want); \
	} while (0)
#define WANT_HAS(text, part)                                                                                    \
	do {                                                                                                    \
		const char *_text = (text);                                                                     \
		if (!_text || !strstr(_text, (part)))                                                           \
			want_fail(__FILE__, __LINE__, "\"%s\" lacks \"%s\"", _text ? _text : "(null)", (part)); \
	} while (0)
/* `call` must have succeeded; what `err` says is shown otherwise. */
#define WANT_OK(call, err)                                                                       \
	do {                                                                                     \
		int _r = (call);                                                                 \
		if (_r < 0)                                                                      \
			want_fail(__FILE__, __LINE__, "%s: %d: %s", #call, _r, error_text(err)); \
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
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, path, O_WRONLY | O_CREAT, 0644);

	WANT_INT(fd < 0 ? fd : 0, 0);
	WANT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static inline bool text_is(const char *path, const char *want)
{
	char text[4096];
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	return strcmp(text, want) == 0;
}

/* A private mount namespace with an empty tmpfs on SCRATCH. */
static inline void scratch_make(void)
{
	static const char *const words[] = { "mode=755" };
	const struct filesystem tmpfs = { .type = "tmpfs",
					  .words = &(const struct spec_strings){ .items = words, .count = 1 } };
	_cleanup_(fd_cleanup) int slash = FD_NONE, place = FD_NONE, fd = FD_NONE;
	struct error err;

	ERROR_INIT(&err);
	if (unshare(CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	slash = path_open_host(AT_FDCWD, "/", O_PATH, 0);
	place = path_open_host(AT_FDCWD, SCRATCH, O_PATH, 0);
	WANT_INT(tree_propagate(slash, PROPAGATION_RPRIVATE), 0);
	fd = filesystem_make(&tmpfs, &err);
	WANT_OK(fd, &err);
	WANT_INT(tree_attach(fd, place), 0);
	umask(0);
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
	_cleanup_(fd_cleanup) int place = FD_NONE;
	int fd;

	WANT(mkdirat(AT_FDCWD, SCRATCH "/root", 0755) == 0);
	place = path_open_host(AT_FDCWD, SCRATCH "/root", O_PATH, 0);
	fd = tree_clone(place, "", AT_EMPTY_PATH);
	WANT(fd >= 0);
	WANT_INT(tree_attach(fd, place), 0);
	return fd;
}

/*
 * As a kernel that lacks the first two, or a filter that denies them: what has a shorter way has to go the long one. move_mount(2) by a name in a
 * directory is one.
 */
static inline void short_ways_deny(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open_tree_attr, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_move_mount, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)AT_FDCWD, 3, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[4])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MOVE_MOUNT_T_EMPTY_PATH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	WANT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	WANT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static inline bool is_null(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
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
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0);
	char *text, *line, *next;
	bool found = false;

	WANT_INT(fd_read_all(fd, 1 << 20, &arena, &text, NULL), 0);
	for (line = text; *line; line = next) {
		const char *at = line;
		size_t length = strcspn(line, "\n");

		next = line + length + (line[length] == '\n');
		line[length] = '\0';
		/* The fifth word. */
		for (int i = 0; i < 4 && at; i++)
			at = strchr(at + 1, ' ');
		if (!at || strncmp(at + 1, place, strlen(place)) != 0 || at[1 + strlen(place)] != ' ')
			continue;
		snprintf(line_to, 4096, "%s", line);
		found = true;
	}
	return found;
}

/* Appends all of mountinfo without the numbers of mounts and devices, which are others each time. */
static inline void mountinfo_see(char *to, size_t size)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0);
	char *text, *line;

	WANT_INT(fd_read_all(fd, 1 << 20, &arena, &text, NULL), 0);
	while ((line = strsep(&text, "\n")) && *line) {
		size_t used = strlen(to);

		for (int i = 0; i < 3; i++)
			line = strchr(line, ' ') + 1;
		WANT(snprintf(to + used, size - used, "%s\n", line) < (int)(size - used));
	}
}

/* Memory that children share with the test, empty. */
static inline char *shared_make(size_t size)
{
	char *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(shared != MAP_FAILED);
	return shared;
}

#endif
