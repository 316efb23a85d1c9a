/* SPDX-License-Identifier: Apache-2.0 */
/* What goes before a filter, asked for every architecture that has its own way to count. */
#include "libsandbox/seccomp/preface.h"

#include <errno.h>
#include <linux/audit.h>

#include "libbase/cleanup.h"
#include "libsandbox/seccomp/calls.h"
#include "libsandbox/seccomp/machine_fixture.h"

#define ENOSYS_ANSWER (SECCOMP_RET_ERRNO | ENOSYS)
#define BEHIND        (SECCOMP_RET_ERRNO | 77) /* the filter behind the preface */

static struct sock_filter instructions[PREFACE_MAX + 1];

static struct sock_fprog program_make(const struct preface *preface)
{
	size_t count = preface_write(preface, instructions);

	CHECK(count <= PREFACE_MAX);
	instructions[count] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, BEHIND };
	return (struct sock_fprog){ (unsigned short)(count + 1), instructions };
}

static uint32_t ask(const struct preface *preface, uint32_t arch, uint32_t number)
{
	struct sock_fprog program = program_make(preface);

	return machine_ask(&program, arch, number, NULL);
}

TEST(nothing_to_say_is_no_instruction)
{
	static const struct preface mild = { .abis[0] = {.abi.audit = 5, .last = 10}, .abi_count = 1 };
	static const struct preface nameless = { .abis[0] = {.abi.audit = 5}, .abi_count = 1, .enosys = true };

	CHECK_INT(preface_write(&mild, instructions), 0);
	CHECK_INT(preface_write(&nameless, instructions), 0);
}

TEST(calls_after_the_last_get_enosys)
{
	static const struct preface preface = {
		.abis = {{ .abi = { .audit = AUDIT_ARCH_AARCH64 }, .last = 300 },
			 { .abi = { .audit = AUDIT_ARCH_ARM, .end = 0xf0000 }, .last = 400 }},
		.abi_count = 2,
		.enosys = true,
	};

	CHECK_INT(ask(&preface, AUDIT_ARCH_AARCH64, 0), BEHIND);
	CHECK_INT(ask(&preface, AUDIT_ARCH_AARCH64, 300), BEHIND);
	CHECK_INT(ask(&preface, AUDIT_ARCH_AARCH64, 301), ENOSYS_ANSWER);
	CHECK_INT(ask(&preface, AUDIT_ARCH_AARCH64, UINT32_MAX), ENOSYS_ANSWER);
	CHECK_INT(ask(&preface, AUDIT_ARCH_ARM, 301), BEHIND);
	CHECK_INT(ask(&preface, AUDIT_ARCH_ARM, 401), ENOSYS_ANSWER);
	/* ARM's own calls are numbered far above, and older than many below. */
	CHECK_INT(ask(&preface, AUDIT_ARCH_ARM, 0xf0002), BEHIND);
	/* Not in the profile: for the filter to refuse. */
	CHECK_INT(ask(&preface, AUDIT_ARCH_RISCV64, 500), BEHIND);
}

TEST(x32_is_told_from_x86_64_by_the_number)
{
	static const struct preface both = {
		.abis = {{ .abi = { .audit = AUDIT_ARCH_X86_64, .end = 0x40000000 }, .last = 300 },
			 { .abi = { .audit = AUDIT_ARCH_X86_64, .first = 0x40000000 }, .last = 0x40000000 + 500 }},
		.abi_count = 2,
		.enosys = true,
	};
	static const struct preface one = {
		.abis = {{ .abi = { .audit = AUDIT_ARCH_X86_64, .end = 0x40000000 }, .last = 300 }},
		.abi_count = 1,
		.enosys = true,
	};

	CHECK_INT(ask(&both, AUDIT_ARCH_X86_64, 301), ENOSYS_ANSWER);
	CHECK_INT(ask(&both, AUDIT_ARCH_X86_64, 0x3fffffff), ENOSYS_ANSWER);
	CHECK_INT(ask(&both, AUDIT_ARCH_X86_64, 0x40000000), BEHIND);
	CHECK_INT(ask(&both, AUDIT_ARCH_X86_64, 0x40000000 + 500), BEHIND);
	CHECK_INT(ask(&both, AUDIT_ARCH_X86_64, 0x40000000 + 501), ENOSYS_ANSWER);
	/* x32 is not in: the filter kills, as for any other architecture. */
	CHECK_INT(ask(&one, AUDIT_ARCH_X86_64, 0x40000000 + 501), BEHIND);
}

TEST(an_unknown_call_of_s390_arrives_as_0)
{
	static const struct preface preface = {
		.abis = {{ .abi = { .audit = AUDIT_ARCH_S390X, .unknown_is_0 = true }, .last = 300 }},
		.abi_count = 1,
		.enosys = true,
	};

	CHECK_INT(ask(&preface, AUDIT_ARCH_S390X, 0), ENOSYS_ANSWER);
	CHECK_INT(ask(&preface, AUDIT_ARCH_S390X, 1), BEHIND);
	CHECK_INT(ask(&preface, AUDIT_ARCH_S390X, 301), ENOSYS_ANSWER);
}

TEST(rules_for_new_calls_come_first)
{
	static const struct preface preface = {
		.abis = {{ .abi = { .audit = AUDIT_ARCH_X86_64, .end = 0x40000000 }, .last = 462 },
			 { .abi = { .audit = AUDIT_ARCH_MIPSEL64, .first = 5000 }, .last = 5462 }},
		.abi_count = 2,
		.rules = {{ 462, SECCOMP_RET_ALLOW }, { 452, SECCOMP_RET_KILL_PROCESS }},
		.rule_count = 2,
		.enosys = true,
	};
	struct preface mild = preface;

	for (int i = 0; i < 2; i++) {
		uint32_t arch = preface.abis[i].abi.audit, first = preface.abis[i].abi.first;

		CHECK_INT(ask(&preface, arch, first + 451), BEHIND);
		CHECK_INT(ask(&preface, arch, first + 452), SECCOMP_RET_KILL_PROCESS);
		CHECK_INT(ask(&preface, arch, first + 453), BEHIND);
		CHECK_INT(ask(&preface, arch, first + 462), SECCOMP_RET_ALLOW);
		CHECK_INT(ask(&preface, arch, first + 463), ENOSYS_ANSWER);
	}
	CHECK_INT(ask(&preface, AUDIT_ARCH_MIPSEL64, 462), BEHIND);
	/* A profile that forbids a few calls forbids the new ones among them as well. */
	mild.enosys = false;
	CHECK_INT(ask(&mild, AUDIT_ARCH_X86_64, 452), SECCOMP_RET_KILL_PROCESS);
	CHECK_INT(ask(&mild, AUDIT_ARCH_X86_64, 463), BEHIND);
}

/* The jumps reach: the most rules that fit, for the most architectures. */
TEST(the_largest_one_is_whole)
{
	static struct preface preface = { .enosys = true };

	for (uint32_t i = 0; i < PREFACE_ABIS_MAX; i++)
		preface.abis[preface.abi_count++] = (struct preface_abi){
			.abi = {.audit = 1000 + i, .first = 1, .end = 100000, .unknown_is_0 = true},
                          .last = 2000
		};
	for (uint32_t i = 0; i < PREFACE_RULES_MAX; i++)
		preface.rules[preface.rule_count++] = (struct preface_rule){ 1000 + 2 * i, SECCOMP_RET_TRACE | i };
	for (uint32_t i = 0; i < PREFACE_ABIS_MAX; i++) {
		CHECK_INT(ask(&preface, 1000 + i, 2000), BEHIND);
		CHECK_INT(ask(&preface, 1000 + i, 2001), ENOSYS_ANSWER);
		CHECK_INT(ask(&preface, 1000 + i, 100000), BEHIND);
		for (uint32_t j = 0; j < PREFACE_RULES_MAX; j++) {
			CHECK_INT(ask(&preface, 1000 + i, 1 + 1000 + 2 * j), SECCOMP_RET_TRACE | j);
			CHECK_INT(ask(&preface, 1000 + i, 1 + 1001 + 2 * j), BEHIND);
		}
	}
	CHECK_INT(ask(&preface, 999, 2001), BEHIND);
}

TEST(new_calls_have_their_numbers)
{
	static const struct {
		const char *name;
		uint32_t number;
	} rows[] = {
		{"process_madvise",          440},
                { "set_mempolicy_home_node", 450},
                { "fchmodat2",               452},
		{ "lsm_set_self_attr",       460},
                { "mseal",                   462},
                { "file_setattr",            469},
	};
	uint32_t number = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK(call_number(rows[i].name, &number));
		CHECK_INT(number, rows[i].number);
	}
	CHECK(!call_number("read", &number));
	CHECK(!call_number("", &number));
}
