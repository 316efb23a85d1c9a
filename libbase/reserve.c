/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stack of pieces: the newest is bumped and grows in place, and what is given back counts as free when nothing newer lies on it. Arenas are
 * made and cleaned up as calls nest, so that is nearly always at once.
 */
#include "libbase/reserve.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef ORLOP_RESERVE

/* What a common config takes is a tenth of it, and one with five hundred mounts most; pages that nobody writes to are no memory. */
#define RESERVE_BYTES ((size_t)1024 * 1024)

struct piece {
	size_t size; /* all of it, this header too */
	struct piece *older;
	bool given; /* back, but something newer lies on it */
	alignas(max_align_t) char bytes[];
};

/* The one other variable besides the log's that changes: it stands for the heap, which is one as well. */
static struct {
	alignas(max_align_t) char bytes[RESERVE_BYTES];
	size_t used;
	size_t dirty; /* behind it nobody has written anything */
	struct piece *newest;
} reserve;

/* 0: it does not fit. Never only the header, so that each piece has an address of its own within the reserve. */
static size_t piece_size(size_t size)
{
	const size_t mask = alignof(max_align_t) - 1;

	if (size > RESERVE_BYTES - sizeof(struct piece) - mask)
		return 0;
	return sizeof(struct piece) + (size == 0 ? mask + 1 : (size + mask) & ~mask);
}

static bool is_ours(const void *bytes)
{
	return (uintptr_t)bytes >= (uintptr_t)reserve.bytes &&
	       (uintptr_t)bytes < (uintptr_t)reserve.bytes + RESERVE_BYTES;
}

static struct piece *piece_of(void *bytes)
{
	struct piece *piece = (struct piece *)(void *)((char *)bytes - offsetof(struct piece, bytes));

	/* It was given back before, or is no piece at all. */
	if (piece->given || (char *)piece + piece->size > reserve.bytes + reserve.used)
		__builtin_trap();
	return piece;
}

/* The newest reaches up to here from now on. */
static void reach(size_t used)
{
	reserve.used = used;
	if (reserve.dirty < used)
		reserve.dirty = used;
}

void *reserve_take(size_t size)
{
	const size_t whole = piece_size(size), start = reserve.used;
	struct piece *piece;

	if (whole == 0 || whole > RESERVE_BYTES - start)
		return calloc(1, size);
	piece = (struct piece *)(void *)(reserve.bytes + start);
	if (reserve.dirty > start)
		memset(piece, 0, reserve.dirty - start < whole ? reserve.dirty - start : whole);
	piece->size = whole;
	piece->older = reserve.newest;
	reserve.newest = piece;
	reach(start + whole);
	return piece->bytes;
}

static bool newest_grow(struct piece *piece, size_t whole)
{
	const size_t start = (size_t)((char *)piece - reserve.bytes);

	if (piece != reserve.newest || whole == 0 || whole > RESERVE_BYTES - start)
		return false;
	piece->size = whole;
	reach(start + whole);
	return true;
}

void *reserve_grow(void *bytes, size_t old, size_t size)
{
	struct piece *piece;
	void *moved;

	/* A size of 0 would be as free(3) is. */
	if (bytes && !is_ours(bytes))
		return realloc(bytes, size ? size : 1);
	if (!bytes)
		return reserve_take(size);
	piece = piece_of(bytes);
	if (newest_grow(piece, piece_size(size)))
		return bytes;
	moved = reserve_take(size);
	if (!moved)
		return NULL;
	memcpy(moved, bytes, old < size ? old : size);
	reserve_give(bytes);
	return moved;
}

void reserve_give(void *bytes)
{
	if (!is_ours(bytes)) {
		free(bytes);
		return;
	}
	piece_of(bytes)->given = true;
	while (reserve.newest && reserve.newest->given) {
		reserve.used -= reserve.newest->size;
		reserve.newest = reserve.newest->older;
	}
}

#else

void *reserve_take(size_t size)
{
	return calloc(1, size);
}

void *reserve_grow(void *bytes, size_t old, size_t size)
{
	(void)old;
	return realloc(bytes, size ? size : 1);
}

void reserve_give(void *bytes)
{
	free(bytes);
}

#endif
