/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle as a command names it: the directory, held open, and its config.json, loaded. */
#ifndef ORLOP_RUNTIME_BUNDLE_H
#define ORLOP_RUNTIME_BUNDLE_H

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libbase/fd.h"
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
void bundle_cleanup(struct bundle *bundle);

#endif
