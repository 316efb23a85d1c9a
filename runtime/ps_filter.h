/* SPDX-License-Identifier: Apache-2.0 */
/* From what ps(1) says about all processes to the lines of some. */
#ifndef ORLOP_RUNTIME_PS_FILTER_H
#define ORLOP_RUNTIME_PS_FILTER_H

#include <stddef.h>
#include <sys/types.h>

#include "libbase/error.h"
#include "libbase/text.h"

struct ps_pids {
	pid_t *items; /* ascending */
	size_t count;
};

/* Appends the first line, and each whose field below the head "PID" is one of `pids`. -EINVAL: there is no such column. Lines without a
 * number there are left out. */
int ps_filter(const char *text, const struct ps_pids *pids, struct text_buffer *to, struct error *err);

#endif
