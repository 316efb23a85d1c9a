/* SPDX-License-Identifier: Apache-2.0 */
/* Time offsets. See time.h. */
#include "libsandbox/ns/time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "libbase/proc.h"

#define OFFSET_LINE_MAX 64

/* A line for each clock; the kernel takes one clock a write as well as both, so an error can name it. */
int time_offsets_write(int proc_fd, const struct plan_time_offset *offsets, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct plan_time_offset *offset = &offsets[i];
		char line[OFFSET_LINE_MAX];
		int length = snprintf(line, sizeof(line), "%s %" PRIi64 " %" PRIu32 "\n", offset->clock, offset->secs,
				      offset->nanosecs);
		int r;

		if (length < 0 || (size_t)length >= sizeof(line))
			return error_say(err, -EINVAL, "time offset of clock '%s': too long", offset->clock);
		r = proc_write(proc_fd, "self/timens_offsets", line, (size_t)length);
		if (r == -ERANGE)
			return error_say(err, r,
					 "time offset of clock '%s': %" PRIi64
					 " s would set it before 0 or beyond its range",
					 offset->clock, offset->secs);
		if (r < 0)
			return error_set(err, r, "time offset of clock '%s': write timens_offsets", offset->clock);
	}
	return 0;
}
