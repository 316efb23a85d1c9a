/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop exec`: another process in a running container. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/plan.h"
#include "libsandbox/sandbox.h"
#include "libspec/load.h"
#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/container_id.h"
#include "runtime/create.h"
#include "runtime/exec_process.h"
#include "runtime/foreground.h"
#include "runtime/pid_file.h"
#include "runtime/self_exe.h"
#include "runtime/signals.h"
#include "runtime/systemd_program.h"
#include "runtime/terminal.h"
#include "runtime/timing.h"
#include "runtime/version.h"
#include "runtime/warnings.h"

/* Engines tell by it that the runtime failed, not the process. */
#define STATUS_EXEC_FAILURE 255

struct joining {
	const struct call *call;
	const struct options_exec *options;
	struct container container;
	const struct spec *spec;
	const struct spec_process *process;
	struct host host;
	const struct plan *plan;
	struct sandbox sandbox;
	struct signals signals;
	bool interrupted;
};

/* -- the plan ----------------------------------------------------------------------------------------------------------------- */

/* --cgroup PATH: below the container's cgroup. On cgroup v2 there is one tree, so one path; controllers before it mean nothing. */
static int cgroup_choose(const struct joining *joining, const char **ret, struct error *err)
{
	const struct cli_strings *given = &joining->options->cgroups;
	const char *base = joining->container.record.cgroup_path;
	const char *path, *colon;

	*ret = base;
	if (given->count == 0)
		return 0;
	if (given->count > 1)
		return error_say(err, -EINVAL, "--cgroup: want one path, there is one cgroup tree");
	path = given->items[0];
	colon = strchr(path, ':');
	if (colon)
		path = colon + 1;
	if (!base)
		return error_say(err, -EINVAL, "--cgroup: the container has no cgroup");
	path = path_clean(joining->call->arena, path + strspn(path, "/"));
	if (!path)
		return error_set(err, -ENOMEM, "--cgroup");
	/* Words of runc's. */
	if (text_equal(path, "..") || text_starts(path, "../"))
		return error_say(err, -EINVAL, "--cgroup: bad sub cgroup path '%s': it leads out of the container's",
				 path);
	*ret = text_equal(path, ".") ? base : arena_printf(joining->call->arena, "%s/%s", base, path);
	return *ret ? 0 : error_set(err, -ENOMEM, "--cgroup");
}

static int plan_make(struct joining *joining, struct problems *problems, struct error *err)
{
	const struct call *call = joining->call;
	const struct options_exec *given = joining->options;
	const struct record *record = &joining->container.record;
	struct plan_target target = {
		.pid = (pid_t)record->pid,
		.cgroup_mount = record->cgroup_mount,
		.unit = record->systemd.value ? record->unit : NULL,
		.user_manager = record->user_manager.value,
		.no_new_keyring = record->no_new_keyring.value,
	};
	const struct plan_options options = {
		.id = record->id,
		.bundle = record->bundle,
		.rootless = call->globals->rootless,
		.console_socket = !text_is_empty(given->console_socket),
		.detach = given->detach,
		.preserve_fds = (uint32_t)given->preserve_fds.value,
	};
	int r = exec_process_read(given, call->arguments + 1, call->argument_count - 1, joining->spec, call->arena,
				  problems, &joining->process, err);

	if (r == 0)
		r = cgroup_choose(joining, &target.cgroup_path, err);
	if (r == 0)
		r = host_probe_parts(plan_host_parts_exec(joining->spec, joining->process), call->arena, &joining->host,
				     err);
	if (r < 0)
		return r;
	return plan_build_exec(joining->spec, joining->process, &target, &joining->host, &options, call->arena,
			       problems, &joining->plan, err);
}

static int plan_read(struct joining *joining, struct error *err)
{
	struct problems problems;
	int r = container_spec(&joining->container, joining->call->arena, &joining->spec, err);

	if (r < 0)
		return r;
	problems_init(&problems, joining->call->arena);
	r = plan_make(joining, &problems, err);
	warnings_log(&problems, "process");
	return r;
}

/* -- the process -------------------------------------------------------------------------------------------------------------- */

static int sandbox_fill(struct joining *joining, struct error *err)
{
	struct sandbox *sandbox = &joining->sandbox;

	sandbox->plan = joining->plan;
	sandbox->host = &joining->host;
	container_state(&joining->container, &sandbox->state);
	sandbox->environment = environ;
	if (joining->plan->cgroup.unit)
		sandbox->systemd = systemd_program_find(joining->call->globals, joining->call->arena);
	sandbox->caller_arena = joining->call->arena;
	sandbox->fail_step = joining->call->globals->options.fail_step;
	sandbox->hold_step = joining->call->globals->options.hold_step;
	if (!joining->call->globals->options.no_seccomp_cache)
		sandbox->state_root_fd = joining->container.root_fd;
	sandbox->target_pid = (pid_t)joining->container.record.pid;
	sandbox->target_pidfd = joining->container.pidfd;
	sandbox->ignore_init_cgroup = joining->options->cgroups.count > 0;
	sandbox->interrupt_fd = joining->signals.interrupt_fd;
	sandbox->console_fd = socket_option_connect("console-socket", joining->options->console_socket, err);
	if (sandbox->console_fd < 0 && sandbox->console_fd != FD_NONE)
		return sandbox->console_fd;
	sandbox->pidfd_socket_fd = socket_option_connect("pidfd-socket", joining->options->pidfd_socket, err);
	return sandbox->pidfd_socket_fd < 0 && sandbox->pidfd_socket_fd != FD_NONE ? sandbox->pidfd_socket_fd : 0;
}

static int process_start(struct joining *joining, struct error *err)
{
	const char *pid_file = joining->options->pid_file;
	bool pid_file_written = false;
	int r = sandbox_exec(&joining->sandbox, err);

	timing_log(&joining->sandbox, joining->call->globals);

	if (r < 0)
		return r;
	terminal_prepare(joining->sandbox.terminal_fd);
	r = pidfd_send(joining->sandbox.pidfd_socket_fd, joining->sandbox.init_pidfd, "setns", err);
	if (r == 0)
		r = sandbox_release(&joining->sandbox, err);
	if (r == 0 && !text_is_empty(pid_file)) {
		r = pid_file_write(pid_file, joining->sandbox.init_pid, err);
		pid_file_written = r == 0;
	}
	/* The last moment to want no more of it: what comes later finds it running, and is no failure. */
	if (r == 0 && joining->options->detach)
		r = signals_check(&joining->signals, err);
	if (r < 0)
		sandbox_undo(&joining->sandbox);
	if (r < 0 && pid_file_written)
		pid_file_remove(pid_file);
	return r;
}

static int process_wait(struct joining *joining, struct error *err)
{
	const struct foreground foreground = {
		.pidfd = joining->sandbox.init_pidfd,
		.pid = joining->sandbox.init_pid,
		.terminal_fd = joining->sandbox.terminal_fd,
	};
	int status;
	int r = foreground_wait(&foreground, &status, err);

	return r < 0 ? r : status;
}

static int join(struct joining *joining, struct error *err)
{
	const struct call *call = joining->call;
	const struct options_exec *options = joining->options;
	int r = container_open(&joining->container, call->globals, call->arguments[0], false, call->arena, err);

	if (r == 0)
		r = container_allows(&joining->container, options->ignore_paused ? VERB_EXEC_PAUSED : VERB_EXEC, err);
	if (r == 0)
		r = plan_read(joining, err);
	if (r == 0)
		r = signals_hold(&joining->signals, !options->detach, joining->host.signals_ignored, err);
	if (r == 0)
		r = sandbox_fill(joining, err);
	if (r == 0)
		r = process_start(joining, err);
	joining->interrupted = r == -EINTR || (r == 0 && options->detach);
	if (r < 0 || options->detach)
		return r;
	r = process_wait(joining, err);
	/* The process's status is what counts now, whatever came after its end. */
	joining->interrupted = r >= 0;
	return r;
}

static void joining_cleanup(struct joining *joining)
{
	signals_release(&joining->signals, joining->interrupted);
	/* What is open the command's end closes. */
	arena_leave(&joining->sandbox.arena);
}

static int run_exec(struct call *call, struct error *err)
{
	_cleanup_(joining_cleanup) struct joining joining = {
		.call = call,
		.options = &call->options->exec,
		.container = CONTAINER_INIT,
		.signals = SIGNALS_INIT,
	};
	int r;

	call->failure_status = STATUS_EXEC_FAILURE;
	sandbox_init(&joining.sandbox);
	/* What is no id is not worth repeating. */
	r = container_id_check(call->arguments[0], err);
	if (r < 0)
		return r;
	r = self_exe_seal(call->globals, call->arena, &joining.sandbox.spare_fd, NULL, err);
	if (r == 0)
		r = preserved_fds_check(0, call->options->exec.preserve_fds.value, err);
	if (r == 0)
		r = join(&joining, err);
	return r < 0 ? error_wrap(err, "exec in '%.255s'", call->arguments[0]) : r;
}

static const struct cli_option options[] = {
	CLI_OPTION(CLI_PATH, "process", "p", struct options_exec, process, .value = "FILE",
		   .help = "the process as a JSON document; nothing else says what runs"),
	CLI_OPTION(CLI_PATH, "cwd", NULL, struct options_exec, cwd, .value = "DIR",
		   .help = "working directory in the container"),
	CLI_OPTION(CLI_STRINGS, "env", "e", struct options_exec, environment, .value = "NAME=VALUE",
		   .help = "add a variable to the container's environment"),
	CLI_OPTION(CLI_BOOL, "tty", "t", struct options_exec, tty, .help = "give it a terminal"),
	CLI_OPTION(CLI_STRING, "user", "u", struct options_exec, user, .value = "UID[:GID]",
		   .help = "user and group, as numbers in the container"),
	CLI_OPTION(CLI_STRINGS, "additional-gids", "g", struct options_exec, groups, .value = "GID",
		   .help = "one more group"),
	CLI_OPTION(CLI_STRINGS, "cap", "c", struct options_exec, capabilities, .value = "CAP_NAME",
		   .help = "one more capability"),
	CLI_OPTION(CLI_BOOL, "no-new-privs", NULL, struct options_exec, no_new_privs,
		   .help = "set no_new_privs for it"),
	CLI_OPTION(CLI_STRING, "process-label", NULL, struct options_exec, process_label, .value = "LABEL",
		   .help = "SELinux label"),
	CLI_OPTION(CLI_STRING, "apparmor", NULL, struct options_exec, apparmor, .value = "PROFILE",
		   .help = "AppArmor profile"),
	CLI_OPTION(CLI_STRINGS, "cgroup", NULL, struct options_exec, cgroups, .value = "PATH",
		   .help = "cgroup below the container's to run in"),
	CLI_OPTION(CLI_BOOL, "ignore-paused", NULL, struct options_exec, ignore_paused,
		   .help = "take a paused container too; the process waits until it is resumed"),
	CLI_OPTION(CLI_BOOL, "detach", "d", struct options_exec, detach, .help = "return when the process runs"),
	CLI_OPTION(CLI_PATH, "pid-file", NULL, struct options_exec, pid_file, .value = "FILE",
		   .help = "write the pid of the process to FILE"),
	CLI_OPTION(CLI_PATH, "console-socket", NULL, struct options_exec, console_socket, .value = "SOCKET",
		   .help = "unix socket that is sent the master of its terminal"),
	CLI_OPTION(CLI_PATH, "pidfd-socket", NULL, struct options_exec, pidfd_socket, .value = "SOCKET",
		   .help = "unix socket that is sent a pidfd of it"),
	CLI_OPTION(CLI_U64, "preserve-fds", NULL, struct options_exec, preserve_fds, .value = "N",
		   .help = "hand N descriptors from 3 on to it (default: 0)", .max = PRESERVE_FDS_MAX),
};

const struct command command_exec = {
	.name = "exec",
	.summary = "run another process in a container",
	.arguments = "ID [PROGRAM [ARGUMENT...]]",
	.description =
		"The process is as the container's own in config.json, but for what the options say. The exit status\n"
		"is the process's, 128 + n when signal n ended it, or 255 when it could not be run.",
	.least = 1,
	.most = COMMAND_ANY_NUMBER,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options), .stop_at_first = true },
	.run = run_exec,
};
