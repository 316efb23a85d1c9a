/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/generated/steps.md: the order in which containers are made and entered, from the step tables. */
#include <stdio.h>

#include "libbase/cleanup.h"
#include "libsandbox/steps/step.h"

static const struct {
	const char *title;
	const struct step_table *table;
} tables[] = {
	{ "create", &steps_create },
	{ "start, on init's side", &steps_start },
	{ "exec", &steps_exec },
};

static void step_print(const struct step *step)
{
	printf(step->side == STEP_HOST ? "| `%s` | | " : "| | `%s` | ", step->name);
	if (step->kind == STEP_EXPECT)
		printf("waits for %s |\n", message_name(step->message));
	else if (step->kind == STEP_SEND)
		printf("sends %s: %s |\n", message_name(step->message), step->summary);
	else
		printf("%s |\n", step->summary);
}

int main(void)
{
	printf("# Steps\n\nGenerated from the step tables; do not edit. Both sides work through one table: the host "
	       "side is "
	       "orlop, the init side is the process that becomes the container's program.\nA step that a container "
	       "does "
	       "not need is left out; `orlop plan` prints the ones it takes.\n");
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		const struct step_table *table = tables[i].table;

		printf("\n## %s\n\n| host side | init side | |\n|---|---|---|\n", tables[i].title);
		for (size_t at = 0; at < table->count; at++)
			step_print(&table->steps[at]);
	}
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
