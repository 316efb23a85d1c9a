/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies put where the mappings were. See libraries.h.
 *
 * The copy takes the place of what is just being executed: mremap swaps both at once, and they are the same.
 */
#include "libsandbox/priv/libraries.h"

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

struct copying {
	uintptr_t page_size;
	int code;
};

struct range {
	uintptr_t from, to;
};

static struct range pages_of(const struct copying *copying, uintptr_t from, size_t length)
{
	const uintptr_t mask = copying->page_size - 1;

	return (struct range){ from & ~mask, (from + length + mask) & ~mask };
}

static int pages_copy(struct range range, int protection)
{
	const size_t length = range.to - range.from;
	char *copy;

	if (length == 0)
		return 0;
	copy = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copy == MAP_FAILED)
		return -errno;
	memcpy(copy, (const void *)range.from, length);
	__builtin___clear_cache(copy, copy + length);
	if (mprotect(copy, length, protection) < 0 ||
	    mremap(copy, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)range.from) == MAP_FAILED)
		return -errno;
	return 0;
}

static int protection_of(const ElfW(Phdr) * header)
{
	return (header->p_flags & PF_R ? PROT_READ : 0) | (header->p_flags & PF_W ? PROT_WRITE : 0) |
	       (header->p_flags & PF_X ? PROT_EXEC : 0);
}

/* What the linker made read-only when it had written there. */
static int relocated_protect(const struct copying *copying, uintptr_t base, const ElfW(Phdr) * header)
{
	const uintptr_t mask = copying->page_size - 1;
	uintptr_t from = (base + header->p_vaddr) & ~mask, to = (base + header->p_vaddr + header->p_memsz) & ~mask;

	return from < to && mprotect((void *)from, to - from, PROT_READ) < 0 ? -errno : 0;
}

static int object_copy(const struct copying *copying, const struct dl_phdr_info *object)
{
	uintptr_t end = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &object->dlpi_phdr[i];
		struct range range = pages_of(copying, object->dlpi_addr + header->p_vaddr, header->p_filesz);

		if (header->p_type != PT_LOAD)
			continue;
		/* A library with large pages has the file in between, too. */
		if (end != 0 && range.from > end &&
		    mmap((void *)end, range.from - end, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
			    MAP_FAILED)
			return -errno;
		r = pages_copy(range, protection_of(header));
		end = pages_of(copying, object->dlpi_addr + header->p_vaddr, header->p_memsz).to;
	}
	for (size_t i = 0; r == 0 && i < object->dlpi_phnum; i++) {
		if (object->dlpi_phdr[i].p_type == PT_GNU_RELRO)
			r = relocated_protect(copying, object->dlpi_addr, &object->dlpi_phdr[i]);
	}
	return r;
}

/* The program is not one of them: with glibc it has no name here, with musl one that begins with a slash. The kernel's own object has no path. */
static int object_visit(struct dl_phdr_info *object, size_t size, void *data)
{
	struct copying *copying = data;

	(void)size;
	if ((uintptr_t)object->dlpi_phdr != getauxval(AT_PHDR) && object->dlpi_name && object->dlpi_name[0] == '/')
		copying->code = object_copy(copying, object);
	return copying->code;
}

int libraries_copy(struct error *err)
{
	struct copying copying = { .page_size = (uintptr_t)sysconf(_SC_PAGESIZE) };

	(void)dl_iterate_phdr(object_visit, &copying);
	return copying.code < 0 ? error_set(err, copying.code, "copy the shared libraries") : 0;
}
