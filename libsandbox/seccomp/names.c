/* SPDX-License-Identifier: Apache-2.0 */
/* Words to libseccomp's numbers. See names.h. */
#include "libsandbox/seccomp/names.h"

#include "libspec/names.h"

#if HAVE_SECCOMP

#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>

#include "libbase/cleanup.h"
#include "libbase/text.h"

/* AUDIT_ARCH_* and libseccomp's token are the same number, calls are numbered from 0 on without an end: but here. */
static const struct seccomp_abi abis[] = {
	{.token = SCMP_ARCH_X86_64,      .audit = AUDIT_ARCH_X86_64, .end = 0x40000000},
	{ .token = SCMP_ARCH_X32,        .audit = AUDIT_ARCH_X86_64, .first = 0x40000000},
	/* From there on: calls that exist on ARM only (__ARM_NR_BASE). */
	{ .token = SCMP_ARCH_ARM,        .audit = SCMP_ARCH_ARM, .end = 0x0f0000},
	{ .token = SCMP_ARCH_MIPS,       .audit = SCMP_ARCH_MIPS, .first = 4000},
	{ .token = SCMP_ARCH_MIPSEL,     .audit = SCMP_ARCH_MIPSEL, .first = 4000},
	{ .token = SCMP_ARCH_MIPS64,     .audit = SCMP_ARCH_MIPS64, .first = 5000},
	{ .token = SCMP_ARCH_MIPSEL64,   .audit = SCMP_ARCH_MIPSEL64, .first = 5000},
	{ .token = SCMP_ARCH_MIPS64N32,  .audit = SCMP_ARCH_MIPS64N32, .first = 6000},
	{ .token = SCMP_ARCH_MIPSEL64N32, .audit = SCMP_ARCH_MIPSEL64N32, .first = 6000},
	/* setup(2) is long gone; its number stands for all that the kernel does not know. */
	{ .token = SCMP_ARCH_S390,       .audit = SCMP_ARCH_S390, .unknown_is_0 = true},
	{ .token = SCMP_ARCH_S390X,      .audit = SCMP_ARCH_S390X, .unknown_is_0 = true},
};

static struct seccomp_abi abi_of(uint32_t token)
{
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++) {
		if (abis[i].token == token)
			return abis[i];
	}
	return (struct seccomp_abi){ .token = token, .audit = token };
}

bool seccomp_abi_find(int arch, struct seccomp_abi *ret)
{
	/* "SCMP_ARCH_X86_64" is "x86_64" to libseccomp. */
	const char *word = text_after(name_text(&names_seccomp_archs, arch), "SCMP_ARCH_");
	char name[32];
	size_t length = 0;
	uint32_t token;

	for (; word && word[length] && length + 1 < sizeof(name); length++)
		name[length] = (char)(word[length] >= 'A' && word[length] <= 'Z' ? word[length] - 'A' + 'a' : word[length]);
	name[length] = '\0';
	token = length > 0 ? seccomp_arch_resolve_name(name) : 0;
	if (token == 0)
		return false;
	*ret = abi_of(token);
	return true;
}

struct seccomp_abi seccomp_abi_native(void)
{
	return abi_of(seccomp_arch_native());
}

static const uint32_t actions[] = {
	[SECCOMP_KILL] = SCMP_ACT_KILL_THREAD, [SECCOMP_KILL_PROCESS] = SCMP_ACT_KILL_PROCESS,
	[SECCOMP_KILL_THREAD] = SCMP_ACT_KILL_THREAD, [SECCOMP_TRAP] = SCMP_ACT_TRAP,
	[SECCOMP_ERRNO] = SCMP_ACT_ERRNO(0), [SECCOMP_TRACE] = SCMP_ACT_TRACE(0),
	[SECCOMP_ALLOW] = SCMP_ACT_ALLOW, [SECCOMP_LOG] = SCMP_ACT_LOG,
	[SECCOMP_NOTIFY] = SCMP_ACT_NOTIFY,
};

uint32_t seccomp_action_number(int action, uint32_t errno_ret)
{
	bool data = action == SECCOMP_ERRNO || action == SECCOMP_TRACE;

	return actions[action] | (data ? errno_ret & 0xffff : 0);
}

static const int operators[] = {
	[SECCOMP_NE] = SCMP_CMP_NE, [SECCOMP_LT] = SCMP_CMP_LT, [SECCOMP_LE] = SCMP_CMP_LE,
	[SECCOMP_EQ] = SCMP_CMP_EQ, [SECCOMP_GE] = SCMP_CMP_GE, [SECCOMP_GT] = SCMP_CMP_GT,
	[SECCOMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

int seccomp_operator_number(int op)
{
	return operators[op];
}

void seccomp_version_text(char to[SECCOMP_VERSION_SIZE])
{
	const struct scmp_version *version = seccomp_version();

	(void)snprintf(to, SECCOMP_VERSION_SIZE, "%u.%u.%u", version->major, version->minor, version->micro);
}

#else

bool seccomp_abi_find(int arch, struct seccomp_abi *ret)
{
	(void)arch;
	(void)ret;
	return false;
}

void seccomp_version_text(char to[SECCOMP_VERSION_SIZE])
{
	to[0] = '\0';
}

#endif

uint64_t seccomp_archs_known(void)
{
	uint64_t bits = 0;
	struct seccomp_abi abi;

	for (size_t i = 0; i < names_seccomp_archs.count; i++) {
		if (seccomp_abi_find(names_seccomp_archs.names[i].value, &abi))
			bits |= UINT64_C(1) << (names_seccomp_archs.names[i].value - 1);
	}
	return bits;
}
