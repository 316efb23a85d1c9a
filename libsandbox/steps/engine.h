/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks one side of a step table. Dumb on purpose: no priorities, no dependencies, no rows made on the way.
 *
 * Stamps begin and end of each row into the trace, adds the step's name to errors, and on the host side undoes what was done, in reverse.
 */
#ifndef ORLOP_LIBSANDBOX_ENGINE_H
#define ORLOP_LIBSANDBOX_ENGINE_H

#include "libbase/error.h"
#include "libsandbox/sandbox.h"
#include "libsandbox/steps/step.h"

/* Runs the rows of `sandbox->side` that the plan wants. On failure the host side has undone its rows; init has nothing to undo: the kernel
 * takes its namespaces back. */
int steps_run(const struct step_table *table, struct sandbox *sandbox, struct error *err);
/* The same for the rows from `first` to before `end`: a table may be walked in parts, in order. */
int steps_run_part(const struct step_table *table, size_t first, size_t end, struct sandbox *sandbox,
		   struct error *err);
/* Undoes the host rows that ran (sandbox->done). */
void steps_undo(const struct step_table *table, struct sandbox *sandbox);

/* Says why init is gone: "init was killed by SIGSYS in step 'user'". Reaps it; returns -ECHILD or what fits. */
int steps_init_died(const struct step_table *table, struct sandbox *sandbox, struct error *err);
/* The same when init said what failed before it went: that. */
int steps_last_words(const struct step_table *table, struct sandbox *sandbox, struct error *err);

#endif
