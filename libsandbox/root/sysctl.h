/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel parameters of the container's namespaces: a file below /proc/sys shows, and takes, the value of the namespaces of whoever opens it.
 *
 * Not for: which may be set (libspec/check/sysctl.c).
 */
#ifndef ORLOP_LIBSANDBOX_SYSCTL_H
#define ORLOP_LIBSANDBOX_SYSCTL_H

#include "libbase/error.h"
#include "libspec/spec.h"

/* Init side, inside its namespaces. `proc_fd` is a verified procfs (libbase/proc.h) of whatever pid namespace. Keys are file names below
 * /proc/sys: "net/ipv4/ip_forward". */
int sysctls_write(int proc_fd, const struct spec_pairs *pairs, struct error *err) _warn_unused_;

#endif
