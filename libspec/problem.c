/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collecting and telling problems. See problem.h.
 *
 * Not for: finding them (check/, parse/) or printing them (runtime/).
 */
#include "libspec/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "libbase/text.h"

/* A message is a rule plus one quoted value cut short; what is longer is cut. */
#define PROBLEM_TEXT_MAX 1024

void problems_init(struct problems *problems, struct arena *arena)
{
	*problems = (struct problems){ .arena = arena };
}

_printf_(5, 0) static void problem_add(struct problems *problems, enum problem_severity severity, unsigned int line,
				       const char *path, const char *format, va_list arguments)
{
	char text[PROBLEM_TEXT_MAX];

	if (severity == PROBLEM_ERROR)
		problems->errors++;
	else
		problems->warnings++;

	unsigned int slot = problems->count;
	if (slot == PROBLEMS_KEPT) {
		if (severity == PROBLEM_WARNING)
			return;
		/* Warnings must not crowd out the reason for a refusal: the last kept warning gives its place to an error. */
		while (slot > 0 && problems->items[slot - 1]->severity == PROBLEM_ERROR)
			slot--;
		if (slot == 0)
			return;
		slot--;
	}

	if (vsnprintf(text, sizeof(text), format, arguments) < 0)
		text[0] = '\0';
	struct problem *problem = arena_new(problems->arena, struct problem);
	if (!problem)
		return;
	problem->severity = severity;
	problem->line = line;
	problem->path = arena_string(problems->arena, path ? path : "");
	problem->text = arena_string(problems->arena, text);
	if (!problem->path || !problem->text)
		return;
	problems->items[slot] = problem;
	if (slot == problems->count)
		problems->count++;
}

void problem_error(struct problems *problems, unsigned int line, const char *path, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	problem_add(problems, PROBLEM_ERROR, line, path, format, arguments);
	va_end(arguments);
}

void problem_warning(struct problems *problems, unsigned int line, const char *path, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	problem_add(problems, PROBLEM_WARNING, line, path, format, arguments);
	va_end(arguments);
}

static void problem_append(struct text_buffer *to, const struct problem *problem)
{
	if (problem->line > 0)
		text_append_format(to, "line %u: ", problem->line);
	if (problem->path[0])
		text_append_format(to, "%s: ", problem->path);
	text_append(to, problem->text);
}

int problems_tell(const struct problems *problems, const char *document, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer line = TEXT_BUFFER_INIT;
	unsigned int told = 0;

	if (problems->errors == 0)
		return 0;

	for (unsigned int i = 0; i < problems->count; i++) {
		if (problems->items[i]->severity != PROBLEM_ERROR)
			continue;
		/* Room for the rest of the sentence: an error's text is cut at its end, where the count stands. */
		if (told > 0 && line.length > ERROR_TEXT_MAX - PROBLEM_TEXT_MAX - 512)
			break;
		if (told++ > 0)
			text_append(&line, "; ");
		problem_append(&line, problems->items[i]);
	}
	if (told > 0 && told < problems->errors)
		text_append_format(&line, "; and %u more", problems->errors - told);
	if (told == 0 || line.failed)
		return error_say(err, -EINVAL, "%s: %u violations", document, problems->errors);
	return error_say(err, -EINVAL, "%s: %s", document, line.bytes);
}
