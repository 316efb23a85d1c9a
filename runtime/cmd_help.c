/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop help`. */
#include <errno.h>

#include "runtime/commands.h"
#include "runtime/dispatch.h"
#include "runtime/help.h"
#include "runtime/output.h"

static int run_help(struct call *call, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	if (call->options->help.markdown) {
		help_write_markdown(&text);
	} else if (call->argument_count == 0) {
		help_write_program(&text);
	} else {
		const struct command *command = command_find(call->arguments[0]);

		if (!command) {
			call->failure_status = STATUS_COMMAND_UNKNOWN;
			return error_say(err, -EINVAL, "No help topic for '%s'", call->arguments[0]);
		}
		help_write_command(&text, command);
	}
	return output_write(&text, err);
}

static const struct cli_option options[] = {
	CLI_OPTION(CLI_BOOL, "markdown", NULL, struct options_help, markdown,
		   .help = "all of it, as docs/generated/commands.md"),
};

const struct command command_help = {
	.name = "help",
	.alias = "h",
	.summary = "show the commands, or one of them",
	.arguments = "[COMMAND]",
	.most = COMMAND_ANY_NUMBER,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options) },
	.run = run_help,
};
