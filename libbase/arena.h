/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bump allocator: many small allocations, freed whole.
 *
 * Every allocation is zeroed and aligned for any type. All functions return NULL when memory (or the arena's own
 * limit) is exhausted. Pointers live until arena_cleanup. Not thread-safe.
 */
#ifndef ORLOP_LIBBASE_ARENA_H
#define ORLOP_LIBBASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "libbase/cleanup.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used;  /* bytes handed out */
	size_t held;  /* bytes taken from the reserve */
	size_t limit; /* most bytes it may hold; 0: no limit */
};

#define ARENA_INIT ((struct arena){ 0 })

void *arena_alloc(struct arena *arena, size_t size);
/* count * size, NULL on overflow. */
void *arena_calloc(struct arena *arena, size_t count, size_t size);
char *arena_copy(struct arena *arena, const char *bytes, size_t length); /* adds a NUL */
char *arena_string(struct arena *arena, const char *text);               /* NULL for NULL */
char *arena_printf(struct arena *arena, const char *format, ...) _printf_(2, 3);
/* The texts of a list that ends with NULL, one behind the other: touches less memory than the above. */
char *arena_chain(struct arena *arena, const char *const *texts);
/* Grows an array from `count` to `wanted` items, in place where it is the last allocation. Old bytes are kept. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t wanted, size_t size);
/* Overwrites all that was handed out, so that it is read by nobody who comes after; the pointers still lead there. */
void arena_erase(const struct arena *arena);
void arena_cleanup(struct arena *arena);
/* The same for whom the process ends with. Where nobody looks for what is left (libbase/reserve.h), that end frees it: to write to it now would only
 * copy pages that a child still has in common with it. */
void arena_leave(struct arena *arena);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
