/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program's constants are while it runs: read-only, as the linker wants it (PT_GNU_RELRO), whichever libc and start it is linked with.
 * The program is looked at when it ends.
 */
#include <ctype.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"

/* Where in the program, counted from its beginning. */
struct part {
	uintptr_t start, end;
};

static struct part constants_find(const char *path)
{
	_cleanup_(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct part part = { 0 };
	ElfW(Ehdr) header;
	ElfW(Phdr) row;

	CHECK(pread(fd, &header, sizeof(header), 0) == sizeof(header));
	CHECK_INT(header.e_type, ET_DYN);
	for (unsigned int i = 0; i < header.e_phnum; i++) {
		CHECK(pread(fd, &row, sizeof(row), (off_t)(header.e_phoff + i * sizeof(row))) == sizeof(row));
		if (row.p_type == PT_GNU_RELRO)
			part = (struct part){ row.p_vaddr, row.p_vaddr + row.p_memsz };
	}
	return part;
}

/* Begins `path --version` and stops it where it ends, with all its memory. */
static pid_t ending_begin(const char *path)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		const int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

		/* A sanitizer cannot look for leaks in who is traced. */
		if (setenv("ASAN_OPTIONS", "detect_leaks=0", 1) < 0 || dup2(null_fd, 1) < 0 ||
		    ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(126);
		execl(path, path, "--version", (char *)NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	CHECK(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) == 0);
	CHECK(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXIT << 8)));
	return pid;
}

static uintptr_t hex_take(const char **at)
{
	uintptr_t value = 0;

	for (; isxdigit((unsigned char)**at); ++*at)
		value = value << 4 | (uintptr_t)(**at <= '9' ? **at - '0' : **at - 'a' + 10);
	++*at;
	return value;
}

/* How many bytes of the part are mapped read-only. The program's beginning is the first mapping of its file. */
static size_t readonly_count(pid_t pid, const char *path, struct part part)
{
	char name[64], line[4608];
	uintptr_t base = 0;
	size_t count = 0;
	FILE *maps;

	snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
	maps = fopen(name, "re");
	CHECK(maps);
	while (fgets(line, sizeof(line), maps)) {
		const char *at = line;
		uintptr_t start = hex_take(&at), end = hex_take(&at);

		if (base == 0 && strstr(at, path))
			base = start;
		if (base == 0 || strncmp(at, "r--p", 4) != 0)
			continue;
		start = start < base + part.start ? base + part.start : start;
		end = end > base + part.end ? base + part.end : end;
		count += end > start ? end - start : 0;
	}
	(void)fclose(maps);
	return count;
}

TEST(constants_are_read_only)
{
	const char *path = getenv("ORLOP");
	char real[4096];
	struct part part;
	size_t count;
	pid_t pid;

	if (!path || !realpath(path, real))
		check_skip("ORLOP is not set");
	part = constants_find(real);
	CHECK(part.end > part.start);
	pid = ending_begin(real);
	count = readonly_count(pid, real, part);
	CHECK(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
	CHECK(waitpid(pid, NULL, 0) == pid);
	/* A last page that is not whole stays as it is. */
	CHECK(count + (size_t)sysconf(_SC_PAGESIZE) > part.end - part.start);
}
