/* SPDX-License-Identifier: Apache-2.0 */
/* The init side as a process. See init.h. */
#include "libsandbox/steps/init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "libbase/path.h"
#include "libsandbox/steps/birth.h"
#include "libsandbox/steps/engine.h"
#include "libsandbox/steps/gate.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/sync.h"
#include "libsandbox/steps/when.h"

/* Without a mount namespace of its own (or in a joined one) the root file system is entered as it stands. */
int run_chroot(struct sandbox *sandbox, struct error *err)
{
	const char *path = sandbox->plan->root.path;
	_cleanup_(fd_cleanup) int root_fd = path_open_host(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);

	if (root_fd < 0)
		return error_set(err, root_fd, "root '%s'", path);
	if (fchdir(root_fd) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return error_set(err, -errno, "chroot to '%s'", path);
	return 0;
}

int init_report_fd(const struct sandbox *sandbox)
{
	if (sandbox->gate_report_fd >= 0)
		return sandbox->gate_report_fd;
	return sandbox->tell_fd >= 0 ? sandbox->tell_fd : sandbox->dialogue_fd;
}

bool init_stamps_exec(const struct sandbox *sandbox)
{
	return sandbox->gate_report_fd < 0 && sandbox->tell_fd < 0 && sandbox->trace.page &&
	       !when_start_hooks(sandbox->plan);
}

/* A joiner that bears the process has no dialogue towards its end. */
static void words_leave(struct sandbox *sandbox, const struct error *err)
{
	if (sandbox->dialogue_fd >= 0)
		(void)sync_write(sandbox->tell_fd >= 0 ? sandbox->tell_fd : sandbox->dialogue_fd, MESSAGE_ERROR, 0,
				 err);
	else
		birth_tell(sandbox, err);
}

void init_main(struct sandbox *sandbox, struct error *err)
{
	const struct step_table *table = sandbox->exec ? &steps_exec : &steps_create;

	sandbox->side = STEP_INIT;
	/* A lock is free only when every copy of its descriptor is closed. */
	sandbox->lock_fd = fd_close(sandbox->lock_fd);
	memset(sandbox->done, 0, sizeof(sandbox->done));
	(void)prctl(PR_SET_NAME, when_born_last(sandbox->plan) ? "orlop:join" : "orlop:init");
	/* Dies with the host side until it is ready: nobody else would know of it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (steps_run(table, sandbox, err) < 0)
		words_leave(sandbox, err);
	else if (steps_run(&steps_start, sandbox, err) < 0)
		(void)sync_write(init_report_fd(sandbox), MESSAGE_ERROR, 0, err);
	_exit(EXIT_FAILURE);
}
