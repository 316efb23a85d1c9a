/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of another process and of one's own. */
#include "libsandbox/priv/rlimits.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/resource.h>

#include "libsandbox/priv/fixture.h"
#include "libspec/names.h"

static bool may_raise(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	return syscall(SYS_capget, &header, data) == 0 && data[0].effective & (1U << CAP_SYS_RESOURCE);
}

CHILD(the_program_gets_exactly_what_was_asked)
{
	struct rlimit have;
	struct spec_rlimit wanted[] = {
		{ .type = RLIMIT_NOFILE + 1, .soft = 10, .hard = 20 },
		{ .type = RLIMIT_CORE + 1, .soft = 0, .hard = 0 },
	};
	struct error err;

	ERROR_INIT(&err);
	WANT_OK(rlimits_raise(getpid(), wanted, 2, &err), &err);
	/* Nothing was lowered yet. */
	WANT(getrlimit(RLIMIT_NOFILE, &have) == 0 && have.rlim_cur > 20);
	WANT_OK(rlimits_set(wanted, 2, &err), &err);
	WANT(getrlimit(RLIMIT_NOFILE, &have) == 0 && have.rlim_cur == 10 && have.rlim_max == 20);
	WANT(getrlimit(RLIMIT_CORE, &have) == 0 && have.rlim_cur == 0 && have.rlim_max == 0);
}

CHILD(a_hard_limit_out_of_reach_is_named)
{
	const struct rlimit low = { 100, 200 };
	struct spec_rlimit wanted = { .type = RLIMIT_NOFILE + 1, .soft = 100, .hard = 300 };
	struct error err;

	ERROR_INIT(&err);
	WANT(setrlimit(RLIMIT_NOFILE, &low) == 0);
	if (may_raise())
		WANT(setresuid(1234, 1234, 1234) == 0);
	WANT_INT(rlimits_raise(getpid(), &wanted, 1, &err), -EPERM);
	WANT_TEXT(err.text, "raise the hard limit of RLIMIT_NOFILE from 200 to 300 (that needs CAP_SYS_RESOURCE, and "
			    "fs.nr_open bounds it): Operation not permitted");
	wanted = (struct spec_rlimit){ .type = RLIMIT_CORE + 1, .soft = 0, .hard = RLIM_INFINITY };
	WANT(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) == 0);
	WANT_INT(rlimits_raise(getpid(), &wanted, 1, &err), -EPERM);
	WANT_TEXT(err.text, "raise the hard limit of RLIMIT_CORE from 0 to unlimited (that needs CAP_SYS_RESOURCE): "
			    "Operation not permitted");
	/* The other half may not do it either, and says so in the same words; nor a soft limit above the hard one. */
	ERROR_INIT(&err);
	WANT_INT(rlimits_set(&wanted, 1, &err), -EPERM);
	WANT_TEXT(err.text, "raise the hard limit of RLIMIT_CORE from 0 to unlimited (that needs CAP_SYS_RESOURCE): "
			    "Operation not permitted");
	wanted = (struct spec_rlimit){ .type = RLIMIT_NOFILE + 1, .soft = 50, .hard = 40 };
	WANT_INT(rlimits_set(&wanted, 1, &err), -EINVAL);
	WANT_TEXT(err.text, "set RLIMIT_NOFILE to soft 50, hard 40: Invalid argument");
}

CHILD(who_may_raises_another_process_and_itself)
{
	struct rlimit low = { 100, 200 }, have;
	const struct spec_rlimit wanted = { .type = RLIMIT_NOFILE + 1, .soft = 100, .hard = 300 };
	struct error err;
	pid_t pid;

	ERROR_INIT(&err);
	if (!may_raise())
		SKIP("needs CAP_SYS_RESOURCE");
	WANT(setrlimit(RLIMIT_NOFILE, &low) == 0);
	pid = fork();
	if (pid == 0)
		wait_for_parent();
	WANT_OK(rlimits_raise(pid, &wanted, 1, &err), &err);
	WANT(prlimit(pid, RLIMIT_NOFILE, NULL, &have) == 0 && have.rlim_cur == 100 && have.rlim_max == 300);
	kill(pid, SIGKILL);
	WANT_OK(rlimits_set(&wanted, 1, &err), &err);
	WANT(getrlimit(RLIMIT_NOFILE, &have) == 0 && have.rlim_cur == 100 && have.rlim_max == 300);
}

CHILD(a_process_that_is_gone_is_an_error)
{
	const struct spec_rlimit wanted = { .type = RLIMIT_CPU + 1, .soft = 1, .hard = 2 };
	struct error err;

	ERROR_INIT(&err);
	WANT_INT(rlimits_raise(0x3ffffff, &wanted, 1, &err), -ESRCH);
	WANT_TEXT(err.text, "read RLIMIT_CPU of init: No such process");
}
