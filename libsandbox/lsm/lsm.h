/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of Linux security modules for the program and its keyring.
 *
 * A label is written to the caller's own attributes in a verified procfs, or it is an error: never nowhere, never to a file that the
 * container put in its place (CVE-2019-16884, CVE-2025-52881). It takes effect at the next execve.
 * Not for: labels of mounts; whether the module is there at all is the plan's question.
 */
#ifndef ORLOP_LIBSANDBOX_LSM_LSM_H
#define ORLOP_LIBSANDBOX_LSM_LSM_H

#include <stdbool.h>
#include <stddef.h>

#include "libbase/error.h"

struct lsm {
	const char *name;
	/* `no_new_privileges`: the process will have it before the execve. */
	int (*exec_label_set)(int proc_fd, const char *label, bool no_new_privileges, struct error *err);
	/* The label of keyrings that the caller makes; NULL `label`: the default again. NULL member: the module does not label keys. */
	int (*key_label_set)(int proc_fd, const char *label, struct error *err);
};

extern const struct lsm lsm_apparmor;
extern const struct lsm lsm_selinux;

/* For the modules: one write to thread-self/attr/<file>. Quiet. *ret_opened: whether it came as far as the write; may be NULL. */
int lsm_attribute_write(int proc_fd, const char *file, const char *bytes, size_t length, bool *ret_opened);

/* The same for reading: `to` gets the file's text without its last newline and NULs, cut at `size`. Quiet. */
int lsm_attribute_read(int proc_fd, const char *file, char *to, size_t size);

#endif
