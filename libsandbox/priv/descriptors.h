/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which descriptors the program gets: 0, 1, 2, and those that the caller asked to preserve, from 3 on.
 */
#ifndef ORLOP_LIBSANDBOX_PRIV_DESCRIPTORS_H
#define ORLOP_LIBSANDBOX_PRIV_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/error.h"

#define PRESERVED_FIRST 3

/*
 * Makes the preserved ones survive execve: "unable to stat preserved-fd 0 (of 2)" when one is not there. That each is the caller's and none
 * of ours must have been seen at start-up, before anything was opened.
 */
int descriptors_preserve(uint32_t count, struct error *err) _warn_unused_;

/*
 * Closes all but 0 to 2, the preserved ones and those in `keep` (FD_NONE is skipped; sorted in place). Nothing of the host may stay open
 * behind the gate: another process of the container could reach it through /proc (CVE-2016-9962, CVE-2024-21626). `filtered`: the
 * container's filter is loaded already; when it denies close_range(2) they stay open until execve, so all must be close-on-exec by now.
 */
int descriptors_close_others(uint32_t preserved, int *keep, size_t count, bool filtered, struct error *err)
	_warn_unused_;

/*
 * Gives standard input, output and error to `uid`, so that it can open them by /dev/stdout and the like: pipes, sockets, ptys, and files that are
 * open for writing. Never a device or a file that is only read, which are the host's (CVE-2026-88265 class). What the kernel denies (owner
 * not mapped, read-only file system) is left as it is.
 */
int descriptors_chown(uint32_t uid, struct error *err) _warn_unused_;

#endif
