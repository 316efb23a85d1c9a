/* SPDX-License-Identifier: Apache-2.0 */
/* The times of steps as log records. See timing.h. */
#include "runtime/timing.h"

#include "libbase/log.h"

void timing_log(const struct sandbox *sandbox, const struct globals *globals)
{
	const bool asked = globals->options.timing;
	struct sandbox_time time;

	if (!asked && !globals->options.debug)
		return;
	for (size_t i = 0; sandbox_time_at(sandbox, i, &time); i++) {
		if (time.ns < 0)
			continue;
		if (asked)
			log_info("step %s '%s': %lld us", time.side, time.step, (long long)(time.ns / 1000));
		else
			log_debug("step %s '%s': %lld us", time.side, time.step, (long long)(time.ns / 1000));
	}
}
