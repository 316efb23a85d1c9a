/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session keyring of the container's own, so that its processes do not hold the keys of whoever started it. Read: session-keyring(7).
 */
#ifndef ORLOP_LIBSANDBOX_PRIV_KEYRING_H
#define ORLOP_LIBSANDBOX_PRIV_KEYRING_H

#include <stdbool.h>

#include "libbase/error.h"

/*
 * Init: joins the session keyring "_ses.<id>", new or not, and lets processes of the same user (`in_user_namespace`: of others) find it, so
 * that exec's processes can join it. A kernel without keyrings is no error.
 */
int keyring_make(const char *id, bool in_user_namespace, struct error *err) _warn_unused_;

/* Exec: joins it as it is. */
int keyring_join(const char *id, struct error *err) _warn_unused_;

#endif
