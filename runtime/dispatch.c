/* SPDX-License-Identifier: Apache-2.0 */
/* The order of things is runc's: usage errors, then help, then the version, then the set-up of the log, then the command. */
#include "runtime/dispatch.h"

#include <errno.h>

#include "libbase/text.h"
#include "runtime/cli.h"
#include "runtime/commands.h"
#include "runtime/environment.h"
#include "runtime/globals.h"
#include "runtime/help.h"
#include "runtime/output.h"
#include "runtime/version.h"

typedef void help_writer(struct text_buffer *to);

static int show(help_writer *writer, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	writer(&text);
	return output_write(&text, err);
}

/* Shows the help of a command, or of the whole program when it is NULL; `before` goes first. */
static int show_help(const char *before, const struct command *command, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	text_append(&text, before);
	if (command)
		help_write_command(&text, command);
	else
		help_write_program(&text);
	return output_write(&text, err);
}

/* What is wrong with the words is told in full on standard output and then, as any error, by the caller. */
static void show_usage_error(const struct command *command, int code, const struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer before = TEXT_BUFFER_INIT;

	if (code != -EINVAL)
		return;
	text_append_format(&before, "Incorrect Usage: %s\n\n", error_text(err));
	/* When this cannot be written either, the error that the caller prints is the better one. */
	(void)show_help(before.bytes ? before.bytes : "", command, NULL);
}

static int run_command(const struct command *command, const struct globals *globals, const char *const *words,
		       size_t count, struct arena *arena, int *ret_status, struct error *err)
{
	union command_options *options = arena_new(arena, union command_options);
	struct call call = { .globals = globals, .options = options, .arena = arena, .failure_status = STATUS_FAILURE };
	struct cli_result result;
	int r;

	if (!options)
		return error_set(err, -ENOMEM, "%s", command->name);
	r = cli_parse(&command->syntax, words, count, arena, (unsigned char *)options, &result, err);
	if (r < 0) {
		show_usage_error(command, r, err);
		return r;
	}
	if (result.help) {
		*ret_status = 0;
		return show_help("", command, err);
	}
	r = command_check_count(command, &result, globals->program, err);
	if (r < 0) {
		(void)show_help("Incorrect Usage.\n\n", command, NULL);
		return r;
	}
	call.arguments = result.arguments;
	call.argument_count = result.argument_count;
	r = command->run(&call, err);
	*ret_status = r < 0 ? call.failure_status : r;
	return r < 0 ? r : 0;
}

int dispatch(const char *program, const char *const *words, size_t count, struct arena *arena, int *log_fd,
	     int *ret_status, struct error *err)
{
	struct globals globals = { .program = program, .words = words, .word_count = count };
	const struct command *command;
	struct cli_result result;
	int r;

	*ret_status = STATUS_FAILURE;
	environment_read(&globals.environment);
	r = cli_parse(&globals_syntax, words, count, arena, (unsigned char *)&globals.options, &result, err);
	if (r < 0) {
		show_usage_error(NULL, r, err);
		return r;
	}
	if (result.help || globals.options.version) {
		r = show(result.help ? help_write_program : version_write, err);
		*ret_status = r < 0 ? STATUS_FAILURE : 0;
		return r;
	}
	r = globals_apply(&globals, &result, arena, log_fd, err);
	if (r < 0)
		return r;
	if (result.argument_count == 0) {
		r = show(help_write_program, err);
		*ret_status = r < 0 ? STATUS_FAILURE : 0;
		return r;
	}
	command = command_find(result.arguments[0]);
	if (!command) {
		*ret_status = STATUS_COMMAND_UNKNOWN;
		return error_say(err, -EINVAL, "No help topic for '%s'", result.arguments[0]);
	}
	return run_command(command, &globals, result.arguments + 1, result.argument_count - 1, arena, ret_status, err);
}
