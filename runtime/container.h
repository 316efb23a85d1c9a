/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container as a command sees it: its place, its record, its status; and which verb each status allows.
 *
 * Status is never stored: created = the process lives and the gate is there; running = it lives, no gate; paused = its cgroup is frozen;
 * stopped = it is dead; creating = the record is not ready and its maker holds the lock.
 */
#ifndef ORLOP_RUNTIME_CONTAINER_H
#define ORLOP_RUNTIME_CONTAINER_H

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libspec/names.h"
#include "libspec/state.h"
#include "runtime/globals.h"
#include "runtime/record.h"

struct container {
	const char *id;
	const struct globals *globals; /* of the command */
	int root_fd;
	int dir_fd;
	bool locked;
	int pidfd;           /* of init, or FD_NONE when it is dead */
	int cgroup_mount_fd; /* borrowed; FD_NONE: not open */
	int pidfd_error;     /* why there is no pidfd; 0: there is one */
	struct record record;
	int status; /* enum spec_status */
};

/* For `_cleanup_(container_close) struct container container = CONTAINER_INIT;` */
#define CONTAINER_INIT \
	((struct container){ .root_fd = FD_NONE, .dir_fd = FD_NONE, .pidfd = FD_NONE, .cgroup_mount_fd = FD_NONE })

enum container_verb {
	VERB_START = 1,
	VERB_KILL,
	VERB_DELETE,
	VERB_DELETE_FORCE,
	VERB_EXEC,
	VERB_EXEC_PAUSED, /* exec --ignore-paused */
	VERB_PAUSE,
	VERB_RESUME,
	VERB_UPDATE,
	VERB_EVENTS,
	VERB_PS,
	VERB_CHECKPOINT,
};

/*
 * Opens, loads and sees how it stands. `lock`: for those who make or remove containers; it waits for another's end. The struct is the
 * caller's to close, after failure too.
 * -EINVAL: the id; -ENOENT: "container does not exist". A broken one (no record: -ENOENT; unreadable: -EINVAL) leaves dir_fd open and an
 * empty record, so that container_destroy can remove it.
 */
int container_open(struct container *container, const struct globals *globals, const char *id, bool lock,
		   struct arena *arena, struct error *err);
/* The bundle's directory, where hooks run; FD_NONE when it is gone. */
int container_bundle(const struct container *container);
/* Takes the lock (again); it waits for another's end. -ENOENT: that was the end of the container. */
int container_lock(struct container *container, struct error *err);
/* Sees how it stands now: status and pidfd. */
void container_refresh(struct container *container);
/* The spec as it was at create. Warnings were logged then. */
int container_spec(const struct container *container, struct arena *arena, const struct spec **ret, struct error *err);
/* At the end of the command: what is left open goes with the process. */
void container_close(struct container *container);

/* 0, or -EBUSY/-ESRCH with runc's words for that verb in that status: ONE table, status x verb. */
int container_allows(const struct container *container, enum container_verb verb, struct error *err);

/* The state document, whose strings stay the record's. `owner` stays "" as runc has it. */
void container_state(const struct container *container, struct state *ret);

/*
 * Kills what is left, removes cgroup, rdt group and directory; runs poststop hooks last, whose failure is only a warning. Every wait is
 * bounded. `force` goes on when the cgroup cannot be removed (a warning). The caller holds the lock.
 * -EBUSY: "container init still running": nothing was removed.
 */
int container_destroy(struct container *container, bool force, struct arena *arena, struct error *err);

#endif
