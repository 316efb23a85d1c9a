/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions. See emit.h. Jumps only go forward; conditional ones reach 255 instructions. */
#include "libsandbox/seccomp/emit.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#define ARGUMENTS_MAX 6
#define REACH         255

/* Targets that are not known yet: behind the condition, behind the rule. No jump that is known goes that far in a rule. */
#define PASS 254
#define FAIL 255

struct writer {
	struct sock_filter *to;
	size_t count;
	size_t max;
	bool full;
};

static void put(struct writer *writer, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	if (writer->count == writer->max)
		writer->full = true;
	else
		writer->to[writer->count++] = (struct sock_filter){ code, if_true, if_false, k };
}

static void put_load(struct writer *writer, size_t offset)
{
	put(writer, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void put_jump(struct writer *writer, uint16_t operation, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	put(writer, (uint16_t)(BPF_JMP | operation | BPF_K), k, if_true, if_false);
}

static void put_return(struct writer *writer, uint32_t action)
{
	put(writer, BPF_RET | BPF_K, action, 0, 0);
}

/* The conditional jump at `at` goes to where the next instruction will be. If that is too far it gets an unconditional one behind it, and what
 * was written in between moves: its own jumps stay within it. */
static void jump_here(struct writer *writer, size_t at, bool if_true)
{
	size_t distance = writer->count - at - 1;
	struct sock_filter *jump = &writer->to[at];

	if (writer->full)
		return;
	if (distance <= REACH) {
		*(if_true ? &jump->jt : &jump->jf) = (uint8_t)distance;
		return;
	}
	put(writer, BPF_JMP | BPF_JA, 0, 0, 0);
	if (writer->full)
		return;
	memmove(jump + 2, jump + 1, distance * sizeof(*jump));
	jump[1] = (struct sock_filter){ BPF_JMP | BPF_JA, 0, 0, (uint32_t)distance };
	*(if_true ? &jump->jf : &jump->jt) = 1;
}

/* -- conditions ------------------------------------------------------------------------------------------------------------------------ */

static void put_argument(struct writer *writer, uint32_t index, bool high)
{
	bool second = high == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

	put_load(writer, offsetof(struct seccomp_data, args) + index * sizeof(uint64_t) + (second ? 4 : 0));
}

static void put_equal(struct writer *writer, const struct spec_seccomp_arg *arg, bool high)
{
	uint64_t mask = arg->op == SECCOMP_MASKED_EQ ? arg->value : UINT64_MAX;
	uint64_t value = arg->op == SECCOMP_MASKED_EQ ? arg->value_two & mask : arg->value;
	unsigned int shift = high ? 32 : 0;

	put_argument(writer, arg->index, high);
	if ((uint32_t)(mask >> shift) != UINT32_MAX)
		put(writer, BPF_ALU | BPF_AND | BPF_K, (uint32_t)(mask >> shift), 0, 0);
	if (arg->op != SECCOMP_NE)
		put_jump(writer, BPF_JEQ, (uint32_t)(value >> shift), 0, FAIL);
	else if (high)
		put_jump(writer, BPF_JEQ, (uint32_t)(value >> shift), 0, PASS);
	else
		put_jump(writer, BPF_JEQ, (uint32_t)value, FAIL, 0);
}

static void put_order(struct writer *writer, const struct spec_seccomp_arg *arg, bool narrow)
{
	bool less = arg->op == SECCOMP_LT || arg->op == SECCOMP_LE;
	uint8_t above = less ? FAIL : PASS, below = less ? PASS : FAIL;
	uint32_t high = (uint32_t)(arg->value >> 32);

	if (!narrow) {
		put_argument(writer, arg->index, true);
		put_jump(writer, BPF_JGT, high, above, 0);
		put_jump(writer, BPF_JEQ, high, 0, below);
	}
	put_argument(writer, arg->index, false);
	put_jump(writer, arg->op == SECCOMP_GT || arg->op == SECCOMP_LE ? BPF_JGT : BPF_JGE, (uint32_t)arg->value,
		 above, below);
}

static void resolve(struct writer *writer, size_t begin, uint8_t target)
{
	for (size_t i = begin; i < writer->count; i++) {
		struct sock_filter *jump = &writer->to[i];

		if (BPF_CLASS(jump->code) != BPF_JMP)
			continue;
		if (jump->jt == target)
			jump->jt = (uint8_t)(writer->count - i - 1);
		if (jump->jf == target)
			jump->jf = (uint8_t)(writer->count - i - 1);
	}
}

static void put_condition(struct writer *writer, const struct spec_seccomp_arg *arg, bool narrow)
{
	size_t begin = writer->count;

	if (arg->op == SECCOMP_EQ || arg->op == SECCOMP_NE || arg->op == SECCOMP_MASKED_EQ) {
		if (!narrow)
			put_equal(writer, arg, true);
		put_equal(writer, arg, false);
	} else {
		put_order(writer, arg, narrow);
	}
	resolve(writer, begin, PASS);
}

/* `count` conditions of the call from `first` on. Arguments of a call behind a number with others are not at hand, but for the first, which tells
 * it from them. */
static void put_conditions(struct writer *writer, const struct emit_rule *rule, size_t first, size_t count, bool narrow)
{
	const struct spec_seccomp_arg sub = { .op = SECCOMP_EQ, .value = rule->sub };
	size_t begin = writer->count;

	if (rule->sub > 0)
		put_condition(writer, &sub, narrow);
	for (size_t i = first; i < first + count; i++) {
		if (rule->sub == 0 || rule->call->args.items[i].index != 0)
			put_condition(writer, &rule->call->args.items[i], narrow);
	}
	put_return(writer, rule->action);
	resolve(writer, begin, FAIL);
}

bool emit_alternatives(const struct spec_seccomp_call *call)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < call->args.count; i++) {
		unsigned int bit = 1U << call->args.items[i].index;

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

static void put_rule(struct writer *writer, const struct emit_rule *rule, bool narrow)
{
	_Static_assert((ARGUMENTS_MAX + 1) * 6 + 1 < PASS, "a rule is short enough to jump over");
	if (!emit_alternatives(rule->call)) {
		put_conditions(writer, rule, 0, rule->call->args.count, narrow);
		return;
	}
	for (size_t i = 0; i < rule->call->args.count; i++)
		put_conditions(writer, rule, i, 1, narrow);
}

/* -- numbers --------------------------------------------------------------------------------------------------------------------------- */

static void put_ranges(struct writer *writer, const struct emit_range *ranges, size_t count)
{
	size_t half = count / 2, at = writer->count;

	if (count > 1) {
		put_jump(writer, BPF_JGE, ranges[half].from, 0, 0);
		put_ranges(writer, ranges, half);
		jump_here(writer, at, true);
		put_ranges(writer, ranges + half, count - half);
		return;
	}
	for (size_t i = 0; i < ranges->rule_count; i++)
		put_rule(writer, &ranges->rules[i], ranges->narrow);
	put_return(writer, ranges->action);
}

ssize_t emit_program(const struct emit_block *blocks, size_t count, uint32_t other, struct sock_filter *to, size_t max)
{
	struct writer writer = { .to = to, .max = max };

	put_load(&writer, offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < count; i++) {
		size_t at = writer.count;

		put_jump(&writer, BPF_JEQ, blocks[i].audit, 0, 0);
		put_load(&writer, offsetof(struct seccomp_data, nr));
		put_ranges(&writer, blocks[i].ranges, blocks[i].range_count);
		jump_here(&writer, at, false);
	}
	put_return(&writer, other);
	return writer.full ? -E2BIG : (ssize_t)writer.count;
}
