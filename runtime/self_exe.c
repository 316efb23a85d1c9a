/* SPDX-License-Identifier: Apache-2.0 */
/* Executing ourselves from where nobody can write. See self_exe.h. */
#include "runtime/self_exe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "runtime/self_move.h"

#define EXE   "/proc/self/exe"
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static bool is_sealed(int fd)
{
	struct statfs fs;
	int seals;

	if (fstatfs(fd, &fs) == 0 && (fs.f_flags & ST_RDONLY))
		return true;
	seals = fcntl(fd, F_GET_SEALS);
	return seals >= 0 && (seals & F_SEAL_WRITE);
}

/*
 * A mount of the one file that is in no namespace. When its descriptor is closed, at the latest by execve, it stays in use by the running program only:
 * nobody can change its flags any more, and whatever is opened through the program's file is opened on it.
 */
static int clone_make(void)
{
	int fd = open_tree(AT_FDCWD, EXE, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Read-only from the first, by one call (Linux 6.15). Negative: the long way has to tell. A mount that is read-only already is for the long way too, which
 * sees it on the clone itself. */
static int clone_make_protected(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	struct statfs fs;

	if (statfs(EXE, &fs) < 0 || (fs.f_flags & ST_RDONLY))
		return FD_NONE;
	return kernel_open_tree_attr(AT_FDCWD, EXE, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, &attr, sizeof(attr));
}

/* 1: it was made so; 0: it is, as the mount is that it is a clone of. */
static int clone_protect(int fd)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0 && (fs.f_flags & ST_RDONLY))
		return 0;
	return mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ? -errno : 1;
}

/* The tree's descriptor names a file but does not open it. */
static int tree_open(int tree_fd)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", tree_fd);
	return path_open_host(AT_FDCWD, path, O_RDONLY, 0);
}

static struct self_words words_of(const struct globals *globals)
{
	return (struct self_words){ globals->program, globals->words, globals->word_count };
}

int self_exe_move(int file_fd, const struct globals *globals)
{
	const struct self_words words = words_of(globals);

	return self_move(file_fd, &words);
}

/* What was opened is left open: as long as this process runs it is in use anyway. `ret_file_fd`: see self_exe_seal. */
static int move_to(int tree_fd, const struct globals *globals, int *ret_file_fd)
{
	const struct self_words words = words_of(globals);
	int fd = tree_open(tree_fd);

	if (fd < 0 || !ret_file_fd || !self_move_is_granted(&words))
		return fd < 0 ? fd : self_exe_move(fd, globals);
	*ret_file_fd = fd;
	return 0;
}

static int memory_make(void)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("orlop", flags | MFD_EXEC);

	/* Kernels below 6.3 do not know the flag, nor files in memory that cannot be executed. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("orlop", flags);
	return fd < 0 ? -errno : fd;
}

static int sealed_copy(int exe_fd)
{
	_cleanup_(fd_cleanup) int fd = memory_make();
	off_t at = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = sendfile(fd, exe_fd, &at, 1 << 30);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	if (fchmod(fd, 0555) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return fd_take(&fd);
}

char *self_exe_path(int fd, struct arena *arena)
{
	char *path = arena_alloc(arena, PATH_MAX);
	char link[64];
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = path ? readlink(link, path, PATH_MAX - 1) : -1;
	return length > 0 && *path == '/' ? path : NULL;
}

/* From there it cannot be seen any more which file it was. */
static int execute(int fd, int exe_fd, const struct globals *globals, struct arena *arena)
{
	const char **argv = arena_calloc(arena, globals->word_count + 4, sizeof(*argv));
	const char *exe = self_exe_path(exe_fd, arena);
	size_t count = 0;

	if (!argv)
		return -ENOMEM;
	argv[count++] = globals->program;
	if (exe) {
		argv[count++] = "--exe";
		argv[count++] = exe;
	}
	for (size_t i = 0; i < globals->word_count; i++)
		argv[count++] = globals->words[i];
	(void)syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return -errno;
}

/* Where there is no mount to be had. */
static int seal_without_mount(const struct globals *globals, struct arena *arena, struct error *err)
{
	_cleanup_(fd_cleanup) int exe_fd = path_open_host(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0);
	_cleanup_(fd_cleanup) int safe_fd = FD_NONE;
	int r;

	/* A file that may be executed but not read is not the caller's to write either. */
	if (exe_fd < 0)
		return exe_fd == -EACCES ? 0 : error_set(err, exe_fd, "open /proc/self/exe");
	if (is_sealed(exe_fd)) {
		/* What is executed by descriptor bears its number as a name. */
		(void)prctl(PR_SET_NAME, "orlop");
		return 0;
	}
	if (faccessat(exe_fd, "", W_OK, AT_EMPTY_PATH | AT_EACCESS) < 0)
		return 0;
	safe_fd = sealed_copy(exe_fd);
	if (safe_fd < 0)
		return error_set(err, safe_fd, "copy /proc/self/exe into sealed memory");
	r = execute(safe_fd, exe_fd, globals, arena);
	return error_set(err, r, "execute /proc/self/exe from a read-only place");
}

int self_exe_seal(const struct globals *globals, struct arena *arena, int *ret_mount_fd, int *ret_file_fd,
		  struct error *err)
{
	_cleanup_(fd_cleanup) int mount_fd = clone_make_protected();
	int r = 1;

	*ret_mount_fd = FD_NONE;
	if (mount_fd < 0) {
		mount_fd = clone_make();
		r = mount_fd < 0 ? mount_fd : clone_protect(mount_fd);
	}
	if (ret_file_fd)
		*ret_file_fd = FD_NONE;
	if (r < 0)
		return seal_without_mount(globals, arena, err);
	if (r > 0 && move_to(mount_fd, globals, ret_file_fd) < 0) {
		_cleanup_(fd_cleanup) int exe_fd = path_open_host(AT_FDCWD, "/proc/self/exe", O_PATH, 0);

		r = execute(mount_fd, exe_fd, globals, arena);
		return error_set(err, r, "execute /proc/self/exe from a read-only place");
	}
	*ret_mount_fd = fd_take(&mount_fd);
	return 0;
}
