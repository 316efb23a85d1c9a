/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new network namespace: its loopback interface.
 *
 * Not for: devices that come from the host (ns/net_devices.h).
 */
#ifndef ORLOP_LIBSANDBOX_NS_NET_H
#define ORLOP_LIBSANDBOX_NS_NET_H

#include "libbase/error.h"

/* Brings up "lo" in the caller's network namespace; the kernel then gives it its addresses. */
int loopback_up(struct error *err) _warn_unused_;

#endif
