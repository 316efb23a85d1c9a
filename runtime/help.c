/* SPDX-License-Identifier: Apache-2.0 */
/* Help for a terminal; help_markdown.c writes it for the docs. */
#include "runtime/help.h"

#include <stdio.h>
#include <string.h>

#include "runtime/help_parts.h"
#include "runtime/version.h"

#define LEFT_WIDTH_MAX 80

static int write_left(const struct cli_option *option, char left[LEFT_WIDTH_MAX])
{
	char value[LEFT_WIDTH_MAX / 2];

	help_option_value(option, value, sizeof(value));
	return snprintf(left, LEFT_WIDTH_MAX, "--%s%s%s%s%s", option->name, option->letter ? ", -" : "",
			option->letter ? option->letter : "", value[0] ? " " : "", value);
}

static void write_option(struct text_buffer *to, const struct cli_option *option, int width)
{
	char left[LEFT_WIDTH_MAX];

	(void)write_left(option, left);
	text_append_format(to, "   %-*s  %s%s\n", width, left, option->help, help_option_note(option));
}

static void write_options(struct text_buffer *to, const char *title, const struct cli_syntax *syntax)
{
	char left[LEFT_WIDTH_MAX];
	int width = write_left(&cli_help_option, left);

	for (size_t i = 0; i < syntax->option_count; i++) {
		int length = write_left(&syntax->options[i], left);

		if (!(syntax->options[i].flags & CLI_HIDDEN) && length > width)
			width = length;
	}
	text_append_format(to, "\n%s:\n", title);
	for (size_t i = 0; i < syntax->option_count; i++)
		if (!(syntax->options[i].flags & CLI_HIDDEN))
			write_option(to, &syntax->options[i], width);
	write_option(to, &cli_help_option, width);
}

static int write_names(const struct command *command, char names[LEFT_WIDTH_MAX])
{
	return snprintf(names, LEFT_WIDTH_MAX, "%s%s%s", command->name, command->alias ? ", " : "",
			command->alias ? command->alias : "");
}

void help_write_program(struct text_buffer *to)
{
	char names[LEFT_WIDTH_MAX];
	int width = 0;

	text_append(to, "NAME:\n   orlop - " HELP_PROGRAM_SUMMARY "\n\n"
			"USAGE:\n   " HELP_PROGRAM_USAGE "\n\n");
	text_append_format(to, "VERSION:\n   %s\n\nCOMMANDS:\n", version_number);
	for (size_t i = 0; i < commands_count; i++) {
		int length = write_names(commands[i], names);

		width = length > width ? length : width;
	}
	for (size_t i = 0; i < commands_count; i++) {
		(void)write_names(commands[i], names);
		text_append_format(to, "   %-*s  %s\n", width, names, commands[i]->summary);
	}
	write_options(to, "GLOBAL OPTIONS", &globals_syntax);
}

static void write_indented(struct text_buffer *to, const char *lines)
{
	while (*lines) {
		size_t length = strcspn(lines, "\n");

		text_append(to, length ? "   " : "");
		text_append_bytes(to, lines, length);
		text_append(to, "\n");
		lines += length + (lines[length] == '\n');
	}
}

void help_write_command(struct text_buffer *to, const struct command *command)
{
	text_append_format(to, "NAME:\n   orlop %s - %s\n\nUSAGE:\n   ", command->name, command->summary);
	help_write_usage(to, command);
	text_append(to, "\n");
	if (command->description) {
		text_append(to, "\nDESCRIPTION:\n");
		write_indented(to, command->description);
	}
	write_options(to, "OPTIONS", &command->syntax);
}
