/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's terminal, from its own devpts.
 *
 * Nothing is taken by a name that the image could own: the master is opened on a verified devpts, the slave comes from the master
 * (TIOCGPTPEER), and /dev/console is a mount of that very slave on a file that is no link (CVE-2025-52565, CVE-2026-88264).
 * Read: runtime-spec config.md "process.terminal"; pts(4), ioctl_tty(2).
 */
#ifndef ORLOP_LIBSANDBOX_CONSOLE_H
#define ORLOP_LIBSANDBOX_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/error.h"

struct console_options {
	uint32_t uid;  /* who owns the terminal */
	bool size_set; /* height and width count */
	uint16_t height, width;
	bool bind; /* mount it on /dev/console */
	bool lend; /* the caller does not become its owner: a child of it will, in a session of its own */
};

/* In a session leader without a terminal: makes a new one its controlling terminal (unless it is lent) and its 0, 1 and 2. Returns the
 * master; owned. */
int console_make(int root_fd, const struct console_options *options, struct error *err) _warn_unused_;

/* Host side: sends the master to the caller's console socket. Both stay the caller's. */
/* Whether the descriptor, which came from init, is a terminal's master: nothing else may reach who asked for one. -EPROTO: it is not. */
int console_check(int fd, struct error *err);
int console_send(int socket_fd, int master_fd, struct error *err) _warn_unused_;

#endif
