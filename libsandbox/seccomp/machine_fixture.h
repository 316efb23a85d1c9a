/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: runs a filter as the kernel's machine does, on a call that is never made. Any architecture can be asked so. */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_MACHINE_FIXTURE_H
#define ORLOP_LIBSANDBOX_SECCOMP_MACHINE_FIXTURE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "conformance/unit/check.h"

static inline uint32_t machine_load(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t word;

	CHECK(offset % 4 == 0 && offset + 4 <= sizeof(*data));
	memcpy(&word, (const char *)data + offset, sizeof(word));
	return word;
}

static inline bool machine_jump_holds(const struct sock_filter *at, uint32_t a)
{
	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		return a == at->k;
	case BPF_JGT:
		return a > at->k;
	case BPF_JGE:
		return a >= at->k;
	case BPF_JSET:
		return a & at->k;
	default:
		check_fail(__FILE__, __LINE__, "jump 0x%x", at->code);
	}
}

/* The filter's answer; a program that runs off its end, or has an instruction that libseccomp does not make, fails the test. */
static inline uint32_t machine_run(const struct sock_fprog *program, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t i = 0; i < program->len; i++) {
		const struct sock_filter *at = &program->filter[i];

		if (at->code == (BPF_RET | BPF_K))
			return at->k;
		if (at->code == (BPF_LD | BPF_W | BPF_ABS))
			a = machine_load(data, at->k);
		else if (at->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= at->k;
		else if (at->code == (BPF_JMP | BPF_JA))
			i += at->k;
		else if (BPF_CLASS(at->code) == BPF_JMP)
			i += machine_jump_holds(at, a) ? at->jt : at->jf;
		else
			check_fail(__FILE__, __LINE__, "instruction 0x%x at %zu", at->code, i);
	}
	check_fail(__FILE__, __LINE__, "the program has no answer");
}

static inline uint32_t machine_ask(const struct sock_fprog *program, uint32_t arch, uint32_t number,
				   const uint64_t args[6])
{
	struct seccomp_data data = { .nr = (int)number, .arch = arch };

	if (args)
		memcpy(data.args, args, sizeof(data.args));
	return machine_run(program, &data);
}

#endif
