/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared libraries that this process runs with, made memory of its own: no file of the host stays mapped.
 *
 * A file that a process has mapped can be opened anew by who may trace it and has CAP_CHECKPOINT_RESTORE (/proc/PID/map_files), and written to: the
 * mount that it was mapped from is the host's, and lets him. The program's own file is on a read-only mount (runtime/self_exe.h).
 *
 * Read: proc(5) "map_files", dl_iterate_phdr(3), mremap(2).
 */
#ifndef ORLOP_LIBSANDBOX_PRIV_LIBRARIES_H
#define ORLOP_LIBSANDBOX_PRIV_LIBRARIES_H

#include "libbase/error.h"

/* For this process and what it forks, in single-threaded programs. Takes as much memory as the libraries are large. */
int libraries_copy(struct error *err) _warn_unused_;

#endif
