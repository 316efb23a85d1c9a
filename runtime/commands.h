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
#include "runtime/create.h"
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

struct options_delete {
	bool force;
};

struct options_kill {
	bool all;
};

struct options_list {
	int format; /* enum output_format; 0: table */
	bool quiet;
};

struct options_ps {
	int format; /* enum output_format; 0: table */
};

struct options_run {
	struct options_create create;
	bool detach;
	bool keep;
	bool no_subreaper;
};

struct options_exec {
	const char *console_socket;
	const char *pidfd_socket;
	const char *pid_file;
	const char *process;
	const char *cwd;
	struct cli_strings environment;
	bool tty;
	const char *user;
	struct cli_strings groups;
	bool detach;
	const char *process_label;
	const char *apparmor;
	bool no_new_privs;
	struct cli_strings capabilities;
	struct opt_u64 preserve_fds;
	struct cli_strings cgroups;
	bool ignore_paused;
};

struct options_update {
	const char *resources;
	struct opt_u64 blkio_weight;
	struct opt_u64 cpu_period;
	struct opt_i64 cpu_quota;
	struct opt_u64 cpu_burst;
	struct opt_u64 cpu_share;
	struct opt_u64 cpu_rt_period;
	struct opt_i64 cpu_rt_runtime;
	const char *cpuset_cpus;
	const char *cpuset_mems;
	struct opt_i64 cpu_idle;
	const char *kernel_memory;
	const char *kernel_memory_tcp;
	struct opt_i64 memory;
	struct opt_i64 memory_reservation;
	struct opt_i64 memory_swap;
	struct opt_i64 pids_limit;
	const char *l3_cache_schema;
	const char *mem_bw_schema;
};

struct options_events {
	struct opt_i64 interval_ns;
	bool stats;
};

union command_options {
	struct options_create create;
	struct options_exec exec;
	struct options_help help;
	struct options_plan plan;
	struct options_run run;
	struct options_spec spec;
	struct options_delete delete;
	struct options_kill kill;
	struct options_list list;
	struct options_ps ps;
	struct options_update update;
	struct options_events events;
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

extern const struct command command_create;
extern const struct command command_delete;
extern const struct command command_events;
extern const struct command command_exec;
extern const struct command command_features;
extern const struct command command_help;
extern const struct command command_kill;
extern const struct command command_list;
extern const struct command command_pause;
extern const struct command command_plan;
extern const struct command command_ps;
extern const struct command command_resume;
extern const struct command command_run;
extern const struct command command_spec;
extern const struct command command_start;
extern const struct command command_state;
extern const struct command command_update;

/* In the order of the help. */
extern const struct command *const commands[];
extern const size_t commands_count;

/* By name or alias; NULL: there is none. */
const struct command *command_find(const char *name);

/* -EINVAL and runc's words when the number of positionals is not what the command takes. `program` is argv[0]. */
int command_check_count(const struct command *command, const struct cli_result *result, const char *program,
			struct error *err);

#endif
