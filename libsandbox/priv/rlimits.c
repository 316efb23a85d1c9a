/* SPDX-License-Identifier: Apache-2.0 */
/* Resource limits. See rlimits.h. Read: prlimit(2). */
#include "libsandbox/priv/rlimits.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "libbase/kernel.h"
#include "libspec/names.h"

#define LIMIT_TEXT_MAX 24

static const char *limit_text(rlim_t value, char to[LIMIT_TEXT_MAX])
{
	if (value == RLIM_INFINITY)
		return "unlimited";
	(void)snprintf(to, LIMIT_TEXT_MAX, "%llu", (unsigned long long)value);
	return to;
}

static int raise_failed(const struct name *name, const struct rlimit *wanted, const struct rlimit *have, int code,
			struct error *err)
{
	char wanted_text[LIMIT_TEXT_MAX], hard_text[LIMIT_TEXT_MAX];
	const char *why = code != -EPERM                  ? ""
			  : name->kernel == RLIMIT_NOFILE ? " (that needs CAP_SYS_RESOURCE, and fs.nr_open bounds it)"
							  : " (that needs CAP_SYS_RESOURCE)";

	return error_set(err, code, "raise the hard limit of %s from %s to %s%s", name->text,
			 limit_text(have->rlim_max, hard_text), limit_text(wanted->rlim_max, wanted_text), why);
}

int rlimits_raise(pid_t pid, const struct spec_rlimit *rlimits, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct name *name = name_of(&names_rlimits, rlimits[i].type);
		struct rlimit have, limit;

		if (kernel_prlimit(pid, (int)name->kernel, NULL, &have) < 0)
			return error_set(err, -errno, "read %s of init", name->text);
		if (have.rlim_max >= rlimits[i].hard)
			continue;
		limit = (struct rlimit){ have.rlim_cur, rlimits[i].hard };
		if (kernel_prlimit(pid, (int)name->kernel, &limit, NULL) < 0)
			return raise_failed(name, &limit, &have, -errno, err);
	}
	return 0;
}

static int set_failed(const struct name *name, const struct rlimit *wanted, int code, struct error *err)
{
	char soft[LIMIT_TEXT_MAX], hard[LIMIT_TEXT_MAX];
	struct rlimit have;

	if (kernel_prlimit(0, (int)name->kernel, NULL, &have) == 0 && have.rlim_max < wanted->rlim_max)
		return raise_failed(name, wanted, &have, code, err);
	return error_set(err, code, "set %s to soft %s, hard %s", name->text, limit_text(wanted->rlim_cur, soft),
			 limit_text(wanted->rlim_max, hard));
}

int rlimits_set(const struct spec_rlimit *rlimits, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct name *name = name_of(&names_rlimits, rlimits[i].type);
		struct rlimit limit = { .rlim_cur = rlimits[i].soft, .rlim_max = rlimits[i].hard };

		if (kernel_prlimit(0, (int)name->kernel, &limit, NULL) < 0)
			return set_failed(name, &limit, -errno, err);
	}
	return 0;
}
