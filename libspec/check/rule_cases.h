/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of rules only: a fragment of JSON put into a config that is otherwise fine, and what must be said of it.
 *
 * Fragments are written with ' for ". A member of the fine config gives way to one of the same name in the fragment.
 */
#ifndef ORLOP_LIBSPEC_CHECK_RULE_CASES_H
#define ORLOP_LIBSPEC_CHECK_RULE_CASES_H

#include <stdio.h>
#include <string.h>

#include "libbase/text.h"
#include "libspec/load.h"

enum rule_case_at { AT_TOP, AT_PROCESS, AT_LINUX, AT_RESOURCES, AT_MOUNT };

struct rule_case {
	enum rule_case_at at;
	const char *fragment;
	const char *path; /* of the problem; NULL: there is none at all */
	const char *text; /* a part of the message */
	enum problem_severity severity;
	unsigned int others; /* problems besides */
};

#define CASE_FINE(at, fragment)                                \
	{                                                      \
		(at), (fragment), NULL, NULL, PROBLEM_ERROR, 0 \
	}
#define CASE_ERROR(at, fragment, path, text)                       \
	{                                                          \
		(at), (fragment), (path), (text), PROBLEM_ERROR, 0 \
	}
#define CASE_WARNING(at, fragment, path, text)                       \
	{                                                            \
		(at), (fragment), (path), (text), PROBLEM_WARNING, 0 \
	}

static inline void rule_case_member(struct text_buffer *to, const char *fragment, const char *key, const char *value)
{
	char quoted[64];

	snprintf(quoted, sizeof(quoted), "'%s':", key);
	if (!strstr(fragment, quoted))
		text_append_format(to, "%s%s,", quoted, value);
}

static inline void rule_case_config(struct text_buffer *to, const struct rule_case *one)
{
	const char *top = one->at == AT_TOP ? one->fragment : "";
	const char *process = one->at == AT_PROCESS ? one->fragment : "";
	const char *os_linux = one->at == AT_LINUX ? one->fragment : "";

	text_append(to, "{");
	rule_case_member(to, top, "ociVersion", "'1.3.0'");
	rule_case_member(to, top, "root", "{'path':'rootfs'}");
	if (!strstr(top, "'process':")) {
		text_append(to, "'process':{");
		rule_case_member(to, process, "cwd", "'/'");
		rule_case_member(to, process, "args", "['sh']");
		text_append_format(to, "%s%s},", *process ? process : "'terminal':false", "");
	}
	if (one->at == AT_MOUNT)
		text_append_format(to, "'mounts':[{%s}],", one->fragment);
	if (!strstr(top, "'linux':")) {
		text_append(to, "'linux':{");
		rule_case_member(to, os_linux, "namespaces",
				 "[{'type':'mount'},{'type':'pid'},{'type':'uts'},{'type':'ipc'},{'type':'network'}]");
		if (one->at == AT_RESOURCES)
			text_append_format(to, "'resources':{%s},", one->fragment);
		text_append_format(to, "%s},", *os_linux ? os_linux : "'mountLabel':''");
	}
	text_append(to, *top ? top : "'hostname':''");
	text_append(to, "}");
	for (size_t i = 0; i < to->length; i++) {
		if (to->bytes[i] == '\'')
			to->bytes[i] = '"';
	}
}

static inline bool rule_case_told(const struct problems *problems, const struct rule_case *one)
{
	for (unsigned int i = 0; i < problems->count; i++) {
		const struct problem *problem = problems->items[i];

		if (problem->severity == one->severity && text_equal(problem->path, one->path) &&
		    strstr(problem->text, one->text))
			return true;
	}
	return false;
}

/* What went otherwise than the case wants, in `arena`; NULL: nothing. */
static inline const char *rule_case_failure(const struct rule_case *one, struct arena *arena)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer config = TEXT_BUFFER_INIT;
	const struct spec *spec = NULL;
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, arena);
	rule_case_config(&config, one);
	int code = spec_load_bytes("config.json", config.bytes, config.length, arena, &problems, &spec, &err);

	bool wants_error = one->path && one->severity == PROBLEM_ERROR;
	unsigned int wanted = (one->path ? 1 : 0) + one->others;
	if ((code < 0) != wants_error)
		return arena_printf(arena, "%s: code %d: %s", one->fragment, code, error_text(&err));
	if (problems.count != wanted)
		return arena_printf(arena, "%s: %u problems, not %u; the last: %s: %s", one->fragment, problems.count,
				    wanted, problems.count > 0 ? problems.items[problems.count - 1]->path : "",
				    problems.count > 0 ? problems.items[problems.count - 1]->text : "");
	if (one->path && !rule_case_told(&problems, one))
		return arena_printf(arena, "%s: wanted %s: %s, got %s: %s", one->fragment, one->path, one->text,
				    problems.items[0]->path, problems.items[0]->text);
	return NULL;
}

#define CHECK_CASES(cases)                                                               \
	do {                                                                             \
		_cleanup_(arena_cleanup) struct arena _arena = ARENA_INIT;               \
		for (size_t _i = 0; _i < ARRAY_SIZE(cases); _i++) {                      \
			const char *_failure = rule_case_failure(&(cases)[_i], &_arena); \
			if (_failure)                                                    \
				check_fail(__FILE__, __LINE__, "%s", _failure);          \
		}                                                                        \
	} while (0)

#endif
