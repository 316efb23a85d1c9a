/* SPDX-License-Identifier: Apache-2.0 */
/* The init side as a process. See init.h. */
#include "libsandbox/steps/init.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "libsandbox/steps/engine.h"
#include "libsandbox/steps/gate.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/sync.h"

int init_report_fd(const struct sandbox *sandbox)
{
	return sandbox->gate_report_fd >= 0 ? sandbox->gate_report_fd : sandbox->dialogue_fd;
}

void init_main(struct sandbox *sandbox)
{
	const struct step_table *table = sandbox->exec ? &steps_exec : &steps_create;
	struct error err;

	ERROR_INIT(&err);
	sandbox->side = STEP_INIT;
	sandbox->done = 0;
	(void)prctl(PR_SET_NAME, "orlop:init");
	/* Dies with the host side until it is ready: nobody else would know of it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (steps_run(table, sandbox, &err) < 0)
		sync_send_error(sandbox->dialogue_fd, &err);
	else if (steps_run(&steps_start, sandbox, &err) < 0)
		(void)gate_report(init_report_fd(sandbox), MESSAGE_ERROR, &err);
	_exit(EXIT_FAILURE);
}
