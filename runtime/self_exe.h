/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program file as seen from inside a container: read-only for ever.
 *
 * A container can make its init execute the runtime itself ("#!/proc/self/exe"), or look at init's /proc/PID/exe, and later open the
 * file behind it for writing: the next container would be made by what it wrote there (CVE-2019-5736). So the commands that put a process into a
 * container, or init of a new one in their place (create_file.h), first move onto a private read-only mount of its file (self_move.h), or, where the kernel does not let them, execute orlop once more
 * from there; without the right to make a mount, and only where the caller could write the file, from a sealed copy in memory.
 */
#ifndef ORLOP_RUNTIME_SELF_EXE_H
#define ORLOP_RUNTIME_SELF_EXE_H

#include "libbase/arena.h"
#include "libbase/error.h"
#include "runtime/globals.h"

/* Called before anything is opened or changed. Returns 0 when the file is safe, or is not this user's to write; otherwise it executes orlop anew,
 * or fails. There is no mark but the file itself: a read-only mount, a seal. What is executed anew is told by the hidden option --exe which file it
 * was, for systemd_program.h.
 * *ret_mount_fd: what the file was found on, FD_NONE or a descriptor whose last closing takes the kernel some time. For a moment that has some.
 * *ret_file_fd, unless NULL, is for who has a clone to protect and not himself: FD_NONE, or the file that the clone is to move to. */
int self_exe_seal(const struct globals *globals, struct arena *arena, int *ret_mount_fd, int *ret_file_fd,
		  struct error *err);
/* In the clone that is to move instead: -errno as self_move. */
int self_exe_move(int file_fd, const struct globals *globals);
/* The path of what a descriptor is open on; NULL: none, or memory is gone. */
char *self_exe_path(int fd, struct arena *arena);

#endif
