/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What musl's start leaves undone in a program that is linked whole, at an address of the kernel's choice: the packed relative relocations,
 * which are a tenth of the others' size and which musl knows since 1.2.4, and making read-only what is constant from then on, which musl does in
 * shared programs only.
 *
 * musl calls _init when the other relocations, the thread pointer and the stack protector are there, and before constructors and main; nothing
 * that it does until then needs an address of the packed kind. libbase/musl/meson.build runs a program to see that this is so.
 */
#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libbase/kernel.h"

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
extern const ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

void _init(void);

/* Has musl put them in? This is one of them. */
static const volatile void *const volatile itself = &itself;

/* A word is an address, or, when odd, 63 bits for the words behind the last: bit 1 is the first. */
static void relocations_apply(uintptr_t base, const uintptr_t *rows, size_t count)
{
	uintptr_t *where = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!(rows[i] & 1)) {
			where = (uintptr_t *)(base + rows[i]);
			*where++ += base;
			continue;
		}
		for (uintptr_t set = rows[i] >> 1; set; set &= set - 1)
			where[__builtin_ctzl(set)] += base;
		where += 8 * sizeof(uintptr_t) - 1;
	}
}

static void relocate(uintptr_t base)
{
	const uintptr_t *rows = NULL;
	size_t bytes = 0;

	for (const ElfW(Dyn) *dynamic = _DYNAMIC; dynamic->d_tag != DT_NULL; dynamic++) {
		if (dynamic->d_tag == DT_RELR)
			rows = (const void *)(base + dynamic->d_un.d_ptr);
		if (dynamic->d_tag == DT_RELRSZ)
			bytes = dynamic->d_un.d_val;
	}
	relocations_apply(base, rows, bytes / sizeof(*rows));
}

/* There is no log yet, which would have time and format. */
static _Noreturn void failure_tell(void)
{
	static const char text[] =
		"level=error msg=\"the program's constants cannot be made read-only: mprotect failed\"\n";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(EXIT_FAILURE);
}

/* Whole pages only, and never more than is given: the linker ends it at the end of a page of the largest size. */
static void constants_protect(uintptr_t base)
{
	const ElfW(Phdr) *headers = (const void *)(base + __ehdr_start.e_phoff);
	const uintptr_t page = getauxval(AT_PAGESZ);

	for (size_t i = 0; i < __ehdr_start.e_phnum; i++) {
		uintptr_t first = (base + headers[i].p_vaddr) & ~(page - 1);
		uintptr_t end = (base + headers[i].p_vaddr + headers[i].p_memsz) & ~(page - 1);

		if (headers[i].p_type == PT_GNU_RELRO && end > first &&
		    mprotect((void *)first, end - first, PROT_READ) < 0)
			failure_tell();
	}
}

void _init(void)
{
	const uintptr_t base = (uintptr_t)&__ehdr_start;

	if (itself != &itself)
		relocate(base);
	constants_protect(base);
}
