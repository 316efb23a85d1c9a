/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a program. See filter.h; compile.c makes it. */
#include "libsandbox/seccomp/filter.h"

#include <errno.h>
#include <linux/seccomp.h>

#include "libbase/kernel.h"

int seccomp_program_load(const struct seccomp_program *program, uint64_t flags, struct error *err)
{
	struct sock_fprog filter = program->filter;
	int r = kernel_seccomp(SECCOMP_SET_MODE_FILTER, (unsigned int)flags, &filter);

	return r < 0 ? error_set(err, -errno, "load a filter of %u instructions", (unsigned int)filter.len) : r;
}

#if !HAVE_SECCOMP

int seccomp_compile(const struct plan_seccomp *plan, struct arena *arena, struct seccomp_program *ret,
		    struct error *err)
{
	(void)plan;
	(void)arena;
	(void)ret;
	return error_say(err, -EOPNOTSUPP, "/linux/seccomp: orlop was built without libseccomp");
}

#endif
