/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the global options and their doing. */
#include "runtime/globals.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/log.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/plan.h"
#include "runtime/state_root.h"

/* Values of a name table are > 0, LOG_FORMAT_TEXT is 0. */
static const struct name log_format_names[] = {
	{ "text", LOG_FORMAT_TEXT + 1, 0 },
	{ "json", LOG_FORMAT_JSON + 1, 0 },
};
static const struct name_table log_formats = { "log format", log_format_names, ARRAY_SIZE(log_format_names) };

static const struct name cgroup_manager_names[] = {
	{ "cgroupfs", CGROUP_DRIVER_CGROUPFS, 0 },
	{ "systemd", CGROUP_DRIVER_SYSTEMD, 0 },
	{ "disabled", CGROUP_DRIVER_DISABLED, 0 },
};
static const struct name_table cgroup_managers = { "cgroup manager", cgroup_manager_names,
						   ARRAY_SIZE(cgroup_manager_names) };

static const struct name rootless_names[] = {
	{ "auto", ROOTLESS_AUTO, 0 },
	{ "true", ROOTLESS_TRUE, 0 },
	{ "false", ROOTLESS_FALSE, 0 },
};
static const struct name_table rootless_words = { "rootless mode", rootless_names, ARRAY_SIZE(rootless_names) };

static const struct cli_option options[] = {
	CLI_OPTION(CLI_BOOL, "debug", NULL, struct globals_options, debug, .help = "log more"),
	CLI_OPTION(CLI_PATH, "log", NULL, struct globals_options, log, .value = "FILE",
		   .help = "append the log to FILE (default: standard error)"),
	CLI_OPTION(CLI_WORD, "log-format", NULL, struct globals_options, log_format,
		   .help = "form of the log's records (default: text)", .words = &log_formats),
	CLI_OPTION(CLI_PATH, "root", NULL, struct globals_options, root, .value = "DIR",
		   .help = "directory of the containers' state (default: " STATE_ROOT_DEFAULT
			   ", or $XDG_RUNTIME_DIR/orlop when rootless)"),
	CLI_OPTION(CLI_BOOL, "systemd-cgroup", NULL, struct globals_options, systemd_cgroup,
		   .help = "let systemd make the cgroups; cgroupsPath is then \"slice:prefix:name\""),
	CLI_OPTION(CLI_WORD, "cgroup-manager", NULL, struct globals_options, cgroup_manager,
		   .help = "who makes the cgroups; wins over --systemd-cgroup (default: cgroupfs)",
		   .words = &cgroup_managers),
	CLI_OPTION(CLI_WORD, "rootless", NULL, struct globals_options, rootless,
		   .help = "whether lack of permission for cgroups is ignored (default: auto)",
		   .words = &rootless_words),
	CLI_OPTION(CLI_BOOL, "timing", NULL, struct globals_options, timing,
		   .help = "log how long each step of create, run and exec took"),
	CLI_OPTION(CLI_BOOL, "no-seccomp-cache", NULL, struct globals_options, no_seccomp_cache,
		   .help = "compile each seccomp profile anew, and keep none below the state directory"),
	CLI_OPTION(CLI_PATH, "exe", NULL, struct globals_options, exe, .flags = CLI_HIDDEN, .value = "FILE",
		   .help = "orlop's own file, where it executes a copy of itself"),
	CLI_OPTION(CLI_STRING, "fail-step", NULL, struct globals_options, fail_step, .flags = CLI_HIDDEN,
		   .value = "SIDE:STEP", .help = "make that step fail, to see that nothing is left behind"),
	CLI_OPTION(CLI_STRING, "hold-step", NULL, struct globals_options, hold_step, .flags = CLI_HIDDEN,
		   .value = "SIDE:STEP", .help = "stop before that step until a signal comes, likewise"),
	CLI_OPTION_IGNORED(CLI_PATH, "criu"),
	CLI_OPTION(CLI_BOOL, "version", "v", struct globals_options, version, .help = "show the version"),
};

const struct cli_syntax globals_syntax = {
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.stop_at_first = true,
};

static int open_log(const struct globals_options *given, int *log_fd, struct error *err)
{
	enum log_format format = given->log_format == LOG_FORMAT_JSON + 1 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
	enum log_level most = given->debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;

	log_open(STDERR_FILENO, format, most);
	if (text_is_empty(given->log))
		return 0;
	*log_fd = path_open_host(AT_FDCWD, given->log, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, 0644);
	if (*log_fd < 0)
		return error_set(err, *log_fd, "open log '%s'", given->log);
	log_open(*log_fd, format, most);
	return 0;
}

static void warn_of_ignored(const struct cli_result *result)
{
	for (size_t i = 0; i < globals_syntax.option_count; i++)
		if ((result->seen >> i & 1) && (options[i].flags & CLI_IGNORED))
			log_warning("option --%s is ignored", options[i].name);
}

int globals_apply(struct globals *globals, const struct cli_result *result, struct arena *arena, int *log_fd,
		  struct error *err)
{
	const struct globals_options *given = &globals->options;
	struct state_root_caller caller = { 0 };
	int r;

	r = open_log(given, log_fd, err);
	if (r < 0)
		return r;
	warn_of_ignored(result);

	globals->cgroup_driver = given->cgroup_manager;
	if (globals->cgroup_driver == 0)
		globals->cgroup_driver = given->systemd_cgroup ? CGROUP_DRIVER_SYSTEMD : CGROUP_DRIVER_CGROUPFS;
	globals->rootless = given->rootless ? given->rootless : ROOTLESS_AUTO;

	/* Nobody else asks who we are. */
	if (!given->root && globals->environment.runtime_directory)
		state_root_caller_probe(&caller);
	return state_root_choose(given->root, &globals->environment, &caller, arena, &globals->state_root, err);
}
