/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialogue of host side and init side: one SOCK_SEQPACKET pair, one frame a message.
 *
 * A frame is a header and a text, with descriptors as ancillary data. MESSAGE_ERROR may come instead of any message: it carries the code and
 * the whole text of what failed, and ends the dialogue. End of file means that the other side is gone: for init that is "init died".
 * The host treats what init sends as a stranger's bytes: lengths are checked, texts made printable.
 */
#ifndef ORLOP_LIBSANDBOX_SYNC_H
#define ORLOP_LIBSANDBOX_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libbase/error.h"
#include "libbase/fd.h"
#include "libsandbox/steps/step.h"

#define SYNC_TEXT_MAX 2048

struct sync_header {
	uint32_t message; /* enum message */
	int32_t code;     /* MESSAGE_ERROR: negative errno; MESSAGE_SPAWNED: the pid */
	uint32_t length;  /* of the text behind */
	uint32_t reserved;
};

/* `text` may be NULL. `fd` goes along unless it is FD_NONE; it stays the caller's. Returns 0; -EPIPE: the other side is gone. */
int sync_send(int dialogue_fd, enum message message, int32_t code, const char *text, int fd);
/* Sends the error: its code and text. Failing is not told: there is nobody to tell. */
void sync_send_error(int dialogue_fd, const struct error *err);

/* The same two for init, by one write(2), or one read(2): all that a filter which is in force need allow. A peer that is gone may end the writer
 * by SIGPIPE. `err` is what to tell, or NULL; with it the code is its own. */
int sync_write(int fd, enum message message, int32_t code, const struct error *err);
int sync_read(int fd, enum message message, struct error *err);

/* Whether a message may come with a descriptor: then it is sent and expected by the calls that are not for read(2) and write(2). */
bool sync_carries_descriptor(enum message message);

struct sync_received {
	int32_t code;
	int fd;    /* owned; FD_NONE */
	bool told; /* the failure is a MESSAGE_ERROR: `err` has the other side's words */
};

/* Waits for `message`. -ECONNRESET: end of file; -EPROTO: another message ("expected READY, got AT_HOOKS"), a malformed one, or more descriptors than
 * it carries; -EMSGSIZE: more bytes or descriptors than any does; -ETIMEDOUT: `deadline_ns` passed (CLOCK_NEVER: no end). The code of a
 * MESSAGE_ERROR with `err` set to its text. No descriptor is left over from what is refused. */
int sync_expect(int dialogue_fd, enum message message, int64_t deadline_ns, struct sync_received *ret,
		struct error *err);
/* Waits for MESSAGE_SPAWNED: a child of the caller other than `joiner`. -EPROTO: it is not, or its pidfd is not a child's. */
int sync_expect_spawned(int hear_fd, pid_t joiner, int64_t deadline_ns, pid_t *ret_pid, int *ret_pidfd,
			struct error *err);

#endif
