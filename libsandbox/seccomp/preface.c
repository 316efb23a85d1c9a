/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One block of instructions for each set of calls, the native one first. A block that is not for this call is skipped; one that has no answer
 * jumps behind the last.
 */
#include "libsandbox/seccomp/preface.h"

#include <errno.h>
#include <linux/seccomp.h>

#define RET_ENOSYS (SECCOMP_RET_ERRNO | ENOSYS)

/* Jumps to places that are not known yet: to the end of the block (conditional: at most 255 ahead), to the end of everything. */
#define TO_BLOCK_END 0xff

struct writer {
	struct sock_filter *to;
	size_t count;
};

static void put(struct writer *writer, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	writer->to[writer->count++] = (struct sock_filter){ code, if_true, if_false, k };
}

static void put_load(struct writer *writer, size_t offset)
{
	put(writer, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void put_return(struct writer *writer, uint32_t action)
{
	put(writer, BPF_RET | BPF_K, action, 0, 0);
}

static void put_rules(struct writer *writer, const struct preface *preface, uint32_t first)
{
	uint32_t lowest = UINT32_MAX;

	for (size_t i = 0; i < preface->rule_count; i++) {
		if (preface->rules[i].number < lowest)
			lowest = preface->rules[i].number;
	}
	if (preface->rule_count > 0)
		put(writer, BPF_JMP | BPF_JGE | BPF_K, first + lowest, 0, (uint8_t)(2 * preface->rule_count));
	for (size_t i = 0; i < preface->rule_count; i++) {
		put(writer, BPF_JMP | BPF_JEQ | BPF_K, first + preface->rules[i].number, 0, 1);
		put_return(writer, preface->rules[i].action);
	}
}

/* The jumps out of the block, to where the next one begins. */
static void block_end(struct writer *writer, size_t begin)
{
	for (size_t i = begin; i < writer->count; i++) {
		struct sock_filter *jump = &writer->to[i];

		if (BPF_CLASS(jump->code) != BPF_JMP || BPF_OP(jump->code) == BPF_JA)
			continue;
		if (jump->jt == TO_BLOCK_END)
			jump->jt = (uint8_t)(writer->count - i - 1);
		if (jump->jf == TO_BLOCK_END)
			jump->jf = (uint8_t)(writer->count - i - 1);
	}
}

static void put_block(struct writer *writer, const struct preface *preface, const struct preface_abi *at)
{
	_Static_assert(12 + 2 * PREFACE_RULES_MAX < TO_BLOCK_END, "a block is short enough to jump over");
	size_t begin = writer->count;

	put_load(writer, offsetof(struct seccomp_data, arch));
	put(writer, BPF_JMP | BPF_JEQ | BPF_K, at->abi.audit, 0, TO_BLOCK_END);
	put_load(writer, offsetof(struct seccomp_data, nr));
	if (at->abi.first > 0)
		put(writer, BPF_JMP | BPF_JGE | BPF_K, at->abi.first, 0, TO_BLOCK_END);
	if (at->abi.end > 0)
		put(writer, BPF_JMP | BPF_JGE | BPF_K, at->abi.end, TO_BLOCK_END, 0);
	put_rules(writer, preface, at->abi.first);
	if (preface->enosys && at->last > 0) {
		if (at->abi.unknown_is_0) {
			put(writer, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
			put_return(writer, RET_ENOSYS);
		}
		put(writer, BPF_JMP | BPF_JGT | BPF_K, at->last, 0, 1);
		put_return(writer, RET_ENOSYS);
	}
	put(writer, BPF_JMP | BPF_JA, 0, 0, 0);
	block_end(writer, begin);
}

size_t preface_write(const struct preface *preface, struct sock_filter *to)
{
	struct writer writer = { .to = to };

	for (size_t i = 0; i < preface->abi_count; i++) {
		if (preface->rule_count > 0 || (preface->enosys && preface->abis[i].last > 0))
			put_block(&writer, preface, &preface->abis[i]);
	}
	for (size_t i = 0; i < writer.count; i++) {
		if (to[i].code == (BPF_JMP | BPF_JA))
			to[i].k = (uint32_t)(writer.count - i - 1);
	}
	return writer.count;
}
