/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the OCI hooks of one point (runtime-spec config.md, "POSIX-platform Hooks"): one after the other, the state document on stdin,
 * environment and time limit as configured, the tail of its output in the error.
 *
 * The six points are a table: name, where they run, what a failure means. Not for: deciding when a point comes; that is a row of a step table
 * or a life-cycle command.
 */
#ifndef ORLOP_HOOKS_HOOKS_H
#define ORLOP_HOOKS_HOOKS_H

#include <stdbool.h>

#include "libbase/error.h"
#include "libspec/spec.h"
#include "libspec/state.h"

struct hook_point {
	int point;         /* enum spec_hook_point */
	bool in_container; /* runs in the container's namespaces */
	bool failure_stops; /* a failure is an error of the operation; else the rest still runs and the caller may warn */
	int status;         /* enum spec_status in the document on stdin */
	const char *summary; /* for the docs */
};

extern const struct hook_point hook_points[HOOK_POINTS]; /* [enum spec_hook_point - 1] */

/*
 * `state` goes to each hook's stdin with the point's status. `environment` is what a hook without `env` gets (NULL-terminated; NULL: nothing).
 * `cwd_fd` is the working directory, or FD_NONE for the caller's own. A hook's path is executed as it is: absolute, no search.
 * `interrupt_fd` (or FD_NONE) becomes readable when the caller wants no more of it: the hook is killed, -EINTR.
 *
 * Fails on the first hook that cannot run, exits non-zero, is killed, or runs past its time:
 *     error running createRuntime hook #0: '/bin/x': exit status 1, stdout: , stderr: no such bridge
 *     error running poststart hook #1: '/bin/y': hook ran past specified timeout of 2.0s
 * Where a failure does not stop, the rest still runs, and the first failure is returned.
 */
int hooks_run(const struct spec *spec, enum spec_hook_point point, const struct state *state, char *const *environment,
	      int cwd_fd, int interrupt_fd, struct error *err);

#endif
