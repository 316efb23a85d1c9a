/* SPDX-License-Identifier: Apache-2.0 */
/* The hooks of one point. See hooks.h. */
#include "hooks/hooks.h"

#include <errno.h>
#include <limits.h>
#include <sys/wait.h>

#include "libbase/arena.h"
#include "libbase/json_writer.h"
#include "libbase/process.h"
#include "libspec/write.h"

/* How much of each stream a message quotes: its end, where programs say why. */
#define TAIL_QUOTED 512

const struct hook_point hook_points[HOOK_POINTS] = {
	[HOOK_PRESTART - 1] = { HOOK_PRESTART, false, true, STATUS_CREATING,
				"after the mounts are made, before pivot_root; deprecated by createRuntime" },
	[HOOK_CREATE_RUNTIME - 1] = { HOOK_CREATE_RUNTIME, false, true, STATUS_CREATING, "right after prestart" },
	[HOOK_CREATE_CONTAINER - 1] = { HOOK_CREATE_CONTAINER, true, true, STATUS_CREATING,
					"after createRuntime, before pivot_root" },
	[HOOK_START_CONTAINER - 1] = { HOOK_START_CONTAINER, true, true, STATUS_CREATED,
				       "when started, before the program is executed" },
	[HOOK_POSTSTART - 1] = { HOOK_POSTSTART, false, true, STATUS_RUNNING,
				 "after the program was executed, before start returns" },
	[HOOK_POSTSTOP - 1] = { HOOK_POSTSTOP, false, false, STATUS_STOPPED,
				"after the container was deleted, before delete returns" },
};

/* The strings are the spec's; execve wants a NULL-terminated array that is not const. */
static char **strings_vector(struct arena *arena, const struct spec_strings *strings)
{
	char **vector = arena_calloc(arena, strings->count + 1, sizeof(*vector));

	for (size_t i = 0; vector && i < strings->count; i++) {
		vector[i] = arena_string(arena, strings->items[i]);
		if (!vector[i])
			return NULL;
	}
	return vector;
}

static int timeout_ms_of(const struct spec_hook *hook)
{
	if (!hook->timeout.set)
		return -1;
	return hook->timeout.value < INT_MAX / 1000 ? (int)hook->timeout.value * 1000 : INT_MAX;
}

static const char *tail_text(const struct process_tail *tail, char *to, size_t size)
{
	const size_t skip = tail->length > TAIL_QUOTED ? tail->length - TAIL_QUOTED : 0;
	size_t length = tail->length - skip;

	while (length > 0 && (tail->bytes[skip + length - 1] == '\n' || tail->bytes[skip + length - 1] == ' '))
		length--;
	text_printable(to, size, tail->bytes + skip, length);
	return to;
}

static int result_check(const struct spec_hook *hook, const struct process_result *result, struct error *err)
{
	char out[TAIL_QUOTED * 4 + 1], problem[TAIL_QUOTED * 4 + 1];
	const int status = result->status;

	if (result->timed_out)
		return error_say(err, -ETIMEDOUT, "hook ran past specified timeout of %lld.0s",
				 (long long)hook->timeout.value);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return error_say(err, -EIO, "%s %d, stdout: %s, stderr: %s",
			 WIFSIGNALED(status) ? "killed by signal" : "exit status",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
			 tail_text(&result->out, out, sizeof(out)), tail_text(&result->err, problem, sizeof(problem)));
}

static int hook_run(const struct spec_hook *hook, const struct text_buffer *state, char *const *environment, int cwd_fd,
		    int interrupt_fd, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct process_options options = PROCESS_OPTIONS_INIT;
	struct process_result *result = arena_new(&arena, struct process_result);
	char **argv = strings_vector(&arena, &hook->args);
	int r;

	if (!result || !argv)
		return error_set(err, -ENOMEM, "run it");
	options.path = hook->path;
	options.argv = argv[0] ? argv : NULL;
	options.envp = environment;
	if (hook->env.items) {
		options.envp = strings_vector(&arena, &hook->env);
		if (!options.envp)
			return error_set(err, -ENOMEM, "run it");
	}
	options.input = state->bytes;
	options.input_length = state->length;
	options.timeout_ms = timeout_ms_of(hook);
	options.cwd_fd = cwd_fd;
	options.interrupt_fd = interrupt_fd;
	r = process_run(&options, result);
	if (r == -EINTR)
		return error_say(err, r, "interrupted");
	return r < 0 ? error_set(err, r, "run it") : result_check(hook, result, err);
}

static int state_render(const struct state *state, int status, struct text_buffer *to, struct error *err)
{
	struct state document = *state;
	struct json_writer json;
	int r;

	document.status = status;
	json_writer_init(&json, to, "");
	state_write(&json, NULL, &document);
	r = json_writer_finish(&json);
	return r < 0 ? error_set(err, r, "write the state document") : 0;
}

int hooks_run(const struct spec *spec, enum spec_hook_point point, const struct state *state, char *const *environment,
	      int cwd_fd, int interrupt_fd, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer document = TEXT_BUFFER_INIT;
	const struct hook_point *row = &hook_points[point - 1];
	const struct spec_hook_list hooks = spec_hooks_at(spec, point);
	int first = 0;

	if (hooks.count == 0)
		return 0;
	if (state_render(state, row->status, &document, err) < 0)
		return err ? err->code : -ENOMEM;
	for (size_t i = 0; i < hooks.count; i++) {
		int r = hook_run(&hooks.items[i], &document, environment, cwd_fd, interrupt_fd, first < 0 ? NULL : err);

		if (r >= 0 || first < 0)
			continue;
		/* These words before the colon are runc's, and callers look for them. */
		error_wrap(err, "error running %s hook #%zu: '%s'", name_text(&names_hooks, (int)point), i,
			   hooks.items[i].path);
		if (row->failure_stops)
			return r;
		first = r;
	}
	return first;
}
