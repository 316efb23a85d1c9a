/* SPDX-License-Identifier: Apache-2.0 */
/* The OOM score adjustment of another process. */
#include "libsandbox/priv/oom.h"

#include <signal.h>

#include "libbase/proc.h"
#include "libsandbox/priv/fixture.h"

CHILD(it_is_raised_and_a_denial_explained)
{
	_cleanup_(fd_cleanup) int proc_fd = proc_open();
	char text[4096], path[64];
	struct error err;
	pid_t pid;

	ERROR_INIT(&err);
	need_root();
	pid = fork();
	if (pid == 0)
		wait_for_parent();
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	WANT_OK(oom_score_set(proc_fd, pid, 700, &err), &err);
	WANT_TEXT(text_read(path, text), "700\n");
	WANT_OK(oom_score_set(proc_fd, pid, 0, &err), &err);
	WANT_TEXT(text_read(path, text), "0\n");
	WANT(setresuid(1234, 1234, 0) == 0);
	WANT_INT(oom_score_set(proc_fd, pid, -5, &err), -EACCES);
	WANT_HAS(err.text, "failed to update oom_score_adj to -5 (below");
	WANT(setresuid(0, 0, 0) == 0 && kill(pid, SIGKILL) == 0);
}

CHILD(a_process_that_is_gone_is_an_error)
{
	_cleanup_(fd_cleanup) int proc_fd = proc_open();
	struct error err;

	ERROR_INIT(&err);
	WANT_INT(oom_score_set(proc_fd, 0x3ffffff, 0, &err), -ENOENT);
	WANT_TEXT(err.text, "failed to update oom_score_adj to 0: No such file or directory");
}
