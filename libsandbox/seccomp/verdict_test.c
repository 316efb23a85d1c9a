/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts on programs written by hand, and on one that the tests' other machine runs as well. */
#include "libsandbox/seccomp/verdict.h"

#include "libbase/cleanup.h"
#include "libbase/kernel.h"
#include "libsandbox/seccomp/machine_fixture.h"
#include "libsandbox/seccomp/names.h"

#define OFFSET(member) ((uint32_t)offsetof(struct seccomp_data, member))

static bool passes(struct sock_filter *instructions, size_t count, const struct seccomp_call *call)
{
	const struct seccomp_program program = { .filter = { (unsigned short)count, instructions } };

	return seccomp_passes(&program, call, 1);
}

TEST(only_allow_and_log_let_pass)
{
	static const struct {
		uint32_t action;
		bool passes;
	} rows[] = {
		{ SECCOMP_RET_ALLOW, true },        { SECCOMP_RET_LOG, true },
		{ SECCOMP_RET_ERRNO | 38, false },  { SECCOMP_RET_USER_NOTIF, false },
		{ SECCOMP_RET_TRACE | 1, false },   { SECCOMP_RET_TRAP, false },
		{ SECCOMP_RET_KILL_THREAD, false }, { SECCOMP_RET_KILL_PROCESS, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sock_filter program[] = { BPF_STMT(BPF_RET | BPF_K, rows[i].action) };

		CHECK_INT(passes(program, 1, &(struct seccomp_call){ .number = SYS_clone }), rows[i].passes);
	}
}

/* A call with bit 0x100 in its first argument, on this architecture: is denied. */
TEST(architecture_number_and_arguments_count)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFFSET(arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_abi_native().audit, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFFSET(nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFFSET(args[0])),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf00),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x100, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
	};
	static const struct seccomp_call calls[] = {
		{ .number = SYS_clone, .args = { 0x011 } },
		{ .number = SYS_setsid, .args = { 0x100 } },
		{ .number = SYS_clone, .args = { 0x1ff } },
	};
	const struct seccomp_program whole = { .filter = { ARRAY_SIZE(program), program } };

	CHECK(passes(program, ARRAY_SIZE(program), &calls[0]));
	CHECK(passes(program, ARRAY_SIZE(program), &calls[1]));
	CHECK(!passes(program, ARRAY_SIZE(program), &calls[2]));
	CHECK(seccomp_passes(&whole, calls, 2));
	CHECK(!seccomp_passes(&whole, calls, 3));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		uint32_t action = machine_ask(&whole.filter, seccomp_abi_native().audit, (uint32_t)calls[i].number,
					      calls[i].args);

		CHECK_INT(passes(program, ARRAY_SIZE(program), &calls[i]), action == SECCOMP_RET_ALLOW);
	}
}

TEST(nonsense_lets_nothing_pass)
{
	struct sock_filter no_end[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0) };
	struct sock_filter far[] = { BPF_JUMP(BPF_JMP | BPF_JA, 100, 0, 0),
				     BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_filter outside[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct seccomp_data)),
					 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_filter strange[] = { BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 1),
					 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	const struct seccomp_call call = { .number = SYS_clone };

	CHECK(!passes(no_end, 1, &call));
	CHECK(!passes(far, 2, &call));
	CHECK(!passes(outside, 2, &call));
	CHECK(!passes(strange, 2, &call));
}
