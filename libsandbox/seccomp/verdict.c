/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's machine for filters, as far as filters of ours use it. See verdict.h. */
#include "libsandbox/seccomp/verdict.h"

#include <linux/seccomp.h>
#include <string.h>

#include "libsandbox/seccomp/names.h"

static bool jump_holds(const struct sock_filter *at, uint32_t a)
{
	switch (BPF_OP(at->code)) {
	case BPF_JA:
		return true;
	case BPF_JEQ:
		return a == at->k;
	case BPF_JGT:
		return a > at->k;
	case BPF_JGE:
		return a >= at->k;
	default:
		return a & at->k;
	}
}

static bool word_load(const struct seccomp_data *data, uint32_t offset, uint32_t *ret)
{
	if (offset % sizeof(*ret) != 0 || offset > sizeof(*data) - sizeof(*ret))
		return false;
	memcpy(ret, (const char *)data + offset, sizeof(*ret));
	return true;
}

/* SECCOMP_RET_*; what is not understood kills. */
static uint32_t program_run(const struct sock_fprog *program, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t i = 0; i < program->len; i++) {
		const struct sock_filter *at = &program->filter[i];

		if (at->code == (BPF_RET | BPF_K))
			return at->k;
		if (at->code == (BPF_JMP | BPF_JA))
			i += at->k;
		else if (BPF_CLASS(at->code) == BPF_JMP && BPF_SRC(at->code) == BPF_K)
			i += jump_holds(at, a) ? at->jt : at->jf;
		else if (at->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= at->k;
		else if (at->code != (BPF_LD | BPF_W | BPF_ABS) || !word_load(data, at->k, &a))
			break;
	}
	return SECCOMP_RET_KILL_PROCESS;
}

bool seccomp_passes(const struct seccomp_program *program, const struct seccomp_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct seccomp_data data = { .nr = (int)calls[i].number, .arch = seccomp_abi_native().audit };
		uint32_t action;

		for (size_t j = 0; j < sizeof(data.args) / sizeof(data.args[0]); j++)
			data.args[j] = calls[i].args[j];
		action = program_run(&program->filter, &data) & SECCOMP_RET_ACTION_FULL;
		if (action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG)
			return false;
	}
	return true;
}
