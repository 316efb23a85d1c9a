/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over the words. What a value may look like is in runtime/cli_value.h and libbase/text.h. */
#include "runtime/cli.h"

#include <errno.h>
#include <string.h>

#include "libbase/text.h"
#include "runtime/cli_value.h"

const struct cli_option cli_help_option =
	CLI_OPTION(CLI_BOOL, "help", "h", struct cli_result, help, .help = "show this help");

struct walk {
	const struct cli_syntax *syntax;
	const char *const *words;
	size_t count;
	size_t at; /* the word being read */
	struct arena *arena;
	unsigned char *options;
	struct cli_result *result;
	const char **arguments;
};

/* One option as it was typed. */
struct typed {
	const char *word;  /* "--bundle=x" */
	const char *name;  /* "bundle" */
	const char *value; /* "x"; NULL: no '=' */
};

static const struct cli_option *find_option(const struct cli_syntax *syntax, const char *name)
{
	for (size_t i = 0; i < syntax->option_count; i++) {
		const struct cli_option *option = &syntax->options[i];

		if (text_equal(option->name, name) || (option->letter && text_equal(option->letter, name)))
			return option;
	}
	if (text_equal(name, cli_help_option.name) || text_equal(name, cli_help_option.letter))
		return &cli_help_option;
	return NULL;
}

/* The members that rows point to are of the type that their kind says: CLI_MEMBER saw to it. */
static void store(unsigned char *member, const void *value, size_t size)
{
	memcpy(member, value, size);
}

static int say_bad_value(const struct typed *typed, int code, struct error *err)
{
	return error_say(err, -EINVAL, "invalid value \"%s\" for flag -%s: %s", typed->value, typed->name,
			 code == -ERANGE ? "value out of range" : "parse error");
}

static int store_bool(const struct typed *typed, unsigned char *member, struct error *err)
{
	bool value = true;

	if (typed->value && cli_bool_parse(typed->value, &value) < 0)
		return error_say(err, -EINVAL, "invalid boolean value \"%s\" for -%s: parse error", typed->value,
				 typed->name);
	store(member, &value, sizeof(value));
	return 0;
}

static int store_word(const struct cli_option *option, const struct typed *typed, unsigned char *member,
		      struct error *err)
{
	const struct name *row = name_find(option->words, typed->value);

	if (!row)
		return error_say(err, -EDOM, "invalid %s: %s", option->name, typed->value);
	store(member, &row->value, sizeof(row->value));
	return 0;
}

static int store_string_more(struct walk *walk, const struct typed *typed, unsigned char *member, struct error *err)
{
	struct cli_strings strings;

	memcpy(&strings, member, sizeof(strings));
	strings.items = arena_grow(walk->arena, strings.items, strings.count, strings.count + 1, sizeof(char *));
	if (!strings.items)
		return error_set(err, -ENOMEM, "option -%s", typed->name);
	strings.items[strings.count++] = typed->value;
	store(member, &strings, sizeof(strings));
	return 0;
}

static int store_u64(const struct cli_option *option, const struct typed *typed, unsigned char *member,
		     struct error *err)
{
	struct opt_u64 number = { .set = true };
	int r = number_parse_u64(typed->value, option->max ? option->max : UINT64_MAX, &number.value);

	if (r < 0)
		return say_bad_value(typed, r, err);
	store(member, &number, sizeof(number));
	return 0;
}

static int store_i64(const struct cli_option *option, const struct typed *typed, unsigned char *member,
		     struct error *err)
{
	struct opt_i64 number = { .set = true };
	int r = -EINVAL;

	if (option->kind == CLI_INT)
		r = number_parse_i64(typed->value, INT64_MIN, INT64_MAX, &number.value);
	else if (option->kind == CLI_SIZE)
		r = cli_size_parse(typed->value, &number.value);
	else if (option->kind == CLI_DURATION)
		r = cli_duration_parse(typed->value, &number.value);
	if (r < 0)
		return say_bad_value(typed, r, err);
	store(member, &number, sizeof(number));
	return 0;
}

static int store_value(struct walk *walk, const struct cli_option *option, const struct typed *typed,
		       unsigned char *member, struct error *err)
{
	if (option->flags & CLI_IGNORED)
		return 0;
	switch ((enum cli_kind)option->kind) {
	case CLI_BOOL:
		return store_bool(typed, member, err);
	case CLI_STRING:
	case CLI_PATH:
		store(member, &typed->value, sizeof(typed->value));
		return 0;
	case CLI_STRINGS:
		return store_string_more(walk, typed, member, err);
	case CLI_WORD:
		return store_word(option, typed, member, err);
	case CLI_U64:
		return store_u64(option, typed, member, err);
	case CLI_INT:
	case CLI_SIZE:
	case CLI_DURATION:
		return store_i64(option, typed, member, err);
	}
	return error_say(err, -EINVAL, "option -%s has no kind", option->name);
}

/* Cuts "--name=value" apart. */
static int read_typed(struct walk *walk, struct typed *ret, struct error *err)
{
	const char *word = walk->words[walk->at];
	const char *name = word + (word[1] == '-' ? 2 : 1);
	const char *equals = strchr(name, '=');

	if (*name == '-' || *name == '=')
		return error_say(err, -EINVAL, "bad flag syntax: %s", word);
	*ret = (struct typed){ .word = word, .name = name };
	if (equals) {
		ret->name = arena_copy(walk->arena, name, (size_t)(equals - name));
		if (!ret->name)
			return error_set(err, -ENOMEM, "option %s", word);
		ret->value = equals + 1;
	}
	return 0;
}

static int read_option(struct walk *walk, struct error *err)
{
	const struct cli_option *option;
	struct typed typed = { 0 };
	unsigned char *member;
	int r;

	r = read_typed(walk, &typed, err);
	if (r < 0)
		return r;
	option = find_option(walk->syntax, typed.name);
	if (!option)
		return error_say(err, -EINVAL, "flag provided but not defined: -%s", typed.name);
	if (!typed.value && option->kind != CLI_BOOL) {
		if (walk->at + 1 == walk->count)
			return error_say(err, -EINVAL, "flag needs an argument: %s", typed.word);
		typed.value = walk->words[++walk->at];
	}
	if (option == &cli_help_option) {
		member = (unsigned char *)walk->result;
	} else {
		member = walk->options;
		walk->result->seen |= UINT64_C(1) << (option - walk->syntax->options);
	}
	return store_value(walk, option, &typed, member + option->offset, err);
}

static void take_rest(struct walk *walk)
{
	while (walk->at < walk->count)
		walk->arguments[walk->result->argument_count++] = walk->words[walk->at++];
}

int cli_parse(const struct cli_syntax *syntax, const char *const *words, size_t count, struct arena *arena,
	      unsigned char *options, struct cli_result *ret, struct error *err)
{
	struct walk walk = {
		.syntax = syntax,
		.words = words,
		.count = count,
		.arena = arena,
		.options = options,
		.result = ret,
		.arguments = arena_calloc(arena, count + 1, sizeof(char *)),
	};
	int r;

	if (!walk.arguments)
		return error_set(err, -ENOMEM, "command line");
	*ret = (struct cli_result){ .arguments = walk.arguments };
	for (; walk.at < count; walk.at++) {
		const char *word = words[walk.at];

		if (text_equal(word, "--")) {
			walk.at++;
			break;
		}
		if (word[0] == '-' && word[1] != '\0') {
			r = read_option(&walk, err);
			if (r < 0)
				return r;
			continue;
		}
		if (syntax->stop_at_first)
			break;
		walk.arguments[ret->argument_count++] = word;
	}
	take_rest(&walk);
	return 0;
}

bool cli_saw(const struct cli_syntax *syntax, const struct cli_result *result, unsigned int flags)
{
	for (size_t i = 0; i < syntax->option_count; i++)
		if ((result->seen >> i & 1) && (syntax->options[i].flags & flags))
			return true;
	return false;
}
