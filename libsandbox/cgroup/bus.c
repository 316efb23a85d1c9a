/* SPDX-License-Identifier: Apache-2.0 */
/* See bus.h. Starts orlop-systemd, hands it each call, waits for the answer, ends it. */
#include "libsandbox/cgroup/bus.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/path.h"
#include "libbase/process.h"
#include "libbase/socket.h"
#include "libbase/text.h"
#include "libsandbox/cgroup/bus_message.h"

#define NEEDS "the systemd driver needs " SYSTEMD_PROGRAM_NAME ", which cannot be executed: "

/* After SIGKILL a process can hang on in the kernel; it is left behind then. */
#define END_WAIT_MS 5000

struct bus {
	int socket_fd; /* FD_NONE: it is gone */
	int pidfd;
	int64_t deadline_ns;
	bool connected; /* it said so */
};

/* -- the program's file -------------------------------------------------------------------------------------------------------------- */

static int file_check(int fd, const struct systemd_program *program, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_say(err, -ENOTSUP, NEEDS "'%s': %s", path, error_name(errno));
	if (!S_ISREG(st.st_mode))
		return error_say(err, -ENOTSUP, NEEDS "'%s' is no regular file", path);
	/* It will have the caller's rights. */
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != program->owner)
		return error_say(err, -ENOTSUP, NEEDS "'%s' belongs to user %u", path, (unsigned int)st.st_uid);
	if ((st.st_mode & S_IWOTH) || ((st.st_mode & S_IWGRP) && st.st_gid != program->group))
		return error_say(err, -ENOTSUP, NEEDS "'%s' may be written by others than its owner (mode %04o)", path,
				 (unsigned int)st.st_mode & 07777);
	return 0;
}

static int file_open(const struct systemd_program *program, const char **ret_path, struct error *err)
{
	const char *const *paths = program->paths;

	for (size_t i = 0; i < ARRAY_SIZE(program->paths); i++) {
		_cleanup_(fd_cleanup) int fd = paths[i] ? path_open_host(AT_FDCWD, paths[i], O_PATH, 0) : -ENOENT;
		int r;

		if (fd == -ENOENT || fd == -ENOTDIR)
			continue;
		r = fd < 0 ? error_say(err, -ENOTSUP, NEEDS "'%s': %s", paths[i], error_name(fd))
			   : file_check(fd, program, paths[i], err);
		if (r < 0)
			return r;
		*ret_path = paths[i];
		return fd_take(&fd);
	}
	/* Not "No such file or directory": engines take these words for a program that is missing in the container. */
	if (!paths[0] || !paths[1])
		return error_say(err, -ENOTSUP, NEEDS "there is none%s%s", paths[0] || paths[1] ? " at " : "",
				 paths[0]   ? paths[0]
				 : paths[1] ? paths[1]
					    : "");
	return error_say(err, -ENOTSUP, NEEDS "there is none at %s or %s", paths[0], paths[1]);
}

/* -- its process ---------------------------------------------------------------------------------------------------------------------- */

/* Its standard input is the socket; of the caller's it has standard error, for ld.so to complain. Returns why it is not executed. */
static int child_exec(const struct systemd_program *program, int program_fd, int socket_fd, pid_t parent)
{
	char *const argv[] = { (char *)(uintptr_t)SYSTEMD_PROGRAM_NAME, NULL };
	char *const nothing[] = { NULL };
	sigset_t none;
	int r;

	/* What the caller's terminal sends is for him: he takes back what was begun, with this program's help. */
	r = process_follow(parent);
	if (r < 0)
		return r;
	if (dup2(socket_fd, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return -errno;
	if (fd_cloexec_from(STDERR_FILENO + 1) < 0)
		return -errno;
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)syscall(SYS_execveat, program_fd, "", argv, program->environment ? program->environment : nothing,
		      AT_EMPTY_PATH);
	return -errno;
}

/* The answer to the first call tells what is wrong. */
static _Noreturn void child_main(const struct systemd_program *program, int program_fd, const char *path, int socket_fd,
				 pid_t parent)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer message = TEXT_BUFFER_INIT;
	int code = child_exec(program, program_fd, socket_fd, parent);
	struct bus_reply reply = { .code = -ENOTSUP };
	struct error err;

	ERROR_INIT(&err);
	/* ENOENT is the loader's that the file names. */
	(void)error_say(&err, -ENOTSUP, NEEDS "'%s': %s", path,
			code == -ENOENT ? "it has no loader" : error_name(code));
	reply.text = error_text(&err);
	if (bus_reply_encode(&reply, &message) == 0)
		(void)!socket_send(socket_fd, message.bytes, message.length, NULL, 0);
	_exit(127);
}

static int program_start(struct bus *bus, const struct systemd_program *program, struct error *err)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uint64_t)(uintptr_t)&bus->pidfd,
		.exit_signal = SIGCHLD,
	};
	_cleanup_(fd_cleanup) int program_fd = FD_NONE, theirs = FD_NONE;
	const pid_t caller = getpid();
	const char *path = NULL;
	int pair[2];
	pid_t pid;

	program_fd = file_open(program, &path, err);
	if (program_fd < 0)
		return program_fd;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set(err, -errno, "make a socket for " SYSTEMD_PROGRAM_NAME);
	bus->socket_fd = pair[0];
	theirs = pair[1];
	pid = kernel_clone3(&args, sizeof(args));
	if (pid == 0)
		child_main(program, program_fd, path, theirs, caller);
	if (pid < 0) {
		int code = -errno;

		bus->pidfd = FD_NONE;
		return error_set(err, code, "start " SYSTEMD_PROGRAM_NAME);
	}
	return 0;
}

/* Kills it and reaps it. `ret` gets how it ended; what it was before that if it had ended already. */
static void program_end(struct bus *bus, siginfo_t *ret)
{
	/* Before its end of file: it is to do nothing more, not even leave in its own way. */
	if (bus->pidfd >= 0) {
		(void)pidfd_send_signal(bus->pidfd, SIGKILL, NULL, 0);
		/* Dead, it may still be held by who traces it. */
		if (socket_wait(bus->pidfd, POLLIN, clock_deadline_ns(END_WAIT_MS)) >= 0)
			while (waitid(P_PIDFD, (id_t)bus->pidfd, ret, WEXITED) < 0 && errno == EINTR)
				;
	}
	fd_cleanup(&bus->pidfd);
	fd_cleanup(&bus->socket_fd);
}

/* End of file: it is about to be gone, if it is not. */
static int end_tell(struct bus *bus, struct error *err)
{
	siginfo_t info = { 0 };

	if (bus->pidfd >= 0)
		(void)!socket_wait(bus->pidfd, POLLIN, clock_deadline_ns(END_WAIT_MS));
	program_end(bus, &info);
	if (info.si_code == CLD_EXITED)
		return error_say(err, -ECONNRESET, SYSTEMD_PROGRAM_NAME " ended with status %d while it was asked",
				 info.si_status);
	if (info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED)
		return error_say(err, -ECONNRESET, SYSTEMD_PROGRAM_NAME " was killed by signal %d while it was asked",
				 info.si_status);
	return error_say(err, -ECONNRESET, SYSTEMD_PROGRAM_NAME " went away while it was asked");
}

/* What it says after this is nobody's answer, so it is ended. */
static int failure_tell(struct bus *bus, int code, struct error *err)
{
	siginfo_t info;

	if (code == -EPIPE || code == -ECONNRESET)
		return end_tell(bus, err);
	program_end(bus, &info);
	if (code == -ETIMEDOUT)
		return error_say(err, code, SYSTEMD_PROGRAM_NAME " does not answer");
	return error_set(err, code, "ask " SYSTEMD_PROGRAM_NAME);
}

/* -- calls ---------------------------------------------------------------------------------------------------------------------------- */

/* Unlike the program, which gives up at the deadline and says why. */
static int64_t patience_ns(const struct bus *bus)
{
	return bus->deadline_ns == CLOCK_NEVER ? CLOCK_NEVER : bus->deadline_ns + INT64_C(1000000) * BUS_GRACE_MS;
}

static int request_send(const struct bus *bus, const struct bus_request *request)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer message = TEXT_BUFFER_INIT;
	struct socket_fds borrowed = SOCKET_FDS_INIT;
	int r = bus_request_encode(request, &message, &borrowed);

	return r < 0 ? r
		     : socket_send_until(bus->socket_fd, message.bytes, message.length, borrowed.fds, borrowed.count,
					 patience_ns(bus));
}

static int reply_take(const struct bus *bus, struct arena *arena, struct bus_reply *ret)
{
	size_t length;
	char *bytes;
	int r = bus_message_receive(bus->socket_fd, patience_ns(bus), arena, &bytes, &length, NULL);

	if (r <= 0)
		return r < 0 ? r : -ECONNRESET;
	return bus_reply_decode(bytes, length, ret);
}

static int answer(struct bus *bus, uint32_t *ret_version, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct bus_reply reply = { 0 };
	int r = reply_take(bus, &arena, &reply);

	if (r < 0)
		return failure_tell(bus, r, err);
	if (reply.code < 0)
		return error_say(err, reply.code, "%s", reply.text);
	if (ret_version)
		*ret_version = reply.version;
	return 0;
}

/* The answer to the first request, of which nobody has asked yet what became. */
static int connection_wait(struct bus *bus, struct error *err)
{
	siginfo_t info;
	int r = bus->connected ? 0 : answer(bus, NULL, err);

	bus->connected = r == 0;
	if (r < 0)
		program_end(bus, &info);
	return r;
}

static int ask(struct bus *bus, const struct bus_request *request, uint32_t *ret_version, struct error *err)
{
	int r;

	if (bus->socket_fd < 0)
		return error_say(err, -ECONNRESET, SYSTEMD_PROGRAM_NAME " is gone");
	r = connection_wait(bus, err);
	if (r < 0)
		return r;
	r = request_send(bus, request);
	return r < 0 ? failure_tell(bus, r, err) : answer(bus, ret_version, err);
}

int bus_open(const struct systemd_program *program, bool user, int timeout_ms, struct arena *arena, struct bus **ret,
	     struct error *err)
{
	struct bus_request request = { .call = BUS_OPEN, .user = user, .deadline_ns = clock_deadline_ns(timeout_ms) };
	struct bus *bus = arena_new(arena, struct bus);
	int r;

	if (!bus || !program)
		return error_set(err, -ENOMEM, "connect to systemd");
	*bus = (struct bus){ .socket_fd = FD_NONE, .pidfd = FD_NONE, .deadline_ns = request.deadline_ns };
	r = program_start(bus, program, err);
	if (r == 0) {
		r = request_send(bus, &request);
		/* Who could not be executed does not take the question, but says why. */
		r = r == -EPIPE || r == -ECONNRESET ? 0 : r;
		if (r < 0)
			r = failure_tell(bus, r, err);
	}
	if (r < 0) {
		bus_close(bus);
		return r;
	}
	*ret = bus;
	return 0;
}

void bus_close(struct bus *bus)
{
	siginfo_t info;

	/* Not asked to leave: each call had its answer, and nobody is to wait for its end. */
	if (bus)
		program_end(bus, &info);
}

void bus_leave(struct bus *bus)
{
	if (!bus)
		return;
	fd_cleanup(&bus->socket_fd);
	fd_cleanup(&bus->pidfd);
}

int bus_version(struct bus *bus, uint32_t *ret, struct error *err)
{
	return ask(bus, &(struct bus_request){ .call = BUS_VERSION }, ret, err);
}

int bus_unit_start(struct bus *bus, const char *unit, const struct bus_property *properties, size_t count,
		   struct error *err)
{
	const struct bus_request request = {
		.call = BUS_UNIT_START, .unit = unit, .properties = properties, .property_count = count
	};

	return ask(bus, &request, NULL, err);
}

int bus_unit_stop(struct bus *bus, const char *unit, struct error *err)
{
	return ask(bus, &(struct bus_request){ .call = BUS_UNIT_STOP, .unit = unit }, NULL, err);
}

int bus_unit_reset(struct bus *bus, const char *unit, struct error *err)
{
	return ask(bus, &(struct bus_request){ .call = BUS_UNIT_RESET, .unit = unit }, NULL, err);
}

int bus_unit_set(struct bus *bus, const char *unit, const struct bus_property *properties, size_t count,
		 struct error *err)
{
	const struct bus_request request = {
		.call = BUS_UNIT_SET, .unit = unit, .properties = properties, .property_count = count
	};

	return ask(bus, &request, NULL, err);
}

int bus_unit_attach(struct bus *bus, const char *unit, const char *below, pid_t pid, struct error *err)
{
	const struct bus_request request = { .call = BUS_UNIT_ATTACH, .unit = unit, .below = below, .pid = pid };

	return ask(bus, &request, NULL, err);
}
