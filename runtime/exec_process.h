/* SPDX-License-Identifier: Apache-2.0 */
/* What `exec` is to run: a document of its own, or the container's process with another program and what the options say. */
#ifndef ORLOP_RUNTIME_EXEC_PROCESS_H
#define ORLOP_RUNTIME_EXEC_PROCESS_H

#include <stddef.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libspec/problem.h"
#include "libspec/spec.h"
#include "runtime/commands.h"

/* `spec` is the container's. The result lives in `arena`, and shares what it can with `spec`. */
int exec_process_read(const struct options_exec *options, const char *const *words, size_t count,
		      const struct spec *spec, struct arena *arena, struct problems *problems,
		      const struct spec_process **ret, struct error *err);

#endif
