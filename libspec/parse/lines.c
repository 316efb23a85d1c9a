/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See lines.h. A problem with line 0 comes from a check, one with a line from the binder.
 */
#include "libspec/parse/lines.h"

#include <string.h>

#include "libbase/text.h"
#include "libspec/parse/complain.h"

/* The place is `path` or below it. */
static bool is_below(const char *place, const char *path)
{
	const char *rest = text_after(place, path);

	return rest && (*rest == '/' || !*rest);
}

/* The binder reports what is missing at the object that lacks it; checks speak of the property itself. */
static bool is_missing(const struct problem *bound, const char *place)
{
	const char *name = text_after(bound->text, MISSING_PROPERTY), *rest = text_after(place, bound->path);
	size_t length;

	if (!name || !rest || *rest != '/')
		return false;
	length = strcspn(name, "'");
	return strncmp(rest + 1, name, length) == 0 && (rest[1 + length] == '/' || !rest[1 + length]);
}

static bool is_known(const struct problems *problems, const struct problem *problem)
{
	for (unsigned int i = 0; i < problems->count; i++) {
		const struct problem *bound = problems->items[i];

		if (bound->line == 0 || bound->severity != PROBLEM_ERROR)
			continue;
		if (text_starts(bound->text, MISSING_PROPERTY) ? is_missing(bound, problem->path)
							       : is_below(problem->path, bound->path))
			return true;
	}
	return false;
}

static void drop_known(struct problems *problems)
{
	unsigned int count = problems->count, kept = 0;

	/* What is_known looks at is never dropped; while the list closes up, each is seen at its new or old place. */
	for (unsigned int i = 0; i < count; i++) {
		struct problem *problem = problems->items[i];

		if (problem->line == 0 && is_known(problems, problem)) {
			if (problem->severity == PROBLEM_ERROR)
				problems->errors--;
			else
				problems->warnings--;
			continue;
		}
		problems->items[kept++] = problem;
	}
	problems->count = kept;
}

static void sort_by_line(struct problems *problems)
{
	for (unsigned int i = 1; i < problems->count; i++) {
		struct problem *problem = problems->items[i];
		unsigned int at = i;

		for (; at > 0 && problems->items[at - 1]->line > problem->line; at--)
			problems->items[at] = problems->items[at - 1];
		problems->items[at] = problem;
	}
}

void problems_find_lines(struct problems *problems, const struct json_document *document)
{
	drop_known(problems);
	for (unsigned int i = 0; i < problems->count; i++) {
		struct problem *problem = problems->items[i];

		if (problem->line == 0 && problem->path[0])
			problem->line = json_line(document, json_at(document, problem->path));
	}
	sort_by_line(problems);
}
