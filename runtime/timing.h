/* SPDX-License-Identifier: Apache-2.0 */
/* `--timing` and `--debug`: what each step of a sandbox took, as log records. The stamps are there anyhow. */
#ifndef ORLOP_RUNTIME_TIMING_H
#define ORLOP_RUNTIME_TIMING_H

#include "libsandbox/sandbox.h"
#include "runtime/globals.h"

/* Nothing unless asked for. */
void timing_log(const struct sandbox *sandbox, const struct globals *globals);

#endif
