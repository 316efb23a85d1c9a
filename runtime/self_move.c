/* SPDX-License-Identifier: Apache-2.0 */
/* The program's segments, mapped anew. See self_move.h. */
#include "runtime/self_move.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

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

/* Of a page, so that it is aligned. */
typedef uint64_t block __attribute__((vector_size(16)));

/* Not memcpy: it is a whole segment, with all that a sanitizer put between the variables. */
__attribute__((no_sanitize("address"))) static void segment_copy(volatile block *to, const volatile block *from,
								 size_t bytes)
{
#pragma GCC unroll 8
	for (size_t i = 0; i < bytes / sizeof(*to); i++)
		to[i] = from[i];
}

/* Variables: a copy in memory without a file takes their place. From the copying to the move nothing may change one. */
static int variables_move(uintptr_t base, const ElfW(Phdr) * header)
{
	const struct range range = pages(base + header->p_vaddr, header->p_filesz);
	/* All of it is written now: at once rather than page by page. */
	void *copy =
		mmap(NULL, range.length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (copy == MAP_FAILED)
		return -errno;
	segment_copy(copy, address(range.start), range.length);
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

/* As the kernel's load_elf_binary() counts them. */
static void program_describe(uintptr_t base, const ElfW(Phdr) * headers, size_t count, struct prctl_mm_map *to)
{
	to->start_code = UINT64_MAX;
	for (size_t i = 0; i < count; i++) {
		const uint64_t start = base + headers[i].p_vaddr, end = start + headers[i].p_filesz;
		const bool code = headers[i].p_flags & PF_X;

		if (headers[i].p_type != PT_LOAD)
			continue;
		if (code && start < to->start_code)
			to->start_code = start;
		if (code && end > to->end_code)
			to->end_code = end;
		if (start > to->start_data)
			to->start_data = start;
		if (end > to->end_data)
			to->end_data = end;
	}
}

/* The kernel lays the words one behind the other, the environment behind them, then the name of the file. False for other words than those. */
static bool words_describe(const struct self_words *words, struct prctl_mm_map *to)
{
	const uint64_t name = getauxval(AT_EXECFN);
	const char *end = words->program + strlen(words->program) + 1;
	const char *behind = environ && environ[0] ? environ[0] : address(name);

	for (size_t i = 0; i < words->count; i++) {
		if (words->words[i] != end)
			return false;
		end += strlen(end) + 1;
	}
	to->arg_start = (uintptr_t)words->program;
	to->arg_end = to->env_start = (uintptr_t)end;
	to->env_end = to->start_stack = name;
	return end == behind;
}

/*
 * CAP_SYS_ADMIN, without which there is no read-only mount, may set what /proc tells of the program along with all the rest, so that gets the values
 * that it has; only the heap begins where it ends, since nobody asks for less of it. CAP_SYS_RESOURCE may set the one thing, also where the kernel is
 * built without the former.
 */
static int exe_set(int file_fd, const struct self_words *words, struct prctl_mm_map *map)
{
	map->exe_fd = (uint32_t)file_fd;
	map->start_brk = map->brk = (uint64_t)(uintptr_t)sbrk(0);
	if (words_describe(words, map) && prctl(PR_SET_MM, PR_SET_MM_MAP, map, sizeof(*map), 0) == 0)
		return 0;
	return prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, file_fd, 0, 0) < 0 ? -errno : 0;
}

/* Where the linker put the program's own header; the program is position-independent, so that is what its addresses count from. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static bool program_is_plain(void)
{
	return __ehdr_start.e_type == ET_DYN && getauxval(AT_PHDR) == (uintptr_t)&__ehdr_start + __ehdr_start.e_phoff;
}

bool self_move_is_granted(const struct self_words *words)
{
	struct prctl_mm_map map = { 0 };
	unsigned int size = 0;

	return program_is_plain() && words_describe(words, &map) &&
	       prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0) == 0 && size == sizeof(map);
}

int self_move(int file_fd, const struct self_words *words)
{
	const uintptr_t base = (uintptr_t)&__ehdr_start;
	const ElfW(Phdr) *headers = address(base + __ehdr_start.e_phoff);
	const size_t count = __ehdr_start.e_phnum;
	struct prctl_mm_map map = { 0 };
	int r = 0;

	if (!program_is_plain())
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
	if (r < 0)
		return r;
	program_describe(base, headers, count, &map);
	return exe_set(file_fd, words, &map);
}
