/* SPDX-License-Identifier: Apache-2.0 */
/* The listener's way to its agent. See notify.h. */
#include "libsandbox/seccomp/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>

#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/json_writer.h"
#include "libbase/kernel.h"
#include "libbase/socket.h"
#include "libspec/write.h"

/* Of the specification: the one name for the descriptor that is sent. */
#define LISTENER_NAME "seccompFd"

#define CONNECT_PAUSE_MS 10
#define AGENT            "failed to connect with seccomp agent specified in the seccomp profile"

int notify_fetch(int pidfd, int number, struct error *err)
{
	int fd = pidfd_getfd(pidfd, number, 0);

	return fd < 0 ? error_set(err, -errno, "fetch the seccomp listener, descriptor %d of init", number) : fd;
}

int notify_check(int listener_fd, struct error *err)
{
	uint64_t id = 0;

	/* No notification has the id 0: a listener says so, anything else does not know the request. */
	if (ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0 || errno == ENOENT)
		return 0;
	return error_say(err, -EPROTO, "the descriptor that init sent is no seccomp listener");
}

static int document_write(const struct notify_process *process, struct text_buffer *to)
{
	struct json_writer json;

	json_writer_init(&json, to, "");
	json_object_begin(&json, NULL);
	json_string(&json, "ociVersion", process->state.oci_version);
	json_array_begin(&json, "fds");
	json_string(&json, NULL, LISTENER_NAME);
	json_array_end(&json);
	json_i64(&json, "pid", process->pid);
	if (!text_is_empty(process->metadata))
		json_string(&json, "metadata", process->metadata);
	state_write(&json, "state", &process->state);
	json_object_end(&json);
	return json_writer_finish(&json);
}

/* connect(2) of a unix socket waits while the agent's backlog is full, without an end of its own. */
static int agent_connect(const char *path, int64_t deadline_ns)
{
	for (;;) {
		int fd = socket_connect(AT_FDCWD, path, SOCK_STREAM | SOCK_NONBLOCK);

		if (fd != -EAGAIN && fd != -EINTR)
			return fd;
		if (clock_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		(void)poll(NULL, 0, CONNECT_PAUSE_MS);
	}
}

int notify_agent(const char *path, int listener_fd, const struct notify_process *process, int timeout_ms,
		 struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer document = TEXT_BUFFER_INIT;
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	const int64_t deadline_ns = clock_deadline_ns(timeout_ms);
	int r = document_write(process, &document);

	if (r < 0)
		return error_set(err, r, "cannot marshall seccomp state");
	fd = agent_connect(path, deadline_ns);
	if (fd < 0)
		return error_set(err, fd, AGENT ": connect to '%s'", path);
	r = socket_send_until(fd, document.bytes, document.length, &listener_fd, 1, deadline_ns);
	if (r < 0)
		return error_set(err, r, "cannot send seccomp fd to '%s'", path);
	return 0;
}
