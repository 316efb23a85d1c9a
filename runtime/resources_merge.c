/* SPDX-License-Identifier: Apache-2.0 */
/* A change laid over recorded resources. See resources_merge.h. */
#include "runtime/resources_merge.h"

#include <errno.h>
#include <string.h>

#include "libbase/text.h"

static const struct spec_memory no_memory;
static const struct spec_cpu no_cpu;
static const struct spec_block_io no_block_io;

/* -- lists ------------------------------------------------------------------------------------------------------------------- */

struct list {
	const void *items;
	size_t count;
};

typedef bool (*same_item)(const void *left, const void *right);

static bool same_weight_device(const void *left, const void *right)
{
	const struct spec_weight_device *a = left, *b = right;

	return a->major == b->major && a->minor == b->minor;
}

static bool same_throttle_device(const void *left, const void *right)
{
	const struct spec_throttle_device *a = left, *b = right;

	return a->major == b->major && a->minor == b->minor;
}

static bool same_page_size(const void *left, const void *right)
{
	const struct spec_hugepage_limit *a = left, *b = right;

	return text_equal(a->page_size, b->page_size);
}

static bool same_rdma(const void *left, const void *right)
{
	const struct spec_rdma *a = left, *b = right;

	return text_equal(a->key, b->key);
}

static bool same_pair(const void *left, const void *right)
{
	const struct spec_pair *a = left, *b = right;

	return text_equal(a->key, b->key);
}

/* The old list with the items of `change` in place of their likes, or behind it. */
static int list_merge(struct list old, struct list change, size_t size, same_item same, struct arena *arena,
		      struct list *ret)
{
	unsigned char *items;
	size_t count = old.count;

	*ret = old;
	if (change.count == 0)
		return 0;
	items = arena_calloc(arena, old.count + change.count, size);
	if (!items)
		return -ENOMEM;
	if (old.count > 0)
		memcpy(items, old.items, old.count * size);
	for (size_t i = 0; i < change.count; i++) {
		const unsigned char *item = (const unsigned char *)change.items + i * size;
		size_t at = 0;

		while (at < count && !same(items + at * size, item))
			at++;
		memcpy(items + at * size, item, size);
		if (at == count)
			count++;
	}
	*ret = (struct list){ items, count };
	return 0;
}

#define LIST_MERGE(to, old, change, same, arena)                                                                       \
	__extension__({                                                                                                \
		struct list merged_list;                                                                               \
		int merged = list_merge((struct list){ (old).items, (old).count },                                     \
					(struct list){ (change).items, (change).count }, sizeof(*(old).items), (same), \
					(arena), &merged_list);                                                        \
                                                                                                                       \
		(to).items = merged_list.items;                                                                        \
		(to).count = merged_list.count;                                                                        \
		merged;                                                                                                \
	})

/* -- one controller each ----------------------------------------------------------------------------------------------------- */

#define TAKE(to, change, member)                         \
	do {                                             \
		if ((change)->member.value)              \
			(to)->member = (change)->member; \
	} while (0)

#define TAKE_TEXT(to, change, member)                    \
	do {                                             \
		if (!text_is_empty((change)->member))    \
			(to)->member = (change)->member; \
	} while (0)

static void memory_merge(const struct spec_memory *old, const struct spec_memory *change, struct spec_memory *written,
			 struct spec_memory *whole)
{
	*whole = *old;
	*written = *change;
	TAKE(whole, change, limit);
	TAKE(whole, change, reservation);
	TAKE(whole, change, swap);
	if (change->check_before_update.set)
		whole->check_before_update = change->check_before_update;
	/* Who lifts the limit and is silent on swap means both: an old limit on swap would be one without a limit on memory. */
	if (change->limit.value == -1 && change->swap.value == 0)
		whole->swap = (struct opt_i64){ 0 };
	if (change->limit.value || change->swap.value) {
		written->limit = whole->limit;
		written->swap = whole->swap;
	}
	written->check_before_update = whole->check_before_update;
}

static void cpu_merge(const struct spec_cpu *old, const struct spec_cpu *change, struct spec_cpu *written,
		      struct spec_cpu *whole)
{
	*whole = *old;
	*written = *change;
	TAKE(whole, change, shares);
	TAKE(whole, change, quota);
	TAKE(whole, change, period);
	TAKE(whole, change, realtime_runtime);
	TAKE(whole, change, realtime_period);
	TAKE_TEXT(whole, change, cpus);
	TAKE_TEXT(whole, change, mems);
	if (change->burst.set)
		whole->burst = change->burst;
	if (change->idle.set)
		whole->idle = change->idle;
	/* An idle group has no weight, and has the default one when it is idle no more. */
	if (change->idle.value == 1 && change->shares.value == 0)
		whole->shares = (struct opt_u64){ 0 };
	if (change->quota.value || change->period.value) {
		written->quota = whole->quota;
		written->period = whole->period;
	}
	if (change->shares.value)
		written->idle = whole->idle;
}

static int block_io_merge(const struct spec_block_io *old, const struct spec_block_io *change, struct arena *arena,
			  struct spec_block_io *whole)
{
	int r;

	*whole = *old;
	TAKE(whole, change, weight);
	TAKE(whole, change, leaf_weight);
	r = LIST_MERGE(whole->weight_device, old->weight_device, change->weight_device, same_weight_device, arena);
	if (r == 0)
		r = LIST_MERGE(whole->throttle_read_bps, old->throttle_read_bps, change->throttle_read_bps,
			       same_throttle_device, arena);
	if (r == 0)
		r = LIST_MERGE(whole->throttle_write_bps, old->throttle_write_bps, change->throttle_write_bps,
			       same_throttle_device, arena);
	if (r == 0)
		r = LIST_MERGE(whole->throttle_read_iops, old->throttle_read_iops, change->throttle_read_iops,
			       same_throttle_device, arena);
	if (r == 0)
		r = LIST_MERGE(whole->throttle_write_iops, old->throttle_write_iops, change->throttle_write_iops,
			       same_throttle_device, arena);
	return r;
}

/* -- the whole --------------------------------------------------------------------------------------------------------------- */

static int pairs_merge(const struct spec_resources *recorded, const struct spec_resources *change, struct arena *arena,
		       struct resources_merge *ret)
{
	struct spec_memory *memory = arena_calloc(arena, 2, sizeof(*memory));
	struct spec_cpu *cpu = arena_calloc(arena, 2, sizeof(*cpu));
	struct spec_block_io *block_io = arena_new(arena, struct spec_block_io);

	if (!memory || !cpu || !block_io)
		return -ENOMEM;
	if (change->memory) {
		memory_merge(recorded->memory ? recorded->memory : &no_memory, change->memory, &memory[0], &memory[1]);
		ret->written.memory = &memory[0];
		ret->whole.memory = &memory[1];
	}
	if (change->cpu) {
		cpu_merge(recorded->cpu ? recorded->cpu : &no_cpu, change->cpu, &cpu[0], &cpu[1]);
		ret->written.cpu = &cpu[0];
		ret->whole.cpu = &cpu[1];
	}
	if (!change->block_io)
		return 0;
	ret->whole.block_io = block_io;
	return block_io_merge(recorded->block_io ? recorded->block_io : &no_block_io, change->block_io, arena,
			      block_io);
}

int resources_merge(const struct spec_resources *recorded, const struct spec_resources *change, struct arena *arena,
		    struct resources_merge *ret)
{
	struct resources_merge merge = { .written = *change, .whole = *recorded };
	int r = pairs_merge(recorded, change, arena, &merge);

	memset(&merge.written.devices, 0, sizeof(merge.written.devices));
	if (change->pids && change->pids->limit.set)
		merge.whole.pids = change->pids;
	if (change->network)
		merge.whole.network = change->network;
	if (r == 0)
		r = LIST_MERGE(merge.whole.hugepage_limits, recorded->hugepage_limits, change->hugepage_limits,
			       same_page_size, arena);
	if (r == 0)
		r = LIST_MERGE(merge.whole.rdma, recorded->rdma, change->rdma, same_rdma, arena);
	if (r == 0)
		r = LIST_MERGE(merge.whole.unified, recorded->unified, change->unified, same_pair, arena);
	if (r == 0)
		*ret = merge;
	return r;
}

static bool is_in(const char *file, const char *const *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(file, files[i]))
			return true;
	}
	return false;
}

static bool pairs_have(const struct spec_pairs *pairs, const char *key)
{
	for (size_t i = 0; i < pairs->count; i++) {
		if (text_equal(pairs->items[i].key, key))
			return true;
	}
	return false;
}

int resources_merge_reveal(struct resources_merge *merge, const char *const *files, size_t count, struct arena *arena)
{
	const struct spec_pairs *old = &merge->whole.unified;
	struct spec_pair *kept = arena_calloc(arena, old->count, sizeof(*kept));
	size_t kept_count = 0;

	if (!kept)
		return -ENOMEM;
	for (size_t i = 0; i < old->count; i++) {
		const struct spec_pair *pair = &old->items[i];

		if (pairs_have(&merge->written.unified, pair->key) || !is_in(pair->key, files, count))
			kept[kept_count++] = *pair;
	}
	merge->whole.unified = (struct spec_pairs){ .items = kept, .count = kept_count };
	return 0;
}
