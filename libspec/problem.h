/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a document: every violation and every warning, collected, told at once.
 *
 * A problem names the place (a JSON path and, where known, the line), what was wanted and what was found. Errors refuse the document;
 * warnings do not. At most PROBLEMS_KEPT are kept, the rest is counted: a hostile document cannot make the list grow without bound.
 */
#ifndef ORLOP_LIBSPEC_PROBLEM_H
#define ORLOP_LIBSPEC_PROBLEM_H

#include <stdbool.h>

#include "libbase/arena.h"
#include "libbase/error.h"

#define PROBLEMS_KEPT 64

enum problem_severity { PROBLEM_ERROR, PROBLEM_WARNING };

struct problem {
	enum problem_severity severity;
	unsigned int line; /* 1 is the first; 0: not known */
	const char *path;  /* JSON pointer, "/linux/resources/cpu/quota"; "" for the whole document */
	const char *text;  /* "want an integer, got a string" */
};

struct problems {
	struct arena *arena; /* borrowed: texts live there */
	struct problem *items[PROBLEMS_KEPT];
	unsigned int count;    /* kept */
	unsigned int errors;   /* seen */
	unsigned int warnings; /* seen */
};

void problems_init(struct problems *problems, struct arena *arena);

void problem_error(struct problems *problems, unsigned int line, const char *path, const char *format, ...)
	_printf_(4, 5);
void problem_warning(struct problems *problems, unsigned int line, const char *path, const char *format, ...)
	_printf_(4, 5);

/*
 * Puts all errors into one line: "config.json: line 3: /process/cwd: want an absolute path, got 'tmp'; line 9: ...; and 12 more".
 * Returns 0 when there are no errors, else -EINVAL.
 */
int problems_tell(const struct problems *problems, const char *document, struct error *err);

#endif
