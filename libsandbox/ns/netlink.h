/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of rtnetlink as moving a device takes: build a request, send it, hear "done" or a list. Quiet.
 *
 * Read: netlink(7), rtnetlink(7).
 */
#ifndef ORLOP_LIBSANDBOX_NS_NETLINK_H
#define ORLOP_LIBSANDBOX_NS_NETLINK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/arena.h"

#define NETLINK_REQUEST_MAX 512

struct netlink_request {
	union {
		struct nlmsghdr header;
		char bytes[NETLINK_REQUEST_MAX];
	};
	bool full; /* something did not fit: netlink_call says -EMSGSIZE */
};

/* Bytes that are walked from the front. */
struct netlink_bytes {
	const char *at;
	size_t length;
};

/* A socket of the caller's network namespace. */
int netlink_open(void) _warn_unused_;

/* Starts a request of `type` (RTM_*) with its fixed part. */
void netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags, const void *head, size_t length);
void netlink_add(struct netlink_request *request, uint16_t attribute, const void *bytes, size_t length);

/* Sends and waits for the acknowledgement: 0 or the kernel's errno. */
int netlink_call(int fd, struct netlink_request *request) _warn_unused_;

/* Sends as a dump; all messages of the answer one behind the other. */
int netlink_dump(int fd, struct netlink_request *request, struct arena *arena, struct netlink_bytes *ret) _warn_unused_;

/* Takes the next message, or the next attribute, off the front; false at the end, and for what does not fit. */
bool netlink_message_next(struct netlink_bytes *rest, uint16_t *ret_type, struct netlink_bytes *ret_payload);
bool netlink_attribute_next(struct netlink_bytes *rest, uint16_t *ret_type, struct netlink_bytes *ret_payload);
/* Copies the fixed part of a payload and moves behind it; false when it is too short. */
bool netlink_head(struct netlink_bytes *payload, void *to, size_t size);

#endif
