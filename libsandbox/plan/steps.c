/* SPDX-License-Identifier: Apache-2.0 */
/* The ordered steps a plan asks for: the rows of the step tables whose predicate it meets. */
#include "libsandbox/plan/build.h"
#include "libsandbox/steps/step.h"

#include <errno.h>

static size_t steps_add(const struct plan *plan, const struct step_table *table, struct plan_step *to)
{
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct step *step = &table->steps[i];

		if (!step->when(plan))
			continue;
		to[count++] = (struct plan_step){
			.name = step->name,
			.side = step->side == STEP_HOST ? "host" : "init",
			.summary = step->summary,
		};
	}
	return count;
}

int plan_steps_build(struct plan_work *work)
{
	struct plan *plan = work->plan;
	struct plan_step *steps = arena_calloc(work->arena, steps_create.count + steps_start.count, sizeof(*steps));

	if (!steps)
		return -ENOMEM;
	plan->step_count = steps_add(plan, &steps_create, steps);
	plan->step_count += steps_add(plan, &steps_start, steps + plan->step_count);
	plan->steps = steps;
	return 0;
}
