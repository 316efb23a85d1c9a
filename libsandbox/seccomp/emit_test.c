/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions from ranges and rules made by hand: far jumps, many architectures, the kernel's limit. */
#include "libsandbox/seccomp/emit.h"

#include <errno.h>

#include "libbase/cleanup.h"
#include "libsandbox/seccomp/machine_fixture.h"

#define OTHER SECCOMP_RET_KILL_THREAD
#define USUAL (SECCOMP_RET_ERRNO | 1)
#define MAX   4096

static struct sock_filter instructions[MAX];

static struct sock_fprog program_of(const struct emit_block *blocks, size_t count)
{
	ssize_t length = emit_program(blocks, count, OTHER, instructions, MAX);

	CHECK(length > 0);
	return (struct sock_fprog){ (unsigned short)length, instructions };
}

TEST(a_call_finds_its_range)
{
	static struct emit_range ranges[1000];

	/* Every count of ranges up to 1000 has a tree of its own shape, from 130 ranges on with jumps that do not reach. */
	for (size_t count = 1; count <= ARRAY_SIZE(ranges); count += count < 20 ? 1 : 97) {
		struct emit_block block = { 7, ranges, count };
		struct sock_fprog program;

		for (size_t i = 0; i < count; i++)
			ranges[i] = (struct emit_range){ .from = (uint32_t)(10 * i),
							 .action = SECCOMP_RET_TRACE | (uint32_t)i };
		program = program_of(&block, 1);
		for (size_t i = 0; i < count; i++) {
			CHECK_INT(machine_ask(&program, 7, (uint32_t)(10 * i), NULL), ranges[i].action);
			CHECK_INT(machine_ask(&program, 7, (uint32_t)(10 * i + 9), NULL),
				  i + 1 < count ? ranges[i].action : ranges[count - 1].action);
		}
		CHECK_INT(machine_ask(&program, 7, UINT32_MAX, NULL), ranges[count - 1].action);
		CHECK_INT(machine_ask(&program, 8, 0, NULL), OTHER);
	}
}

TEST(an_architecture_finds_its_block)
{
	static struct emit_range ranges[3][300];
	struct emit_block blocks[3];
	static const size_t counts[] = { 2, 300, 128 };
	struct sock_fprog program;

	for (size_t b = 0; b < ARRAY_SIZE(blocks); b++) {
		for (size_t i = 0; i < counts[b]; i++)
			ranges[b][i] = (struct emit_range){ .from = (uint32_t)i,
							    .action = SECCOMP_RET_TRACE | (uint32_t)(1000 * b + i) };
		blocks[b] = (struct emit_block){ (uint32_t)(100 + b), ranges[b], counts[b] };
	}
	program = program_of(blocks, ARRAY_SIZE(blocks));
	for (size_t b = 0; b < ARRAY_SIZE(blocks); b++) {
		for (size_t i = 0; i < counts[b]; i++)
			CHECK_INT(machine_ask(&program, (uint32_t)(100 + b), (uint32_t)i, NULL),
				  SECCOMP_RET_TRACE | (1000 * b + i));
	}
	CHECK_INT(machine_ask(&program, 99, 0, NULL), OTHER);
	CHECK_INT(machine_ask(&program, 103, 0, NULL), OTHER);
}

/* Three hundred rules for one number, with others before and behind it. */
TEST(the_first_rule_that_holds_counts)
{
	static struct spec_seccomp_arg args[300];
	static struct spec_seccomp_call calls[300];
	static struct emit_rule rules[300];
	struct emit_range ranges[] = {
		{ .from = 0, .action = SECCOMP_RET_ALLOW },
		{ .from = 50, .action = USUAL, .rules = rules, .rule_count = ARRAY_SIZE(rules) },
		{ .from = 51, .action = SECCOMP_RET_LOG },
		{ .from = 60, .action = USUAL },
	};
	struct emit_block block = { 7, ranges, ARRAY_SIZE(ranges) };
	struct sock_fprog program;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		/* Each holds up to its own value: the first is the narrowest. */
		args[i] = (struct spec_seccomp_arg){ .index = 3, .op = SECCOMP_LE, .value = 1000 * i };
		calls[i].args.items = &args[i];
		calls[i].args.count = 1;
		rules[i] = (struct emit_rule){ .number = 50,
					       .action = SECCOMP_RET_TRACE | (uint32_t)i,
					       .call = &calls[i] };
	}
	program = program_of(&block, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const uint64_t low[6] = { [3] = i > 0 ? 1000 * i - 999 : 0 }, high[6] = { [3] = 1000 * i };

		CHECK_INT(machine_ask(&program, 7, 50, low), rules[i].action);
		CHECK_INT(machine_ask(&program, 7, 50, high), rules[i].action);
	}
	const uint64_t beyond[6] = { [3] = 299001 };

	CHECK_INT(machine_ask(&program, 7, 50, beyond), USUAL);
	CHECK_INT(machine_ask(&program, 7, 49, beyond), SECCOMP_RET_ALLOW);
	CHECK_INT(machine_ask(&program, 7, 51, beyond), SECCOMP_RET_LOG);
	CHECK_INT(machine_ask(&program, 7, 60, beyond), USUAL);
}

TEST(the_longest_rule_is_whole)
{
	struct spec_seccomp_arg args[6];
	struct spec_seccomp_call call = { .args = { args, 6 } };
	struct emit_rule rule = { .number = 0, .action = SECCOMP_RET_ALLOW, .call = &call };
	struct emit_range range = { .action = USUAL, .rules = &rule, .rule_count = 1 };
	struct emit_block block = { 7, &range, 1 };
	struct sock_fprog program;
	uint64_t values[6];

	for (uint32_t i = 0; i < 6; i++) {
		args[i] = (struct spec_seccomp_arg){ i, UINT64_C(0xff00000000ff) << i, UINT64_C(0xff0000000055) << i,
						     SECCOMP_MASKED_EQ };
		values[i] = args[i].value_two;
	}
	program = program_of(&block, 1);
	CHECK_INT(machine_ask(&program, 7, 0, values), SECCOMP_RET_ALLOW);
	for (uint32_t i = 0; i < 6; i++) {
		for (uint64_t bit = 1; bit; bit <<= 1) {
			values[i] ^= bit;
			CHECK_INT(machine_ask(&program, 7, 0, values), args[i].value & bit ? USUAL : SECCOMP_RET_ALLOW);
			values[i] ^= bit;
		}
	}
}

TEST(narrow_arguments_have_no_upper_half)
{
	struct spec_seccomp_arg arg = { .index = 0, .op = SECCOMP_EQ, .value = UINT64_MAX };
	struct spec_seccomp_call call = { .args = { &arg, 1 } };
	struct emit_rule rule = { .number = 0, .action = SECCOMP_RET_ALLOW, .call = &call };
	struct emit_range range = { .action = USUAL, .rules = &rule, .rule_count = 1, .narrow = true };
	struct emit_block block = { 7, &range, 1 };
	const uint64_t minus_1[6] = { 0xffffffff }, zero[6] = { 0 };
	struct sock_fprog program = program_of(&block, 1);

	CHECK_INT(machine_ask(&program, 7, 0, minus_1), SECCOMP_RET_ALLOW);
	CHECK_INT(machine_ask(&program, 7, 0, zero), USUAL);
	range.narrow = false;
	program = program_of(&block, 1);
	CHECK_INT(machine_ask(&program, 7, 0, minus_1), USUAL);
}

TEST(a_rule_behind_a_shared_number_asks_for_its_call_first)
{
	struct spec_seccomp_arg args[] = { { .index = 0, .op = SECCOMP_EQ, .value = 40 },
					   { .index = 2, .op = SECCOMP_GT, .value = 8 } };
	struct spec_seccomp_call call = { .args = { args, 2 } };
	struct emit_rule rule = { .number = 102, .action = SECCOMP_RET_ALLOW, .call = &call, .sub = 3 };
	struct emit_range range = { .action = USUAL, .rules = &rule, .rule_count = 1, .narrow = true };
	struct emit_block block = { 7, &range, 1 };
	struct sock_fprog program = program_of(&block, 1);

	CHECK_INT(machine_ask(&program, 7, 102, (const uint64_t[6]){ 3, 0, 9 }), SECCOMP_RET_ALLOW);
	CHECK_INT(machine_ask(&program, 7, 102, (const uint64_t[6]){ 3, 0, 8 }), USUAL);
	CHECK_INT(machine_ask(&program, 7, 102, (const uint64_t[6]){ 4, 0, 9 }), USUAL);
	CHECK_INT(machine_ask(&program, 7, 102, (const uint64_t[6]){ 40, 0, 9 }), USUAL);
}

TEST(too_many_instructions_are_not_written)
{
	static struct emit_range ranges[MAX];
	struct emit_block block = { 7, ranges, 0 };

	for (size_t i = 0; i < MAX; i++)
		ranges[i] = (struct emit_range){ .from = (uint32_t)i, .action = (uint32_t)(SECCOMP_RET_TRACE | i) };
	for (size_t count = 1; count <= MAX; count += 63) {
		static struct sock_filter guarded[MAX + 2];
		ssize_t length;

		block.range_count = count;
		guarded[MAX] = guarded[MAX + 1] = (struct sock_filter){ 0x1234, 0, 0, 0 };
		length = emit_program(&block, 1, OTHER, guarded, MAX);
		CHECK(count < 1900 ? length > 0 : count < 2100 || length == -E2BIG);
		CHECK(guarded[MAX].code == 0x1234 && guarded[MAX + 1].code == 0x1234);
	}
	CHECK_INT(emit_program(&block, 1, OTHER, instructions, 0), -E2BIG);
	CHECK_INT(emit_program(&block, 1, OTHER, instructions, 3), -E2BIG);
}
