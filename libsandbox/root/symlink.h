/* SPDX-License-Identifier: Apache-2.0 */
/* Symlinks that orlop itself makes in the container's root. */
#ifndef ORLOP_LIBSANDBOX_SYMLINK_H
#define ORLOP_LIBSANDBOX_SYMLINK_H

#include <stdbool.h>

#include "libbase/cleanup.h"

/* Makes `name` in dir_fd a link with this text; one that is there with the same text will do. With `replace` whatever else has the name, but
 * no directory, is removed; without it that is -EEXIST. */
int symlink_make(int dir_fd, const char *name, const char *text, bool replace) _warn_unused_;

#endif
