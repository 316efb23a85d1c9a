/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last clone of exec: a process that has all that the program will have, and no more, is born into the container's pid namespace.
 *
 * Whoever has CAP_SYS_PTRACE there may do with it as he likes from its first instruction on, undumpable or not. So nothing may be in it that is
 * the host side's: no right, no descriptor, and no socket whose other end the host side holds, since SO_PEERPIDFD makes a way to that process out
 * of it. It talks through two pipes. The number of its process is written by the kernel (CLONE_PARENT_SETTID) to a page that it does not have.
 *
 * Read: clone(2), ptrace(2) "Ptrace access mode checking", pidfd_getfd(2), madvise(2) MADV_DONTFORK.
 */
#ifndef ORLOP_LIBSANDBOX_BIRTH_H
#define ORLOP_LIBSANDBOX_BIRTH_H

#include <stdbool.h>

#include "libbase/error.h"
#include "libsandbox/sandbox.h"

struct birth_page;

/* How much has to be beside the trace. */
size_t birth_page_size(void);
/* Host side, before the joiner is cloned: the page and the pipes. sandbox_cleanup takes them. */
int birth_prepare(struct sandbox *sandbox, struct error *err);
/* Host side, when it has closed its mount of the program file: from here on the process may be born. Joiner: waits for that, where it must. */
int birth_allow(struct sandbox *sandbox, struct error *err);
int birth_await(struct sandbox *sandbox, struct error *err);
/* Joiner, when its dialogue is closed: what failed. No system call. */
void birth_tell(struct sandbox *sandbox, const struct error *err);
/* Host side, when the joiner is gone: what failed; false when it said nothing. */
bool birth_words(const struct sandbox *sandbox, struct error *err);
/* Whether a run that ended with `code` is worth another try in the other order, which is the plan's from here on: the joiner had no room beside the
 * process, and nobody in the container can trace that. */
bool birth_retry(struct sandbox *sandbox, int code);
/* Host side, when the joiner is gone and nobody took over what it bore: ends that. */
void birth_undo(const struct sandbox *sandbox);
void birth_cleanup(struct sandbox *sandbox);

#endif
