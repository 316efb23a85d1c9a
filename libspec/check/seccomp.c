/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on `linux.seccomp`.
 *
 * Not for: whether libseccomp and the kernel know the calls, architectures and flags (libsandbox/seccomp).
 * Read: runtime-spec config-linux.md, "Seccomp"; seccomp(2), seccomp_unotify(2).
 */
#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/check/rule.h"

#define ERRNO_MAX     4095  /* MAX_ERRNO of the kernel, to which it cuts */
#define TRACE_MAX     65535 /* SECCOMP_RET_DATA */
#define ARGUMENTS_MAX 6

static const struct spec_seccomp *seccomp_of(const struct spec *spec)
{
	return spec->os_linux ? spec->os_linux->seccomp : NULL;
}

static void rule_errno(struct problems *problems, const char *path, int action, struct opt_u32 errno_ret)
{
	if (!errno_ret.set || action == 0)
		return;
	if (action == SECCOMP_ERRNO && errno_ret.value > ERRNO_MAX)
		problem_error(problems, 0, path, "want at most %d, got %u", ERRNO_MAX, errno_ret.value);
	else if (action == SECCOMP_TRACE && errno_ret.value > TRACE_MAX)
		problem_error(problems, 0, path, "want at most %d, got %u", TRACE_MAX, errno_ret.value);
	else if (action != SECCOMP_ERRNO && action != SECCOMP_TRACE)
		problem_error(problems, 0, path,
			      "want it with SCMP_ACT_ERRNO or SCMP_ACT_TRACE only: %s takes no errno, got %u",
			      name_text(&names_seccomp_actions, action), errno_ret.value);
}

void rule_seccomp_default(const struct spec *spec, struct problems *problems)
{
	const struct spec_seccomp *seccomp = seccomp_of(spec);

	if (!seccomp)
		return;
	/* REQUIRED says the specification; runc takes neither a default nor calls for "no filter", and such profiles are about. */
	if (seccomp->default_action == 0 && seccomp->syscalls.count == 0) {
		problem_warning(problems, 0, "/linux/seccomp",
				"it has no defaultAction and no syscalls: there is no filter");
		return;
	}
	if (seccomp->default_action == 0) {
		problem_error(problems, 0, "/linux/seccomp/defaultAction",
			      "want an action for all other calls: string  is not a valid action for seccomp");
		return;
	}
	/* The call with which the listener is handed over would wait for the listener. */
	if (seccomp->default_action == SECCOMP_NOTIFY)
		problem_error(problems, 0, "/linux/seccomp/defaultAction",
			      "SCMP_ACT_NOTIFY cannot be used as default action");
	rule_errno(problems, "/linux/seccomp/defaultErrnoRet", seccomp->default_action, seccomp->default_errno_ret);
}

static bool seccomp_notifies(const struct spec_seccomp *seccomp)
{
	for (size_t i = 0; i < seccomp->syscalls.count; i++) {
		if (seccomp->syscalls.items[i].action == SECCOMP_NOTIFY)
			return true;
	}
	return false;
}

void rule_seccomp_listener(const struct spec *spec, struct problems *problems)
{
	const struct spec_seccomp *seccomp = seccomp_of(spec);

	if (!seccomp)
		return;
	/* Without SCMP_ACT_NOTIFY the path is ignored, as the spec says. */
	if (seccomp_notifies(seccomp)) {
		if (text_is_empty(seccomp->listener_path))
			problem_error(problems, 0, "/linux/seccomp/listenerPath", "seccomp listenerPath is not set");
		else if (!path_is_absolute(seccomp->listener_path))
			problem_error(problems, 0, "/linux/seccomp/listenerPath", "want an absolute path, got '%s'",
				      rule_quote(seccomp->listener_path).text);
	}
	if (!text_is_empty(seccomp->listener_metadata) && text_is_empty(seccomp->listener_path))
		problem_error(problems, 0, "/linux/seccomp/listenerMetadata",
			      "want it with listenerPath only: seccomp listenerPath is not set");
}

static void rule_call_names(struct problems *problems, const char *path, const struct spec_seccomp_call *call)
{
	for (size_t i = 0; i < call->names.count; i++) {
		const char *name = call->names.items[i];

		if (text_is_empty(name))
			problem_error(problems, 0, rule_path("%s/names/%zu", path, i).text,
				      "empty string is not a valid syscall");
		/* Init says "ready" with it, after the filter is in place and before anyone listens. */
		if (call->action == SECCOMP_NOTIFY && text_equal(name, "write"))
			problem_error(problems, 0, rule_path("%s/names/%zu", path, i).text,
				      "SCMP_ACT_NOTIFY cannot be used for the write syscall");
	}
}

void rule_seccomp_syscalls(const struct spec *spec, struct problems *problems)
{
	const struct spec_seccomp *seccomp = seccomp_of(spec);

	for (size_t i = 0; seccomp && i < seccomp->syscalls.count; i++) {
		const struct spec_seccomp_call *call = &seccomp->syscalls.items[i];
		struct rule_path path = rule_path("/linux/seccomp/syscalls/%zu", i);

		rule_call_names(problems, path.text, call);
		rule_errno(problems, rule_path("%s/errnoRet", path.text).text, call->action, call->errno_ret);
		for (size_t j = 0; j < call->args.count; j++) {
			if (call->args.items[j].index >= ARGUMENTS_MAX)
				problem_error(problems, 0, rule_path("%s/args/%zu/index", path.text, j).text,
					      "want 0 to %d, got %u", ARGUMENTS_MAX - 1, call->args.items[j].index);
		}
	}
}
