/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where orlop-systemd is, which speaks to the service manager for the systemd driver, and what it is told of the environment. Whoever has units says
 * so in struct sandbox and in calls of control.h; nothing else needs it.
 */
#ifndef ORLOP_LIBSANDBOX_SYSTEMD_PROGRAM_H
#define ORLOP_LIBSANDBOX_SYSTEMD_PROGRAM_H

#include <sys/types.h>

#define SYSTEMD_PROGRAM_NAME "orlop-systemd"

struct systemd_program {
	const char *paths[2]; /* absolute; the first that is there; NULL: none */
	/* Who else may change the caller's own program, and so may change this one: beside root and the caller, and (gid_t)-1 for no group. */
	uid_t owner;
	gid_t group;
	/* "NAME=VALUE" and a NULL: DBUS_SYSTEM_BUS_ADDRESS, DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR where they are set. NULL: none. */
	char *const *environment;
};

#endif
