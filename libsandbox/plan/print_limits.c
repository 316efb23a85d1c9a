/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's cgroup, shown: driver and place, limits, device rules, and the resctrl group.
 *
 * Not for: layout (report.c).
 */
#include <stdio.h>
#include <string.h>

#include "libsandbox/cgroup/resource_table.h"
#include "libsandbox/plan/print.h"

static void print_cgroup(struct report *report, const struct plan_cgroup *cgroup)
{
	static const char *const drivers[] = {
		[CGROUP_DRIVER_CGROUPFS] = "cgroupfs",
		[CGROUP_DRIVER_SYSTEMD] = "systemd",
		[CGROUP_DRIVER_DISABLED] = "disabled",
	};
	struct print_words controllers = { 0 };
	struct spec_strings strings;

	for (int i = CONTROLLER_CPU; i <= CONTROLLER_MISC; i++) {
		if (cgroup->controllers & RESOURCE_CONTROLLER_BIT(i))
			controllers.items[controllers.count++] = resource_controller_name(i);
	}
	strings = print_strings(&controllers);

	report_section_begin(report, "cgroup");
	report_text(report, "driver", drivers[cgroup->driver]);
	report_text(report, "mount", cgroup->mount);
	report_text(report, "path", cgroup->path);
	report_text(report, "slice", cgroup->slice);
	report_text(report, "unit", cgroup->unit);
	report_bool(report, "userManager", cgroup->user_manager);
	report_bool(report, "delegate", cgroup->delegate);
	report_bool(report, "tolerateDenied", cgroup->tolerate_denied);
	report_words(report, "controllers", &strings);
	report_list_begin(report, "properties");
	for (size_t i = 0; i < cgroup->property_count; i++) {
		report_row_begin(report);
		report_cell(report, "name", cgroup->properties[i].name);
		report_cell(report, "value", cgroup->properties[i].value);
		report_row_end(report);
	}
	report_list_end(report);
	report_section_end(report);
}

/* One row for each line that is written. */
static void print_limit(struct report *report, const struct plan_cgroup *cgroup, const struct plan_resource *limit)
{
	const char *property = limit->row && cgroup->driver == CGROUP_DRIVER_SYSTEMD ? limit->row->property : NULL;

	for (const char *line = limit->value; line && *line;) {
		size_t length = strcspn(line, "\n");

		report_row_begin(report);
		report_cell(report, "file", limit->file);
		report_cell_format(report, "value", "%.*s", (int)length, line);
		report_text(report, "property", property);
		report_bool(report, "optional", limit->optional);
		report_row_end(report);
		line += length + (line[length] == '\n');
	}
}

static void number_or_any(char *to, size_t size, int64_t number)
{
	if (number < 0)
		(void)snprintf(to, size, "*");
	else
		(void)snprintf(to, size, "%lld", (long long)number);
}

static void print_device_rules(struct report *report, const struct plan_cgroup *cgroup)
{
	if (!cgroup->device_program)
		return;
	report_list_begin(report, "deviceRules");
	for (size_t i = 0; i < cgroup->device_count; i++) {
		const struct plan_device_rule *rule = &cgroup->devices[i];
		char major[24], minor[24];

		number_or_any(major, sizeof(major), rule->major);
		number_or_any(minor, sizeof(minor), rule->minor);
		report_row_begin(report);
		report_cell(report, "rule", rule->allow ? "allow" : "deny");
		report_cell_format(report, "device", "%c %s:%s", rule->type, major, minor);
		report_cell_format(report, "access", "%s%s%s", rule->read ? "r" : "", rule->write ? "w" : "",
				   rule->mknod ? "m" : "");
		report_row_end(report);
	}
	report_list_end(report);
}

static void print_intel_rdt(struct report *report, const struct plan *plan)
{
	const struct spec_intel_rdt *rdt = plan->intel_rdt;

	if (!rdt)
		return;
	report_section_begin(report, "intelRdt");
	report_text(report, "group", plan->rdt_group);
	report_text(report, "l3CacheSchema", rdt->l3_cache_schema);
	report_text(report, "memBwSchema", rdt->mem_bw_schema);
	report_lines(report, "schemata", &rdt->schemata);
	report_bool(report, "monitoring", rdt->enable_monitoring.value);
	report_section_end(report);
}

void plan_print_limits(struct report *report, const struct plan *plan)
{
	print_cgroup(report, &plan->cgroup);
	report_list_begin(report, "limits");
	for (size_t i = 0; i < plan->cgroup.resource_count; i++)
		print_limit(report, &plan->cgroup, &plan->cgroup.resources[i]);
	report_list_end(report);
	print_device_rules(report, &plan->cgroup);
	print_intel_rdt(report, plan);
}
