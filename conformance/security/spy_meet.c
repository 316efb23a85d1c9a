/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks with CAP_SYS_PTRACE into a process that is stopped before it becomes a program. Whatever it has, whoever traces it has as well: so a finding is
 * all that the program itself will not have. Nothing is changed in it, so that it can be met again at its next call.
 *
 * Not for: what needs no such right (spy watch).
 */
#include "conformance/security/spy_meet.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

#define FDS_TRIED  64
#define LINE_SIZE  1024
#define CHUNK_SIZE 65536

struct meeting {
	uint64_t number, pid;
	char call[32];
	uint64_t capabilities, uid, no_new_privileges, filters;
};

static void found(const struct meeting *meeting, const char *what, const char *detail)
{
	printf("%s: %s %s\n", meeting->call, what, detail);
}

static FILE *file_of(const struct meeting *meeting, const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%llu/%s", (unsigned long long)meeting->pid, name);
	return fopen(path, "re");
}

/* -- words ------------------------------------------------------------------------------------------------------------------------- */

/* Cuts the next word off; "" at the end. */
static char *word_next(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\n");

	*rest = word + strcspn(word, " \t\n");
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static uint64_t word_number(char **rest)
{
	uint64_t number;

	return number_parse_u64(word_next(rest), UINT64_MAX, &number) < 0 ? UINT64_MAX : number;
}

/* Of a hexadecimal number; *ret is where it ends. */
static uint64_t hex_read(const char *text, const char **ret)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t number = 0;
	const char *digit;

	while (*text && (digit = strchr(digits, *text))) {
		number = number << 4 | (uint64_t)(digit - digits);
		text++;
	}
	*ret = text;
	return number;
}

/* -- rights ------------------------------------------------------------------------------------------------------------------------ */

static bool ids_are(char *text, uint64_t wanted)
{
	uint64_t number;

	for (char *word = word_next(&text); *word; word = word_next(&text))
		if (number_parse_u64(word, UINT32_MAX, &number) < 0 || number != wanted)
			return false;
	return true;
}

static void status_line(const struct meeting *meeting, char *line)
{
	char *value = strchr(line, ':'), whole[LINE_SIZE];
	const char *end;

	if (!value)
		return;
	(void)snprintf(whole, sizeof(whole), "%s", line);
	value += 1 + strspn(value + 1, " \t");
	if (text_starts(line, "Cap") && (hex_read(value, &end) & ~meeting->capabilities))
		found(meeting, "capabilities", whole);
	if (text_starts(line, "Groups:") && *value)
		found(meeting, "groups", whole);
	if ((text_starts(line, "Uid:") || text_starts(line, "Gid:")) && !ids_are(value, meeting->uid))
		found(meeting, "ids", whole);
	if (text_starts(line, "Seccomp_filters:") && word_number(&value) < meeting->filters)
		found(meeting, "without the filter", whole);
	if (text_starts(line, "NoNewPrivs:") && word_number(&value) < meeting->no_new_privileges)
		found(meeting, "new privileges", whole);
}

static void rights_look(const struct meeting *meeting)
{
	FILE *status = file_of(meeting, "status");
	char line[LINE_SIZE];

	while (status && fgets(line, sizeof(line), status)) {
		line[strcspn(line, "\n")] = '\0';
		status_line(meeting, line);
	}
	if (status)
		(void)fclose(status);
}

/* As /proc/PID/stat has it. */
static dev_t device_of(unsigned int number)
{
	return makedev(number >> 8 & 0xfff, (number & 0xff) | (number >> 12 & 0xfff00));
}

/* The caller's could be opened by /dev/tty; its own is its standard input as well. */
static void terminal_look(const struct meeting *meeting)
{
	FILE *file = file_of(meeting, "stat");
	char line[LINE_SIZE] = "", path[64], *rest;
	uint64_t terminal = 0;
	struct stat input;

	if (!file)
		return;
	rest = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	(void)fclose(file);
	/* Behind the name: state, parent, group, session, terminal. */
	for (size_t i = 0; rest && i < 5; i++)
		(void)word_next(&rest);
	if (rest)
		terminal = word_number(&rest);
	(void)snprintf(path, sizeof(path), "/proc/%llu/fd/0", (unsigned long long)meeting->pid);
	if (terminal != 0 && (stat(path, &input) < 0 || input.st_rdev != device_of((unsigned int)terminal)))
		found(meeting, "a terminal of its session", "");
}

/* -- places ------------------------------------------------------------------------------------------------------------------------ */

static void link_compare(const struct meeting *meeting, const char *name)
{
	char path[300], one[300] = "", other[300] = "";

	(void)snprintf(path, sizeof(path), "/proc/%llu/%s", (unsigned long long)meeting->pid, name);
	if (readlink(path, one, sizeof(one) - 1) < 0)
		return;
	(void)snprintf(path, sizeof(path), "/proc/self/%s", name);
	if (readlink(path, other, sizeof(other) - 1) > 0 && !text_equal(one, other))
		found(meeting, "another", name);
}

static void places_look(const struct meeting *meeting)
{
	static const char *const links[] = { "ns/mnt",  "ns/pid",    "ns/net",  "ns/ipc", "ns/uts",
					     "ns/user", "ns/cgroup", "ns/time", "root" };
	_cleanup_(fd_cleanup) int root = open("/", O_PATH | O_CLOEXEC);
	char path[64], one[LINE_SIZE] = "", other[LINE_SIZE] = "";
	FILE *own = fopen("/proc/self/cgroup", "re"), *its = file_of(meeting, "cgroup");
	struct stat here, there;

	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		link_compare(meeting, links[i]);
	(void)snprintf(path, sizeof(path), "/proc/%llu/cwd", (unsigned long long)meeting->pid);
	if (stat(path, &there) == 0 && fstat(root, &here) == 0 && here.st_dev != there.st_dev)
		found(meeting, "a directory of the host", "");
	if (own && its && fgets(one, sizeof(one), own) && fgets(other, sizeof(other), its) && !text_equal(one, other))
		found(meeting, "another cgroup", other);
	if (own)
		(void)fclose(own);
	if (its)
		(void)fclose(its);
}

/* -- descriptors ------------------------------------------------------------------------------------------------------------------- */

/* Who holds the other end of a socket is a process that can be reached by it, wherever it is. */
static void peer_look(const struct meeting *meeting, int socket_fd)
{
	_cleanup_(fd_cleanup) int peer = FD_NONE;
	socklen_t size = sizeof(peer);

	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERPIDFD, &peer, &size) < 0) {
		peer = FD_NONE;
		return;
	}
	found(meeting, "a process at the other end of a socket", "");
	for (int number = 0; number < FDS_TRIED; number++) {
		_cleanup_(fd_cleanup) int fd = pidfd_getfd(peer, number, 0);

		if (fd >= 0) {
			found(meeting, "a descriptor of that process", "");
			return;
		}
	}
}

static void descriptor_look(const struct meeting *meeting, int pidfd, const char *name)
{
	char path[300], target[300] = "";
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	uint64_t number;
	struct stat st;

	if (number_parse_u64(name, INT32_MAX, &number) < 0 || number <= STDERR_FILENO)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%llu/fd/%s", (unsigned long long)meeting->pid, name);
	(void)!readlink(path, target, sizeof(target) - 1);
	fd = pidfd_getfd(pidfd, (int)number, 0);
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (!S_ISFIFO(st.st_mode))
		found(meeting, "a descriptor", target);
	if (S_ISSOCK(st.st_mode))
		peer_look(meeting, fd);
}

static void descriptors_look(const struct meeting *meeting)
{
	_cleanup_(fd_cleanup) int pidfd = pidfd_open((pid_t)meeting->pid, 0);
	char path[64];
	DIR *directory;
	struct dirent *entry;

	(void)snprintf(path, sizeof(path), "/proc/%llu/fd", (unsigned long long)meeting->pid);
	directory = opendir(path);
	while (directory && (entry = readdir(directory)))
		descriptor_look(meeting, pidfd, entry->d_name);
	if (directory)
		(void)closedir(directory);
}

/* -- memory ------------------------------------------------------------------------------------------------------------------------ */

struct mapping {
	uint64_t from, to;
	bool writable;
};

/* "from-to rw-p ..." */
static bool mapping_read(const char *line, struct mapping *ret)
{
	const char *at;

	ret->from = hex_read(line, &at);
	if (*at != '-')
		return false;
	ret->to = hex_read(at + 1, &at);
	ret->writable = text_starts(at, " rw");
	return *at == ' ';
}

static bool range_has(const struct meeting *meeting, uint64_t from, uint64_t to, const char *needle)
{
	static char bytes[CHUNK_SIZE];

	while (from < to) {
		struct iovec here = { bytes, to - from < sizeof(bytes) ? to - from : sizeof(bytes) };
		struct iovec there = { (void *)(uintptr_t)from, here.iov_len };
		ssize_t length = process_vm_readv((pid_t)meeting->pid, &here, 1, &there, 1, 0);

		if (length <= 0)
			return false;
		if (memmem(bytes, (size_t)length, needle, strlen(needle)))
			return true;
		from += (uint64_t)length;
	}
	return false;
}

/* What the test has put into the caller's environment and into config.json. Not a literal: this program's own memory is not meant. */
static void memory_look(const struct meeting *meeting)
{
	FILE *maps = file_of(meeting, "maps");
	char line[LINE_SIZE], needle[32];
	struct mapping mapping;

	(void)snprintf(needle, sizeof(needle), "%s-of-the-host", "secret");
	while (maps && fgets(line, sizeof(line), maps))
		if (mapping_read(line, &mapping) && mapping.writable &&
		    range_has(meeting, mapping.from, mapping.to, needle))
			found(meeting, "memory of the host's:", line);
	if (maps)
		(void)fclose(maps);
}

/* What is mapped can be opened anew, by who may restore processes: as the mount that it came from allows. */
static void mapped_look(const struct meeting *meeting)
{
	FILE *maps = file_of(meeting, "maps");
	char line[LINE_SIZE], path[LINE_SIZE];
	struct mapping mapping;

	while (maps && fgets(line, sizeof(line), maps)) {
		_cleanup_(fd_cleanup) int fd = FD_NONE;
		const char *name = strchr(line, '/');

		if (!name || !mapping_read(line, &mapping))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%llu/map_files/%llx-%llx", (unsigned long long)meeting->pid,
			       (unsigned long long)mapping.from, (unsigned long long)mapping.to);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			found(meeting, "a file to write:", name);
	}
	if (maps)
		(void)fclose(maps);
}

/* -- meeting ----------------------------------------------------------------------------------------------------------------------- */

/* That it may be traced is no finding, but the condition for all others: what ends with this child leaves it as it was. */
static bool trace_holds(const struct meeting *meeting)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0)
		_exit(ptrace(PTRACE_SEIZE, (pid_t)meeting->pid, 0, 0) < 0);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return false;
	return status == 0;
}

static bool meeting_read(int dir_fd, struct meeting *meeting)
{
	_cleanup_(fd_cleanup) int fd = openat(dir_fd, "at", O_RDONLY | O_CLOEXEC);
	char text[128] = "", *rest = text;
	uint64_t number;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	number = word_number(&rest);
	if (number == meeting->number)
		return false;
	meeting->number = number;
	meeting->pid = word_number(&rest);
	(void)snprintf(meeting->call, sizeof(meeting->call), "%s", word_next(&rest));
	return true;
}

static void meeting_end(int dir_fd, const struct meeting *meeting)
{
	_cleanup_(fd_cleanup) int fd = openat(dir_fd, "done", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	(void)fflush(stdout);
	(void)dprintf(fd, "%llu", (unsigned long long)meeting->number);
}

int spy_meet(char **words)
{
	struct meeting meeting = { .number = UINT64_MAX };
	_cleanup_(fd_cleanup) int dir_fd = FD_NONE;
	const char *end;

	for (size_t i = 0; i < 5; i++)
		if (!words[i])
			return EXIT_FAILURE;
	dir_fd = open(words[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
	meeting.capabilities = hex_read(words[1], &end);
	meeting.uid = word_number(&words[2]);
	meeting.no_new_privileges = word_number(&words[3]);
	meeting.filters = word_number(&words[4]);
	fprintf(stderr, "here\n");
	while (faccessat(dir_fd, "stop", F_OK, 0) < 0) {
		if (!meeting_read(dir_fd, &meeting)) {
			(void)usleep(200);
			continue;
		}
		fprintf(stderr, "%s%s\n", meeting.call, trace_holds(&meeting) ? "" : " untraced");
		rights_look(&meeting);
		terminal_look(&meeting);
		places_look(&meeting);
		descriptors_look(&meeting);
		memory_look(&meeting);
		mapped_look(&meeting);
		meeting_end(dir_fd, &meeting);
	}
	return EXIT_SUCCESS;
}
