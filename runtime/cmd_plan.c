/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop plan`: what `create` would decide and the steps it would take. Needs no privilege and changes nothing. */
#include <errno.h>
#include <fcntl.h>

#include "libbase/path.h"
#include "libsandbox/host.h"
#include "libsandbox/plan.h"
#include "runtime/bundle.h"
#include "runtime/commands.h"
#include "runtime/container_id.h"
#include "runtime/output.h"
#include "runtime/warnings.h"

#define HOST_BYTES_MAX   ((size_t)64 << 10)
#define PRESERVE_FDS_MAX (1 << 20) /* the kernel's own bound for a table of descriptors, fs.nr_open, as it comes */

static int load_host(const char *file, struct arena *arena, struct host *ret, struct error *err)
{
	char *text;
	size_t length;
	int r;

	if (!file)
		return host_probe(arena, ret, err);
	r = path_read_file(AT_FDCWD, file, HOST_BYTES_MAX, arena, &text, &length);
	if (r == -EINVAL)
		return error_say(err, r, "host facts '%s': not a regular file", file);
	if (r < 0)
		return error_set(err, r, "host facts '%s'", file);
	r = host_parse(text, arena, ret, err);
	return r < 0 ? error_wrap(err, "host facts '%s'", file) : 0;
}

static int show_host(const struct call *call, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct host host;
	int r;

	r = load_host(call->options->plan.host, call->arena, &host, err);
	if (r < 0)
		return r;
	host_write(&host, &text);
	return output_write(&text, err);
}

static struct plan_options make_options(const struct call *call, const struct bundle *bundle)
{
	const struct options_plan *options = &call->options->plan;

	return (struct plan_options){
		.id = call->arguments[0],
		.bundle = bundle->path,
		.cgroup_driver = call->globals->cgroup_driver,
		.rootless = call->globals->rootless,
		.no_pivot = options->no_pivot,
		.no_new_keyring = options->no_new_keyring,
		.console_socket = options->console_socket != NULL,
		.detach = options->detach,
		.preserve_fds = (uint32_t)options->preserve_fds.value,
		.listen_fds = call->globals->environment.listen_fds,
		.notify_socket = call->globals->environment.notify_socket,
	};
}

static int show_plan(const struct plan *plan, int format, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	int r = plan_print(plan, format ? (enum plan_format)format : PLAN_TEXT, &text);

	return r < 0 ? error_set(err, r, "print the plan") : output_write(&text, err);
}

static int run_plan(struct call *call, struct error *err)
{
	const struct options_plan *options = &call->options->plan;
	_cleanup_(bundle_cleanup) struct bundle bundle = BUNDLE_INIT;
	struct plan_options plan_options;
	const struct plan *plan;
	struct problems problems;
	struct host host;
	int r;

	if (options->show_host)
		return show_host(call, err);
	r = container_id_check(call->arguments[0], err);
	if (r < 0)
		return r;
	r = load_host(options->host, call->arena, &host, err);
	if (r < 0)
		return r;
	r = bundle_open(options->bundle, call->arena, &bundle, err);
	if (r < 0)
		return r;
	problems_init(&problems, call->arena);
	r = bundle_load(&bundle, call->arena, &problems, err);
	if (r >= 0) {
		plan_options = make_options(call, &bundle);
		r = bundle_plan(&bundle, &host, &plan_options, call->arena, &problems, &plan, err);
	}
	/* Warnings of a refused config are worth reading too. */
	warnings_log(&problems, BUNDLE_CONFIG_NAME);
	return r < 0 ? r : show_plan(plan, options->format, err);
}

static const struct name format_names[] = {
	{ "text", PLAN_TEXT, 0 },
	{ "json", PLAN_JSON, 0 },
};
static const struct name_table formats = { "plan format", format_names, ARRAY_SIZE(format_names) };

static const struct cli_option options[] = {
	CLI_OPTION(CLI_PATH, "bundle", "b", struct options_plan, bundle, .value = "DIR",
		   .help = "the bundle (default: the current directory)"),
	CLI_OPTION(CLI_WORD, "format", "f", struct options_plan, format, .help = "form of the plan (default: text)",
		   .words = &formats),
	CLI_OPTION(CLI_PATH, "host", NULL, struct options_plan, host, .value = "FILE",
		   .help = "plan for the host that FILE describes, as --show-host prints it (default: this one)"),
	CLI_OPTION(CLI_BOOL, "show-host", NULL, struct options_plan, show_host,
		   .help = "print the facts about the host instead; ID is not needed", .flags = CLI_ALONE),
	CLI_OPTION(CLI_PATH, "console-socket", NULL, struct options_plan, console_socket, .value = "SOCKET",
		   .help = "plan as if this console socket were given; it is not used"),
	CLI_OPTION(CLI_BOOL, "detach", "d", struct options_plan, detach,
		   .help = "plan for a container that nobody waits for"),
	CLI_OPTION(CLI_BOOL, "no-new-keyring", NULL, struct options_plan, no_new_keyring,
		   .help = "keep the session keyring of the caller"),
	CLI_OPTION(CLI_BOOL, "no-pivot", NULL, struct options_plan, no_pivot,
		   .help = "change the root by moving it instead of pivot_root(2)"),
	CLI_OPTION(CLI_U64, "preserve-fds", NULL, struct options_plan, preserve_fds, .value = "N",
		   .help = "hand N descriptors from 3 on to the container (default: 0)", .max = PRESERVE_FDS_MAX),
};

const struct command command_plan = {
	.name = "plan",
	.summary = "show what creating a container would do, without doing it",
	.arguments = "ID",
	.description = "Reads the bundle's config.json and prints every decision that follows from it on this\n"
		       "host: namespaces, ids, mounts, devices, the process, the cgroup and its limits, and the\n"
		       "steps in order. Needs no privilege and changes nothing. A config that cannot work is\n"
		       "refused with all reasons at once.",
	.least = 1,
	.most = 1,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options) },
	.run = run_plan,
};
