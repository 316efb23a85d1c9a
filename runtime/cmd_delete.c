/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop delete`: what is left of a container goes away (runtime-spec runtime.md, "Delete"). */
#include <errno.h>

#include "runtime/commands.h"
#include "runtime/container.h"

/*
 * Whether the failure says what is on the disk: nothing that could be read later either. One of the moment (no descriptor or memory left, a signal, a disk)
 * or of the caller's rights must not cost the record, by which alone a process that still runs is found.
 */
static bool record_is_lost(int error_number)
{
	switch (error_number) {
	case -ENOENT:
	case -EINVAL:
	case -EFBIG:
	case -EISDIR:
	case -ELOOP:
	case -EXDEV:
	case -ENXIO:
		return true;
	default:
		return false;
	}
}

static int run_delete(struct call *call, struct error *err)
{
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	const bool force = call->options->delete.force;
	int r;

	r = container_open(&container, call->globals, call->arguments[0], true, call->arena, err);
	if (r < 0 && !force)
		return r;
	/* With --force nothing there is what was wanted, and a directory whose record cannot be read goes: nobody can say what else belonged
	 * to it. */
	if (r < 0 && container.dir_fd < 0)
		return r == -ENOENT ? 0 : r;
	if (r < 0 && !record_is_lost(r))
		return r;
	if (r >= 0)
		r = container_allows(&container, force ? VERB_DELETE_FORCE : VERB_DELETE, err);
	else
		r = 0;
	return r < 0 ? r : container_destroy(&container, force, call->arena, err);
}

static const struct cli_option options[] = {
	CLI_OPTION(CLI_BOOL, "force", "f", struct options_delete, force,
		   .help = "kill it first when it runs; that there is none is no error"),
};

const struct command command_delete = {
	.name = "delete",
	.summary = "remove a container that was created and not started, or that ended",
	.arguments = "ID",
	.least = 1,
	.most = 1,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options) },
	.run = run_delete,
};
