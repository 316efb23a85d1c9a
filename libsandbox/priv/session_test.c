/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile caller can leave to its children, and that none of it is left. */
#include "libsandbox/priv/session.h"

#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>

#include "libsandbox/priv/fixture.h"

static void on_signal(int number)
{
	(void)number;
}

static bool is_empty(const char *mask)
{
	char text[4096], line[64];

	snprintf(line, sizeof(line), "%s:\t0000000000000000\n", mask);
	return strstr(text_read("/proc/self/status", text), line);
}

static int guards(void)
{
	int signal = -1;

	WANT(prctl(PR_GET_PDEATHSIG, &signal) == 0);
	return signal;
}

CHILD(signals_session_and_umask_are_fresh)
{
	struct error err;
	sigset_t set;

	ERROR_INIT(&err);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGTERM, on_signal);
	signal(SIGRTMAX, SIG_IGN);
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	umask(0777);
	WANT(!is_empty("SigIgn") && !is_empty("SigBlk") && !is_empty("SigCgt"));
	WANT(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0);
	WANT_OK(session_begin(UINT64_MAX, 022, &err), &err);
	WANT(is_empty("SigIgn") && is_empty("SigBlk") && is_empty("SigCgt"));
	WANT_INT(getsid(0), getpid());
	WANT_INT(getpgid(0), getpid());
	WANT_INT(umask(0), 022);
	WANT_INT(guards(), SIGKILL);
	WANT_INT(prctl(PR_GET_DUMPABLE), 1);
	WANT_OK(session_hide(&err), &err);
	WANT_INT(prctl(PR_GET_DUMPABLE), 0);
	WANT_INT(guards(), SIGKILL);
	/* It is the leader now. */
	WANT_INT(session_begin(UINT64_MAX, 0, &err), -EPERM);
	WANT_TEXT(err.text, "begin a session: Operation not permitted");
}

CHILD(only_the_named_signals_are_reset)
{
	struct error err;

	ERROR_INIT(&err);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGRTMAX, SIG_IGN);
	WANT_OK(session_begin(UINT64_C(1) << (SIGPIPE - 1) | UINT64_C(1) << (SIGRTMAX - 1), 0, &err), &err);
	WANT(signal(SIGHUP, SIG_DFL) == SIG_IGN);
	WANT(signal(SIGPIPE, SIG_DFL) == SIG_DFL && signal(SIGRTMAX, SIG_DFL) == SIG_DFL);
}

CHILD(guards_survive_a_change_of_ids)
{
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT_OK(session_begin(UINT64_MAX, 0, &err), &err);
	WANT(setresuid(1234, 1234, 1234) == 0);
	WANT_INT(guards(), 0);
	WANT_OK(session_guard(true, &err), &err);
	WANT_INT(guards(), SIGKILL);
	WANT_OK(session_release(&err), &err);
	WANT_INT(guards(), 0);
	WANT_OK(session_guard(true, &err), &err);
	WANT_OK(session_guard(false, &err), &err);
	WANT_INT(guards(), 0);
	WANT_INT(prctl(PR_GET_DUMPABLE), 0);
}

CHILD(the_callers_groups_and_ids_are_left_behind)
{
	const gid_t groups[] = { 5, 6, 7 };
	struct error err;
	uid_t r, e, s;

	ERROR_INIT(&err);
	need_root();
	WANT(setgroups(3, groups) == 0);
	WANT(setresgid(9, 9, 9) == 0);
	WANT(setresuid(8, 0, 7) == 0);
	WANT_OK(session_become_root(true, &err), &err);
	/* Both were undone on the way. */
	WANT_INT(prctl(PR_GET_DUMPABLE), 0);
	WANT_INT(guards(), SIGKILL);
	WANT(getresuid(&r, &e, &s) == 0 && r == 0 && e == 0 && s == 0);
	WANT(getresgid(&r, &e, &s) == 0 && r == 0 && e == 0 && s == 0);
	WANT_INT(getgroups(0, NULL), 0);
}

CHILD(groups_stay_where_they_may_not_be_set)
{
	const gid_t groups[] = { 5, 6, 7 };
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT(setgroups(3, groups) == 0);
	WANT_OK(session_become_root(false, &err), &err);
	WANT_INT(getgroups(0, NULL), 3);
	WANT(setresuid(1234, 1234, 1234) == 0);
	WANT_INT(session_become_root(true, &err), -EPERM);
	WANT_HAS(err.text, "become user 0 of the user namespace");
}

CHILD(a_namespace_that_denies_setgroups_is_noticed)
{
	const gid_t groups[] = { 5, 6, 7 };
	char map[32];
	struct error err;

	ERROR_INIT(&err);
	need_root();
	WANT(setgroups(3, groups) == 0);
	WANT(setresgid(1234, 1234, 1234) == 0 && setresuid(1234, 1234, 1234) == 0);
	WANT(prctl(PR_SET_DUMPABLE, 1) == 0);
	if (unshare(CLONE_NEWUSER) < 0)
		SKIP("no right to make a user namespace");
	text_write("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %d 1\n", 1234);
	text_write("/proc/self/uid_map", map);
	text_write("/proc/self/gid_map", map);
	WANT_INT(session_become_root(true, &err), 1);
	WANT_INT(session_become_root(false, &err), 0);
	WANT_INT(getgroups(0, NULL), 3);
}
