/* SPDX-License-Identifier: Apache-2.0 */
/* The names in a UTS namespace. Read: uts_namespaces(7). */
#ifndef ORLOP_LIBSANDBOX_NS_UTS_H
#define ORLOP_LIBSANDBOX_NS_UTS_H

#include "libbase/error.h"

/* Either may be NULL: it stays as it is. The caller's UTS namespace must not be the host's. */
int names_set(const char *hostname, const char *domainname, struct error *err) _warn_unused_;

#endif
