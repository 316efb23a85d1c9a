/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of the command line: words and option rows in, a filled struct out. The grammar is runc's, because callers rely on it:
 *
 *     --flag VALUE  --flag=VALUE  -flag VALUE  -f VALUE     one dash or two, long name or letter: all the same
 *     --flag  --flag=true  --flag=0                         bools take a value only behind '='
 *     -it                                                   is the option named "it", never -i -t
 *     ID --flag                                             options may follow positionals, unless `stop_at_first`
 *     --                                                    ends the options; "-" alone is a positional
 *
 * A scalar given twice: the last one wins. Commas split nothing.
 *
 * Not for: commands (runtime/commands.h), help (runtime/help.h). Prints nothing, reads nothing but its arguments.
 */
#ifndef ORLOP_RUNTIME_CLI_H
#define ORLOP_RUNTIME_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libspec/names.h"
#include "libspec/spec.h"

enum cli_kind {
	CLI_BOOL = 1,
	CLI_STRING,
	CLI_STRINGS, /* may be repeated, all are kept */
	CLI_PATH,    /* a string that names a file */
	CLI_WORD,    /* one of `words` */
	CLI_INT,
	CLI_U64,
	CLI_SIZE,     /* bytes: "512", "64k", "1.5GiB", "-1" */
	CLI_DURATION, /* nanoseconds: "5s", "1m30s", "250ms" */
};

enum cli_flag {
	CLI_HIDDEN = 1,  /* not in the help */
	CLI_IGNORED = 2, /* taken with its value and not stored; the caller warns */
	CLI_ALONE = 4,   /* with it the command needs no positional */
};

/* What CLI_STRINGS fills. */
struct cli_strings {
	const char **items;
	size_t count;
};

struct cli_option {
	const char *name;               /* "bundle" */
	const char *letter;             /* "b", or NULL */
	int kind;                       /* enum cli_kind */
	unsigned int flags;             /* enum cli_flag */
	const char *value;              /* what the help calls the value: "DIR"; NULL for CLI_BOOL and CLI_WORD */
	const char *help;               /* one phrase */
	size_t offset;                  /* of the member in the options struct */
	const struct name_table *words; /* CLI_WORD */
	uint64_t max;                   /* CLI_U64: the largest value taken; 0: any */
};

/* offsetof, but a member of another type than `want` does not compile. */
#define CLI_MEMBER(type, member, want) \
	(offsetof(type, member) +      \
	 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((type *)0)->member), want) ? 1 : -1]))

/* What the member of each kind is. */
#define CLI_TYPE_CLI_BOOL     bool
#define CLI_TYPE_CLI_STRING   const char *
#define CLI_TYPE_CLI_STRINGS  struct cli_strings
#define CLI_TYPE_CLI_PATH     const char *
#define CLI_TYPE_CLI_WORD     int
#define CLI_TYPE_CLI_INT      struct opt_i64
#define CLI_TYPE_CLI_U64      struct opt_u64
#define CLI_TYPE_CLI_SIZE     struct opt_i64
#define CLI_TYPE_CLI_DURATION struct opt_i64

/* A row: `CLI_OPTION(CLI_PATH, "bundle", "b", struct options_spec, bundle, .value = "DIR", .help = "...")`. */
#define CLI_OPTION(its_kind, its_name, its_letter, type, member, ...)                 \
	{                                                                             \
		.name = (its_name), .letter = (its_letter), .kind = (its_kind),       \
		.offset = CLI_MEMBER(type, member, CLI_TYPE_##its_kind), __VA_ARGS__, \
	}

/* A row for an option that old callers still give and nothing follows from. */
#define CLI_OPTION_IGNORED(its_kind, its_name)                                                               \
	{                                                                                                    \
		.name = (its_name), .kind = (its_kind), .flags = CLI_HIDDEN | CLI_IGNORED, .help = "ignored" \
	}

#define CLI_OPTIONS_MAX 64

struct cli_syntax {
	const struct cli_option *options;
	size_t option_count; /* <= CLI_OPTIONS_MAX */
	bool stop_at_first;  /* all behind the first positional is positional */
};

struct cli_result {
	bool help;                    /* --help or -h, which every syntax has */
	uint64_t seen;                /* bit i: options[i] was given */
	const char *const *arguments; /* the positionals; in the arena, but the texts are the caller's */
	size_t argument_count;
};

/* The row of --help, for whoever lists options. */
extern const struct cli_option cli_help_option;

/*
 * Fills `options` (the struct that the rows' offsets are of, zeroed or defaulted by the caller) and `ret` from `words`.
 * Errors: -EINVAL: the words break the grammar, say "Incorrect Usage"; -EDOM: the grammar holds, but the value means nothing to this
 * option; -ENOMEM.
 */
int cli_parse(const struct cli_syntax *syntax, const char *const *words, size_t count, struct arena *arena,
	      unsigned char *options, struct cli_result *ret, struct error *err);

/* True when an option with one of `flags` was given. */
bool cli_saw(const struct cli_syntax *syntax, const struct cli_result *result, unsigned int flags);

#endif
