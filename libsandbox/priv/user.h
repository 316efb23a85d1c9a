/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's identity: groups, ids, working directory, HOME.
 *
 * Not for: capabilities (priv/caps.h).
 */
#ifndef ORLOP_LIBSANDBOX_PRIV_USER_H
#define ORLOP_LIBSANDBOX_PRIV_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libsandbox/plan.h"

/* What the caller's ids are: real, effective, saved and file system ids, each kind the same. */
struct user_ids {
	bool known;       /* false: they differ, or nobody knows */
	bool groups_none; /* no supplementary groups; false: some, or nobody knows */
	uint32_t uid;
	uint32_t gid;
};

/*
 * Sets supplementary groups (exactly those of the plan), group and user id, all of real, effective and saved, but for an id that the caller has
 * already. Unless the plan keeps the capabilities as they are, the permitted ones survive. With `groups_denied` (session_become_root) it is an
 * error to want a group, and those that the caller has stay. Returns 1 when an id may have changed, which undoes session_guard.
 */
int user_switch(const struct plan_process *process, const struct user_ids *have, bool groups_denied, struct error *err)
	_warn_unused_;

/* -EACCES and -EPERM may go away with the right ids. */
int cwd_enter(const char *path, struct error *err) _warn_unused_;

/*
 * Whether the working directory is below the root directory: a path such as /proc/self/fd/7 may have led to a directory of the host
 * (CVE-2024-21626).
 */
int cwd_verify(struct error *err) _warn_unused_;

/* The home of `uid` by /etc/passwd below root_fd; "/" when that does not say. Fails for lack of memory only. */
int home_find(int root_fd, uint32_t uid, struct arena *arena, const char **ret, struct error *err) _warn_unused_;

#endif
