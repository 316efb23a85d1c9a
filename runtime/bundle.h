/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle as a command names it: the directory, held open, and its config.json, loaded and planned. */
#ifndef ORLOP_RUNTIME_BUNDLE_H
#define ORLOP_RUNTIME_BUNDLE_H

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libbase/fd.h"
#include "libsandbox/plan.h"
#include "libspec/problem.h"
#include "libspec/spec.h"

#define BUNDLE_CONFIG_NAME "config.json"

struct bundle {
	int fd;           /* O_PATH */
	const char *path; /* absolute, symlinks resolved; in the arena */
	const struct spec *spec;
};

#define BUNDLE_INIT ((struct bundle){ .fd = FD_NONE })

/* `path` NULL or "" is the current directory. */
int bundle_open(const char *path, struct arena *arena, struct bundle *ret, struct error *err);
/* Fills `spec`. Warnings stay in `problems`. */
int bundle_load(struct bundle *bundle, struct arena *arena, struct problems *problems, struct error *err);
/* plan_build for the loaded bundle; what it finds is told with the lines of config.json. Warnings stay in `problems`. */
int bundle_plan(const struct bundle *bundle, const struct host *host, const struct plan_options *options,
		struct arena *arena, struct problems *problems, const struct plan **ret, struct error *err);
void bundle_cleanup(struct bundle *bundle);

#endif
