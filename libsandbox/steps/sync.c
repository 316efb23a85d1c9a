/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the dialogue. See sync.h. */
#include "libsandbox/steps/sync.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/clock.h"
#include "libbase/socket.h"
#include "libbase/text.h"

struct sync_frame {
	struct sync_header header;
	char text[SYNC_TEXT_MAX];
};

/* Returns its size. */
static size_t frame_fill(struct sync_frame *frame, enum message message, int32_t code, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (length > sizeof(frame->text))
		length = sizeof(frame->text);
	frame->header = (struct sync_header){
		.message = (uint32_t)message,
		.code = code,
		.length = (uint32_t)length,
	};
	if (length > 0)
		memcpy(frame->text, text, length);
	return sizeof(frame->header) + length;
}

int sync_send(int dialogue_fd, enum message message, int32_t code, const char *text, int fd)
{
	struct sync_frame frame;
	size_t length = frame_fill(&frame, message, code, text);
	int r = socket_send(dialogue_fd, &frame, length, fd >= 0 ? &fd : NULL, fd >= 0 ? 1 : 0);

	/* It left without reading all, the kernel says so once. */
	return r == -ECONNRESET ? -EPIPE : r;
}

static _noinline_ int error_write(int fd, enum message message, const struct error *err)
{
	struct sync_frame frame;
	size_t length = frame_fill(&frame, message, err->code, error_text(err));

	return fd_write_all(fd, &frame, length);
}

int sync_write(int fd, enum message message, int32_t code, const struct error *err)
{
	const struct sync_header header = { .message = (uint32_t)message, .code = code };

	return err ? error_write(fd, message, err) : fd_write_all(fd, &header, sizeof(header));
}

void sync_send_error(int dialogue_fd, const struct error *err)
{
	(void)!sync_send(dialogue_fd, MESSAGE_ERROR, err->code, error_text(err), FD_NONE);
}

static int frame_check(const struct sync_frame *frame, ssize_t length, struct error *err)
{
	if (length == -ECONNRESET || length == 0)
		return -ECONNRESET;
	if (length < 0)
		return error_set(err, (int)length, "receive a message");
	if ((size_t)length < sizeof(frame->header) || (size_t)length - sizeof(frame->header) != frame->header.length ||
	    frame->header.reserved != 0)
		return error_say(err, -EPROTO, "a message of %zd bytes is malformed", length);
	return 0;
}

static int frame_receive(int dialogue_fd, struct sync_frame *frame, struct socket_fds *fds, struct error *err)
{
	ssize_t length = socket_receive(dialogue_fd, frame, sizeof(*frame), fds);

	/* The other side left without reading what we sent. The kernel says so first, and once; what it had to say comes after. */
	if (length == -ECONNRESET)
		length = socket_receive(dialogue_fd, frame, sizeof(*frame), fds);
	return frame_check(frame, length, err);
}

/* What the other side says went wrong. Its text is a stranger's. */
static _noinline_ int frame_error(const struct sync_frame *frame, struct error *err)
{
	char text[SYNC_TEXT_MAX + 1];
	int code = frame->header.code;

	text_printable(text, sizeof(text), frame->text, frame->header.length);
	if (code >= 0 || code < -4095)
		code = -EIO;
	return error_say(err, code, "%s", text);
}

/* Whether the frame is what was waited for; else what is wrong. */
static int frame_expect(const struct sync_frame *frame, enum message message, struct error *err)
{
	if (frame->header.message == MESSAGE_ERROR)
		return frame_error(frame, err);
	if (frame->header.message != (uint32_t)message)
		return error_say(err, -EPROTO, "expected %s, got %s", message_name(message),
				 message_name((enum message)frame->header.message));
	return 0;
}

int sync_read(int fd, enum message message, struct error *err)
{
	struct sync_frame frame;
	ssize_t n;
	int r;

	do
		n = read(fd, &frame, sizeof(frame));
	while (n < 0 && errno == EINTR);
	r = frame_check(&frame, n < 0 ? -errno : n, err);
	return r < 0 ? r : frame_expect(&frame, message, err);
}

bool sync_carries_descriptor(enum message message)
{
	return message == MESSAGE_CONSOLE || message == MESSAGE_AT_LISTENER || message == MESSAGE_SPAWNED ||
	       message == MESSAGE_NETWORK;
}

int sync_expect(int dialogue_fd, enum message message, int64_t deadline_ns, struct sync_received *ret,
		struct error *err)
{
	_cleanup_(socket_fds_cleanup) struct socket_fds fds = SOCKET_FDS_INIT;
	struct sync_frame frame;
	int r;

	*ret = (struct sync_received){ .fd = FD_NONE };
	if (deadline_ns != CLOCK_NEVER) {
		r = socket_wait(dialogue_fd, POLLIN, deadline_ns);
		if (r < 0)
			return error_set(err, r, "wait for %s", message_name(message));
	}
	r = frame_receive(dialogue_fd, &frame, &fds, err);
	if (r < 0)
		return r;
	ret->told = frame.header.message == MESSAGE_ERROR;
	r = frame_expect(&frame, message, err);
	if (r < 0)
		return r;
	if (fds.count > sync_carries_descriptor(message))
		return error_say(err, -EPROTO, "%s came with %zu descriptors", message_name(message), fds.count);
	ret->code = frame.header.code;
	if (fds.count > 0)
		ret->fd = fd_take(&fds.fds[0]);
	return 0;
}

static bool is_child(idtype_t type, id_t id)
{
	siginfo_t info;

	return waitid(type, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* What is done to init is done to this pid, and by this descriptor: killed, among others. So the joiner's word alone will not do. */
int sync_expect_spawned(int hear_fd, pid_t joiner, int64_t deadline_ns, pid_t *ret_pid, int *ret_pidfd,
			struct error *err)
{
	_cleanup_(fd_cleanup) int pidfd = FD_NONE;
	struct sync_received received;
	int r = sync_expect(hear_fd, MESSAGE_SPAWNED, deadline_ns, &received, err);

	if (r < 0)
		return r;
	pidfd = received.fd;
	if (received.code <= 0 || received.code == joiner || pidfd < 0 || !is_child(P_PID, (id_t)received.code) ||
	    !is_child(P_PIDFD, (id_t)pidfd))
		return error_say(err, -EPROTO, "what the joiner calls init is not");
	*ret_pid = (pid_t)received.code;
	*ret_pidfd = fd_take(&pidfd);
	return 0;
}
