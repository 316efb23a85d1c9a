/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a resctrl tree, for the sources of this folder. */
#ifndef ORLOP_LIBSANDBOX_RDT_FILE_H
#define ORLOP_LIBSANDBOX_RDT_FILE_H

#include <stddef.h>

#include "libbase/error.h"

#define RDT_FILE_MAX ((size_t)1 << 20)

/* Quiet; one write(2). */
int rdt_file_write(int group_fd, const char *file, const char *text, size_t length) _warn_unused_;
/* "<what> of the resctrl group '<group>'" with what the kernel says about it. Returns `code`. */
int rdt_refused(int root_fd, int code, const char *what, const char *group, struct error *err);

#endif
