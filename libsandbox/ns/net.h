/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new network namespace: made, entered, its loopback interface.
 *
 * Not for: devices that come from the host (ns/net_devices.h).
 */
#ifndef ORLOP_LIBSANDBOX_NS_NET_H
#define ORLOP_LIBSANDBOX_NS_NET_H

#include <stdbool.h>

#include "libbase/error.h"
#include "libbase/fd.h"

/* Brings up "lo" in the caller's network namespace; the kernel then gives it its addresses. */
int loopback_up(struct error *err) _warn_unused_;

struct network {
	int fd;        /* the namespace */
	int socket_fd; /* a socket in it: who has it may set devices there, wherever he is */
};
#define NETWORK_NONE ((struct network){ .fd = FD_NONE, .socket_fd = FD_NONE })

void network_cleanup(struct network *network);
/* Makes a network namespace for somebody else, and stays in it. *ret must be NETWORK_NONE. */
int network_move(struct network *ret, struct error *err) _warn_unused_;
/*
 * The same, but the caller, who leaves his own, in which he made `socket_fd`, comes back. *ret stays NETWORK_NONE where he would not be let back (his
 * own belongs to a user namespace further out): then he has not left, and nothing is made.
 * Failing, *astray says that he did not come back: he is in the new one, and must not go on in it.
 */
int network_make(int socket_fd, struct network *ret, bool *astray, struct error *err) _warn_unused_;
/* Brings up "lo" in it. Nothing for NETWORK_NONE. */
int network_loopback_up(const struct network *network, struct error *err) _warn_unused_;
/* Enters what network_make made. */
int network_enter(int network_fd, struct error *err) _warn_unused_;
/* For NETWORK_NONE: who is to enter makes one for himself, with loopback up. */
int network_unshare(struct error *err) _warn_unused_;

#endif
