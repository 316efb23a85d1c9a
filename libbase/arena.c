/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks in a list, newest first; only the newest is bumped.
 */
#include "libbase/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "libbase/reserve.h"

/* Small objects come first; later blocks grow with what is held, so a large document takes few blocks. */
#define BLOCK_LEAST 1024
#define BLOCK_MOST  (1024 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size; /* of bytes */
	size_t used;
	alignas(max_align_t) char bytes[];
};

/* SIZE_MAX when it does not fit. Never 0, so that every allocation has an address of its own. */
static size_t size_align(size_t size)
{
	const size_t mask = alignof(max_align_t) - 1;

	if (size > SIZE_MAX / 2)
		return SIZE_MAX;
	return size == 0 ? mask + 1 : (size + mask) & ~mask;
}

/* The zeroes of the reserve serve every allocation: bytes are never handed out twice. */
static struct arena_block *block_add(struct arena *arena, size_t least)
{
	size_t size = arena->held < BLOCK_LEAST ? BLOCK_LEAST : arena->held;
	struct arena_block *block;

	size = size > BLOCK_MOST ? BLOCK_MOST : size_align(size);
	if (size < least)
		size = least;
	if (arena->limit) {
		size_t room = arena->limit > arena->held ? arena->limit - arena->held : 0;

		if (room < sizeof(*block) || room - sizeof(*block) < least)
			return NULL;
		if (size > room - sizeof(*block))
			size = least;
	}
	block = reserve_take(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->next = arena->blocks;
	block->size = size;
	arena->blocks = block;
	arena->held += sizeof(*block) + size;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	size_t wanted = size_align(size);
	void *ret;

	if (wanted == SIZE_MAX)
		return NULL;
	if (!block || block->size - block->used < wanted)
		block = block_add(arena, wanted);
	if (!block)
		return NULL;
	ret = block->bytes + block->used;
	block->used += wanted;
	arena->used += wanted;
	return ret;
}

void *arena_calloc(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	return arena_alloc(arena, total);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1) : NULL;

	if (copy && length > 0)
		memcpy(copy, bytes, length);
	return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_chain(struct arena *arena, const char *const *texts)
{
	size_t length = 0;
	char *chain, *end;

	for (size_t i = 0; texts[i]; i++)
		length += strlen(texts[i]);
	chain = end = arena_alloc(arena, length + 1);
	for (size_t i = 0; chain && texts[i]; i++) {
		length = strlen(texts[i]);
		memcpy(end, texts[i], length);
		end += length;
	}
	if (chain)
		*end = '\0';
	return chain;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		return NULL;
	text = arena_alloc(arena, (size_t)length + 1);
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

/* Stretches the newest allocation; false when `items` is not that, or its block is full. */
static bool tail_stretch(struct arena *arena, const char *items, size_t old_size, size_t new_size)
{
	struct arena_block *block = arena->blocks;
	size_t held = size_align(old_size), wanted = size_align(new_size);

	if (!block || block->used < held || items != block->bytes + block->used - held)
		return false;
	if (wanted - held > block->size - block->used)
		return false;
	block->used += wanted - held;
	arena->used += wanted - held;
	return true;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t wanted, size_t size)
{
	size_t total;
	void *moved;

	if (__builtin_mul_overflow(wanted, size, &total) || total > SIZE_MAX / 2)
		return NULL;
	if (!items)
		return arena_alloc(arena, total);
	if (wanted <= count || tail_stretch(arena, items, count * size, total))
		return items;
	moved = arena_alloc(arena, total);
	if (moved && count > 0)
		memcpy(moved, items, count * size);
	return moved;
}

void arena_erase(const struct arena *arena)
{
	for (struct arena_block *block = arena->blocks; block; block = block->next)
		explicit_bzero(block->bytes, block->used);
}

void arena_cleanup(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *block = arena->blocks;

		arena->blocks = block->next;
		reserve_give(block);
	}
	arena->used = 0;
	arena->held = 0;
}

void arena_leave(struct arena *arena)
{
#ifdef ORLOP_RESERVE
	*arena = ARENA_INIT;
#else
	arena_cleanup(arena);
#endif
}
