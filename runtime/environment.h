/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment variables that orlop reads: all of them, read in one place, handed on as values. A set-uid or otherwise privileged
 * start (AT_SECURE) sees none of them.
 */
#ifndef ORLOP_RUNTIME_ENVIRONMENT_H
#define ORLOP_RUNTIME_ENVIRONMENT_H

#include <stdint.h>

/* Strings are the process's own environment: NULL when not set or empty, valid until it ends. */
struct environment {
	const char *runtime_directory; /* XDG_RUNTIME_DIR */
	const char *user;              /* USER */
	const char *notify_socket;     /* NOTIFY_SOCKET */
	const char *search_path;       /* PATH */
	const char *system_bus;        /* DBUS_SYSTEM_BUS_ADDRESS */
	const char *session_bus;       /* DBUS_SESSION_BUS_ADDRESS */
	uint32_t listen_fds;           /* LISTEN_FDS where LISTEN_PID is this process; else 0 */
};

void environment_read(struct environment *ret);

#endif
