/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resctrl group: its name, whose it is, what measures.
 *
 * Read: runtime-spec config-linux.md, "IntelRdt".
 */
#include <errno.h>

#include "libbase/text.h"
#include "libsandbox/plan/build.h"

static bool wants_schemata(const struct spec_intel_rdt *rdt)
{
	return !text_is_empty(rdt->l3_cache_schema) || !text_is_empty(rdt->mem_bw_schema) || rdt->schemata.count > 0;
}

int plan_rdt_build(struct plan_work *work)
{
	const struct spec_intel_rdt *rdt = work->spec->os_linux->intel_rdt;
	struct plan *plan = work->plan;
	const char *id = work->options->id;
	bool named;

	if (!rdt)
		return 0;
	if (!work->host->resctrl)
		problem_error(work->problems, 0, "/linux/intelRdt",
			      "intelRdt is specified in config, but Intel RDT is not enabled: no resctrl is mounted at "
			      "/sys/fs/resctrl");
	named = !text_is_empty(rdt->clos_id);
	plan->intel_rdt = rdt;
	plan->rdt_group = named ? rdt->clos_id : id;
	/* The default class is the directory itself. */
	if (text_equal(rdt->clos_id, "/"))
		plan->rdt_group = ".";
	plan->rdt_must_exist = named && !wants_schemata(rdt);
	plan->rdt_own = !named;
	if (!rdt->enable_monitoring.value)
		return 0;
	plan->rdt_monitor = arena_printf(work->arena, "%s/mon_groups/%s", plan->rdt_group, id);
	return plan->rdt_monitor ? 0 : -ENOMEM;
}
