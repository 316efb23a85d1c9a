/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: the program that libseccomp makes of a profile, in the way that runc asks it to. */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_ORACLE_FIXTURE_H
#define ORLOP_LIBSANDBOX_SECCOMP_ORACLE_FIXTURE_H

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libsandbox/seccomp/emit.h"
#include "libsandbox/seccomp/names.h"
#include "libsandbox/seccomp/profile_fixture.h"

static inline void oracle_rule(scmp_filter_ctx filter, const struct spec_seccomp_call *call, int number)
{
	static const enum scmp_compare operators[] = {
		[SECCOMP_NE] = SCMP_CMP_NE,
		[SECCOMP_LT] = SCMP_CMP_LT,
		[SECCOMP_LE] = SCMP_CMP_LE,
		[SECCOMP_EQ] = SCMP_CMP_EQ,
		[SECCOMP_GE] = SCMP_CMP_GE,
		[SECCOMP_GT] = SCMP_CMP_GT,
		[SECCOMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};
	uint32_t action = model_action(call->action, call->errno_ret);
	bool apart = emit_alternatives(call);
	struct scmp_arg_cmp conditions[6];

	for (size_t i = 0; i < call->args.count; i++) {
		const struct spec_seccomp_arg *arg = &call->args.items[i];

		conditions[apart ? 0 : i] =
			(struct scmp_arg_cmp){ arg->index, operators[arg->op], arg->value, arg->value_two };
		if (apart)
			CHECK_INT(seccomp_rule_add_array(filter, action, number, 1, conditions), 0);
	}
	if (!apart)
		CHECK_INT(seccomp_rule_add_array(filter, action, number, (unsigned int)call->args.count, conditions),
			  0);
}

static inline struct sock_fprog libseccomp_program(struct arena *arena, const struct spec_seccomp *spec)
{
	uint32_t usual = model_action(spec->default_action, spec->default_errno_ret);
	struct sock_filter *program = arena_calloc(arena, 4096, sizeof(*program));
	int fd = memfd_create("program", MFD_CLOEXEC);
	scmp_filter_ctx filter = seccomp_init(usual);
	ssize_t size;

	CHECK(program && fd >= 0 && filter);
	for (size_t i = 0; i < names_seccomp_archs.count; i++) {
		int arch = names_seccomp_archs.names[i].value;
		struct seccomp_abi abi;

		if (!(spec->architectures.bits >> (arch - 1) & 1))
			continue;
		CHECK(seccomp_abi_find(arch, &abi));
		if (abi.token != seccomp_arch_native())
			CHECK_INT(seccomp_arch_add(filter, abi.token), 0);
	}
	for (size_t i = 0; i < spec->syscalls.count; i++) {
		const struct spec_seccomp_call *call = &spec->syscalls.items[i];

		for (size_t j = 0; j < call->names.count; j++) {
			int number = seccomp_syscall_resolve_name(call->names.items[j]);

			if (number != __NR_SCMP_ERROR && model_action(call->action, call->errno_ret) != usual)
				oracle_rule(filter, call, number);
		}
	}
	CHECK_INT(seccomp_export_bpf(filter, fd), 0);
	seccomp_release(filter);
	size = pread(fd, program, 4096 * sizeof(*program), 0);
	CHECK(size > 0 && size < (ssize_t)(4096 * sizeof(*program)) && close(fd) == 0);
	return (struct sock_fprog){ (unsigned short)((size_t)size / sizeof(*program)), program };
}

#endif
