/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's process, shown: what is executed, as whom, with which rights and limits.
 *
 * Not for: layout (report.c).
 */
#include "libsandbox/plan/print.h"

static struct spec_strings vector_strings(char *const *vector)
{
	struct spec_strings strings = { (const char *const *)vector, 0 };

	while (vector && vector[strings.count])
		strings.count++;
	return strings;
}

static void print_user(struct report *report, const struct plan_process *process)
{
	report_line_begin(report, "user");
	report_u64(report, "uid", process->uid);
	report_u64(report, "gid", process->gid);
	if (process->set_umask)
		report_format(report, "umask", "%04o", process->umask);
	report_bool(report, "groupsUnchanged", !process->set_groups);
	report_line_end(report);

	if (process->set_groups)
		report_numbers(report, "groups", &process->groups);
}

static void print_capability_set(struct report *report, const char *key, uint64_t bits)
{
	struct print_words words = print_mask_words(&names_capabilities, bits);
	struct spec_strings strings = print_strings(&words);

	report_set(report, key, &strings);
}

static void print_capabilities(struct report *report, const struct plan_capabilities *capabilities)
{
	report_section_begin(report, "capabilities");
	print_capability_set(report, "bounding", capabilities->bounding);
	print_capability_set(report, "effective", capabilities->effective);
	print_capability_set(report, "permitted", capabilities->permitted);
	print_capability_set(report, "inheritable", capabilities->inheritable);
	print_capability_set(report, "ambient", capabilities->ambient);
	report_section_end(report);
}

static void print_scheduling(struct report *report, const struct spec_process *spec)
{
	const struct spec_scheduler *scheduler = spec->scheduler;

	if (scheduler) {
		report_line_begin(report, "scheduler");
		report_cell(report, "policy", name_text(&names_scheduler_policies, scheduler->policy));
		if (scheduler->nice.value != 0)
			report_number(report, "nice", scheduler->nice.value);
		if (scheduler->priority.value != 0)
			report_number(report, "priority", scheduler->priority.value);
		if (scheduler->runtime.value != 0)
			report_u64(report, "runtimeNs", scheduler->runtime.value);
		if (scheduler->deadline.value != 0)
			report_u64(report, "deadlineNs", scheduler->deadline.value);
		if (scheduler->period.value != 0)
			report_u64(report, "periodNs", scheduler->period.value);
		print_mask(report, "flags", &names_scheduler_flags, scheduler->flags.bits);
		report_line_end(report);
	}
	if (spec->io_priority) {
		report_line_begin(report, "ioPriority");
		report_cell(report, "class", name_text(&names_io_classes, spec->io_priority->class));
		report_number(report, "priority", spec->io_priority->priority.value);
		report_line_end(report);
	}
}

static void print_rlimits(struct report *report, const struct spec_process *spec)
{
	report_list_begin(report, "rlimits");
	for (size_t i = 0; i < spec->rlimits.count; i++) {
		report_row_begin(report);
		report_cell(report, "type", name_text(&names_rlimits, spec->rlimits.items[i].type));
		report_u64(report, "soft", spec->rlimits.items[i].soft);
		report_u64(report, "hard", spec->rlimits.items[i].hard);
		report_row_end(report);
	}
	report_list_end(report);
}

void plan_print_process(struct report *report, const struct plan *plan)
{
	const struct plan_process *process = &plan->process;
	struct spec_strings args = vector_strings(process->argv), env = vector_strings(process->envp);

	report_section_begin(report, "process");
	report_words(report, "args", &args);
	report_lines(report, "env", &env);
	report_bool(report, "homeFromPasswd", process->home_unset);
	report_text(report, "cwd", process->spec->cwd);
	print_user(report, process);
	report_bool(report, "terminal", process->terminal);
	if (process->console_size_set)
		report_format(report, "consoleSize", "%ux%u", process->console_width, process->console_height);
	print_capabilities(report, &process->capabilities);
	report_bool(report, "noNewPrivileges", process->spec->no_new_privileges.value);
	print_rlimits(report, process->spec);
	report_text(report, "apparmorProfile", process->spec->apparmor_profile);
	report_text(report, "selinuxLabel", process->spec->selinux_label);
	if (process->spec->oom_score_adj.set)
		report_number(report, "oomScoreAdj", process->spec->oom_score_adj.value);
	print_scheduling(report, process->spec);
	if (process->preserve_fds > 0)
		report_u64(report, "preserveFds", process->preserve_fds);
	report_bool(report, "keyring", process->keyring);
	report_section_end(report);
}
