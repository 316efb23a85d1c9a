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

#include "libbase/error.h"

/*
 * Id 0 of the user namespace that the caller is in; with `set_groups` also no supplementary group. Returns 1 when that namespace denies
 * setgroups(2) for good, which the plan cannot know of one that is joined: the caller keeps its groups then.
 */
int session_become_root(bool set_groups, struct error *err) _warn_unused_;

/*
 * A session of its own; the signals of `ignored` (bit 0 is signal 1) at their default and none blocked; umask 022; not dumpable, so that no process of the container may look
 * into it by /proc or ptrace; killed with its parent. After session_become_root: a change of ids undoes the last two.
 */
int session_begin(uint64_t ignored, struct error *err) _warn_unused_;

/* The last two again, after another change of ids; with `!until_parent` it lives on without its parent. */
int session_guard(bool until_parent, struct error *err) _warn_unused_;

#endif
