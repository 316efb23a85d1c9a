/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a container, for `create` and for `run`: from a bundle to an init that waits, with a record of it.
 *
 * All or nothing: what fails leaves no process, cgroup, directory or pid file; poststop hooks run once any other hook may have run.
 */
#ifndef ORLOP_RUNTIME_CREATE_H
#define ORLOP_RUNTIME_CREATE_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libsandbox/sandbox.h"
#include "runtime/bundle.h"
#include "runtime/cli.h"
#include "runtime/container.h"
#include "runtime/globals.h"
#include "runtime/notify.h"
#include "runtime/record.h"
#include "runtime/signals.h"

/* The options that both commands have. */
struct options_create {
	const char *bundle;
	const char *config;
	const char *console_socket;
	const char *pidfd_socket;
	const char *pid_file;
	bool no_pivot;
	bool no_new_keyring;
	struct opt_u64 preserve_fds;
};

/* Rows of those options in a struct that begins with them. */
#define CREATE_OPTIONS                                                                                                 \
	CLI_OPTION(CLI_PATH, "bundle", "b", struct options_create, bundle, .value = "DIR",                             \
		   .help = "the bundle (default: the current directory)"),                                             \
		CLI_OPTION(CLI_PATH, "config", "f", struct options_create, config, .value = "FILE",                    \
			   .help = "the config (default: config.json in the bundle)"),                                 \
		CLI_OPTION(CLI_PATH, "console-socket", NULL, struct options_create, console_socket, .value = "SOCKET", \
			   .help = "unix socket that is sent the master of the container's terminal"),                 \
		CLI_OPTION(CLI_PATH, "pidfd-socket", NULL, struct options_create, pidfd_socket, .value = "SOCKET",     \
			   .help = "unix socket that is sent a pidfd of the container's init"),                        \
		CLI_OPTION(CLI_PATH, "pid-file", NULL, struct options_create, pid_file, .value = "FILE",               \
			   .help = "write the pid of the container's init to FILE"),                                   \
		CLI_OPTION(CLI_BOOL, "no-pivot", NULL, struct options_create, no_pivot,                                \
			   .help = "change the root by moving it instead of pivot_root(2)"),                           \
		CLI_OPTION(CLI_BOOL, "no-new-keyring", NULL, struct options_create, no_new_keyring,                    \
			   .help = "keep the session keyring of the caller"),                                          \
		CLI_OPTION(CLI_U64, "preserve-fds", NULL, struct options_create, preserve_fds, .value = "N",           \
			   .help = "hand N descriptors from 3 on to the container (default: 0)",                       \
			   .max = PRESERVE_FDS_MAX)

#define PRESERVE_FDS_MAX (1 << 20) /* the kernel's own bound for a table of descriptors, fs.nr_open, as it comes */

struct creation {
	const struct globals *globals;
	const struct options_create *options;
	const char *id;
	bool waits;     /* behind the gate, for `start`; else creation_release lets it go on */
	bool detach;    /* nobody waits for it here */
	bool subreaper; /* orphans are to come to us; creation_make unsets it where there will be none */
	struct arena *arena;

	struct bundle bundle;
	const char *config_bytes;
	size_t config_length;
	struct host host;
	const struct plan *plan;
	struct container container;
	struct sandbox sandbox;
	struct signals signals;
	struct notify notify;
	struct record_draft draft;
	int file_fd; /* what init moves to; FD_NONE */
	bool interrupted;
	bool hooks_ran;        /* or may have */
	bool pid_file_written; /* by us */
	bool published;        /* the record is whole, for all to read */
};

/* `creation` has the first group of members set (the id was checked), the rest zero. From here on it is the caller's to clean up. */
void creation_prepare(struct creation *creation);
/* Until init waits. The record is whole and the lock is free. */
int creation_make(struct creation *creation, struct error *err);
/* Lets the program run: 0 once it does. poststart hooks have run. On failure all is undone. */
int creation_release(struct creation *creation, struct error *err);
/* The pid file. The last thing that can fail: then all is undone. */
int creation_publish(struct creation *creation, struct error *err);
void creation_cleanup(struct creation *creation);

/* The `listen_fds` descriptors from 3 on, and the `count` behind them, came from our caller: none is missing, none was opened by us. A missing one
 * of the latter is numbered from 0 among them, as runc does: "unable to stat preserved-fd 0 (of 2)". */
int preserved_fds_check(uint32_t listen_fds, uint64_t count, struct error *err);
/* Connects to a socket that an option names; FD_NONE for NULL. */
int socket_option_connect(const char *option, const char *path, struct error *err);
/* Sends a pidfd along with `word` ("standard": a container's init; "setns": exec's process). Does nothing for FD_NONE. */
int pidfd_send(int socket_fd, int pidfd, const char *word, struct error *err);

#endif
