/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves the running program onto another descriptor of its own file, without an execve.
 *
 * An execve costs as much as half of all that `create` does: ld.so and libc start anew, and the CPUID instructions of their start are slow in a
 * virtual machine. What counts of it, for who looks from a container, is which file /proc/PID/exe and the mappings name; both can be changed in
 * place: the same pages are mapped from the other descriptor, and prctl(PR_SET_MM_EXE_FILE) does the rest once nothing maps the old one.
 *
 * Not for: libraries; they stay mapped as ld.so did it, like in every other process of the host.
 * Read: prctl(2) PR_SET_MM_EXE_FILE and PR_SET_MM_MAP, proc_pid_exe(5), proc_pid_map_files(5), the kernel's replace_mm_exe_file().
 */
#ifndef ORLOP_RUNTIME_SELF_MOVE_H
#define ORLOP_RUNTIME_SELF_MOVE_H

#include <stdbool.h>
#include <stddef.h>

#include "libbase/cleanup.h"

/* The words that the kernel gave the program: argv[0], and the others. */
struct self_words {
	const char *program;
	const char *const *words;
	size_t count;
};

/* Whether who has CAP_SYS_ADMIN will not be refused: the kernel knows the call, nothing forbids it, and the words are as the kernel laid them. */
bool self_move_is_granted(const struct self_words *words);

/* `file_fd` is open for reading, and the very file that is executed. Returns 0 when the process is as if `file_fd` had been executed; or -errno, with the
 * program running as before but /proc/self/exe unchanged: -EPERM without CAP_SYS_RESOURCE or CAP_SYS_ADMIN. */
int self_move(int file_fd, const struct self_words *words) _warn_unused_;

#endif
