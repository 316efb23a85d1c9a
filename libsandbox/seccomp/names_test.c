/* SPDX-License-Identifier: Apache-2.0 */
/* Each word of the specification has its number. */
#include "libsandbox/seccomp/names.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"
#include "libspec/names.h"

TEST(every_action_is_the_kernels)
{
	static const struct {
		const char *word;
		uint32_t number;
	} rows[] = {
		{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
		{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO | 7 },
		{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
		{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
		{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
		{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
		{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE | 7 },
		{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
	};

	CHECK_INT(ARRAY_SIZE(rows), names_seccomp_actions.count);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_INT(seccomp_action_number(name_find(&names_seccomp_actions, rows[i].word)->value, 7),
			  rows[i].number);
}

#if HAVE_SECCOMP

#include <seccomp.h>
#include <stdio.h>

/* libseccomp 2.5 knows these; what it lacks came with 2.6. */
TEST(architectures_are_found_by_their_words)
{
	static const struct {
		const char *word;
		uint32_t audit, first, end;
		bool newer, narrow, big;
	} rows[] = {
		{ "SCMP_ARCH_AARCH64", AUDIT_ARCH_AARCH64, 0, 0, false, false, false },
		{ "SCMP_ARCH_ARM", AUDIT_ARCH_ARM, 0, 0, false, true, false },
		{ "SCMP_ARCH_LOONGARCH64", 0xc0000102, 0, 0, true, false, false },
		{ "SCMP_ARCH_M68K", AUDIT_ARCH_M68K, 0, 0, true, true, true },
		{ "SCMP_ARCH_MIPS", AUDIT_ARCH_MIPS, 4000, 0, false, true, true },
		{ "SCMP_ARCH_MIPS64", AUDIT_ARCH_MIPS64, 5000, 0, false, false, true },
		{ "SCMP_ARCH_MIPS64N32", AUDIT_ARCH_MIPS64N32, 6000, 0, false, true, true },
		{ "SCMP_ARCH_MIPSEL", AUDIT_ARCH_MIPSEL, 4000, 0, false, true, false },
		{ "SCMP_ARCH_MIPSEL64", AUDIT_ARCH_MIPSEL64, 5000, 0, false, false, false },
		{ "SCMP_ARCH_MIPSEL64N32", AUDIT_ARCH_MIPSEL64N32, 6000, 0, false, true, false },
		{ "SCMP_ARCH_PARISC", AUDIT_ARCH_PARISC, 0, 0, false, true, true },
		{ "SCMP_ARCH_PARISC64", AUDIT_ARCH_PARISC64, 0, 0, false, false, true },
		{ "SCMP_ARCH_PPC", AUDIT_ARCH_PPC, 0, 0, false, true, true },
		{ "SCMP_ARCH_PPC64", AUDIT_ARCH_PPC64, 0, 0, false, false, true },
		{ "SCMP_ARCH_PPC64LE", AUDIT_ARCH_PPC64LE, 0, 0, false, false, false },
		{ "SCMP_ARCH_RISCV64", AUDIT_ARCH_RISCV64, 0, 0, false, false, false },
		{ "SCMP_ARCH_S390", AUDIT_ARCH_S390, 0, 0, false, true, true },
		{ "SCMP_ARCH_S390X", AUDIT_ARCH_S390X, 0, 0, false, false, true },
		{ "SCMP_ARCH_SH", AUDIT_ARCH_SHEL, 0, 0, true, true, false },
		{ "SCMP_ARCH_SHEB", AUDIT_ARCH_SH, 0, 0, true, true, true },
		{ "SCMP_ARCH_X32", AUDIT_ARCH_X86_64, 0x40000000, 0, false, true, false },
		{ "SCMP_ARCH_X86", AUDIT_ARCH_I386, 0, 0, false, true, false },
		{ "SCMP_ARCH_X86_64", AUDIT_ARCH_X86_64, 0, 0x40000000, false, false, false },
	};
	uint64_t known = seccomp_archs_known();

	CHECK_INT(ARRAY_SIZE(rows), names_seccomp_archs.count);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int arch = name_find(&names_seccomp_archs, rows[i].word)->value;
		struct seccomp_abi abi;

		CHECK_INT(seccomp_abi_find(arch, &abi), known >> (arch - 1) & 1);
		if (!seccomp_abi_find(arch, &abi)) {
			if (!rows[i].newer)
				check_fail(__FILE__, __LINE__, "%s is not known", rows[i].word);
			continue;
		}
		CHECK_INT(abi.audit, rows[i].audit);
		CHECK_INT(abi.first, rows[i].first);
		CHECK_INT(abi.end, rows[i].end);
		CHECK_INT(abi.narrow, rows[i].narrow);
		CHECK_INT(abi.big_endian, rows[i].big);
		CHECK_INT(abi.private_from, strcmp(rows[i].word, "SCMP_ARCH_ARM") == 0 ? 0xf0000 : 0);
		CHECK_INT(abi.unknown_is_0, strncmp(rows[i].word, "SCMP_ARCH_S390", 14) == 0);
	}
}

TEST(numbers_of_calls_begin_where_the_table_says)
{
	for (size_t i = 0; i < names_seccomp_archs.count; i++) {
		struct seccomp_abi abi;
		uint32_t number;

		if (!seccomp_abi_find(names_seccomp_archs.names[i].value, &abi))
			continue;
		/* pidfd_send_signal is 424 everywhere, from where the architecture begins to count. */
		number = (uint32_t)seccomp_syscall_resolve_name_arch(abi.token, "pidfd_send_signal");
		CHECK_INT(number, abi.first + 424);
	}
}

TEST(the_native_one_is_ours)
{
	struct seccomp_abi abi = seccomp_abi_native();

	CHECK_INT(abi.token, seccomp_arch_native());
#ifdef __x86_64__
	CHECK_INT(abi.audit, AUDIT_ARCH_X86_64);
	CHECK_INT(abi.end, 0x40000000);
#endif
}

TEST(the_version_has_three_numbers)
{
	char text[SECCOMP_VERSION_SIZE], want[SECCOMP_VERSION_SIZE];
	int dots = 0;

	seccomp_version_text(text);
	for (const char *at = text; *at; at++)
		dots += *at == '.';
	CHECK_INT(dots, 2);
	CHECK(text[0] >= '2');
	snprintf(want, sizeof(want), "%u.%u.%u", seccomp_version()->major, seccomp_version()->minor,
		 seccomp_version()->micro);
	CHECK_TEXT(text, want);
}

#else

TEST(without_libseccomp_nothing_is_known)
{
	char text[SECCOMP_VERSION_SIZE];

	seccomp_version_text(text);
	CHECK_TEXT(text, "");
	CHECK_INT(seccomp_archs_known(), 0);
}

#endif

/* Filter flags need no map of their own. */
TEST(flags_carry_the_kernels_bits)
{
	CHECK_INT(names_seccomp_flags.count, 4);
	CHECK_INT(name_find(&names_seccomp_flags, "SECCOMP_FILTER_FLAG_TSYNC")->kernel, 1);
	CHECK_INT(name_find(&names_seccomp_flags, "SECCOMP_FILTER_FLAG_LOG")->kernel, 2);
	CHECK_INT(name_find(&names_seccomp_flags, "SECCOMP_FILTER_FLAG_SPEC_ALLOW")->kernel, 4);
	CHECK_INT(name_find(&names_seccomp_flags, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")->kernel, 32);
}
