/* SPDX-License-Identifier: Apache-2.0 */
/* `orlop ps`: the processes of a container, as host pids or as the host's own ps(1) shows them. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/json_writer.h"
#include "libbase/path.h"
#include "libbase/process.h"
#include "runtime/commands.h"
#include "runtime/container.h"
#include "runtime/container_cgroup.h"
#include "runtime/output.h"
#include "runtime/ps_filter.h"
#include "runtime/table.h"

#define PS_BYTES_MAX  ((size_t)256 << 20)
#define PS_TIMEOUT_MS 60000
#define PATH_DEFAULT  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* A container without a cgroup shows its init only: nothing else tells whose a process is. */
static int pids_read(const struct container *container, struct arena *arena, struct ps_pids *ret, struct error *err)
{
	_cleanup_(control_cleanup) struct control control = CONTROL_INIT;
	int r = container_cgroup_open(container, &control, NULL);

	*ret = (struct ps_pids){ 0 };
	if (r == 0) {
		r = control_pids(&control, arena, &ret->items, &ret->count, err);
		return r == -ENODEV ? 0 : r;
	}
	if (container->pidfd < 0)
		return 0;
	ret->items = arena_new(arena, pid_t);
	if (!ret->items)
		return error_set(err, -ENOMEM, "list processes");
	ret->items[ret->count++] = (pid_t)container->record.pid;
	return 0;
}

static int json_write(const struct ps_pids *pids, struct text_buffer *to)
{
	struct json_writer json;
	int r;

	json_writer_init(&json, to, "");
	json_array_begin(&json, NULL);
	for (size_t i = 0; i < pids->count; i++)
		json_i64(&json, NULL, pids->items[i]);
	json_array_end(&json);
	r = json_writer_finish(&json);
	text_append(to, "\n");
	return r;
}

/* Absolute directories only: the current directory is the caller's, who may be anywhere. */
static const char *program_find(const char *name, const char *search_path, struct arena *arena)
{
	while (*search_path) {
		size_t length = strcspn(search_path, ":");
		struct stat st;

		if (*search_path == '/') {
			const char *path = arena_printf(arena, "%.*s/%s", (int)length, search_path, name);

			if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
				return path;
		}
		search_path += length + (search_path[length] == ':');
	}
	return NULL;
}

/* execve wants an array that is not const. */
static char **ps_arguments(const struct call *call)
{
	const size_t given = call->argument_count - 1;
	char **argv = arena_calloc(call->arena, given + 3, sizeof(*argv));

	if (!argv)
		return NULL;
	argv[0] = arena_string(call->arena, "ps");
	argv[1] = given ? NULL : arena_string(call->arena, "-ef");
	for (size_t i = 0; i < given; i++)
		argv[i + 1] = arena_string(call->arena, call->arguments[i + 1]);
	for (size_t i = 0; i < (given ? given + 1 : 2); i++)
		if (!argv[i])
			return NULL;
	return argv;
}

static int ps_failed(const struct process_result *result, struct error *err)
{
	char words[1024];

	(void)text_printable(words, sizeof(words), result->err.bytes, result->err.length);
	if (result->timed_out)
		return error_say(err, -ETIMEDOUT, "ps: took longer than %d ms", PS_TIMEOUT_MS);
	if (WIFSIGNALED(result->status))
		return error_say(err, -EIO, "ps: killed by signal %d: %s", WTERMSIG(result->status), words);
	return error_say(err, -EIO, "ps: exit status %d: %s", WEXITSTATUS(result->status), words);
}

/* All that the host's ps says about all processes goes to output_fd. */
static int ps_run(const struct call *call, int output_fd, struct error *err)
{
	const char *search_path = call->globals->environment.search_path;
	struct process_options options = PROCESS_OPTIONS_INIT;
	struct process_result *result = arena_new(call->arena, struct process_result);
	int r;

	options.path = program_find("ps", search_path ? search_path : PATH_DEFAULT, call->arena);
	if (!options.path)
		return error_say(err, -ENOENT, "exec: \"ps\": executable file not found in $PATH");
	options.argv = ps_arguments(call);
	if (!options.argv || !result)
		return error_set(err, -ENOMEM, "run ps");
	options.envp = environ;
	options.timeout_ms = PS_TIMEOUT_MS;
	options.output_fd = output_fd;
	r = process_run(&options, result);
	if (r < 0)
		return error_set(err, r, "run '%s'", options.path);
	return result->timed_out || result->status != 0 ? ps_failed(result, err) : 0;
}

static int table_show(const struct call *call, const struct ps_pids *pids, struct text_buffer *to, struct error *err)
{
	_cleanup_(fd_cleanup) int fd = memfd_create("ps", MFD_CLOEXEC);
	size_t length;
	char *text;
	int r;

	if (fd < 0)
		return error_set(err, -errno, "memory for the output of ps");
	r = ps_run(call, fd, err);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return error_set(err, -errno, "read the output of ps");
	r = fd_read_all(fd, PS_BYTES_MAX, call->arena, &text, &length);
	return r < 0 ? error_set(err, r, "read the output of ps") : ps_filter(text, pids, to, err);
}

static int run_ps(struct call *call, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	_cleanup_(container_close) struct container container = CONTAINER_INIT;
	struct ps_pids pids;
	int r;

	r = container_open(&container, call->globals, call->arguments[0], false, call->arena, err);
	if (r < 0)
		return r;
	r = container_allows(&container, VERB_PS, err);
	if (r < 0)
		return r;
	r = pids_read(&container, call->arena, &pids, err);
	if (r < 0)
		return r;
	if (call->options->ps.format != OUTPUT_JSON)
		r = table_show(call, &pids, &text, err);
	else if (json_write(&pids, &text) < 0)
		r = error_set(err, -ENOMEM, "list processes");
	return r < 0 ? r : output_write(&text, err);
}

static const struct cli_option options[] = {
	CLI_OPTION(CLI_WORD, "format", "f", struct options_ps, format, .help = "form of the list (default: table)",
		   .words = &output_formats),
};

const struct command command_ps = {
	.name = "ps",
	.summary = "show the processes of a container",
	.arguments = "ID [PS-OPTION...]",
	.description = "The table is what the host's ps prints for PS-OPTION... (default: -ef), less the lines of\n"
		       "other processes; it must have a column PID. As json: the process ids on the host.",
	.least = 1,
	.most = COMMAND_ANY_NUMBER,
	.syntax = { .options = options, .option_count = ARRAY_SIZE(options), .stop_at_first = true },
	.run = run_ps,
};
