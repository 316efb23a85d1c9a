/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether there is a filter, when it is loaded, and with which flags of seccomp(2).
 *
 * Not for: compiling it (libsandbox/seccomp).
 * Read: runtime-spec config-linux.md, "Seccomp"; seccomp(2).
 */
#include <linux/seccomp.h>

#include "libbase/text.h"
#include "libsandbox/plan/build.h"
#include "libsandbox/seccomp/names.h"

static bool filter_is_empty(const struct spec_seccomp *spec)
{
	return spec->default_action == 0 && spec->syscalls.count == 0; /* how engines say "no filter" */
}

static bool filter_notifies(const struct spec_seccomp *spec)
{
	for (size_t i = 0; i < spec->syscalls.count; i++) {
		if (spec->syscalls.items[i].action == SECCOMP_NOTIFY)
			return true;
	}
	return false;
}

static bool kernel_takes(const struct host *host, const struct name *flag)
{
	return host->seccomp_flags >> (flag->value - 1) & 1;
}

static uint64_t flags_build(struct plan_work *work, const struct spec_seccomp *spec, bool notify)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < names_seccomp_flags.count; i++) {
		const struct name *flag = &names_seccomp_flags.names[i];
		/* Without a word on flags runc, and so the engines' tests, expect this one: it spares the SSB mitigation. */
		bool usual = !spec->flags.set && flag->kernel == SECCOMP_FILTER_FLAG_SPEC_ALLOW &&
			     kernel_takes(work->host, flag);
		bool asked = spec->flags.set && (spec->flags.bits >> (flag->value - 1) & 1);

		if (!usual && !asked)
			continue;
		/* Init has one thread: there is nobody to synchronise with, and no reason to depend on it. */
		if (flag->kernel == SECCOMP_FILTER_FLAG_TSYNC)
			continue;
		if (!kernel_takes(work->host, flag)) {
			problem_error(work->problems, 0, "/linux/seccomp/flags", "this kernel does not know %s",
				      flag->text);
			continue;
		}
		if (flag->kernel == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV && !notify) {
			problem_warning(work->problems, 0, "/linux/seccomp/flags",
					"%s is left out: no rule has SCMP_ACT_NOTIFY", flag->text);
			continue;
		}
		flags |= (uint64_t)flag->kernel;
	}
	return flags;
}

static bool name_is_earlier(const struct spec_seccomp *spec, size_t call, size_t name)
{
	const char *text = spec->syscalls.items[call].names.items[name];

	for (size_t i = 0; i <= call; i++) {
		const struct spec_strings *names = &spec->syscalls.items[i].names;

		for (size_t j = 0; j < (i == call ? name : names->count); j++) {
			if (text_equal(names->items[j], text))
				return true;
		}
	}
	return false;
}

/* Each once, as far as it would be told. */
static void names_check(struct plan_work *work, const struct spec_seccomp *spec)
{
	for (size_t i = 0; i < spec->syscalls.count; i++) {
		const struct spec_strings *names = &spec->syscalls.items[i].names;

		for (size_t j = 0; j < names->count; j++) {
			if (seccomp_call_known(names->items[j]) ||
			    (work->problems->warnings < PROBLEMS_KEPT && name_is_earlier(spec, i, j)))
				continue;
			problem_warning(work->problems, 0, arena_printf(work->arena, "/linux/seccomp/syscalls/%zu", i),
					"ignoring '%s': there is no such system call", names->items[j]);
		}
	}
}

int plan_seccomp_build(struct plan_work *work)
{
	const struct spec_seccomp *spec = work->spec->os_linux->seccomp;
	struct plan_seccomp *to = &work->plan->seccomp;

	to->load = SECCOMP_LOAD_NONE;
	if (!spec || filter_is_empty(spec))
		return 0;
	if (!work->host->seccomp) {
		problem_error(work->problems, 0, "/linux/seccomp",
			      "seccomp filters aren't enabled in the kernel, or orlop was built without libseccomp");
		return 0;
	}
	to->spec = spec;
	to->notify = filter_notifies(spec);
	to->flags = flags_build(work, spec, to->notify);
	if (!work->exec)
		names_check(work, spec);
	/* A filter takes CAP_SYS_ADMIN or no_new_privs; with the latter it can come after the capabilities are gone. */
	to->load = work->spec->process && work->spec->process->no_new_privileges.value ? SECCOMP_LOAD_LATE
										       : SECCOMP_LOAD_EARLY;
	return 0;
}
