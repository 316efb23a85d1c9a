/* SPDX-License-Identifier: Apache-2.0 */
/* CPU affinity. See affinity.h. */
#include "libsandbox/priv/affinity.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>

#include "libbase/cleanup.h"
#include "libspec/ranges.h"

/* As many as a list may name; the kernel takes masks larger than its own. */
#define CPUS_MAX (RANGES_NUMBER_MAX + 1)
#define MASK_LEN (CPUS_MAX / CPU_SETSIZE + 1)

/* What kernels are built for at most. */
#define RESET_LEN 8

int affinity_set(const char *cpus, struct error *err)
{
	cpu_set_t mask[MASK_LEN];
	const char *rest = cpus;
	uint32_t first, last;
	int r;

	memset(mask, 0, sizeof(mask));
	while ((r = ranges_next(&rest, &first, &last)) > 0) {
		for (uint32_t cpu = first; cpu <= last; cpu++)
			CPU_SET_S(cpu, sizeof(mask), mask);
	}
	if (r < 0)
		return error_say(err, r, "CPU affinity '%s': not a list of CPUs", cpus);
	if (sched_setaffinity(0, sizeof(mask), mask) < 0)
		return error_set(err, -errno, "CPU affinity '%s'", cpus);
	return 0;
}

void affinity_reset(void)
{
	cpu_set_t mask[RESET_LEN];

	memset(mask, 0xff, sizeof(mask));
	(void)sched_setaffinity(0, sizeof(mask), mask);
}
