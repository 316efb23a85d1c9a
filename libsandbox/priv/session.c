/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions, signals, guards. See session.h.
 *
 * Read: credentials(7), signal(7), prctl(2) PR_SET_DUMPABLE and PR_SET_PDEATHSIG; the kernel's commit_creds().
 */
#include "libsandbox/priv/session.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libbase/kernel.h"

/* The kernel's signals, the two that the C library hides included, and the size of its mask in bytes. */
#define SIGNALS_MAX   64
#define SIGNALS_BYTES (SIGNALS_MAX / 8)

int session_become_root(bool set_groups, struct error *err)
{
	bool denied = false;

	if (set_groups && kernel_setgroups(0, NULL) < 0) {
		/* Who has just come into a user namespace has every capability in it: only a gid map that is missing, as the next call will
		 * tell, or its setgroups file is left as a reason. */
		if (errno != EPERM)
			return error_set(err, -errno, "drop the caller's groups");
		denied = true;
	}
	if (kernel_setresgid(0, 0, 0) < 0)
		return error_set(err, -errno, "become group 0 of the user namespace");
	if (kernel_setresuid(0, 0, 0) < 0)
		return error_set(err, -errno, "become user 0 of the user namespace");
	int r = session_guard(true, err);

	return r < 0 ? r : denied;
}

/*
 * The program must not depend on what the caller ignored or blocked; handlers end with execve. The C library refuses to touch its own two signals, hence the bare
 * call; all zero is SIG_DFL without flags on every architecture.
 */
static void signals_reset(uint64_t numbers)
{
	static const unsigned char action[256] = { 0 };
	sigset_t none;

	for (int number = 1; number <= SIGNALS_MAX; number++) {
		if (numbers >> (number - 1) & 1 && number != SIGKILL && number != SIGSTOP)
			(void)syscall(SYS_rt_sigaction, number, action, NULL, SIGNALS_BYTES);
	}
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int session_hide(struct error *err)
{
	/* commit_creds() sets dumpable to fs.suid_dumpable, which may be 1, and forgets the signal. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, -errno, "become undumpable");
	return 0;
}

static int parent_signal_set(unsigned long number, struct error *err)
{
	return prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) < 0 ? error_set(err, -errno, "set the parent death signal") : 0;
}

int session_guard(bool until_parent, struct error *err)
{
	int r = session_hide(err);

	return r < 0 ? r : parent_signal_set(until_parent ? SIGKILL : 0, err);
}

int session_release(struct error *err)
{
	return parent_signal_set(0, err);
}

int session_begin(uint64_t ignored, mode_t mask, struct error *err)
{
	if (setsid() < 0)
		return error_set(err, -errno, "begin a session");
	signals_reset(ignored);
	(void)umask(mask);
	return 0;
}
