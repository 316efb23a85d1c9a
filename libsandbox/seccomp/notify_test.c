/* SPDX-License-Identifier: Apache-2.0 */
/* A real filter, a real agent: the listener travels and is answered. */
#include "libsandbox/seccomp/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/socket.h"
#include "libbase/text.h"

#define EXIT_AS_ANSWERED 7
#define ANSWER           ENOMEDIUM

/* A directory with the agent's socket. */
struct agent {
	char directory[32];
	char path[64];
	int fd;
};

static void agent_begin(struct agent *agent, int backlog)
{
	*agent = (struct agent){ .directory = "/tmp/orlop-agent-XXXXXX", .fd = FD_NONE };
	CHECK(mkdtemp(agent->directory));
	(void)snprintf(agent->path, sizeof(agent->path), "%s/socket", agent->directory);
	agent->fd = socket_listen(AT_FDCWD, agent->path, SOCK_STREAM, 0600, backlog);
	CHECK(agent->fd >= 0);
}

static void agent_end(struct agent *agent)
{
	fd_cleanup(&agent->fd);
	(void)unlink(agent->path);
	(void)rmdir(agent->directory);
}

static const struct notify_process example = {
	.pid = 4422,
	.metadata = "MKNOD=/dev/null",
	.state = { .oci_version = "1.3.0", .id = "web", .pid = 4422, .status = STATUS_CREATING, .bundle = "/b" },
};

/* -- the whole way --------------------------------------------------------------------------------------------------------------------- */

static int listener_make(void)
{
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdirat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, instructions };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return kernel_seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* Loads the filter, tells its listener's number, makes the call as soon as there is a byte. */
static _Noreturn void container(int tell_fd, int go_fd)
{
	int listener = listener_make();
	char byte;

	if (write(tell_fd, &listener, sizeof(listener)) != sizeof(listener) || read(go_fd, &byte, 1) != 1)
		_exit(1);
	_exit(mkdirat(AT_FDCWD, "/tmp/never", 0700) < 0 && errno == ANSWER ? EXIT_AS_ANSWERED : 2);
}

static int notification_answer(int listener_fd)
{
	struct seccomp_notif notification = { 0 };
	struct seccomp_notif_resp answer = { .error = -ANSWER };

	CHECK(socket_wait(listener_fd, POLLIN, clock_deadline_ns(60000)) > 0);
	CHECK_INT(ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &notification), 0);
	answer.id = notification.id;
	CHECK_INT(ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &answer), 0);
	return notification.data.nr;
}

TEST(the_listener_reaches_the_agent_and_is_answered)
{
	int tell[2], go[2], number, status;
	char text[4096];
	struct socket_fds fds;
	struct error err;
	struct agent agent;
	_cleanup_(fd_cleanup) int listener = FD_NONE, pidfd = FD_NONE, connection = FD_NONE;
	pid_t pid;
	ssize_t n;

	ERROR_INIT(&err);
	agent_begin(&agent, 4);
	CHECK(pipe2(tell, O_CLOEXEC) == 0 && pipe2(go, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0)
		container(tell[1], go[0]);
	CHECK_INT(read(tell[0], &number, sizeof(number)), sizeof(number));
	CHECK(number >= 0);
	pidfd = pidfd_open(pid, 0);
	listener = notify_fetch(pidfd, number, &err);
	CHECK(listener >= 0);
	CHECK_INT(fcntl(listener, F_GETFD), FD_CLOEXEC);
	CHECK_INT(notify_check(listener, &err), 0);
	CHECK_INT(notify_agent(agent.path, listener, &example, NOTIFY_TIMEOUT_MS, &err), 0);
	fd_cleanup(&listener);

	connection = socket_accept(agent.fd);
	n = socket_receive(connection, text, sizeof(text) - 1, &fds);
	CHECK(n > 0);
	text[n] = '\0';
	CHECK_TEXT(text,
		   "{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":4422,\"metadata\":\"MKNOD=/dev/null\","
		   "\"state\":{\"ociVersion\":\"1.3.0\",\"id\":\"web\",\"pid\":4422,\"status\":\"creating\","
		   "\"bundle\":\"/b\"}}");
	CHECK_INT(fds.count, 1);
	/* Nothing more is said on this connection. */
	CHECK_INT(read(connection, text, sizeof(text)), 0);
	CHECK_INT(write(go[1], "", 1), 1);
	CHECK_INT(notification_answer(fds.fds[0]), SYS_mkdirat);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), EXIT_AS_ANSWERED);
	socket_fds_cleanup(&fds);
	agent_end(&agent);
	for (int i = 0; i < 2; i++)
		CHECK(close(tell[i]) == 0 && close(go[i]) == 0);
}

TEST(a_descriptor_that_is_not_there_cannot_be_fetched)
{
	_cleanup_(fd_cleanup) int pidfd = pidfd_open(getpid(), 0);
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(notify_fetch(pidfd, 999, &err), -EBADF);
	CHECK_HAS(err.text, "descriptor 999 of init");
}

TEST(only_a_listener_passes_for_one)
{
	const char *const files[] = {
		"/dev/null", "/dev/zero", "/proc/self/status", "/tmp", "/dev/tty", "/dev/net/tun"
	};
	int pair[2];
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int fd = open(files[i], O_RDONLY | O_CLOEXEC);

		ERROR_INIT(&err);
		if (fd < 0)
			continue;
		CHECK_INT(notify_check(fd, &err), -EPROTO);
		CHECK_HAS(err.text, "no seccomp listener");
		fd_cleanup(&fd);
	}
	CHECK_INT(socket_pair(pair), 0);
	CHECK_INT(notify_check(pair[0], NULL), -EPROTO);
	CHECK(close(pair[0]) == 0 && close(pair[1]) == 0);
	CHECK_INT(notify_check(-1, NULL), -EPROTO);
}

/* -- agents that fail ------------------------------------------------------------------------------------------------------------------ */

#define CONNECT_FAILED "failed to connect with seccomp agent specified in the seccomp profile: connect to '"

TEST(an_agent_that_is_not_there_is_told_as_runc_does)
{
	struct agent agent;
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(notify_agent("/nonexistent/agent", 0, &example, 1000, &err), -ENOENT);
	CHECK_TEXT(err.text, CONNECT_FAILED "/nonexistent/agent': No such file or directory");

	agent_begin(&agent, 1);
	fd_cleanup(&agent.fd);
	ERROR_INIT(&err);
	CHECK_INT(notify_agent(agent.path, 0, &example, 1000, &err), -ECONNREFUSED);
	CHECK_HAS(err.text, CONNECT_FAILED);
	agent_end(&agent);
}

TEST(an_agent_that_does_not_accept_is_given_up)
{
	struct agent agent;
	struct error err;
	int clients[8], r = 0;
	size_t count = 0;
	int64_t begin;

	agent_begin(&agent, 0);
	while (count < ARRAY_SIZE(clients) && r >= 0) {
		r = socket_connect(AT_FDCWD, agent.path, SOCK_STREAM | SOCK_NONBLOCK);
		if (r >= 0)
			clients[count++] = r;
	}
	CHECK_INT(r, -EAGAIN);
	begin = clock_now_ns();
	ERROR_INIT(&err);
	CHECK_INT(notify_agent(agent.path, 0, &example, 100, &err), -ETIMEDOUT);
	CHECK_HAS(err.text, CONNECT_FAILED);
	CHECK(clock_now_ns() - begin >= 100 * 1000000);
	CHECK(clock_now_ns() - begin < INT64_C(5000) * 1000000);
	while (count-- > 0)
		fd_cleanup(&clients[count]);
	agent_end(&agent);
}

/* A state with a megabyte of annotations. */
static struct notify_process large_process(struct arena *arena, struct spec_pair *pair)
{
	struct notify_process process = example;
	char *value = arena_alloc(arena, (1 << 20) + 1);

	CHECK(value);
	memset(value, 'x', 1 << 20);
	*pair = (struct spec_pair){ .key = "k", .value = value };
	process.metadata = NULL;
	process.state.annotations.items = pair;
	process.state.annotations.count = 1;
	return process;
}

TEST(an_agent_that_does_not_read_is_given_up)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct spec_pair pair;
	const struct notify_process process = large_process(&arena, &pair);
	struct agent agent;
	struct error err;

	agent_begin(&agent, 4);
	ERROR_INIT(&err);
	CHECK_INT(notify_agent(agent.path, agent.fd, &process, 100, &err), -ETIMEDOUT);
	CHECK_HAS(err.text, "cannot send seccomp fd to '/tmp/orlop-agent-");
	agent_end(&agent);
}

/* So slowly that the whole takes seconds, but never so slowly that nothing moves. */
static _Noreturn void agent_sip(int listen_fd)
{
	int connection = socket_accept(listen_fd);
	char bytes[512];

	while (read(connection, bytes, sizeof(bytes)) > 0)
		(void)poll(NULL, 0, 3);
	_exit(0);
}

TEST(an_agent_that_reads_little_by_little_is_given_up)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct spec_pair pair;
	const struct notify_process process = large_process(&arena, &pair);
	struct agent agent;
	struct error err;
	int64_t begin = clock_now_ns();
	pid_t pid;

	agent_begin(&agent, 4);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		agent_sip(agent.fd);
	ERROR_INIT(&err);
	CHECK_INT(notify_agent(agent.path, agent.fd, &process, 300, &err), -ETIMEDOUT);
	CHECK(clock_now_ns() - begin < INT64_C(10000) * 1000000);
	CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	agent_end(&agent);
}

/* Reads the whole document; its size, and how many descriptors came with the first bytes and later, go to the exit status. */
static _Noreturn void agent_read(int listen_fd, size_t want)
{
	int connection = socket_accept(listen_fd);
	size_t have = 0, first_fds = 0, later_fds = 0;
	char bytes[8192], last = 0;
	struct socket_fds fds;
	ssize_t n;

	while ((n = socket_receive(connection, bytes, sizeof(bytes), &fds)) > 0) {
		*(have == 0 ? &first_fds : &later_fds) += fds.count;
		have += (size_t)n;
		last = bytes[n - 1];
		socket_fds_cleanup(&fds);
	}
	_exit(n == 0 && have > want && last == '}' && first_fds == 1 && later_fds == 0 ? 0 : 1);
}

TEST(a_long_document_carries_one_descriptor)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct spec_pair pair;
	const struct notify_process process = large_process(&arena, &pair);
	struct agent agent;
	int status;
	pid_t pid;

	agent_begin(&agent, 4);
	pid = fork();
	if (pid == 0)
		agent_read(agent.fd, 1 << 20);
	CHECK_INT(notify_agent(agent.path, agent.fd, &process, NOTIFY_TIMEOUT_MS, NULL), 0);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	agent_end(&agent);
}

TEST(metadata_that_is_not_set_is_left_out)
{
	struct notify_process process = example;
	struct agent agent;
	char text[4096];
	struct socket_fds fds;
	_cleanup_(fd_cleanup) int connection = FD_NONE;
	ssize_t n;

	process.metadata = NULL;
	agent_begin(&agent, 4);
	CHECK_INT(notify_agent(agent.path, agent.fd, &process, 1000, NULL), 0);
	connection = socket_accept(agent.fd);
	n = socket_receive(connection, text, sizeof(text) - 1, &fds);
	CHECK(n > 0);
	text[n] = '\0';
	CHECK(!strstr(text, "metadata"));
	CHECK_HAS(text, "\"pid\":4422,\"state\":{");
	socket_fds_cleanup(&fds);
	agent_end(&agent);
}
