/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reserve as the program has it, below arenas and text buffers too: these definitions take the place of the library's.
 */
#define ORLOP_RESERVE
#include "libbase/reserve.h"

/* A compiler that sees what becomes of them warns of what the tests do. */
void *reserve_take(size_t size) __attribute__((noinline));
void *reserve_grow(void *bytes, size_t old, size_t size) __attribute__((noinline));
void reserve_give(void *bytes) __attribute__((noinline));

#include "libbase/reserve.c"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/arena.h"
#include "libbase/text.h"

#define SLOTS  48
#define ROUNDS 20000

struct slot {
	unsigned char *bytes;
	size_t size;
	unsigned char mark;
};

static bool is_all(const unsigned char *bytes, size_t size, unsigned char mark)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != mark)
			return false;
	return true;
}

static size_t next_size(uint64_t *seed)
{
	static const size_t most[] = { 40, 300, 5000, 70000, 300000 };

	*seed = *seed * UINT64_C(6364136223846793005) + 1;
	return (size_t)(*seed >> 33) % most[(*seed >> 20) % 5];
}

static void slot_step(struct slot *slot, uint64_t *seed)
{
	const size_t size = next_size(seed), kept = size < slot->size ? size : slot->size;
	unsigned char *grown;

	CHECK(is_all(slot->bytes, slot->size, slot->mark));
	if (slot->bytes && (*seed >> 41 & 1)) {
		grown = reserve_grow(slot->bytes, slot->size, size);
		CHECK(grown && is_all(grown, kept, slot->mark));
	} else {
		reserve_give(slot->bytes);
		grown = reserve_take(size);
		CHECK(grown && is_all(grown, size, 0));
	}
	CHECK_INT((uintptr_t)grown % alignof(max_align_t), 0);
	*slot = (struct slot){ grown, size, (unsigned char)(*seed >> 50 | 1) };
	memset(grown, slot->mark, size);
}

TEST(nobody_gets_the_bytes_of_another_in_any_order)
{
	struct slot slots[SLOTS] = { 0 };
	uint64_t seed = 1;

	for (size_t i = 0; i < ROUNDS; i++)
		slot_step(&slots[(seed >> 57) % SLOTS], &seed);
	for (size_t i = 0; i < SLOTS; i++) {
		CHECK(is_all(slots[i].bytes, slots[i].size, slots[i].mark));
		reserve_give(slots[i].bytes);
	}
	CHECK_INT(reserve.used, 0);
	CHECK(!reserve.newest);
}

TEST(what_is_given_back_is_used_again_and_zero)
{
	unsigned char *one = reserve_take(1000), *other = reserve_take(1000), *again;

	memset(one, 1, 1000);
	memset(other, 1, 1000);
	reserve_give(one);
	CHECK(reserve_take(8) > (void *)other);
	reserve_give(reserve.newest->bytes);
	reserve_give(other);
	again = reserve_take(3000);
	CHECK(again == one && is_all(again, 3000, 0));
	reserve_give(again);
	reserve_give(NULL);
	CHECK_INT(reserve.used, 0);
}

TEST(the_newest_grows_in_place)
{
	char *text = reserve_take(10), *other, *moved;

	memcpy(text, "grown", 6);
	CHECK(reserve_grow(text, 10, 5000) == text);
	other = reserve_take(1);
	CHECK(other > text + 4999);
	moved = reserve_grow(other, 1, RESERVE_BYTES);
	CHECK(moved && !is_ours(moved));
	reserve_give(moved);
	CHECK_TEXT(text, "grown");
	CHECK(reserve_grow(text, 5000, 10) == text);
	reserve_give(text);
	CHECK_INT(reserve.used, 0);
}

TEST(what_does_not_fit_comes_from_elsewhere)
{
	char *whole = reserve_take(RESERVE_BYTES - sizeof(struct piece) - alignof(max_align_t)),
	     *more = reserve_take(1);
	char *large = reserve_take(RESERVE_BYTES);

	CHECK(whole && is_ours(whole) && more && !is_ours(more) && large && !is_ours(large));
	more[0] = 'x';
	reserve_give(whole);
	more = reserve_grow(more, 1, 100000);
	CHECK(more && more[0] == 'x' && !is_ours(more));
	reserve_give(more);
	reserve_give(large);
	for (size_t less = 0; less < 64; less++)
		CHECK_INT(piece_size(SIZE_MAX - less), 0);
	CHECK_INT(reserve.used, 0);
}

TEST(arenas_and_texts_live_in_it)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;

	for (int i = 0; i < 3000; i++) {
		text_append_format(&text, "%d ", i % 10);
		CHECK(arena_string(&arena, "something"));
	}
	CHECK(!text.failed);
	CHECK_INT(text.length, 6000);
	CHECK(text_starts(text.bytes, "0 1 2 3 ") && text_ends(text.bytes, " 7 8 9 "));
	CHECK(is_ours(text.bytes) && is_ours(arena.blocks));
	text_buffer_cleanup(&text);
	arena_cleanup(&arena);
	CHECK_INT(reserve.used, 0);
}

/* Does a process that does this end by a signal? */
static bool is_fatal(void (*does)(void))
{
	const struct rlimit no_core = { 0 };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		for (int number = 1; number < 32; number++)
			(void)signal(number, SIG_DFL);
		does();
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
}

static void give_twice(void)
{
	void *below = reserve_take(8);
	void *above = reserve_take(8);

	reserve_give(below);
	reserve_give(below);
	reserve_give(above);
}

static void give_popped(void)
{
	void *bytes = reserve_take(8);

	reserve_give(bytes);
	reserve_give(bytes);
}

static void nothing_wrong(void)
{
	reserve_give(reserve_take(8));
}

TEST(giving_twice_ends_the_process)
{
	CHECK(is_fatal(give_twice));
	CHECK(is_fatal(give_popped));
	CHECK(!is_fatal(nothing_wrong));
}
