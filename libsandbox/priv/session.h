/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Init frees itself from what its caller's process was: session, signals, umask, ids.
 *
 * Not for: the ids that the program gets (priv/user.h).
 */
#ifndef ORLOP_LIBSANDBOX_PRIV_SESSION_H
#define ORLOP_LIBSANDBOX_PRIV_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/error.h"

/*
 * Id 0 of the user namespace that the caller is in; with `set_groups` also no supplementary group. Returns 1 when that namespace denies
 * setgroups(2) for good, which the plan cannot know of one that is joined: the caller keeps its groups then. Killed with its parent afterwards, as
 * by session_guard.
 */
int session_become_root(bool set_groups, struct error *err) _warn_unused_;

/* Not dumpable, so that no process of the container may look into it by /proc or ptrace. Entering a user namespace and a change of ids undo it. */
int session_hide(struct error *err) _warn_unused_;

/* A session of its own; the signals of `ignored` (bit 0 is signal 1) at their default and none blocked; this umask. */
int session_begin(uint64_t ignored, mode_t mask, struct error *err) _warn_unused_;

/* After a change of ids, which undoes both: not dumpable; and killed with its parent, or with `!until_parent` not any more. */
int session_guard(bool until_parent, struct error *err) _warn_unused_;
/* Not killed with its parent any more. */
int session_release(struct error *err) _warn_unused_;

#endif
