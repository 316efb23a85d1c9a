/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options before the command, and what they make of the process: its log and its state directory.
 */
#ifndef ORLOP_RUNTIME_GLOBALS_H
#define ORLOP_RUNTIME_GLOBALS_H

#include <stdbool.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "runtime/cli.h"
#include "runtime/environment.h"

/* What the rows of globals_syntax fill. */
struct globals_options {
	bool debug;
	const char *log;
	int log_format; /* enum log_format + 1 */
	const char *root;
	bool systemd_cgroup;
	int cgroup_manager; /* enum plan_cgroup_driver; 0: not given */
	int rootless;       /* enum plan_rootless; 0: not given */
	bool version;
	bool timing;
	bool no_seccomp_cache;
	const char *exe;       /* orlop's own file, of which this is a copy: see self_exe.h */
	const char *fail_step; /* fault injection: "host:limits", "init:mounts" */
	const char *hold_step; /* likewise */
};

struct globals {
	struct globals_options options;
	struct environment environment;
	const char *program;      /* argv[0] */
	const char *const *words; /* the rest of argv */
	size_t word_count;
	const char *state_root; /* absolute, clean, not "/" */
	int cgroup_driver;      /* enum plan_cgroup_driver, never 0 */
	int rootless;           /* enum plan_rootless, never 0 */
};

extern const struct cli_syntax globals_syntax;

/*
 * Opens the log, chooses the state directory, settles defaults, warns of options that are ignored. `globals` has options, environment
 * and program. *log_fd (FD_NONE before) is the caller's and is to stay open as long as anything logs.
 */
int globals_apply(struct globals *globals, const struct cli_result *result, struct arena *arena, int *log_fd,
		  struct error *err);

#endif
