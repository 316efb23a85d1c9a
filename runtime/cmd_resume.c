/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop resume`: the end of a pause. */
#include <errno.h>

#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/container_cgroup.h"

static int run_resume(struct call *call, struct error *err)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	_cleanup_(control_cleanup) struct control control = CONTROL_INIT;
	int r;

	r = container_open(&container, call->globals, call->arguments[0], false, call->arena, err);
	if (r < 0)
		return r;
	r = container_allows(&container, VERB_RESUME, err);
	if (r < 0)
		return r;
	r = container_cgroup_open(&container, &control, err);
	return r < 0 ? error_wrap(err, "unable to resume") : control_thaw(&control, err);
}

const struct command command_resume = {
	.name = "resume",
	.summary = "let the processes of a paused container run again",
	.arguments = "ID",
	.least = 1,
	.most = 1,
	.run = run_resume,
};
