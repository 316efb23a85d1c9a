/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One golden case: a folder with a config and what is expected of it.
 *
 *     config.json    the config, whole; or, instead of it,
 *     config         the name of one in conformance/configs
 *     options        optional: "name value" lines, see case.c
 *     host.txt       optional: facts of the machine; else the one of the golden folder
 *     plan.txt       expected: the plan as text, or
 *     error.txt      expected: the one line of the refusal
 *     warnings.txt   expected: a line for each warning; no file: none
 *
 * Not for: running containers, or anything that asks the real machine.
 */
#ifndef ORLOP_CONFORMANCE_GOLDEN_CASE_H
#define ORLOP_CONFORMANCE_GOLDEN_CASE_H

#include <stdbool.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libbase/text.h"

struct golden_case {
	int dir_fd;            /* borrowed */
	const char *host_text; /* used when the case has no host.txt */
	struct arena *arena;   /* borrowed */
	char *config;          /* the bytes of the config, after golden_case_run */
	size_t config_length;
	struct text_buffer plan; /* at most one of plan and error is not empty */
	struct text_buffer error;
	struct text_buffer warnings;
};

/* Reads the case, plans it as text and as JSON (which must parse), and fills plan, error and warnings. Fails only when the case itself is
 * broken: a file that cannot be read, an unknown option, JSON that is none. */
int golden_case_run(struct golden_case *golden, struct error *err);

/* Compares with the expected files. 0, or -EINVAL with the first difference in `err`. */
int golden_case_compare(const struct golden_case *golden, struct error *err);

/* Makes the expected files say what came out. */
int golden_case_update(const struct golden_case *golden, struct error *err);

void golden_case_cleanup(struct golden_case *golden);

#endif
