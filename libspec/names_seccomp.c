/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seccomp's words: actions, operators, architectures, filter flags.
 *
 * Not for: what libseccomp calls them (libsandbox/seccomp/).
 * Read: runtime-spec config-linux.md, "Seccomp"; uapi seccomp.h.
 */
#include <linux/seccomp.h>

#include "libbase/cleanup.h"
#include "libspec/names.h"

#define TABLE(words, rows)                                                  \
	{                                                                   \
		.what = (words), .names = (rows), .count = ARRAY_SIZE(rows) \
	}

static const struct name actions[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_ALLOW, 0 },
	{ "SCMP_ACT_ERRNO", SECCOMP_ERRNO, 0 },
	{ "SCMP_ACT_KILL", SECCOMP_KILL, 0 },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_KILL_PROCESS, 0 },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_KILL_THREAD, 0 },
	{ "SCMP_ACT_LOG", SECCOMP_LOG, 0 },
	{ "SCMP_ACT_NOTIFY", SECCOMP_NOTIFY, 0 },
	{ "SCMP_ACT_TRACE", SECCOMP_TRACE, 0 },
	{ "SCMP_ACT_TRAP", SECCOMP_TRAP, 0 },
};
const struct name_table names_seccomp_actions = TABLE("seccomp action", actions);

static const struct name operators[] = {
	{ "SCMP_CMP_EQ", SECCOMP_EQ, 0 }, { "SCMP_CMP_GE", SECCOMP_GE, 0 },
	{ "SCMP_CMP_GT", SECCOMP_GT, 0 }, { "SCMP_CMP_LE", SECCOMP_LE, 0 },
	{ "SCMP_CMP_LT", SECCOMP_LT, 0 }, { "SCMP_CMP_MASKED_EQ", SECCOMP_MASKED_EQ, 0 },
	{ "SCMP_CMP_NE", SECCOMP_NE, 0 },
};
const struct name_table names_seccomp_operators = TABLE("seccomp operator", operators);

static const struct name archs[] = {
	{ "SCMP_ARCH_AARCH64", 1, 0 },      { "SCMP_ARCH_ARM", 2, 0 },     { "SCMP_ARCH_LOONGARCH64", 3, 0 },
	{ "SCMP_ARCH_M68K", 4, 0 },         { "SCMP_ARCH_MIPS", 5, 0 },    { "SCMP_ARCH_MIPS64", 6, 0 },
	{ "SCMP_ARCH_MIPS64N32", 7, 0 },    { "SCMP_ARCH_MIPSEL", 8, 0 },  { "SCMP_ARCH_MIPSEL64", 9, 0 },
	{ "SCMP_ARCH_MIPSEL64N32", 10, 0 }, { "SCMP_ARCH_PARISC", 11, 0 }, { "SCMP_ARCH_PARISC64", 12, 0 },
	{ "SCMP_ARCH_PPC", 13, 0 },         { "SCMP_ARCH_PPC64", 14, 0 },  { "SCMP_ARCH_PPC64LE", 15, 0 },
	{ "SCMP_ARCH_RISCV64", 16, 0 },     { "SCMP_ARCH_S390", 17, 0 },   { "SCMP_ARCH_S390X", 18, 0 },
	{ "SCMP_ARCH_SH", 19, 0 },          { "SCMP_ARCH_SHEB", 20, 0 },   { "SCMP_ARCH_X32", 21, 0 },
	{ "SCMP_ARCH_X86", 22, 0 },         { "SCMP_ARCH_X86_64", 23, 0 },
};
const struct name_table names_seccomp_archs = TABLE("seccomp architecture", archs);

/* Not sorted: in the order of runc's `features`. */
static const struct name flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", 1, SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 2, SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_LOG", 3, SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 4, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};
const struct name_table names_seccomp_flags = TABLE("seccomp flag", flags);
