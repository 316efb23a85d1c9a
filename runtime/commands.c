/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the commands and what is the same for all of them. The rows are in cmd_*.c. */
#include "runtime/commands.h"

#include <errno.h>

#include "libbase/text.h"

const struct command *const commands[] = {
	&command_create, &command_start, &command_run,   &command_exec,     &command_state,  &command_list,
	&command_ps,     &command_kill,  &command_pause, &command_resume,   &command_update, &command_events,
	&command_delete, &command_plan,  &command_spec,  &command_features, &command_help,
};
const size_t commands_count = ARRAY_SIZE(commands);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *command = commands[i];

		if (text_equal(command->name, name) || (command->alias && text_equal(command->alias, name)))
			return command;
	}
	return NULL;
}

int command_check_count(const struct command *command, const struct cli_result *result, const char *program,
			struct error *err)
{
	size_t count = result->argument_count;
	bool alone = cli_saw(&command->syntax, result, CLI_ALONE);
	const char *bound = "exactly";
	unsigned int wanted = command->least;

	if ((count >= command->least || (count == 0 && alone)) &&
	    (count <= command->most || command->most == COMMAND_ANY_NUMBER))
		return 0;
	if (command->least != command->most) {
		bound = count < command->least ? "a minimum of" : "a maximum of";
		wanted = count < command->least ? command->least : command->most;
	}
	return error_say(err, -EINVAL, "%s: \"%s\" requires %s %u argument(s)", program, command->name, bound, wanted);
}
