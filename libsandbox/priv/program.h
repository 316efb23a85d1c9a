/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding and executing the container's program. Error texts are those that engines look for.
 */
#ifndef ORLOP_LIBSANDBOX_PRIV_PROGRAM_H
#define ORLOP_LIBSANDBOX_PRIV_PROGRAM_H

#include "libbase/arena.h"
#include "libbase/error.h"

struct program_query {
	int root_fd;       /* the caller's root directory, O_PATH */
	const char *name;  /* args[0] */
	char *const *envp; /* its PATH is searched for a name without '/'; without PATH "/bin:/usr/bin" */
	const char *cwd;   /* absolute: where relative names begin */
};

/*
 * The path to execute, below the root directory: `name` itself when it has a '/', else an entry of PATH joined with it. It names a file
 * that somebody may execute; whether the user may is the kernel's to say at execve.
 *
 * Errors: exec: "x": executable file not found in $PATH; exec: "/x": stat /x: no such file or directory; exec: "/x": is a directory;
 * exec: "/x": permission denied.
 */
int program_lookup(const struct program_query *query, struct arena *arena, const char **ret, struct error *err)
	_warn_unused_;

/* Returns only on failure: "exec /x: permission denied". */
int program_execute(const char *path, char *const *argv, char *const *envp, struct error *err);

#endif
