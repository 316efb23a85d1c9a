/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop create`: a container whose init waits for `start`. */
#include "runtime/commands.h"
#include "runtime/container_id.h"
#include "runtime/create.h"

static int run_create(struct call *call, struct error *err)
{
	_cleanup_(creation_cleanup) struct creation creation = {
		.globals = call->globals,
		.options = &call->options->create,
		.id = call->arguments[0],
		.waits = true,
		.detach = true,
		.arena = call->arena,
	};
	int r;

	creation_prepare(&creation);
	/* What is no id is not worth repeating. */
	r = container_id_check(call->arguments[0], err);
	if (r < 0)
		return r;
	r = creation_make(&creation, err);
	if (r == 0)
		r = creation_publish(&creation, err);
	return r < 0 ? error_wrap(err, "create '%.255s'", call->arguments[0]) : 0;
}

static const struct cli_option options[] = { CREATE_OPTIONS };

const struct command command_create = {
	.name = "create",
	.summary = "make a container that waits for start",
	.arguments = "ID",
	.description = "Makes everything that the bundle's config.json asks for: namespaces, mounts, cgroup, limits.\n"
		       "Its program runs when `start` says so. When it cannot be made, nothing of it is left.",
	.least = 1,
	.most = 1,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options) },
	.run = run_create,
};
