/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scheduling. See scheduling.h.
 *
 * Read: sched_setattr(2), ioprio_set(2), personality(2); runtime-spec config.md "process", config-linux.md "Personality".
 */
#include "libsandbox/priv/scheduling.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sys/personality.h>

#include "libbase/kernel.h"
#include "libspec/names.h"

static uint64_t flags_of(const struct opt_mask *flags)
{
	uint64_t kernel = 0;

	for (size_t i = 0; i < names_scheduler_flags.count; i++) {
		const struct name *name = &names_scheduler_flags.names[i];

		if (flags->bits & (UINT64_C(1) << (name->value - 1)))
			kernel |= (uint64_t)name->kernel;
	}
	return kernel;
}

bool scheduler_ends_at_fork(const struct spec_scheduler *scheduler)
{
	return name_of(&names_scheduler_policies, scheduler->policy)->kernel == SCHED_DEADLINE ||
	       (flags_of(&scheduler->flags) & SCHED_FLAG_RESET_ON_FORK);
}

int scheduler_set(const struct spec_scheduler *scheduler, struct error *err)
{
	return scheduler_set_of(0, scheduler, err);
}

int scheduler_set_of(pid_t pid, const struct spec_scheduler *scheduler, struct error *err)
{
	const struct name *policy = name_of(&names_scheduler_policies, scheduler->policy);
	struct kernel_sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = (uint32_t)policy->kernel,
		.sched_flags = flags_of(&scheduler->flags),
		.sched_nice = scheduler->nice.value,
		.sched_priority = (uint32_t)scheduler->priority.value,
		.sched_runtime = scheduler->runtime.value,
		.sched_deadline = scheduler->deadline.value,
		.sched_period = scheduler->period.value,
	};

	if (kernel_sched_setattr(pid, &attr, 0) < 0)
		return error_set(err, -errno, "set scheduler %s, nice %d, priority %u", policy->text, attr.sched_nice,
				 attr.sched_priority);
	return 0;
}

int io_priority_set(const struct spec_io_priority *priority, struct error *err)
{
	const struct name *class = name_of(&names_io_classes, priority->class);

	if (kernel_ioprio_set(IOPRIO_WHO_PGRP, 0, IOPRIO_PRIO_VALUE((int)class->kernel, priority->priority.value)) < 0)
		return error_set(err, -errno, "set I/O priority %s, %d", class->text, priority->priority.value);
	return 0;
}

int personality_set(const struct spec_personality *spec, struct error *err)
{
	const struct name *domain = name_of(&names_personalities, spec->domain);

	if (personality((unsigned long)domain->kernel) < 0)
		return error_set(err, -errno, "set personality %s", domain->text);
	return 0;
}
