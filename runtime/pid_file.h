/* SPDX-License-Identifier: Apache-2.0 */
/* --pid-file: where engines read which process the container is. */
#ifndef ORLOP_RUNTIME_PID_FILE_H
#define ORLOP_RUNTIME_PID_FILE_H

#include <sys/types.h>

#include "libbase/error.h"

/* Decimal digits, no newline: callers convert the whole file. Written beside it as ".NAME" and renamed, so that who sees it sees all. */
int pid_file_write(const char *path, pid_t pid, struct error *err);
/* After a failure behind pid_file_write. */
void pid_file_remove(const char *path);

#endif
