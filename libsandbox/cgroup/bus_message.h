/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What orlop and orlop-systemd say to each other over a stream socket: one request, one reply, in turns. Both are of one build and on one host, so
 * numbers are in its byte order; all the same nothing that is received is believed before it is checked.
 *
 *     message   length (4 bytes, of what follows), request or reply
 *     text      length (4 bytes), the bytes without a NUL among them, a NUL
 *     value     its signature as a text, then what the signature names: 8 bytes a number or real; a text; an array's count (4) and items; a struct's
 *               items; of a descriptor its place among those that came with the message (4)
 *
 * Not for: who asks (bus.h), who answers (bus_program/), how values are written in annotations (plan/variant.h).
 */
#ifndef ORLOP_LIBSANDBOX_CGROUP_BUS_MESSAGE_H
#define ORLOP_LIBSANDBOX_CGROUP_BUS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/arena.h"
#include "libbase/socket.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/bus.h"

/* A config of 16 MiB is the largest that is read. */
#define BUS_MESSAGE_MAX (16U << 20)

enum bus_call {
	BUS_OPEN = 1, /* the first one: connects */
	BUS_VERSION,
	BUS_UNIT_START,
	BUS_UNIT_STOP,
	BUS_UNIT_RESET,
	BUS_UNIT_SET,
	BUS_UNIT_ATTACH,
};

/* What a call does not take is 0, "" or NULL. */
struct bus_request {
	int call;            /* enum bus_call */
	bool user;           /* BUS_OPEN */
	int64_t deadline_ns; /* BUS_OPEN: of all calls together, of CLOCK_MONOTONIC */
	const char *unit;
	const char *below;
	pid_t pid;
	const struct bus_property *properties;
	size_t property_count;
};

struct bus_reply {
	int code;         /* 0 or -errno */
	uint32_t version; /* BUS_VERSION */
	const char *text; /* what failed */
};

/* Appends the message. `to_fds` takes the values' descriptors, borrowed. -EMSGSIZE: it would be longer than BUS_MESSAGE_MAX or have too many
 * descriptors; -EINVAL: a value is not what its signature says. */
int bus_request_encode(const struct bus_request *request, struct text_buffer *to, struct socket_fds *to_fds)
	_warn_unused_;
int bus_reply_encode(const struct bus_reply *reply, struct text_buffer *to) _warn_unused_;

/* What was made lives in the arena or in `bytes`; descriptors stay those of `fds`. -EBADMSG: it is none, or there is something behind it. */
int bus_request_decode(const char *bytes, size_t length, const struct socket_fds *fds, struct arena *arena,
		       struct bus_request *ret) _warn_unused_;
int bus_reply_decode(const char *bytes, size_t length, struct bus_reply *ret) _warn_unused_;

/* What follows the length. 1, or 0 at end of file. -ECONNRESET: the end came in the middle; -EMSGSIZE: too long; -ETIMEDOUT. `ret_fds`: owned, empty
 * unless the call succeeds; NULL: none is wanted. */
int bus_message_receive(int fd, int64_t deadline_ns, struct arena *arena, char **ret, size_t *ret_length,
			struct socket_fds *ret_fds) _warn_unused_;

#endif
