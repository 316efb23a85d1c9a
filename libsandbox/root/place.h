/* SPDX-License-Identifier: Apache-2.0 */
/* A file in the container's root to mount a node on. */
#ifndef ORLOP_LIBSANDBOX_PLACE_H
#define ORLOP_LIBSANDBOX_PLACE_H

#include <sys/types.h>

#include "libbase/cleanup.h"

/* Opens `name` in dir_fd, made with `mode` less the umask when it is missing. A symlink is replaced: what it leads to is none of ours. Any
 * other file is taken as it is, not opened but named (O_PATH). -EISDIR: a directory. */
int place_file_open(int dir_fd, const char *name, mode_t mode) _warn_unused_;

#endif
