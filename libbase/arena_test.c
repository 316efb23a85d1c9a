/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks alignment, zeroes, limits and growth of arenas.
 */
#include "libbase/arena.h"

#include "conformance/unit/check.h"

#include <stdalign.h>

TEST(allocations_are_aligned_zeroed_and_apart)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *previous = NULL;

	for (size_t size = 0; size < 3000; size += 7) {
		char *bytes = arena_alloc(&arena, size);

		CHECK(bytes);
		CHECK(bytes != previous);
		CHECK_INT((uintptr_t)bytes % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			CHECK_INT(bytes[i], 0);
		memset(bytes, 0xee, size);
		previous = bytes;
	}
	CHECK(arena.used <= arena.held);
}

TEST(sizes_that_overflow_are_refused)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	char *item = arena_alloc(&arena, 8);

	CHECK(item);
	CHECK(!arena_alloc(&arena, SIZE_MAX));
	CHECK(!arena_alloc(&arena, SIZE_MAX - 8));
	CHECK(!arena_calloc(&arena, SIZE_MAX / 2, 3));
	CHECK(!arena_copy(&arena, item, SIZE_MAX));
	CHECK(!arena_grow(&arena, item, 1, SIZE_MAX / 4, 8));
	CHECK(!arena_grow(&arena, NULL, 0, SIZE_MAX / 8, 8));
}

TEST(limit_bounds_what_is_held)
{
	_cleanup_(arena_cleanup) struct arena arena = { .limit = 4096 };
	size_t count = 0;

	CHECK(!arena_alloc(&arena, 4096));
	while (arena_alloc(&arena, 16))
		count++;
	CHECK(arena.held <= arena.limit);
	CHECK(count >= 4096 / 16 / 2);
	CHECK(!arena_string(&arena, "one more"));
}

TEST(copies_are_text)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;

	CHECK_TEXT(arena_copy(&arena, "hello", 4), "hell");
	CHECK_TEXT(arena_copy(&arena, NULL, 0), "");
	CHECK_TEXT(arena_string(&arena, "hello"), "hello");
	CHECK(arena_string(&arena, NULL) == NULL);
	CHECK_TEXT(arena_printf(&arena, "%s-%d", "a", 7), "a-7");
	CHECK_INT(strlen(arena_printf(&arena, "%5000d", 1)), 5000);
	CHECK_TEXT(arena_chain(&arena, (const char *const[]){ "HOME=", "/", "a", NULL }), "HOME=/a");
	CHECK_TEXT(arena_chain(&arena, (const char *const[]){ "", NULL }), "");
	CHECK_TEXT(arena_chain(&arena, (const char *const[]){ NULL }), "");
}

TEST(grow_keeps_bytes_in_place_or_moved)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	int *items = arena_grow(&arena, NULL, 0, 4, sizeof(int)), *same, *moved;

	CHECK(items);
	for (int i = 0; i < 4; i++)
		items[i] = i + 1;
	same = arena_grow(&arena, items, 4, 16, sizeof(int));
	CHECK(same == items);
	CHECK(arena_grow(&arena, items, 16, 8, sizeof(int)) == items);
	CHECK(arena_alloc(&arena, 1));
	moved = arena_grow(&arena, items, 16, 1024, sizeof(int));
	CHECK(moved && moved != items);
	for (int i = 0; i < 1024; i++)
		CHECK_INT(moved[i], i < 4 ? i + 1 : 0);
}

TEST(grow_by_one_does_not_waste)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	uint64_t *items = NULL;

	for (size_t i = 0; i < 100000; i++) {
		items = arena_grow(&arena, items, i, i + 1, sizeof(*items));
		CHECK(items);
		items[i] = i;
	}
	for (size_t i = 0; i < 100000; i++)
		CHECK_INT(items[i], i);
	CHECK(arena.held < 8 * 100000 * sizeof(*items));
}

TEST(erased_bytes_are_gone)
{
	struct arena arena = ARENA_INIT;
	char *small = arena_string(&arena, "secret"), *large = arena_alloc(&arena, 100000);

	memset(large, 'x', 100000);
	arena_erase(&arena);
	CHECK_TEXT(small, "");
	for (size_t i = 0; i < 100000; i++)
		CHECK_INT(large[i], 0);
	arena_erase(&ARENA_INIT);
	arena_cleanup(&arena);
}

/* However it ends, nothing is left in it, and it works. */
static void expect_ended(void (*end)(struct arena *arena))
{
	struct arena arena = ARENA_INIT;

	CHECK(arena_alloc(&arena, 10));
	end(&arena);
	CHECK(!arena.blocks);
	CHECK_INT(arena.used, 0);
	CHECK_INT(arena.held, 0);
	CHECK(arena_alloc(&arena, 10));
	end(&arena);
}

TEST(cleanup_leaves_an_arena_that_works)
{
	expect_ended(arena_cleanup);
}

TEST(what_is_left_to_the_end_is_no_part_of_the_arena)
{
	expect_ended(arena_leave);
	arena_leave(&ARENA_INIT);
}
