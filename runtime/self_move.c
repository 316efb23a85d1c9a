/* SPDX-License-Identifier: Apache-2.0 */
/* The program's segments, mapped anew. See self_move.h. */
#include "runtime/self_move.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"

/* Addresses, whole pages. */
struct range {
	uintptr_t start;
	size_t length;
};

static struct range pages(uintptr_t start, size_t length)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const uintptr_t first = start & ~(page - 1);

	return (struct range){ first, ((start + length + page - 1) & ~(page - 1)) - first };
}

static void *address(uintptr_t number)
{
	return (void *)number; /* what the program headers say */
}

static int protection(const ElfW(Phdr) * header)
{
	return (header->p_flags & PF_R ? PROT_READ : 0) | (header->p_flags & PF_W ? PROT_WRITE : 0) |
	       (header->p_flags & PF_X ? PROT_EXEC : 0);
}

/* Code and constants: the same pages of the same file. One call replaces them, so there is no moment without. */
static int constants_move(uintptr_t base, const ElfW(Phdr) * header, int file_fd)
{
	const struct range range = pages(base + header->p_vaddr, header->p_filesz);
	const off_t offset = (off_t)(header->p_offset - (base + header->p_vaddr - range.start));

	return mmap(address(range.start), range.length, protection(header), MAP_PRIVATE | MAP_FIXED, file_fd, offset) ==
			       MAP_FAILED
		       ? -errno
		       : 0;
}

/* Not memcpy: it is a whole segment, with all that a sanitizer put between the variables. */
__attribute__((no_sanitize("address"))) static void words_copy(volatile uint64_t *to, const volatile uint64_t *from,
							       size_t bytes)
{
	for (size_t i = 0; i < bytes / sizeof(*to); i++)
		to[i] = from[i];
}

/* Variables: a copy in memory without a file takes their place. From the copying to the move nothing may change one. */
static int variables_move(uintptr_t base, const ElfW(Phdr) * header)
{
	const struct range range = pages(base + header->p_vaddr, header->p_filesz);
	void *copy = mmap(NULL, range.length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return -errno;
	words_copy(copy, address(range.start), range.length);
	if (mremap(copy, range.length, range.length, MREMAP_MAYMOVE | MREMAP_FIXED, address(range.start)) ==
	    MAP_FAILED) {
		int r = -errno;

		(void)munmap(copy, range.length);
		return r;
	}
	return 0;
}

/* What ld.so made read-only after relocation, as it did it: the last page only if it is whole. */
static int relocated_protect(uintptr_t base, const ElfW(Phdr) * header)
{
	struct range range = pages(base + header->p_vaddr, header->p_memsz);

	if ((base + header->p_vaddr + header->p_memsz) != range.start + range.length)
		range.length -= (size_t)sysconf(_SC_PAGESIZE);
	return range.length > 0 && mprotect(address(range.start), range.length, PROT_READ) < 0 ? -errno : 0;
}

/* The fields of /proc/self/stat by their numbers in proc_pid_stat(5). */
enum stat_field {
	STAT_AFTER_NAME = 3,
	STAT_START_CODE = 26,
	STAT_END_CODE = 27,
	STAT_START_STACK = 28,
	STAT_START_DATA = 45,
	STAT_END_DATA = 46,
	STAT_START_BRK = 47,
	STAT_ARG_START = 48,
	STAT_ARG_END = 49,
	STAT_ENV_START = 50,
	STAT_ENV_END = 51,
	STAT_FIELDS,
};

static int stat_read(uint64_t fields[STAT_FIELDS])
{
	_cleanup_(fd_cleanup) int fd = path_open_host(AT_FDCWD, "/proc/self/stat", O_RDONLY, 0);
	char text[2048];
	ssize_t length = fd < 0 ? fd : read(fd, text, sizeof(text) - 1);
	const char *at;

	if (length <= 0)
		return -EIO;
	text[length] = '\0';
	/* The name may have anything in it, parentheses too. */
	at = strrchr(text, ')');
	for (int field = STAT_AFTER_NAME; at && field < STAT_FIELDS; field++) {
		at = strchr(at, ' ');
		fields[field] = 0;
		while (at && *++at >= '0' && *at <= '9')
			fields[field] = fields[field] * 10 + (uint64_t)(*at - '0');
	}
	return at ? 0 : -EIO;
}

/* CAP_SYS_RESOURCE may set the one thing. CAP_SYS_ADMIN, without which there is no read-only mount, may set it along with all the others, so these get
 * the values that they have. */
static int exe_set(int file_fd)
{
	uint64_t fields[STAT_FIELDS];
	struct prctl_mm_map map = { .exe_fd = (uint32_t)file_fd };
	int r;

	if (prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, file_fd, 0, 0) == 0)
		return 0;
	if (errno != EPERM)
		return -errno;
	r = stat_read(fields);
	if (r < 0)
		return r;
	map.start_code = fields[STAT_START_CODE];
	map.end_code = fields[STAT_END_CODE];
	map.start_data = fields[STAT_START_DATA];
	map.end_data = fields[STAT_END_DATA];
	map.start_brk = fields[STAT_START_BRK];
	map.brk = (uint64_t)(uintptr_t)sbrk(0);
	map.start_stack = fields[STAT_START_STACK];
	map.arg_start = fields[STAT_ARG_START];
	map.arg_end = fields[STAT_ARG_END];
	map.env_start = fields[STAT_ENV_START];
	map.env_end = fields[STAT_ENV_END];
	return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0) < 0 ? -errno : 0;
}

/* Where the linker put the program's own header; the program is position-independent, so that is what its addresses count from. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

int self_move(int file_fd)
{
	const uintptr_t base = (uintptr_t)&__ehdr_start;
	const ElfW(Phdr) *headers = address(base + __ehdr_start.e_phoff);
	const size_t count = __ehdr_start.e_phnum;
	int r = 0;

	if (__ehdr_start.e_type != ET_DYN || address(getauxval(AT_PHDR)) != headers)
		return -ENOEXEC;
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (headers[i].p_type == PT_LOAD)
			r = headers[i].p_flags & PF_W ? variables_move(base, &headers[i])
						      : constants_move(base, &headers[i], file_fd);
	}
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (headers[i].p_type == PT_GNU_RELRO)
			r = relocated_protect(base, &headers[i]);
	}
	return r < 0 ? r : exe_set(file_fd);
}
