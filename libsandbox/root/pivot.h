/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the attached root file system "/", and lets go of the host's.
 *
 * Read: pivot_root(2).
 */
#ifndef ORLOP_LIBSANDBOX_PIVOT_H
#define ORLOP_LIBSANDBOX_PIVOT_H

#include "libbase/error.h"

/* By pivot_root(2): the host's tree is gone afterwards. */
int pivot_root_to(int root_fd, struct error *err) _warn_unused_;

/* For a "/" that cannot be pivoted, such as an initramfs: moves the root onto "/" and changes into it. The host's tree stays mounted below, out
 * of reach of paths; every whole procfs and sysfs outside of the root is unmounted from it first, or covered where it is locked, because with them
 * a process of the container that may mount could have them whole again. `proc_fd`: libbase/proc.h; `context`: the SELinux word for what
 * covers, or NULL. */
int pivot_move_to(int root_fd, int proc_fd, const char *context, struct error *err) _warn_unused_;

/* Propagation of the new "/": enum spec_propagation; 0: as it is. */
int pivot_propagate(int root_fd, int propagation, struct error *err) _warn_unused_;

#endif
