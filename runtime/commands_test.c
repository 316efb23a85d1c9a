/* SPDX-License-Identifier: Apache-2.0 */
/* What every row of commands and options must be, and what the count of positionals says. */
#include "runtime/commands.h"

#include <errno.h>

#include "conformance/unit/check.h"
#include "libbase/text.h"
#include "runtime/help.h"

static bool same_name(const struct cli_option *a, const struct cli_option *b)
{
	return text_equal(a->name, b->name) || text_equal(a->name, b->letter) ||
	       (a->letter && (text_equal(a->letter, b->letter) || text_equal(a->letter, b->name)));
}

static void check_option(const struct cli_option *option)
{
	CHECK(!text_is_empty(option->name));
	CHECK_INT(strspn(option->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(option->name));
	CHECK(!option->letter || strlen(option->letter) == 1);
	CHECK(!text_is_empty(option->help));
	CHECK(!text_ends(option->help, "."));
	CHECK((option->kind == CLI_WORD) == (option->words != NULL));
	CHECK(option->max == 0 || option->kind == CLI_U64);
	if (!(option->flags & CLI_HIDDEN))
		CHECK((option->value != NULL) == (option->kind != CLI_BOOL && option->kind != CLI_WORD));
}

static void check_syntax(const struct cli_syntax *syntax)
{
	CHECK(syntax->option_count <= CLI_OPTIONS_MAX);
	for (size_t i = 0; i < syntax->option_count; i++) {
		check_option(&syntax->options[i]);
		CHECK(!same_name(&syntax->options[i], &cli_help_option));
		for (size_t j = 0; j < i; j++)
			CHECK(!same_name(&syntax->options[i], &syntax->options[j]));
	}
}

TEST(global_options)
{
	check_syntax(&globals_syntax);
	CHECK(globals_syntax.stop_at_first);
}

TEST(rows_of_commands)
{
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *command = commands[i];

		check_syntax(&command->syntax);
		CHECK(command->run);
		CHECK(!text_is_empty(command->summary));
		CHECK(!text_ends(command->summary, "."));
		CHECK(command->least <= command->most);
		CHECK((command->arguments != NULL) == (command->most > 0));
		CHECK(command_find(command->name) == command);
		if (command->alias)
			CHECK(command_find(command->alias) == command);
	}
}

TEST(unknown_commands)
{
	CHECK(!command_find(""));
	CHECK(!command_find("nosuch"));
	CHECK(!command_find("PLAN"));
	CHECK(!command_find("pla"));
}

static const struct cli_option options[] = {
	{ .name = "alone", .kind = CLI_BOOL, .flags = CLI_ALONE, .help = "x" },
};

static const char *count_refusal(unsigned int least, unsigned int most, size_t count, bool alone)
{
	static struct error err;
	const struct command command = {
		.name = "cmd",
		.least = least,
		.most = most,
		.syntax = { .options = options, .option_count = 1 },
	};
	const struct cli_result result = { .argument_count = count, .seen = alone };

	ERROR_INIT(&err);
	return command_check_count(&command, &result, "/bin/orlop", &err) < 0 ? error_text(&err) : "taken";
}

TEST(counts)
{
	CHECK_TEXT(count_refusal(0, 0, 0, false), "taken");
	CHECK_TEXT(count_refusal(0, 0, 1, false), "/bin/orlop: \"cmd\" requires exactly 0 argument(s)");
	CHECK_TEXT(count_refusal(1, 1, 1, false), "taken");
	CHECK_TEXT(count_refusal(1, 1, 0, false), "/bin/orlop: \"cmd\" requires exactly 1 argument(s)");
	CHECK_TEXT(count_refusal(1, 1, 2, false), "/bin/orlop: \"cmd\" requires exactly 1 argument(s)");
	CHECK_TEXT(count_refusal(1, 2, 0, false), "/bin/orlop: \"cmd\" requires a minimum of 1 argument(s)");
	CHECK_TEXT(count_refusal(1, 2, 2, false), "taken");
	CHECK_TEXT(count_refusal(1, 2, 3, false), "/bin/orlop: \"cmd\" requires a maximum of 2 argument(s)");
	CHECK_TEXT(count_refusal(1, COMMAND_ANY_NUMBER, 0, false),
		   "/bin/orlop: \"cmd\" requires a minimum of 1 argument(s)");
	CHECK_TEXT(count_refusal(1, COMMAND_ANY_NUMBER, COMMAND_ANY_NUMBER + 1, false), "taken");
}

TEST(an_option_that_stands_alone)
{
	CHECK_TEXT(count_refusal(1, 1, 0, true), "taken");
	CHECK_TEXT(count_refusal(1, 1, 1, true), "taken");
	CHECK_TEXT(count_refusal(1, 1, 2, true), "/bin/orlop: \"cmd\" requires exactly 1 argument(s)");
	CHECK_TEXT(count_refusal(2, 2, 1, true), "/bin/orlop: \"cmd\" requires exactly 2 argument(s)");
}

static const struct cli_option shown[] = {
	{ .name = "env", .letter = "e", .kind = CLI_STRINGS, .value = "K=V", .help = "a|b" },
	{ .name = "old", .kind = CLI_BOOL, .flags = CLI_HIDDEN, .help = "secret" },
};

TEST(help_of_a_command)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	const struct command command = {
		.name = "cmd",
		.summary = "do it",
		.arguments = "ID [ARG]",
		.description = "One.\n\nTwo.",
		.syntax = { .options = shown, .option_count = ARRAY_SIZE(shown) },
	};

	help_write_command(&text, &command);
	CHECK_TEXT(text.bytes, "NAME:\n"
			       "   orlop cmd - do it\n"
			       "\n"
			       "USAGE:\n"
			       "   orlop cmd [options] ID [ARG]\n"
			       "\n"
			       "DESCRIPTION:\n"
			       "   One.\n"
			       "\n"
			       "   Two.\n"
			       "\n"
			       "OPTIONS:\n"
			       "   --env, -e K=V  a|b (may be repeated)\n"
			       "   --help, -h     show this help\n");
}

TEST(help_lists_every_command_and_hides_the_hidden)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer program = TEXT_BUFFER_INIT;
	_cleanup_(text_buffer_cleanup) struct text_buffer markdown = TEXT_BUFFER_INIT;

	help_write_program(&program);
	help_write_markdown(&markdown);
	for (size_t i = 0; i < commands_count; i++) {
		_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;

		CHECK_HAS(program.bytes, commands[i]->summary);
		CHECK_HAS(markdown.bytes, arena_printf(&arena, "\n## %s\n", commands[i]->name));
	}
	CHECK_HAS(program.bytes, "--log-format text|json ");
	CHECK_HAS(markdown.bytes, "| `--log-format` | `text\\|json` |");
	CHECK(!strstr(program.bytes, "criu"));
	CHECK(!strstr(markdown.bytes, "criu"));
}
