/* SPDX-License-Identifier: Apache-2.0 */
/* Raw mode and the relay. See terminal.h. */
#include "runtime/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libbase/cleanup.h"

/* A program that ended has written all it will: as much as the kernel keeps for a terminal. What others write on must not keep us. */
#define DRAIN_BYTES_MAX  (256 << 10)
#define DRAIN_TIMEOUT_MS 10000

/* -- the caller's terminal ---------------------------------------------------------------------------------------------------- */

static int raw_set(struct terminal *terminal)
{
	struct termios raw;

	if (tcgetattr(terminal->host_fd, &terminal->saved) < 0)
		return -errno;
	raw = terminal->saved;
	cfmakeraw(&raw);
	while (tcsetattr(terminal->host_fd, TCSANOW, &raw) < 0)
		if (errno != EINTR)
			return -errno;
	terminal->raw = true;
	return 0;
}

static int host_find(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (isatty(fd))
			return fd;
	return FD_NONE;
}

static void size_pass(int host_fd, int master_fd)
{
	struct winsize size;

	if (host_fd >= 0 && ioctl(host_fd, TIOCGWINSZ, &size) == 0)
		(void)ioctl(master_fd, TIOCSWINSZ, &size);
}

/* A terminal does this with what is shown on it, so there the container's must do it as well: programs go by what theirs does. */
static void carriage_returns_leave(int master_fd)
{
	struct termios lines;

	if (tcgetattr(master_fd, &lines) < 0)
		return;
	lines.c_oflag &= ~(tcflag_t)ONLCR;
	(void)tcsetattr(master_fd, TCSANOW, &lines);
}

void terminal_prepare(int master_fd)
{
	if (master_fd < 0)
		return;
	size_pass(host_find(), master_fd);
	if (!isatty(STDOUT_FILENO))
		carriage_returns_leave(master_fd);
}

int terminal_attach(struct terminal *terminal, int master_fd, struct error *err)
{
	int r;

	terminal->master_fd = master_fd;
	terminal->host_fd = host_find();
	terminal->raw = false;
	terminal->in = (struct terminal_stream){ .from = STDIN_FILENO, .to = master_fd };
	terminal->out = (struct terminal_stream){ .from = master_fd, .to = STDOUT_FILENO };
	if (fcntl(master_fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return error_set(err, -errno, "set up the terminal's master");
	if (terminal->host_fd < 0)
		return 0;
	terminal_resize(terminal);
	r = raw_set(terminal);
	return r < 0 ? error_set(err, r, "set the terminal to raw mode") : 0;
}

void terminal_restore(struct terminal *terminal)
{
	if (!terminal->raw)
		return;
	terminal->raw = false;
	while (tcsetattr(terminal->host_fd, TCSANOW, &terminal->saved) < 0 && errno == EINTR)
		;
}

void terminal_resize(const struct terminal *terminal)
{
	size_pass(terminal->host_fd, terminal->master_fd);
}

/* -- the relay ---------------------------------------------------------------------------------------------------------------- */

static bool stream_is_empty(const struct terminal_stream *stream)
{
	return stream->start == stream->end;
}

/* EIO: nobody has the other side of a terminal open. It may be opened again, but who reads the master has no way to wait for that. */
static void stream_read(struct terminal_stream *stream)
{
	ssize_t n = read(stream->from, stream->bytes, sizeof(stream->bytes));

	stream->start = 0;
	stream->end = n > 0 ? (size_t)n : 0;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		stream->from = FD_NONE;
}

static void stream_write(struct terminal_stream *stream)
{
	ssize_t n;

	if (stream->to < 0) {
		stream->start = stream->end;
		return;
	}
	n = write(stream->to, stream->bytes + stream->start, stream->end - stream->start);
	if (n > 0)
		stream->start += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		stream->to = FD_NONE;
}

/* Either waits for bytes or for room. */
static void stream_polls(const struct terminal_stream *stream, struct pollfd items[2])
{
	bool empty = stream_is_empty(stream);

	items[0] = (struct pollfd){ .fd = empty ? stream->from : FD_NONE, .events = POLLIN };
	items[1] = (struct pollfd){ .fd = empty ? FD_NONE : stream->to, .events = POLLOUT };
}

static void stream_move(struct terminal_stream *stream, const struct pollfd items[2])
{
	if (items[0].fd >= 0 && items[0].revents)
		stream_read(stream);
	/* What was read is written at the next turn, when there is said to be room. */
	else if (items[1].fd >= 0 && items[1].revents)
		stream_write(stream);
	if (stream->to < 0)
		stream->start = stream->end;
}

size_t terminal_polls(const struct terminal *terminal, struct pollfd items[TERMINAL_POLLS])
{
	stream_polls(&terminal->in, items);
	stream_polls(&terminal->out, items + 2);
	return TERMINAL_POLLS;
}

void terminal_move(struct terminal *terminal, const struct pollfd items[TERMINAL_POLLS])
{
	stream_move(&terminal->in, items);
	stream_move(&terminal->out, items + 2);
	/* What nobody will read stays with the caller's terminal; what nobody sees of the output must still be taken, or its writer waits. */
	if (terminal->in.to < 0)
		terminal->in.from = FD_NONE;
}

void terminal_drain(struct terminal *terminal)
{
	struct terminal_stream *out = &terminal->out;
	struct pollfd items[2];

	for (size_t moved = 0; moved < DRAIN_BYTES_MAX;) {
		bool empty = stream_is_empty(out);

		if (empty && out->from < 0)
			return;
		stream_polls(out, items);
		/* Nothing there to read: it was all. No room to write: time for whoever reads. */
		if (poll(items, ARRAY_SIZE(items), empty ? 0 : DRAIN_TIMEOUT_MS) <= 0)
			return;
		stream_move(out, items);
		if (empty)
			moved += out->end;
	}
}
