/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop pause`: all processes of the container stand still. */
#include <errno.h>

#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/container_cgroup.h"

static int run_pause(struct call *call, struct error *err)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	_cleanup_(control_cleanup) struct control control = CONTROL_INIT;
	int r;

	r = container_open(&container, call->globals, call->arguments[0], false, call->arena, err);
	if (r < 0)
		return r;
	r = container_allows(&container, VERB_PAUSE, err);
	if (r < 0)
		return r;
	r = container_cgroup_open(&container, &control, err);
	return r < 0 ? error_wrap(err, "unable to pause") : control_freeze(&control, err);
}

const struct command command_pause = {
	.name = "pause",
	.summary = "suspend all processes of a container",
	.arguments = "ID",
	.description = "The processes stand still until `resume`. It returns when all of them do; when that takes too\n"
		       "long it fails and lets them run again.",
	.least = 1,
	.most = 1,
	.run = run_pause,
};
