/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile program in a container: it tries, and says what it got. One finding a line; nothing is what a sound runtime leaves.
 *
 *     spy fds             descriptors above 2, and directories or other file systems among any
 *     spy watch FILE      until FILE is there: looks into every process that comes, keeps its program and tries to write to it
 *     spy meet DIR CAPS UID NO_NEW_PRIVS FILTERS
 *                         until DIR/stop is there: at each stop that a stepper makes known there, what the process has that a program with these
 *                         capabilities (a hexadecimal mask), this user, no_new_privs (0, 1) and so many filters has not
 *     spy terminal        pushes keys into whatever terminal it can reach
 *     spy sockets         connects to the abstract sockets it can see
 *     spy handle          opens the root file system's root by its handle
 *     spy groups          drops its supplementary groups
 *     spy write FILE...   opens for writing
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/security/spy_meet.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

#define FDS_LOOKED_AT 1024
#define KEPT_MAX      256
#define KEYS          "echo pushed\n"

static void fd_tell(int fd)
{
	char link[64], target[4096];
	struct stat st;
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, target, sizeof(target) - 1);
	target[length > 0 ? length : 0] = '\0';
	if (fd > 2 || (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)))
		printf("fd %d %s\n", fd, target);
}

static int spy_fds(char **words)
{
	(void)words;
	for (int fd = 0; fd < FDS_LOOKED_AT; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			fd_tell(fd);
	return 0;
}

static bool is_own(const char *pid)
{
	char own[32];

	(void)snprintf(own, sizeof(own), "%d", getpid());
	return text_equal(own, pid) || text_equal(pid, "1");
}

/* A kept program may be written to once nobody runs it. */
static void kept_write(int *kept, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_(fd_cleanup) int fd = FD_NONE;
		char link[64];

		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", kept[i]);
		fd = open(link, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			printf("program writable\n");
	}
}

static bool is_same(int fd, const char *path)
{
	struct stat one, other;

	return fstat(fd, &one) == 0 && stat(path, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

/* Its directories are the container's own once it has executed the program. */
static void directory_try(const char *pid, const char *what)
{
	char path[300];
	_cleanup_(fd_cleanup) int fd = FD_NONE;

	(void)snprintf(path, sizeof(path), "/proc/%s/%s", pid, what);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && !is_same(fd, "/"))
		printf("process %s\n", what);
}

static void descriptors_try(const char *pid)
{
	char path[300];
	DIR *directory;
	struct dirent *entry;

	(void)snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		_cleanup_(fd_cleanup) int fd = openat(dirfd(directory), entry->d_name, O_PATH | O_CLOEXEC);
		struct stat st;

		/* Its standard streams are the program's as well. */
		if (fd >= 0 && fstat(fd, &st) == 0 && strspn(entry->d_name, ".012") != strlen(entry->d_name) &&
		    (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
			printf("process descriptor %s\n", entry->d_name);
	}
	if (directory)
		(void)closedir(directory);
}

/* Only until it has executed the program is a process that joined worth anything; then its memory map is the container's. */
static bool is_runtime(const char *pid)
{
	char path[300], name[32] = "";
	_cleanup_(fd_cleanup) int fd = FD_NONE;

	(void)snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, name, sizeof(name) - 1) <= 0)
		return false;
	return text_starts(name, "orlop") || text_starts(name, "runc") || text_starts(name, "crun") ||
	       text_starts(name, "exe");
}

/* Whether it was the runtime that was caught: a stop at its execve may come of a trace that began behind it. */
static void trace_try(const char *text)
{
	uint64_t number;
	pid_t pid;
	int status = 0;

	if (number_parse_u64(text, INT32_MAX, &number) < 0)
		return;
	pid = (pid_t)number;
	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXEC) < 0)
		return;
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0 && waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		if (status >> 8 != (SIGTRAP | (PTRACE_EVENT_EXEC << 8)) && is_runtime(text))
			printf("process traced\n");
		(void)ptrace(PTRACE_DETACH, pid, 0, 0);
	}
}

static size_t process_try(const char *pid, int *kept, size_t count)
{
	char path[300];
	int fd;

	if (!is_runtime(pid))
		return count;
	(void)snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !is_same(fd, "/bin/busybox"))
		printf("process program\n");
	if (fd >= 0 && (is_same(fd, "/bin/busybox") || count == KEPT_MAX))
		fd = fd_close(fd);
	if (fd >= 0)
		kept[count++] = fd;
	descriptors_try(pid);
	directory_try(pid, "cwd");
	directory_try(pid, "root");
	trace_try(pid);
	return count;
}

static int spy_watch(char **words)
{
	static int kept[KEPT_MAX];
	size_t count = 0;
	uint64_t rounds = 0, seen = 0;

	while (words[0] && access(words[0], F_OK) < 0) {
		DIR *proc = opendir("/proc");
		struct dirent *entry;

		while (proc && (entry = readdir(proc))) {
			if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || is_own(entry->d_name))
				continue;
			seen++;
			count = process_try(entry->d_name, kept, count);
		}
		if (proc)
			(void)closedir(proc);
		rounds++;
	}
	kept_write(kept, count);
	(void)fflush(stdout);
	fprintf(stderr, "%llu rounds, %llu processes, %zu programs\n", (unsigned long long)rounds,
		(unsigned long long)seen, count);
	return 0;
}

static void keys_push(int fd, const char *name)
{
	for (const char *key = KEYS; *key; key++)
		if (ioctl(fd, TIOCSTI, key) < 0)
			return;
	printf("pushed %s\n", name);
}

static int spy_terminal(char **words)
{
	_cleanup_(fd_cleanup) int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	(void)words;
	for (int i = 0; i < 3; i++)
		keys_push(i, "standard");
	if (fd >= 0) {
		printf("terminal opened\n");
		keys_push(fd, "/dev/tty");
	}
	return 0;
}

static void socket_try(const char *name, size_t length)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };

	if (length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path + 1, name, length);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		_cleanup_(fd_cleanup) int fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC, 0);
		socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);

		if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, size) == 0)
			printf("connected %.*s\n", (int)length, name);
	}
}

static int spy_sockets(char **words)
{
	FILE *list = fopen("/proc/net/unix", "re");
	char line[1024];

	(void)words;
	while (list && fgets(line, sizeof(line), list)) {
		const char *name = strchr(line, '@');

		if (name)
			socket_try(name + 1, strcspn(name + 1, "\n"));
	}
	if (list)
		(void)fclose(list);
	return 0;
}

static int spy_handle(char **words)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} room = { .handle = { .handle_bytes = MAX_HANDLE_SZ } };
	_cleanup_(fd_cleanup) int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	int mount_id;

	(void)words;
	if (name_to_handle_at(AT_FDCWD, "/", &room.handle, &mount_id, 0) < 0)
		return 0;
	fd = open_by_handle_at(root, &room.handle, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		printf("opened by handle\n");
	return 0;
}

static int spy_groups(char **words)
{
	(void)words;
	if (setgroups(0, NULL) == 0)
		printf("groups dropped\n");
	return 0;
}

static int spy_write(char **words)
{
	for (; *words; words++) {
		_cleanup_(fd_cleanup) int fd = open(*words, O_WRONLY | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0)
			printf("writable %s\n", *words);
	}
	return 0;
}

static const struct {
	const char *name;
	int (*run)(char **words);
} ways[] = {
	{ "fds", spy_fds },   { "watch", spy_watch },   { "terminal", spy_terminal }, { "sockets", spy_sockets },
	{ "meet", spy_meet }, { "handle", spy_handle }, { "groups", spy_groups },     { "write", spy_write },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(ways); i++)
		if (text_equal(ways[i].name, argv[1]))
			return ways[i].run(argv + 2);
	return EXIT_FAILURE;
}
