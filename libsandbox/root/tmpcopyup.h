/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tmpcopyup: a new tmpfs starts with a copy of what it covers.
 *
 * Read: peers' option `tmpcopyup`; the runtime-spec names it ("Linux mount options").
 */
#ifndef ORLOP_LIBSANDBOX_TMPCOPYUP_H
#define ORLOP_LIBSANDBOX_TMPCOPYUP_H

#include "libbase/error.h"

/*
 * Copies what is in the directory `from_fd` into the empty directory `to_fd`: regular files, directories and symlinks with mode, owner, times
 * and (where the file system takes them) extended attributes; FIFOs, sockets and devices are left out. It stays on the mount of from_fd and
 * follows no link. -ELOOP: nested too deep.
 */
int tmpcopyup_copy(int from_fd, int to_fd, struct error *err) _warn_unused_;

#endif
