/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the OCI hooks of one point (runtime-spec config.md, "POSIX-platform Hooks"): one after the other, state on stdin, environment and
 * time limit as configured, the tail of its output in the error.
 *
 * The six points are a table: name, where they run, what a failure means. Not for: deciding when a point comes; that is a row of a
 * step table.
 */
#ifndef ORLOP_HOOKS_HOOKS_H
#define ORLOP_HOOKS_HOOKS_H

#include "libbase/error.h"
#include "libspec/spec.h"
#include "libspec/state.h"

struct hook_point {
	enum spec_hook_point point;
	const char *name;        /* "createRuntime" */
	const char *namespaces;  /* "runtime" or "container" */
	bool failure_stops;      /* a failure is an error of the operation; else it is a warning */
	int status;              /* enum spec_status in the state document on stdin */
};
extern const struct hook_point hook_points[HOOK_POINTS]; /* in the order of time */

/*
 * `state` is written to each hook's stdin with the point's status. `inherited_env` is what a hook without `env` gets (NULL-terminated;
 * NULL: empty). `cwd_fd` is the working directory, or FD_NONE for the caller's own. A hook's path is used as it is: absolute, no PATH.
 * Fails on the first hook that cannot run, exits non-zero, is killed or runs past its time: "createRuntime hook 0 '/bin/x': exit status 1: <tail>";
 * runc's phrase "hook ran past specified timeout of 1.0s" is part of the time-out's text. For points whose failure does not stop, the
 * rest still runs and the first failure is returned.
 */
int hooks_run(const struct spec *spec, enum spec_hook_point point, const struct state *state, char *const *inherited_env,
	      int cwd_fd, struct error *err);

#endif
