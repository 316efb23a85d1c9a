/* SPDX-License-Identifier: Apache-2.0 */
/* The init side as a process: from the clone to execve. */
#ifndef ORLOP_LIBSANDBOX_INIT_H
#define ORLOP_LIBSANDBOX_INIT_H

#include "libsandbox/sandbox.h"

/* Walks init's rows of the create or exec table, waits for start, walks init's rows of the start table, which end in execve. Every failure is
 * reported to the host side (before READY) or to whoever starts (after it); then the process exits with 1. `err` is the caller's, of which the clone has
 * a copy: one here would be more of the container's memory. */
_Noreturn void init_main(struct sandbox *sandbox, struct error *err);

/* Where init tells how the start went: the gate's report, or the dialogue when there is no gate. Borrowed. */
int init_report_fd(const struct sandbox *sandbox);
/* Either side: that execve is next is told by init's stamp (gate.h), for the host side has the page and no hook comes before. */
bool init_stamps_exec(const struct sandbox *sandbox);

#endif
