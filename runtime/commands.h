/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of commands: one row each, in the cmd_*.c that runs it; commands.c puts them in order. Dispatch, help and
 * docs/generated/commands.md read the rows, so a command exists exactly when it has one.
 */
#ifndef ORLOP_RUNTIME_COMMANDS_H
#define ORLOP_RUNTIME_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "runtime/cli.h"
#include "runtime/globals.h"

/* What each command's option rows fill. */
struct options_help {
	bool markdown;
};

struct options_plan {
	const char *bundle;
	int format; /* enum plan_format; 0: text */
	const char *host;
	bool show_host;
	bool no_pivot;
	bool no_new_keyring;
	const char *console_socket;
	bool detach;
	struct opt_u64 preserve_fds;
};

struct options_spec {
	const char *bundle;
	bool rootless;
};

union command_options {
	struct options_help help;
	struct options_plan plan;
	struct options_spec spec;
};

/* One call of a command. */
struct call {
	const struct globals *globals;
	const union command_options *options;
	const char *const *arguments;
	size_t argument_count;
	struct arena *arena;
	int failure_status; /* exit status when run fails; 1 unless run sets another */
};

#define COMMAND_ANY_NUMBER 0xffffu

struct command {
	const char *name;
	const char *alias; /* or NULL */
	const char *summary;
	const char *arguments;   /* "ID"; NULL: none */
	const char *description; /* lines without a final newline; NULL: the summary says it all */
	unsigned int least;      /* positionals */
	unsigned int most;       /* COMMAND_ANY_NUMBER: no limit */
	struct cli_syntax syntax;
	int (*run)(struct call *call, struct error *err); /* the exit status, or -errno */
};

extern const struct command command_features;
extern const struct command command_help;
extern const struct command command_plan;
extern const struct command command_spec;

/* In the order of the help. */
extern const struct command *const commands[];
extern const size_t commands_count;

/* By name or alias; NULL: there is none. */
const struct command *command_find(const char *name);

/* -EINVAL and runc's words when the number of positionals is not what the command takes. `program` is argv[0]. */
int command_check_count(const struct command *command, const struct cli_result *result, const char *program,
			struct error *err);

#endif
