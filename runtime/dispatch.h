/* SPDX-License-Identifier: Apache-2.0 */
/* From argv to an exit status: global options, then the command's, then the command. */
#ifndef ORLOP_RUNTIME_DISPATCH_H
#define ORLOP_RUNTIME_DISPATCH_H

#include "libbase/arena.h"
#include "libbase/error.h"

#define STATUS_FAILURE         1
#define STATUS_COMMAND_UNKNOWN 3

/*
 * Runs what the words (argv without argv[0]) ask for. Returns 0 and the exit status in *ret_status, or -errno with the text in `err` and the
 * exit status that goes with it; the caller prints the text, through the log that is then set up. Help and usage go to standard output.
 * *log_fd (FD_NONE before) is the caller's.
 */
int dispatch(const char *program, const char *const *words, size_t count, struct arena *arena, int *log_fd,
	     int *ret_status, struct error *err);

#endif
