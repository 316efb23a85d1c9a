/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where orlop-systemd is: beside orlop's own file, else where it was installed.
 *
 * Not for: looking at it and executing it (libsandbox/cgroup/bus.c).
 */
#ifndef ORLOP_RUNTIME_SYSTEMD_PROGRAM_H
#define ORLOP_RUNTIME_SYSTEMD_PROGRAM_H

#include "libbase/arena.h"
#include "libsandbox/systemd_program.h"
#include "runtime/globals.h"

/* For commands that have a unit before them: it asks the file system. NULL: memory is gone. */
const struct systemd_program *systemd_program_find(const struct globals *globals, struct arena *arena);

#endif
