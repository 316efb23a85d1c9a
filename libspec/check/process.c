/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on `process`. They hold for config.json and for `exec --process` alike.
 *
 * Not for: whether there is a process at all (document.c) or what the host can grant (libsandbox/plan).
 * Read: runtime-spec config.md, "Process"; sched_setattr(2), capabilities(7), proc(5).
 */
#include <limits.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/check/check.h"
#include "libspec/check/rule.h"

static void rule_cwd(const struct spec *spec, struct problems *problems)
{
	if (!spec->process)
		return;
	const char *cwd = spec->process->cwd;

	if (text_is_empty(cwd))
		problem_error(problems, 0, "/process/cwd", "Cwd property must not be empty");
	else if (!path_is_absolute(cwd))
		problem_error(problems, 0, "/process/cwd", "Cwd must be an absolute path, got '%s'",
			      rule_quote(cwd).text);
}

static void rule_args(const struct spec *spec, struct problems *problems)
{
	if (!spec->process)
		return;
	const struct spec_strings *args = &spec->process->args;

	if (args->count == 0)
		problem_error(problems, 0, "/process/args", "args must not be empty");
	else if (text_is_empty(args->items[0]))
		problem_error(problems, 0, "/process/args/0",
			      "want a command: exec: \"\": executable file not found in $PATH");
}

static void rule_env(const struct spec *spec, struct problems *problems)
{
	if (spec->process)
		rule_environment(problems, PROBLEM_ERROR, "/process/env", &spec->process->env);
}

static void rule_rlimits(const struct spec *spec, struct problems *problems)
{
	uint64_t seen = 0;

	for (size_t i = 0; spec->process && i < spec->process->rlimits.count; i++) {
		const struct spec_rlimit *rlimit = &spec->process->rlimits.items[i];

		if (rlimit->soft > rlimit->hard)
			problem_error(problems, 0, rule_path("/process/rlimits/%zu/soft", i).text,
				      "want at most the hard limit %llu, got %llu", (unsigned long long)rlimit->hard,
				      (unsigned long long)rlimit->soft);
		if (rlimit->type <= 0 || rlimit->type >= 64)
			continue;
		uint64_t bit = UINT64_C(1) << rlimit->type;
		if (seen & bit)
			problem_error(problems, 0, rule_path("/process/rlimits/%zu/type", i).text,
				      "want each type once, got '%s' again", name_text(&names_rlimits, rlimit->type));
		seen |= bit;
	}
}

/* Adds for each capability of `mask` that `within` lacks its name between the words `before` and `after`. */
static void lacking_append(struct text_buffer *to, const struct opt_mask *mask, const struct opt_mask *within,
			   const char *before, const char *after, const char *between)
{
	uint64_t lacking = mask->bits & ~within->bits;

	for (size_t i = 0; i < names_capabilities.count; i++) {
		const struct name *name = &names_capabilities.names[i];

		if (lacking & (UINT64_C(1) << (name->value - 1)))
			text_append_format(to, "%s%s%s%s", to->length > 0 ? between : "", before, name->text, after);
	}
}

/* A warning, because the spec wants containers to run without what cannot be granted; one for all of a set, because old templates of runc
 * ask for three such. */
static void warn_not_effective(struct problems *problems, const struct opt_mask *effective,
			       const struct opt_mask *permitted)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer words = TEXT_BUFFER_INIT;

	lacking_append(&words, effective, permitted, "", "", ", ");
	if (words.length > 0)
		problem_warning(problems, 0, "/process/capabilities/effective",
				"%s cannot be granted: not in the permitted set", words.bytes);
}

/* Each with the words that runc has for it: callers look for those with a name. */
static void warn_not_ambient(struct problems *problems, const struct opt_mask *ambient, const char *after,
			     const struct opt_mask *within)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer words = TEXT_BUFFER_INIT;

	lacking_append(&words, ambient, within, "can't raise ambient capability ", after, "; ");
	if (words.length > 0)
		problem_warning(problems, 0, "/process/capabilities/ambient", "%s", words.bytes);
}

static void rule_capabilities(const struct spec *spec, struct problems *problems)
{
	if (!spec->process || !spec->process->capabilities)
		return;
	const struct spec_capabilities *capabilities = spec->process->capabilities;

	warn_not_effective(problems, &capabilities->effective, &capabilities->permitted);
	warn_not_ambient(problems, &capabilities->ambient, ": not in the permitted set", &capabilities->permitted);
	warn_not_ambient(problems, &capabilities->ambient, ": not in the inheritable set", &capabilities->inheritable);
}

static void rule_oom_score_adj(const struct spec *spec, struct problems *problems)
{
	if (!spec->process || !spec->process->oom_score_adj.set)
		return;
	int32_t value = spec->process->oom_score_adj.value;

	if (value < -1000 || value > 1000)
		problem_error(problems, 0, "/process/oomScoreAdj", "want -1000 to 1000, got %d", value);
}

#define SCHEDULER_FLAG(value) (UINT64_C(1) << ((value)-1))
#define FLAG_KEEP_PARAMS      SCHEDULER_FLAG(5)
#define DEADLINE_RUNTIME_MIN  1024 /* ns: what the kernel's deadline scheduler can account (DL_SCALE) */

static void rule_scheduler_nice(const struct spec_scheduler *scheduler, struct problems *problems)
{
	int32_t nice = scheduler->nice.value;

	if (scheduler->policy == SCHEDULER_OTHER || scheduler->policy == SCHEDULER_BATCH) {
		if (nice < -20 || nice > 19)
			problem_error(problems, 0, "/process/scheduler/nice",
				      "want -20 to 19: invalid scheduler.nice: %d when scheduler.policy is %s", nice,
				      name_text(&names_scheduler_policies, scheduler->policy));
	} else if (nice != 0) {
		problem_warning(problems, 0, "/process/scheduler/nice",
				"has no effect but with SCHED_OTHER and SCHED_BATCH");
	}
}

static void rule_scheduler_priority(const struct spec_scheduler *scheduler, struct problems *problems)
{
	int32_t priority = scheduler->priority.value;

	if (scheduler->policy == SCHEDULER_FIFO || scheduler->policy == SCHEDULER_RR) {
		/* The kernel takes the old parameters then, and these are not looked at. */
		if (scheduler->flags.bits & FLAG_KEEP_PARAMS)
			return;
		if (priority < 1 || priority > 99)
			problem_error(problems, 0, "/process/scheduler/priority", "want 1 to 99, got %d", priority);
	} else if (priority != 0) {
		problem_error(problems, 0, "/process/scheduler/priority",
			      "scheduler.priority can only be specified for SchedFIFO or SchedRR policy");
	}
}

static void rule_scheduler_deadline(const struct spec_scheduler *scheduler, struct problems *problems)
{
	uint64_t runtime = scheduler->runtime.value;
	uint64_t deadline = scheduler->deadline.value;
	uint64_t period = scheduler->period.value;

	if (scheduler->policy != SCHEDULER_DEADLINE) {
		if (runtime != 0 || deadline != 0 || period != 0)
			problem_error(
				problems, 0, "/process/scheduler",
				"scheduler runtime/deadline/period can only be specified for SchedDeadline policy");
		return;
	}
	if (scheduler->flags.bits & FLAG_KEEP_PARAMS)
		return;
	if (runtime < DEADLINE_RUNTIME_MIN)
		problem_error(problems, 0, "/process/scheduler/runtime", "want at least %d ns, got %llu",
			      DEADLINE_RUNTIME_MIN, (unsigned long long)runtime);
	if (deadline < runtime || deadline == 0)
		problem_error(problems, 0, "/process/scheduler/deadline",
			      "want at least the runtime, %llu ns, got %llu", (unsigned long long)runtime,
			      (unsigned long long)deadline);
	/* 0 means the same as the deadline. */
	if (period != 0 && period < deadline)
		problem_error(problems, 0, "/process/scheduler/period", "want at least the deadline, %llu ns, got %llu",
			      (unsigned long long)deadline, (unsigned long long)period);
}

static void rule_scheduler(const struct spec *spec, struct problems *problems)
{
	if (!spec->process || !spec->process->scheduler)
		return;
	const struct spec_scheduler *scheduler = spec->process->scheduler;

	if (scheduler->policy == 0)
		return;
	rule_scheduler_nice(scheduler, problems);
	rule_scheduler_priority(scheduler, problems);
	rule_scheduler_deadline(scheduler, problems);
}

static void rule_io_priority(const struct spec *spec, struct problems *problems)
{
	if (!spec->process || !spec->process->io_priority)
		return;
	int32_t priority = spec->process->io_priority->priority.value;

	if (priority < 0 || priority > 7)
		problem_error(problems, 0, "/process/ioPriority/priority",
			      "want 0 to 7: invalid ioPriority.Priority: %d", priority);
}

static void rule_cpu_affinity(const struct spec *spec, struct problems *problems)
{
	if (!spec->process || !spec->process->exec_cpu_affinity)
		return;
	rule_ranges(problems, "/process/execCPUAffinity/initial", spec->process->exec_cpu_affinity->initial);
	rule_ranges(problems, "/process/execCPUAffinity/final", spec->process->exec_cpu_affinity->final);
}

static void rule_console_size(const struct spec *spec, struct problems *problems)
{
	/* The spec wants consoleSize ignored without a terminal. */
	if (!spec->process || !spec->process->console_size || !spec->process->terminal.value)
		return;
	const struct spec_console_size *size = spec->process->console_size;

	if (size->height > USHRT_MAX)
		problem_error(problems, 0, "/process/consoleSize/height", "want at most %d, got %llu", USHRT_MAX,
			      (unsigned long long)size->height);
	if (size->width > USHRT_MAX)
		problem_error(problems, 0, "/process/consoleSize/width", "want at most %d, got %llu", USHRT_MAX,
			      (unsigned long long)size->width);
}

static void rule_labels(const struct spec *spec, struct problems *problems)
{
	if (!spec->process)
		return;
	if (rule_has_newline(spec->process->apparmor_profile))
		problem_error(problems, 0, "/process/apparmorProfile", "want a name without newlines, got '%s'",
			      rule_quote(spec->process->apparmor_profile).text);
	if (rule_has_newline(spec->process->selinux_label))
		problem_error(problems, 0, "/process/selinuxLabel", "want a label without newlines, got '%s'",
			      rule_quote(spec->process->selinux_label).text);
}

const struct check_row checks_process[] = {
	{ "process-cwd", "process.cwd is an absolute path", rule_cwd },
	{ "process-args", "process.args has at least a command, which is not empty", rule_args },
	{ "process-env", "every entry of process.env is NAME=value with a name", rule_env },
	{ "process-rlimits", "each rlimit type stands once, its soft limit is not above its hard limit", rule_rlimits },
	{ "process-capabilities", "warns of effective and ambient capabilities that the kernel will not grant",
	  rule_capabilities },
	{ "process-oom-score-adj", "process.oomScoreAdj is from -1000 to 1000", rule_oom_score_adj },
	{ "process-scheduler", "each scheduler value suits its policy and is in the kernel's range", rule_scheduler },
	{ "process-io-priority", "process.ioPriority.priority is from 0 to 7", rule_io_priority },
	{ "process-cpu-affinity", "the lists of process.execCPUAffinity are like 0-3,7", rule_cpu_affinity },
	{ "process-console-size", "with a terminal, height and width fit into 16 bits", rule_console_size },
	{ "process-labels", "the AppArmor profile and the SELinux label have no newline", rule_labels },
};
const size_t checks_process_count = ARRAY_SIZE(checks_process);
