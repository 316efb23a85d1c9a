/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp profile, compiled and loaded.
 *
 * Compiling is the host side's, before the clone; init inherits the program and makes one call. This is the one place where a profile becomes a
 * program; cache.h keeps what it made. All that a program depends on is the plan's, or is in the sources that libsandbox/meson.build lists for
 * the compiler's digest.
 *
 * As runc has it:
 *   - the native architecture is always in; calls of one that is not are answered by killing the thread
 *   - a rule whose action is the default one is left out; so is one for a call that nobody knows, which
 *     the plan warns of
 *   - conditions of a rule must all hold; but if two are on the same argument, they are alternatives
 *   - a rule without conditions stands for its call, whatever other rules say; of several such the first
 *   - where an architecture has calls behind one number (socketcall, ipc), rules for them count there as well, as far as that goes: a condition
 *     on their first argument does not
 *   - on 32-bit architectures values are cut to 32 bits
 *   - a call with a higher number than any that the profile names gets ENOSYS, unless the default is to let it pass: whoever wrote the profile
 *     did not know it, and a C library falls back to an older call on ENOSYS only
 * Other than runc: of rules with conditions the first that holds counts; and calls that are newer than libseccomp are known (calls.h).
 *
 * Not for: when the program is loaded and with which flags, which the plan says.
 * Read: runtime-spec config-linux.md, "Seccomp"; seccomp(2).
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_FILTER_H
#define ORLOP_LIBSANDBOX_SECCOMP_FILTER_H

#include <linux/filter.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libsandbox/plan.h"

struct seccomp_program {
	struct sock_fprog filter;
};

/* `*ret` and what it points to live in the arena. -EOPNOTSUPP: built without libseccomp, or it does not know an
 * architecture; -EEXIST: two rules say different things on the same conditions; -E2BIG: more than the kernel's 4096 instructions. */
int seccomp_compile(const struct plan_seccomp *plan, struct arena *arena, struct seccomp_program *ret,
		    struct error *err);

/*
 * Loads it for the calling thread by the one system call that this makes. Returns 0, or with SECCOMP_FILTER_FLAG_NEW_LISTENER among `flags` the
 * descriptor of the listener, close-on-exec. Needs no_new_privs or CAP_SYS_ADMIN.
 */
int seccomp_program_load(const struct seccomp_program *program, uint64_t flags, struct error *err);

#endif
