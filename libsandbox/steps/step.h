/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set-up sequence as data. A row says: name, which side runs it, when it is wanted, what to run or which message to pass, how to undo.
 * Host side and init side stand in one table, in order; sync points are rows.
 *
 * The tables are in create.c and exec.c: tables only. `orlop plan` prints the rows that a plan wants; engine.h walks them.
 */
#ifndef ORLOP_LIBSANDBOX_STEP_H
#define ORLOP_LIBSANDBOX_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "libbase/error.h"
#include "libsandbox/plan.h"

struct sandbox;

enum step_side { STEP_HOST = 1, STEP_INIT };
enum step_kind { STEP_DO = 1, STEP_SEND, STEP_EXPECT };

enum message {
	MESSAGE_NONE = 0,
	MESSAGE_ERROR,         /* either: what failed; ends the dialogue */
	MESSAGE_SPAWNED,       /* joiner: the pid of init */
	MESSAGE_GO,            /* host: your ids, cgroup and limits are ready */
	MESSAGE_AT_HOOKS,      /* init: mounts stand, the runtime hooks may run */
	MESSAGE_HOOKS_DONE,    /* host: they ran */
	MESSAGE_CONSOLE,       /* init: the terminal's master, as an fd */
	MESSAGE_AT_LISTENER,   /* init: the filter is loaded, fetch its listener */
	MESSAGE_LISTENER_SENT, /* host: the agent has it */
	MESSAGE_READY,         /* init: waiting for start */
	MESSAGE_START,         /* host: start (when there is no gate) */
	MESSAGE_EXEC,          /* init: the next call is execve; end of file then means that it worked */
	MESSAGE_DEVICES_RULED, /* host: the device rules are in force */
	MESSAGE_NETWORK,       /* host: the network namespace, as an fd */
};
const char *message_name(enum message message);

struct step {
	const char *name;
	int side; /* enum step_side */
	int kind; /* enum step_kind */
	enum message message;
	bool (*when)(const struct plan *plan);
	const char *summary;
	int (*run)(struct sandbox *sandbox,
		   struct error *err);         /* DO, or NULL; SEND: before the message; EXPECT: after it */
	void (*undo)(struct sandbox *sandbox); /* host side only; in reverse order */
};

struct step_table {
	const char *name; /* "create", "start" */
	const struct step *steps;
	size_t count;
};

extern const struct step_table steps_create;
extern const struct step_table steps_start;
#define STEP_PROGRAM 2 /* its row that executes the program */
extern const struct step_table steps_exec;

#endif
