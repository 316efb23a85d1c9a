/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar, case by case: what a line of words fills, or what is said about it. */
#include "runtime/cli.h"

#include <errno.h>
#include <stdio.h>

#include "conformance/unit/check.h"
#include "libbase/text.h"

struct sample {
	bool force;
	bool all;
	const char *bundle;
	const char *name;
	struct cli_strings env;
	int format;
	struct opt_i64 quota;
	struct opt_u64 fds;
	struct opt_i64 memory;
	struct opt_i64 interval;
};

static const struct name format_names[] = { { "table", 1, 0 }, { "json", 2, 0 } };
static const struct name_table formats = { "format", format_names, ARRAY_SIZE(format_names) };

static const struct cli_option options[] = {
	CLI_OPTION(CLI_BOOL, "force", "f", struct sample, force, .help = "x"),
	CLI_OPTION(CLI_BOOL, "all", NULL, struct sample, all, .help = "x", .flags = CLI_ALONE),
	CLI_OPTION(CLI_PATH, "bundle", "b", struct sample, bundle, .help = "x"),
	CLI_OPTION(CLI_STRING, "name", "n", struct sample, name, .help = "x"),
	CLI_OPTION(CLI_STRINGS, "env", "e", struct sample, env, .help = "x"),
	CLI_OPTION(CLI_WORD, "format", NULL, struct sample, format, .help = "x", .words = &formats),
	CLI_OPTION(CLI_INT, "cpu-quota", NULL, struct sample, quota, .help = "x"),
	CLI_OPTION(CLI_U64, "preserve-fds", NULL, struct sample, fds, .help = "x", .max = 100),
	CLI_OPTION(CLI_SIZE, "memory", NULL, struct sample, memory, .help = "x"),
	CLI_OPTION(CLI_DURATION, "interval", NULL, struct sample, interval, .help = "x"),
	CLI_OPTION_IGNORED(CLI_PATH, "criu"),
};
static const struct cli_syntax anywhere = { .options = options, .option_count = ARRAY_SIZE(options) };
static const struct cli_syntax stopping = {
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.stop_at_first = true,
};

/* Cuts at blanks; "''" is an empty word. */
static size_t cut_words(struct arena *arena, const char *line, const char **words)
{
	size_t count = 0;

	while (*line) {
		size_t length = strcspn(line, " ");

		words[count] = arena_copy(arena, line, length);
		CHECK(words[count]);
		if (strcmp(words[count], "''") == 0)
			words[count] = "";
		count++;
		line += length + (line[length] == ' ');
	}
	return count;
}

static void append_numbers(struct text_buffer *to, const struct sample *sample)
{
	if (sample->quota.set)
		text_append_format(to, " quota=%lld", (long long)sample->quota.value);
	if (sample->fds.set)
		text_append_format(to, " fds=%llu", (unsigned long long)sample->fds.value);
	if (sample->memory.set)
		text_append_format(to, " memory=%lld", (long long)sample->memory.value);
	if (sample->interval.set)
		text_append_format(to, " interval=%lld", (long long)sample->interval.value);
}

/* All that a line came to, as one text: members that were filled, then the positionals in brackets. */
static void describe(struct text_buffer *to, const struct sample *sample, const struct cli_result *result)
{
	text_append(to, result->help ? "help" : "-");
	if (sample->force)
		text_append(to, " force");
	if (sample->all)
		text_append(to, " all");
	if (sample->bundle)
		text_append_format(to, " bundle=%s", sample->bundle);
	if (sample->name)
		text_append_format(to, " name=%s", sample->name);
	for (size_t i = 0; i < sample->env.count; i++)
		text_append_format(to, " env=%s", sample->env.items[i]);
	if (sample->format)
		text_append_format(to, " format=%d", sample->format);
	append_numbers(to, sample);
	for (size_t i = 0; i < result->argument_count; i++)
		text_append_format(to, " [%s]", result->arguments[i]);
}

/* `want` is the description, or "CODE: text" of the error. */
static void check_line(const struct cli_syntax *syntax, const char *line, const char *want)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer got = TEXT_BUFFER_INIT;
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *words[32];
	size_t count = cut_words(&arena, line, words);
	struct sample sample = { 0 };
	struct cli_result result;
	struct error err;
	int r;

	ERROR_INIT(&err);
	r = cli_parse(syntax, words, count, &arena, (unsigned char *)&sample, &result, &err);
	if (r < 0)
		text_append_format(&got, "%s: %s",
				   r == -EINVAL ? "EINVAL"
				   : r == -EDOM ? "EDOM"
						: "?",
				   error_text(&err));
	else
		describe(&got, &sample, &result);
	check_equal_text(__FILE__, __LINE__, line, got.bytes, want);
}

struct expectation {
	const char *line;
	const char *want;
};

static void check_lines(const struct cli_syntax *syntax, const struct expectation *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_line(syntax, lines[i].line, lines[i].want);
}

TEST(forms_of_an_option)
{
	static const struct expectation lines[] = {
		{ "", "-" },
		{ "--force", "- force" },
		{ "-force", "- force" },
		{ "-f", "- force" },
		{ "--f", "- force" },
		{ "--bundle /b", "- bundle=/b" },
		{ "--bundle=/b", "- bundle=/b" },
		{ "-bundle /b", "- bundle=/b" },
		{ "-b=/b", "- bundle=/b" },
		{ "--bundle=a=b", "- bundle=a=b" },
		{ "--bundle=", "- bundle=" },
		{ "--bundle ''", "- bundle=" },
		{ "--bundle --force", "- bundle=--force" },
		{ "--bundle -- x", "- bundle=-- [x]" },
		{ "--bundle - x", "- bundle=- [x]" },
	};

	check_lines(&anywhere, lines, ARRAY_SIZE(lines));
}

TEST(bools)
{
	static const struct expectation lines[] = {
		{ "--force=true", "- force" },
		{ "-f=1", "- force" },
		{ "--force=T", "- force" },
		{ "--force=false", "-" },
		{ "--force --force=0", "-" },
		{ "--force true", "- force [true]" },
		{ "--force=maybe", "EINVAL: invalid boolean value \"maybe\" for -force: parse error" },
		{ "-f=yes", "EINVAL: invalid boolean value \"yes\" for -f: parse error" },
		{ "--force=", "EINVAL: invalid boolean value \"\" for -force: parse error" },
	};

	check_lines(&anywhere, lines, ARRAY_SIZE(lines));
}

TEST(no_bundling_and_no_abbreviation)
{
	static const struct expectation lines[] = {
		{ "-fb", "EINVAL: flag provided but not defined: -fb" },
		{ "-ff", "EINVAL: flag provided but not defined: -ff" },
		{ "-bx", "EINVAL: flag provided but not defined: -bx" },
		{ "--forc", "EINVAL: flag provided but not defined: -forc" },
		{ "--force1", "EINVAL: flag provided but not defined: -force1" },
		{ "--nosuch=7 --force", "EINVAL: flag provided but not defined: -nosuch" },
		{ "-9", "EINVAL: flag provided but not defined: -9" },
		{ "---force", "EINVAL: bad flag syntax: ---force" },
		{ "---", "EINVAL: bad flag syntax: ---" },
		{ "--=x", "EINVAL: bad flag syntax: --=x" },
		{ "-=x", "EINVAL: bad flag syntax: -=x" },
	};

	check_lines(&anywhere, lines, ARRAY_SIZE(lines));
}

TEST(values_that_are_missing)
{
	static const struct expectation lines[] = {
		{ "--bundle", "EINVAL: flag needs an argument: --bundle" },
		{ "-b", "EINVAL: flag needs an argument: -b" },
		{ "-bundle", "EINVAL: flag needs an argument: -bundle" },
		{ "x --env", "EINVAL: flag needs an argument: --env" },
		{ "--criu", "EINVAL: flag needs an argument: --criu" },
	};

	check_lines(&anywhere, lines, ARRAY_SIZE(lines));
}

TEST(options_behind_positionals)
{
	static const struct expectation lines[] = {
		{ "id --force", "- force [id]" }, { "id -b /b more --force", "- force bundle=/b [id] [more]" },
		{ "-- --force", "- [--force]" },  { "id -- --force -- x", "- [id] [--force] [--] [x]" },
		{ "- --force", "- force [-]" },   { "'' --force", "- force []" },
	};

	check_lines(&anywhere, lines, ARRAY_SIZE(lines));
}

TEST(options_end_at_the_first_positional)
{
	static const struct expectation lines[] = {
		{ "--force id --bundle", "- force [id] [--bundle]" },
		{ "id -- x", "- [id] [--] [x]" },
		{ "-- --force id", "- [--force] [id]" },
		{ "- --force", "- [-] [--force]" },
		{ "id -h", "- [id] [-h]" },
		{ "'' -h", "- [] [-h]" },
	};

	check_lines(&stopping, lines, ARRAY_SIZE(lines));
}

TEST(repetition)
{
	static const struct expectation lines[] = {
		{ "--bundle a -b c", "- bundle=c" },
		{ "--cpu-quota 1 --cpu-quota=2", "- quota=2" },
		{ "-e A=1 --env=B=2,C=3 -e A=4", "- env=A=1 env=B=2,C=3 env=A=4" },
		{ "--format=json --format table", "- format=1" },
	};

	check_lines(&anywhere, lines, ARRAY_SIZE(lines));
}

TEST(numbers)
{
	static const struct expectation lines[] = {
		{ "--cpu-quota -1", "- quota=-1" },
		{ "--cpu-quota=-9223372036854775808", "- quota=-9223372036854775808" },
		{ "--cpu-quota 9223372036854775808",
		  "EINVAL: invalid value \"9223372036854775808\" for flag -cpu-quota: value out of range" },
		{ "--cpu-quota 1x", "EINVAL: invalid value \"1x\" for flag -cpu-quota: parse error" },
		{ "--preserve-fds 0", "- fds=0" },
		{ "--preserve-fds=100", "- fds=100" },
		{ "--preserve-fds=101", "EINVAL: invalid value \"101\" for flag -preserve-fds: value out of range" },
		{ "--preserve-fds -1", "EINVAL: invalid value \"-1\" for flag -preserve-fds: parse error" },
		{ "--preserve-fds=", "EINVAL: invalid value \"\" for flag -preserve-fds: parse error" },
		{ "--memory 64m", "- memory=67108864" },
		{ "--memory=-1", "- memory=-1" },
		{ "--memory 64q", "EINVAL: invalid value \"64q\" for flag -memory: parse error" },
		{ "--interval 5s", "- interval=5000000000" },
		{ "--interval 5", "EINVAL: invalid value \"5\" for flag -interval: parse error" },
	};

	check_lines(&anywhere, lines, ARRAY_SIZE(lines));
}

TEST(words_of_a_table)
{
	check_line(&anywhere, "--format json", "- format=2");
	/* Not a matter of grammar: no usage is shown. */
	check_line(&anywhere, "--format xml", "EDOM: invalid format: xml");
	check_line(&anywhere, "--format=", "EDOM: invalid format: ");
}

TEST(help_is_an_option_like_any)
{
	static const struct expectation lines[] = {
		{ "--help", "help" },
		{ "-h", "help" },
		{ "-help=true id", "help [id]" },
		{ "--help=false", "-" },
		{ "id --help", "help [id]" },
		{ "--help --nosuch", "EINVAL: flag provided but not defined: -nosuch" },
		{ "--bundle --help", "- bundle=--help" },
	};

	check_lines(&anywhere, lines, ARRAY_SIZE(lines));
}

TEST(control_bytes_do_not_reach_the_terminal)
{
	check_line(&anywhere, "--\033[31m", "EINVAL: flag provided but not defined: -\\x1b[31m");
}

TEST(ignored_options_are_taken_with_their_value)
{
	check_line(&anywhere, "--criu /usr/sbin/criu id", "- [id]");
	check_line(&anywhere, "--criu=x id", "- [id]");
}

TEST(what_was_seen)
{
	static const char *const words[] = { "--all=false", "--criu", "x", "-h" };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct sample sample = { 0 };
	struct cli_result result;

	CHECK_INT(cli_parse(&anywhere, words, 4, &arena, (unsigned char *)&sample, &result, NULL), 0);
	CHECK(cli_saw(&anywhere, &result, CLI_ALONE));
	CHECK(cli_saw(&anywhere, &result, CLI_IGNORED));
	CHECK_INT(result.seen, 1 << 1 | 1 << 10);

	CHECK_INT(cli_parse(&anywhere, words + 3, 1, &arena, (unsigned char *)&sample, &result, NULL), 0);
	CHECK(!cli_saw(&anywhere, &result, CLI_ALONE | CLI_IGNORED | CLI_HIDDEN));
	CHECK_INT(result.seen, 0);
}

TEST(defaults_stay_when_an_option_is_not_given)
{
	static const char *const words[] = { "id" };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct sample sample = { .force = true, .bundle = "here", .quota = { .value = 7 } };
	struct cli_result result;

	CHECK_INT(cli_parse(&anywhere, words, 1, &arena, (unsigned char *)&sample, &result, NULL), 0);
	CHECK(sample.force);
	CHECK_TEXT(sample.bundle, "here");
	CHECK(!sample.quota.set);
	CHECK_INT(sample.quota.value, 7);
}

TEST(memory_runs_out)
{
	static const char *const words[] = { "-e", "a" };
	_cleanup_(arena_cleanup) struct arena arena = { .limit = 1 };
	struct sample sample = { 0 };
	struct cli_result result;
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(cli_parse(&anywhere, words, 2, &arena, (unsigned char *)&sample, &result, &err), -ENOMEM);
	CHECK_HAS(error_text(&err), "Cannot allocate memory");
}
