/* SPDX-License-Identifier: Apache-2.0 */
/* The gate. See gate.h. */
#include "libsandbox/steps/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/clock.h"
#include "libbase/path.h"
#include "libbase/socket.h"
#include "libbase/text.h"
#include "libsandbox/steps/run.h"
#include "libsandbox/steps/step.h"
#include "libsandbox/steps/sync.h"
#include "libspec/names.h"

#define INIT_EXIT_TIMEOUT_MS 5000

/* Through the gate. */
#define BYTE_START '0'
#define BYTE_LEAVE '1'

/* One write of at most PIPE_BUF bytes is whole. */
#define REPORT_MAX (sizeof(struct sync_header) + SYNC_TEXT_MAX)

bool gate_exists(int state_fd)
{
	struct stat st;

	return fstatat(state_fd, GATE_WAKE, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISFIFO(st.st_mode);
}

static int fifo_make(int state_fd, const char *name, int *ret, struct error *err)
{
	if (mkfifoat(state_fd, name, 0600) < 0)
		return error_set(err, -errno, "make '%s'", name);
	/* Read-write: neither end ever waits for a peer to open, nor sees end of file while init lives. */
	*ret = path_open_beneath(state_fd, name, O_RDWR, 0);
	return *ret < 0 ? error_set(err, *ret, "open '%s'", name) : 0;
}

int run_gate_make(struct sandbox *sandbox, struct error *err)
{
	int r;

	if (sandbox->state_fd < 0)
		return 0;
	r = fifo_make(sandbox->state_fd, GATE_WAKE, &sandbox->gate_wake_fd, err);

	return r < 0 ? r : fifo_make(sandbox->state_fd, GATE_REPORT, &sandbox->gate_report_fd, err);
}

void undo_gate_make(struct sandbox *sandbox)
{
	if (sandbox->state_fd < 0)
		return;
	(void)unlinkat(sandbox->state_fd, GATE_WAKE, 0);
	(void)unlinkat(sandbox->state_fd, GATE_REPORT, 0);
}

int run_gate_wait(struct sandbox *sandbox, struct error *err)
{
	char byte;
	ssize_t n;

	if (sandbox->gate_wake_fd < 0)
		return sync_read(sandbox->dialogue_fd, MESSAGE_START, err);
	do
		n = read(sandbox->gate_wake_fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1 && byte != BYTE_START)
		return error_say(err, -ECANCELED, "sent away by delete");
	return n == 1 ? 0 : error_set(err, n < 0 ? -errno : -EPIPE, "wait for start");
}

/* Takes one frame off the front of what was read; returns its size, 0 when it is not whole yet, or -EPROTO when it never will be a report. */
static ssize_t report_take(const char *bytes, size_t length, struct sync_header *ret)
{
	if (length < sizeof(*ret))
		return 0;
	memcpy(ret, bytes, sizeof(*ret));
	if (ret->length > SYNC_TEXT_MAX || ret->reserved != 0 ||
	    (ret->message != MESSAGE_ERROR && ret->message != MESSAGE_EXEC))
		return -EPROTO;
	return length - sizeof(*ret) < ret->length ? 0 : (ssize_t)(sizeof(*ret) + ret->length);
}

static int report_error(const struct sync_header *header, const char *text, struct error *err)
{
	char printable[SYNC_TEXT_MAX + 1];
	int code = header->code < 0 && header->code >= -4095 ? header->code : -EIO;

	text_printable(printable, sizeof(printable), text, header->length);
	return error_say(err, code, "%s", printable);
}

/* End of file: execve closed the last writer, or init died. */
static int report_end(bool exec_seen, int pidfd, struct error *err)
{
	siginfo_t info = { 0 };
	const struct name *signal;

	if (exec_seen)
		return 0;
	/* After end of file the process is on its way out; its exit status is a moment behind. */
	if (pidfd >= 0 && socket_wait(pidfd, POLLIN, clock_deadline_ns(INIT_EXIT_TIMEOUT_MS)) >= 0 &&
	    waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_code == CLD_KILLED) {
		signal = name_of(&names_signals, info.si_status);
		return error_say(err, -ECHILD, "init was killed by %s before it could execute the program",
				 signal ? signal->text : "a signal");
	}
	return error_say(err, -ECHILD, "init died before it could execute the program");
}

/* A startContainer hook may take its time, execve not. Returns what poll(2) says of the reports. */
static int report_wait(const struct gate_ends *ends, int64_t deadline_ns, struct error *err)
{
	struct pollfd items[] = {
		{ .fd = ends->report_fd, .events = POLLIN },
		{ .fd = ends->interrupt_fd, .events = POLLIN },
	};

	for (;;) {
		int r = poll(items, ARRAY_SIZE(items), clock_left_ms(deadline_ns));

		/* What is there to be read comes first: a program that runs already is not undone, the signal is its own. */
		if (r > 0)
			return items[0].revents ? items[0].revents : error_say(err, -EINTR, "interrupted");
		if (r < 0 && errno != EINTR)
			return error_set(err, -errno, "hear how the start went");
		if (r == 0 && clock_now_ns() >= deadline_ns)
			return error_say(err, -ETIMEDOUT, "execve of the program takes longer than %d s",
					 ends->exec_timeout_ms / 1000);
	}
}

/* Init's word, which it takes back before it tells that execve failed. */
static bool exec_is_stamped(const struct gate_ends *ends)
{
	return ends->stamps && trace_ended(ends->stamps, TRACE_INIT, STEP_PROGRAM);
}

int gate_listen(const struct gate_ends *ends, struct error *err)
{
	char bytes[REPORT_MAX];
	/* Stamps are for where no hook comes first. */
	int64_t deadline_ns = ends->stamps ? clock_deadline_ns(ends->exec_timeout_ms) : CLOCK_NEVER;
	size_t have = 0;
	bool exec_seen = false;

	for (;;) {
		struct sync_header header;
		ssize_t n, size;
		int r = report_wait(ends, deadline_ns, err);

		if (r < 0)
			return r;
		if (r & POLLHUP && exec_is_stamped(ends))
			return 0;
		n = read(ends->report_fd, bytes + have, sizeof(bytes) - have);
		/* Of the dialogue: init left without reading all, the kernel says so once. What it had to say comes after. */
		if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == ECONNRESET))
			continue;
		if (n < 0)
			return error_set(err, -errno, "hear how the start went");
		if (n == 0)
			return report_end(exec_seen || exec_is_stamped(ends), ends->pidfd, err);
		have += (size_t)n;
		while ((size = report_take(bytes, have, &header)) > 0) {
			if (header.message == MESSAGE_ERROR)
				return report_error(&header, bytes + sizeof(header), err);
			/* Once, and nothing else: who has got hold of the process may write without end. */
			if (header.message != MESSAGE_EXEC || exec_seen || ends->stamps)
				return error_say(err, -EPROTO, "init's report is malformed");
			deadline_ns = clock_deadline_ns(ends->exec_timeout_ms);
			exec_seen = true;
			have -= (size_t)size;
			memmove(bytes, bytes + size, have);
		}
		if (size < 0)
			return error_say(err, -EPROTO, "init's report is malformed");
	}
}

static int fifo_open(int state_fd, const char *name, int flags)
{
	/* Non-blocking for the open: -ENXIO when init is gone. It stays so: a byte has room, and nothing is read that poll does not tell of. */
	int fd = path_open_beneath(state_fd, name, (uint64_t)flags | O_NONBLOCK, 0);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))) {
		(void)fd_close(fd);
		return -EINVAL;
	}
	return fd;
}

int gate_open(int state_fd, int pidfd, struct error *err)
{
	_cleanup_(fd_cleanup) int report_fd = fifo_open(state_fd, GATE_REPORT, O_RDONLY);
	_cleanup_(fd_cleanup) int wake_fd = fifo_open(state_fd, GATE_WAKE, O_WRONLY);
	int r = report_fd < 0 ? report_fd : wake_fd;

	if (r < 0)
		return error_set(err, r == -ENOENT ? -EALREADY : r, "open the gate");
	if (unlinkat(state_fd, GATE_WAKE, 0) < 0)
		return error_set(err, errno == ENOENT ? -EALREADY : -errno, "remove the gate");
	(void)unlinkat(state_fd, GATE_REPORT, 0);
	r = fd_write_all(wake_fd, &(const char){ BYTE_START }, 1);
	if (r < 0)
		return error_set(err, r, "wake init");
	fd_cleanup(&wake_fd);
	return gate_listen(
		&(const struct gate_ends){
			.report_fd = report_fd,
			.pidfd = pidfd,
			.interrupt_fd = FD_NONE,
			.exec_timeout_ms = GATE_EXEC_TIMEOUT_MS,
		},
		err);
}

int gate_abandon(int state_fd, struct error *err)
{
	_cleanup_(fd_cleanup) int wake_fd = fifo_open(state_fd, GATE_WAKE, O_WRONLY);
	int64_t deadline_ns = clock_deadline_ns(INIT_EXIT_TIMEOUT_MS);
	int r;

	if (wake_fd < 0)
		return 0;
	r = fd_write_all(wake_fd, &(const char){ BYTE_LEAVE }, 1);
	/* Its end takes the gate's last reader away. The report would not do: a FIFO that has no writer when it is opened never hangs up, and an
	 * init that is just ending closes the one before the other. */
	while (r >= 0 && !(r & POLLERR))
		r = socket_wait(wake_fd, 0, deadline_ns);
	return r < 0 && r != -EPIPE ? error_set(err, r, "send away the init that waits at the gate") : 0;
}
