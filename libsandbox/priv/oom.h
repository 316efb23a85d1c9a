/* SPDX-License-Identifier: Apache-2.0 */
/* How likely the kernel picks a process when memory runs out. Read: proc_pid_oom_score_adj(5). */
#ifndef ORLOP_LIBSANDBOX_PRIV_OOM_H
#define ORLOP_LIBSANDBOX_PRIV_OOM_H

#include <stdint.h>
#include <sys/types.h>

#include "libbase/error.h"

/* Host side. `pid` as `proc_fd` (libbase/proc.h) numbers it; without privileges it must be dumpable still. */
int oom_score_set(int proc_fd, pid_t pid, int32_t adjustment, struct error *err) _warn_unused_;

#endif
