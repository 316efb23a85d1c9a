/* SPDX-License-Identifier: Apache-2.0 */
/* The warnings that loading and planning left behind go to the log: libraries do not log. */
#ifndef ORLOP_RUNTIME_WARNINGS_H
#define ORLOP_RUNTIME_WARNINGS_H

#include "libspec/problem.h"

/* One record each, "config.json: line 3: /linux/x: ...". */
void warnings_log(const struct problems *problems, const char *document);

#endif
