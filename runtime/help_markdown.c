/* SPDX-License-Identifier: Apache-2.0 */
/* docs/generated/commands.md. */
#include "runtime/help.h"

#include "runtime/help_parts.h"

/* A '|' would end the table's cell. */
static void write_cell(struct text_buffer *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			text_append(to, "\\");
		text_append_bytes(to, text, 1);
	}
}

static void write_row(struct text_buffer *to, const struct cli_option *option)
{
	char value[80];

	help_option_value(option, value, sizeof(value));
	text_append_format(to, "| `--%s`", option->name);
	if (option->letter)
		text_append_format(to, ", `-%s`", option->letter);
	text_append(to, value[0] ? " | `" : " | ");
	write_cell(to, value);
	text_append(to, value[0] ? "` | " : "| ");
	write_cell(to, option->help);
	text_append_format(to, "%s |\n", help_option_note(option));
}

static void write_table(struct text_buffer *to, const struct cli_syntax *syntax)
{
	text_append(to, "\n| option | value | meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < syntax->option_count; i++)
		if (!(syntax->options[i].flags & CLI_HIDDEN))
			write_row(to, &syntax->options[i]);
	write_row(to, &cli_help_option);
}

static void write_command(struct text_buffer *to, const struct command *command)
{
	text_append_format(to, "\n## %s\n\n`", command->name);
	help_write_usage(to, command);
	text_append_format(to, "`: %s.\n", command->summary);
	if (command->alias)
		text_append_format(to, "\nAlso `orlop %s`.\n", command->alias);
	if (command->description)
		text_append_format(to, "\n%s\n", command->description);
	write_table(to, &command->syntax);
}

void help_write_markdown(struct text_buffer *to)
{
	text_append(to, "# Commands\n\n"
			"<!-- Printed by `orlop help --markdown` from the rows in runtime/: edit those. -->\n\n"
			"`" HELP_PROGRAM_USAGE "`\n\n"
			"## Global options\n\n"
			"They stand before the command.\n");
	write_table(to, &globals_syntax);
	for (size_t i = 0; i < commands_count; i++)
		write_command(to, commands[i]);
}
