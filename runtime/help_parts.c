/* SPDX-License-Identifier: Apache-2.0 */
/* Common phrases of the help. */
#include "runtime/help_parts.h"

#include <stdio.h>

void help_option_value(const struct cli_option *option, char *to, size_t size)
{
	size_t length = 0;

	(void)snprintf(to, size, "%s", option->value ? option->value : "");
	if (option->kind != CLI_WORD)
		return;
	for (size_t i = 0; i < option->words->count && length < size; i++) {
		int more = snprintf(to + length, size - length, "%s%s", i ? "|" : "", option->words->names[i].text);

		length += more > 0 ? (size_t)more : 0;
	}
}

const char *help_option_note(const struct cli_option *option)
{
	return option->kind == CLI_STRINGS ? " (may be repeated)" : "";
}

void help_write_usage(struct text_buffer *to, const struct command *command)
{
	text_append_format(to, "orlop %s [options]", command->name);
	if (command->arguments)
		text_append_format(to, " %s", command->arguments);
}
