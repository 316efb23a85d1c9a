/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program file of a process that sealed itself: opened for writing, while it runs and after, by whoever got hold of it. The process is
 * this very program, moved or executed again by self_exe_seal.
 */
#include "runtime/self_exe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"

#define SEALED_WORD "sealed-child"
#define COPY        "/tmp/orlop-exe-"

static int seal_self(char **argv)
{
	const struct globals globals = {
		.program = argv[0],
		.words = (const char *const *)argv + 1,
		.word_count = 1,
	};
	_cleanup_(fd_cleanup) int mount_fd = FD_NONE;
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct error err;

	ERROR_INIT(&err);
	return self_exe_seal(&globals, &arena, &mount_fd, NULL, &err);
}

static bool is_sealed(void)
{
	char link[64] = "";
	struct statvfs fs;

	return (statvfs("/proc/self/exe", &fs) == 0 && (fs.f_flag & ST_RDONLY)) ||
	       (readlink("/proc/self/exe", link, sizeof(link) - 1) > 0 && strstr(link, "memfd:orlop"));
}

#define STAT_SIZE 2048

/* What proc_pid_stat(5) tells of the program: where code, data, words and environment are. The fields 26, 27, 45, 46 and 48 to 51. */
static void stat_read(char to[STAT_SIZE])
{
	char text[STAT_SIZE] = "", *at = text;
	size_t length = 0;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		_exit(8);
	fd_close(fd);
	at = strrchr(text, ')') + 2;
	for (int field = 3; at; field++) {
		char *end = strchr(at, ' ');

		if (end)
			*end++ = '\0';
		if (field == 26 || field == 27 || (field >= 45 && field <= 51 && field != 47))
			length += (size_t)snprintf(to + length, STAT_SIZE - length, "%s ", at);
		at = end;
	}
}

static int variable = 7;
static const char *const relocated[] = { "before", "after" };

/* Comes before main, in the copy; again if it was executed anew. It says on 1 what became of it, and stays until 0 ends. */
__attribute__((constructor)) static void sealed_child(int argc, char **argv)
{
	/* Moved while it ran; executed anew; or neither. */
	char byte = strncmp((const char *)getauxval(AT_EXECFN), "/dev/fd/", 8) == 0 ? 'S' : 'M';
	char before[STAT_SIZE], after[STAT_SIZE];

	if (argc < 2 || strcmp(argv[argc - 1], SEALED_WORD) != 0)
		return;
	/* What has another name now was told its own. */
	if (byte == 'S' && (argc != 4 || strcmp(argv[1], "--exe") != 0 || strncmp(argv[2], COPY, strlen(COPY)) != 0))
		_exit(7);
	variable++;
	stat_read(before);
	if (seal_self(argv) != 0)
		_exit(2);
	stat_read(after);
	if (strcmp(before, after) != 0)
		_exit(7);
	/* What was not sealed goes on as what it is. */
	if (!is_sealed())
		byte = 'N';
	if (variable++ != 8 || strcmp(relocated[variable == 9], "after") != 0)
		_exit(3);
	if (write(1, &byte, 1) != 1 || read(0, &byte, 1) != 0)
		_exit(4);
	_exit(0);
}

/* A copy, which nobody else executes: a file that is in use cannot be written for that reason alone. */
static void copy_make(char path[])
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = mkstemp(path);
	struct stat st;

	CHECK(from >= 0 && to >= 0);
	CHECK_INT(fstat(from, &st), 0);
	CHECK_INT(sendfile(to, from, NULL, (size_t)st.st_size), st.st_size);
	CHECK_INT(fchmod(to, 0755), 0);
	fd_close(from);
	fd_close(to);
}

enum privilege { PRIVILEGE_ALL, PRIVILEGE_NO_SHORT_WAY, PRIVILEGE_NO_MOVE, PRIVILEGE_NO_MOUNTS, PRIVILEGE_NONE };

/* As where a kernel, or a filter around orlop, does not let a process change what it is. */
static int move_forbid(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_MM, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ARRAY_SIZE(code), code };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}

/* As a kernel that cannot clone a mount and change it by one call. */
static int short_way_forbid(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open_tree_attr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ARRAY_SIZE(code), code };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}

static int privilege_drop(enum privilege privilege)
{
	if (privilege == PRIVILEGE_NO_SHORT_WAY)
		return short_way_forbid();
	if (privilege == PRIVILEGE_NO_MOVE)
		return move_forbid();
	if (privilege == PRIVILEGE_NO_MOUNTS)
		return prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN);
	if (privilege == PRIVILEGE_NONE && (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0))
		return -1;
	return 0;
}

struct child {
	pid_t pid;
	int in; /* closed: it ends */
	char said;
};

static void child_start(struct child *child, enum privilege privilege)
{
	char copy[] = COPY "XXXXXX";
	int in[2], out[2];

	copy_make(copy);
	CHECK_INT(pipe2(in, O_CLOEXEC), 0);
	CHECK_INT(pipe2(out, O_CLOEXEC), 0);
	child->said = '-';
	child->pid = fork();
	if (child->pid == 0) {
		if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || privilege_drop(privilege) < 0)
			_exit(5);
		execl(copy, "first", SEALED_WORD, NULL);
		_exit(6);
	}
	child->in = in[1];
	fd_close(in[0]);
	fd_close(out[1]);
	CHECK(read(out[0], &child->said, 1) >= 0);
	fd_close(out[0]);
	CHECK_INT(unlink(copy), 0);
}

static int child_end(struct child *child)
{
	int status = -1;

	fd_cleanup(&child->in);
	CHECK_INT(waitpid(child->pid, &status, 0), child->pid);
	return status;
}

static int open_exe(pid_t pid, int flags)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return open(path, flags | O_CLOEXEC);
}

static int open_again(int fd, int flags)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

static void require_root(void)
{
	struct statvfs fs;

	if (geteuid() != 0)
		check_skip("needs root");
	if (statvfs("/proc/self/exe", &fs) == 0 && (fs.f_flag & ST_RDONLY))
		check_skip("the test program is on a read-only mount: there is nothing to do");
}

/* No mapping of the process is of the file as it may be written: proc_pid_map_files(5) leads to each. */
static void mappings_check(pid_t pid, const struct stat *exe)
{
	char path[64];
	struct dirent *entry;
	int found = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/map_files", (int)pid);
	dir = opendir(path);
	CHECK(dir);
	while (dir && (entry = readdir(dir))) {
		_cleanup_(fd_cleanup) int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);
		struct statvfs fs;
		struct stat st;

		if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != exe->st_ino || st.st_dev != exe->st_dev)
			continue;
		found++;
		CHECK_INT(fstatvfs(fd, &fs), 0);
		CHECK(fs.f_flag & ST_RDONLY);
	}
	CHECK(found > 0);
	closedir(dir);
}

static void read_only_mount_check(enum privilege privilege, char how)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };
	struct child child;
	struct stat st;
	int fd;

	require_root();
	child_start(&child, privilege);
	CHECK_INT(child.said, how);
	fd = open_exe(child.pid, O_RDONLY);
	CHECK(fd >= 0);
	CHECK_INT(open_again(fd, O_WRONLY), -1);
	CHECK(errno == ETXTBSY || errno == EROFS);
	CHECK_INT(fstat(fd, &st), 0);
	mappings_check(child.pid, &st);
	/* Nobody can make the mount writable: it is nowhere. */
	CHECK_INT(mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)), -1);
	CHECK_INT(errno, EINVAL);
	CHECK_INT(child_end(&child), 0);

	/* CVE-2019-5736: nothing executes it any more, and it is still held. */
	CHECK_INT(mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)), -1);
	CHECK_INT(open_again(fd, O_WRONLY), -1);
	CHECK_INT(errno, EROFS);
	CHECK_INT(open_again(fd, O_RDWR | O_TRUNC), -1);
	CHECK_INT(errno, EROFS);
	fd_close(fd);
}

TEST(read_only_mount_while_it_runs)
{
	read_only_mount_check(PRIVILEGE_ALL, 'M');
	read_only_mount_check(PRIVILEGE_NO_SHORT_WAY, 'M');
}

TEST(read_only_mount_by_executing_anew)
{
	read_only_mount_check(PRIVILEGE_NO_MOVE, 'S');
}

TEST(sealed_memory)
{
	struct child child;
	char link[64] = "", path[64];
	int fd, writable;

	require_root();
	child_start(&child, PRIVILEGE_NO_MOUNTS);
	CHECK_INT(child.said, 'S');
	fd = open_exe(child.pid, O_RDONLY);
	CHECK(fd >= 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)child.pid);
	CHECK(readlink(path, link, sizeof(link) - 1) > 0);
	CHECK_HAS(link, "memfd:orlop");
	CHECK_INT(child_end(&child), 0);

	writable = open_again(fd, O_RDWR);
	/* It may be opened; no byte of it may change. */
	if (writable >= 0) {
		CHECK_INT(pwrite(writable, "x", 1, 0), -1);
		CHECK_INT(errno, EPERM);
		CHECK_INT(ftruncate(writable, 0), -1);
		CHECK(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, writable, 0) == MAP_FAILED);
		fd_close(writable);
	}
	fd_close(fd);
}

/* Who could not write the file anyway goes on as it is. */
TEST(nothing_to_protect)
{
	struct child child;

	require_root();
	child_start(&child, PRIVILEGE_NONE);
	CHECK_INT(child.said, 'N');
	CHECK_INT(child_end(&child), 0);
}
