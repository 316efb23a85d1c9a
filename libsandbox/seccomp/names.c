/* SPDX-License-Identifier: Apache-2.0 */
/* Words to libseccomp's numbers. See names.h. */
#include "libsandbox/seccomp/names.h"

#include <linux/seccomp.h>

#include "libspec/names.h"

static const uint32_t actions[] = {
	[SECCOMP_KILL] = SECCOMP_RET_KILL_THREAD,
	[SECCOMP_KILL_PROCESS] = SECCOMP_RET_KILL_PROCESS,
	[SECCOMP_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
	[SECCOMP_TRAP] = SECCOMP_RET_TRAP,
	[SECCOMP_ERRNO] = SECCOMP_RET_ERRNO,
	[SECCOMP_TRACE] = SECCOMP_RET_TRACE,
	[SECCOMP_ALLOW] = SECCOMP_RET_ALLOW,
	[SECCOMP_LOG] = SECCOMP_RET_LOG,
	[SECCOMP_NOTIFY] = SECCOMP_RET_USER_NOTIF,
};

uint32_t seccomp_action_number(int action, uint32_t errno_ret)
{
	bool data = action == SECCOMP_ERRNO || action == SECCOMP_TRACE;

	return actions[action] | (data ? errno_ret & 0xffff : 0);
}

#if HAVE_SECCOMP

#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>

#include "libbase/cleanup.h"
#include "libbase/text.h"
#include "libsandbox/seccomp/calls.h"
#include "libsandbox/seccomp/table.h"

/* AUDIT_ARCH_* and libseccomp's token are one number, and calls are numbered from 0 on without an end: but here. */
static const struct seccomp_abi abis[] = {
	{ .token = SCMP_ARCH_X86_64, .audit = AUDIT_ARCH_X86_64, .end = 0x40000000 },
	{ .token = SCMP_ARCH_X32, .audit = AUDIT_ARCH_X86_64, .first = 0x40000000 },
	/* Calls that exist on ARM only: __ARM_NR_BASE. */
	{ .token = SCMP_ARCH_ARM, .audit = SCMP_ARCH_ARM, .private_from = 0x0f0000 },
	{ .token = SCMP_ARCH_MIPS, .audit = SCMP_ARCH_MIPS, .first = 4000 },
	{ .token = SCMP_ARCH_MIPSEL, .audit = SCMP_ARCH_MIPSEL, .first = 4000 },
	{ .token = SCMP_ARCH_MIPS64, .audit = SCMP_ARCH_MIPS64, .first = 5000 },
	{ .token = SCMP_ARCH_MIPSEL64, .audit = SCMP_ARCH_MIPSEL64, .first = 5000 },
	{ .token = SCMP_ARCH_MIPS64N32, .audit = SCMP_ARCH_MIPS64N32, .first = 6000 },
	{ .token = SCMP_ARCH_MIPSEL64N32, .audit = SCMP_ARCH_MIPSEL64N32, .first = 6000 },
	/* setup(2) is long gone; its number stands for all that the kernel does not know. */
	{ .token = SCMP_ARCH_S390, .audit = SCMP_ARCH_S390, .unknown_is_0 = true },
	{ .token = SCMP_ARCH_S390X, .audit = SCMP_ARCH_S390X, .unknown_is_0 = true },
};

static struct seccomp_abi abi_of(uint32_t token)
{
	struct seccomp_abi abi = { .token = token, .audit = token };

	for (size_t i = 0; i < ARRAY_SIZE(abis); i++) {
		if (abis[i].token == token)
			abi = abis[i];
	}
	/* The number says it. MIPS' N32 is 64 bits wide to the kernel, but its programs know 32 of them. */
	abi.narrow = !(token & __AUDIT_ARCH_64BIT) || (token & __AUDIT_ARCH_CONVENTION_MIPS64_N32);
	abi.big_endian = !(token & __AUDIT_ARCH_LE);
	return abi;
}

bool seccomp_abi_find(int arch, struct seccomp_abi *ret)
{
	/* "SCMP_ARCH_X86_64" is "x86_64" to libseccomp. */
	const char *word = text_after(name_text(&names_seccomp_archs, arch), "SCMP_ARCH_");
	char name[32];
	size_t length = 0;
	uint32_t token;

	for (; word && word[length] && length + 1 < sizeof(name); length++)
		name[length] =
			(char)(word[length] >= 'A' && word[length] <= 'Z' ? word[length] - 'A' + 'a' : word[length]);
	name[length] = '\0';
	token = length > 0 ? seccomp_arch_resolve_name(name) : 0;
	if (token == 0)
		return false;
	*ret = abi_of(token);
	return true;
}

struct seccomp_abi seccomp_abi_native(void)
{
	return abi_of(seccomp_table.tokens[0] ? seccomp_table.tokens[0] : seccomp_arch_native());
}

bool seccomp_call_known(const char *name)
{
	uint32_t number;
	struct table_answer known;

	if (table_find(0, name, &known) && known.number != __NR_SCMP_ERROR)
		return true;
	return call_number(name, &number) || seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR;
}

void seccomp_version_text(char to[SECCOMP_VERSION_SIZE])
{
	const struct scmp_version *version;

	/* As part of the binary it is the one that the table is of, and need not be asked. */
	if (SECCOMP_IN_IT && *seccomp_table.version) {
		(void)snprintf(to, SECCOMP_VERSION_SIZE, "%s", seccomp_table.version);
		return;
	}
	version = seccomp_version();
	(void)snprintf(to, SECCOMP_VERSION_SIZE, "%u.%u.%u", version->major, version->minor, version->micro);
}

#else

bool seccomp_abi_find(int arch, struct seccomp_abi *ret)
{
	(void)arch;
	(void)ret;
	return false;
}

struct seccomp_abi seccomp_abi_native(void)
{
	return (struct seccomp_abi){ 0 };
}

bool seccomp_call_known(const char *name)
{
	(void)name;
	return true;
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
