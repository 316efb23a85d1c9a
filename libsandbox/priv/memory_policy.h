/* SPDX-License-Identifier: Apache-2.0 */
/* From which NUMA nodes the program's memory comes. Read: set_mempolicy(2). */
#ifndef ORLOP_LIBSANDBOX_PRIV_MEMORY_POLICY_H
#define ORLOP_LIBSANDBOX_PRIV_MEMORY_POLICY_H

#include "libbase/error.h"
#include "libspec/spec.h"

/* Of the calling process; the program inherits it. */
int memory_policy_set(const struct spec_memory_policy *policy, struct error *err) _warn_unused_;

#endif
