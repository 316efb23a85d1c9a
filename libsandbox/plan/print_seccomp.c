/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's seccomp filter, shown: people read how many rules there are, programs read the rules.
 *
 * Not for: layout (report.c).
 */
#include "libsandbox/plan/print.h"

static void print_args(struct report *report, const struct spec_seccomp_call *rule)
{
	report_list_begin(report, "args");
	for (size_t i = 0; i < rule->args.count; i++) {
		const struct spec_seccomp_arg *arg = &rule->args.items[i];

		report_row_begin(report);
		report_u64(report, "index", arg->index);
		report_cell(report, "op", name_text(&names_seccomp_operators, arg->op));
		report_u64(report, "value", arg->value);
		report_u64(report, "valueTwo", arg->value_two);
		report_row_end(report);
	}
	report_list_end(report);
}

static void print_rules(struct report *report, const struct spec_seccomp *spec)
{
	if (!report_is_json(report)) {
		report_u64(report, "rules", spec->syscalls.count);
		return;
	}
	report_list_begin(report, "rules");
	for (size_t i = 0; i < spec->syscalls.count; i++) {
		const struct spec_seccomp_call *rule = &spec->syscalls.items[i];

		report_row_begin(report);
		report_cell_words(report, "names", &rule->names);
		report_cell(report, "action", name_text(&names_seccomp_actions, rule->action));
		if (rule->errno_ret.set)
			report_u64(report, "errnoRet", rule->errno_ret.value);
		if (rule->args.count > 0)
			print_args(report, rule);
		report_row_end(report);
	}
	report_list_end(report);
}

void plan_print_seccomp(struct report *report, const struct plan *plan)
{
	const struct plan_seccomp *seccomp = &plan->seccomp;
	struct print_words flags = print_kernel_words(&names_seccomp_flags, seccomp->flags);
	struct spec_strings strings = print_strings(&flags);

	if (!seccomp->spec)
		return;
	report_section_begin(report, "seccomp");
	report_text(report, "default", name_text(&names_seccomp_actions, seccomp->spec->default_action));
	if (seccomp->spec->default_errno_ret.set)
		report_u64(report, "defaultErrnoRet", seccomp->spec->default_errno_ret.value);
	print_rules(report, seccomp->spec);
	print_mask(report, "archs", &names_seccomp_archs, seccomp->spec->architectures.bits);
	report_words(report, "flags", &strings);
	report_text(report, "loaded",
		    seccomp->load == SECCOMP_LOAD_LATE ? "after privileges are dropped"
						       : "before privileges are dropped");
	if (seccomp->notify) {
		report_text(report, "agent", seccomp->spec->listener_path);
		report_text(report, "agentMetadata", seccomp->spec->listener_metadata);
	}
	report_section_end(report);
}
