/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which directory holds the state of all containers. Only the choice: nothing is opened or made here.
 */
#ifndef ORLOP_RUNTIME_STATE_ROOT_H
#define ORLOP_RUNTIME_STATE_ROOT_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "runtime/environment.h"

#define STATE_ROOT_DEFAULT "/run/orlop"

/* Who asks. */
struct state_root_caller {
	uint32_t euid;
	bool in_user_namespace; /* euid 0 there is not the machine's root */
};

void state_root_caller_probe(struct state_root_caller *ret);

/*
 * `given` is --root or NULL. Without it: $XDG_RUNTIME_DIR/orlop for callers that are not the machine's root (runc's rule: another euid than
 * 0, or euid 0 in a user namespace unless USER is "root"), otherwise STATE_ROOT_DEFAULT. The result is absolute and clean, in `arena`.
 * -EINVAL: it is "/"; -ENOMEM; or what getcwd says.
 */
int state_root_choose(const char *given, const struct environment *environment, const struct state_root_caller *caller,
		      struct arena *arena, const char **ret, struct error *err);

#endif
