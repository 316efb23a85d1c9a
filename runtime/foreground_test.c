/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting in the foreground: exit statuses, signals passed on, orphans, and a terminal with another one in front of it. */
#include "runtime/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/socket.h"
#include "runtime/signals.h"
#include "runtime/terminal.h"

/* A process that does what `body` says; it holds no signals back. */
static pid_t process_start(int (*body)(int fd), int fd, int *ret_pidfd)
{
	pid_t pid = fork();

	if (pid == 0) {
		sigset_t none;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		_exit(body(fd));
	}
	*ret_pidfd = pidfd_open(pid, 0);
	return pid;
}

static int wait_for(int (*body)(int fd), int fd, bool reap_others)
{
	_cleanup_(fd_cleanup) int pidfd = FD_NONE;
	struct signals signals = SIGNALS_INIT;
	struct foreground foreground = { .terminal_fd = FD_NONE, .reap_others = reap_others, .reap_rest = reap_others };
	struct error err;
	int status = -1, r;

	ERROR_INIT(&err);
	CHECK_INT(signals_hold(&signals, true, UINT64_MAX, &err), 0);
	foreground.pid = process_start(body, fd, &pidfd);
	foreground.pidfd = pidfd;
	r = foreground_wait(&foreground, &status, &err);
	signals_release(&signals, false);
	CHECK_INT(r, 0);
	return status;
}

static int body_exit(int fd)
{
	(void)fd;
	return 42;
}

static int body_killed(int fd)
{
	(void)fd;
	(void)raise(SIGKILL);
	return 0;
}

static volatile sig_atomic_t caught;

static void catch (int number)
{
	caught = number;
}

/* Its parent gets the signal; it says with what it was ended. */
static int body_asks(int fd)
{
	const struct sigaction action = { .sa_handler = catch };

	(void)sigaction(fd, &action, NULL);
	(void)kill(getppid(), fd);
	while (!caught)
		(void)usleep(1000);
	return caught;
}

TEST(statuses)
{
	CHECK_INT(wait_for(body_exit, 0, false), 42);
	CHECK_INT(wait_for(body_killed, 0, false), 128 + SIGKILL);
}

TEST(signals_are_passed_on)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGTSTP, SIGWINCH, SIGCONT };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		CHECK_INT(wait_for(body_asks, numbers[i], false), numbers[i]);
	CHECK_INT(wait_for(body_asks, SIGRTMIN + 3, false), SIGRTMIN + 3);
}

/* A log that has reached the limit of the file size is nothing to the container. */
TEST(what_our_own_writing_raises_is_not_passed_on)
{
	_cleanup_(fd_cleanup) int file_fd = memfd_create("log", MFD_CLOEXEC);
	struct rlimit saved, none;
	sigset_t xfsz, mask;

	CHECK_INT(getrlimit(RLIMIT_FSIZE, &saved), 0);
	none = (struct rlimit){ 0, saved.rlim_max };
	sigemptyset(&xfsz);
	sigaddset(&xfsz, SIGXFSZ);
	CHECK_INT(sigprocmask(SIG_BLOCK, &xfsz, &mask), 0);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &none), 0);
	CHECK_INT(write(file_fd, "x", 1), -1);
	CHECK_INT(errno, EFBIG);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &saved), 0);
	CHECK_INT(wait_for(body_asks, SIGRTMIN + 3, false), SIGRTMIN + 3);
	CHECK_INT(sigpending(&xfsz), 0);
	CHECK(!sigismember(&xfsz, SIGXFSZ));
	CHECK_INT(sigprocmask(SIG_SETMASK, &mask, NULL), 0);
	CHECK_INT(wait_for(body_asks, SIGXFSZ, false), SIGXFSZ);
}

/* Has a child that ended, and an orphan that ended and was reaped by who waits for this one. */
static int body_orphan(int fd)
{
	siginfo_t info;
	pid_t *orphan = mmap(NULL, sizeof(*orphan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)fd;
	if (orphan == MAP_FAILED)
		return 1;
	if (fork() == 0) {
		const pid_t pid = fork();

		if (pid == 0)
			_exit(1);
		*orphan = pid;
		_exit(pid < 0);
	}
	/* It stays: nobody but its next parent is to reap it. */
	if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0 || info.si_status != 0)
		return 2;
	for (int i = 0; i < 3000 && kill(*orphan, 0) == 0; i++)
		(void)usleep(10000);
	return kill(*orphan, 0) < 0 ? 3 : 4;
}

TEST(orphans)
{
	CHECK_INT(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	CHECK_INT(wait_for(body_orphan, 0, true), 3);
	/* Those whose parent never waited came to us, and are gone. */
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
	CHECK_INT(errno, ECHILD);
	CHECK_INT(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

TEST(interrupts)
{
	const struct timespec now = { 0 };
	struct signals signals = SIGNALS_INIT;
	struct error err;
	sigset_t mask, saved;

	ERROR_INIT(&err);
	CHECK_INT(sigprocmask(SIG_BLOCK, NULL, &saved), 0);
	(void)signal(SIGCHLD, SIG_IGN);
	CHECK_INT(signals_hold(&signals, false, UINT64_MAX, &err), 0);
	CHECK(signal(SIGCHLD, SIG_DFL) == SIG_DFL);
	CHECK_INT(socket_wait(signals.interrupt_fd, POLLIN, clock_deadline_ns(0)), -ETIMEDOUT);
	CHECK_INT(raise(SIGTERM), 0);
	CHECK_INT(socket_wait(signals.interrupt_fd, POLLIN, clock_deadline_ns(0)), POLLIN);
	CHECK_INT(signals_check(&signals, &err), -EINTR);
	/* Forgotten: we are alive after it, and deaf to more. */
	signals_release(&signals, true);
	CHECK(signals.interrupt_fd < 0);
	CHECK_INT(raise(SIGTERM), 0);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	CHECK_INT(sigtimedwait(&mask, NULL, &now), SIGTERM);
	CHECK_INT(sigprocmask(SIG_SETMASK, &saved, NULL), 0);

	CHECK_INT(signals_hold(&signals, false, UINT64_MAX, &err), 0);
	CHECK_INT(signals_check(&signals, &err), 0);
	signals_release(&signals, false);
	CHECK_INT(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	CHECK(!sigismember(&mask, SIGTERM));
}

/* -- terminals --------------------------------------------------------------------------------------------------------------- */

struct pair {
	int master, slave;
};

static void pair_open(struct pair *pair)
{
	int number, unlock = 0;
	char path[32];

	pair->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pair->master < 0)
		check_skip("no terminals here");
	CHECK_INT(ioctl(pair->master, TIOCSPTLCK, &unlock), 0);
	CHECK_INT(ioctl(pair->master, TIOCGPTN, &number), 0);
	(void)snprintf(path, sizeof(path), "/dev/pts/%d", number);
	pair->slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(pair->slave >= 0);
}

/* The caller with a terminal as 0 and 1, and a container with another one. Returns what the container's process said. */
static void caller_main(const struct pair *host, const struct pair *inner, int (*body)(int fd))
{
	struct foreground foreground = { .terminal_fd = inner->master };
	struct signals signals = SIGNALS_INIT;
	struct error err;
	int pidfd, status = 99;

	ERROR_INIT(&err);
	if (dup2(host->slave, 0) < 0 || dup2(host->slave, 1) < 0 || signals_hold(&signals, true, UINT64_MAX, &err) < 0)
		_exit(90);
	foreground.pid = process_start(body, inner->slave, &pidfd);
	foreground.pidfd = pidfd;
	(void)close(inner->slave);
	if (foreground_wait(&foreground, &status, &err) < 0)
		_exit(91);
	_exit(status);
}

static void expect_output(int fd, const char *want)
{
	char text[512] = "";
	size_t length = 0;

	while (!strstr(text, want)) {
		ssize_t n;

		CHECK(socket_wait(fd, POLLIN, clock_deadline_ns(60000)) > 0);
		n = read(fd, text + length, sizeof(text) - 1 - length);
		CHECK(n > 0);
		length += (size_t)n;
		text[length] = '\0';
	}
}

/* Says its size, echoes one line raw, is resized, ends. */
static int body_terminal(int fd)
{
	struct winsize size = { 0 };
	char line[64], text[128];
	ssize_t n;

	/* It may be quicker than the caller, who passes the size on. */
	for (int i = 0; i < 5000 && size.ws_row == 0; i++) {
		(void)ioctl(fd, TIOCGWINSZ, &size);
		(void)usleep(size.ws_row == 0 ? 10000 : 0);
	}
	(void)dprintf(fd, "size %d\n", size.ws_row);
	n = read(fd, line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = '\0';
	(void)dprintf(fd, "line %s\n", line);
	for (int i = 0; i < 5000 && size.ws_row != 44; i++) {
		(void)usleep(10000);
		(void)ioctl(fd, TIOCGWINSZ, &size);
	}
	(void)snprintf(text, sizeof(text), "now %d\n", size.ws_row);
	(void)!write(fd, text, strlen(text));
	return 5;
}

TEST(terminal_in_front)
{
	struct winsize size = { .ws_row = 33, .ws_col = 80 };
	struct termios before, now;
	struct pair host, inner;
	int status;
	pid_t pid;

	pair_open(&host);
	pair_open(&inner);
	CHECK_INT(ioctl(host.slave, TIOCSWINSZ, &size), 0);
	CHECK_INT(tcgetattr(host.slave, &before), 0);
	pid = fork();
	if (pid == 0)
		caller_main(&host, &inner, body_terminal);
	fd_close(inner.slave);
	expect_output(host.master, "size 33");
	CHECK_INT(tcgetattr(host.slave, &now), 0);
	CHECK(before.c_lflag & ECHO);
	CHECK(!(now.c_lflag & (ECHO | ICANON | ISIG)));
	CHECK_INT(write(host.master, "hello\r", 6), 6);
	expect_output(host.master, "line hello");
	size.ws_row = 44;
	CHECK_INT(ioctl(host.slave, TIOCSWINSZ, &size), 0);
	CHECK_INT(kill(pid, SIGWINCH), 0);
	expect_output(host.master, "now 44");
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(WEXITSTATUS(status), 5);
	CHECK_INT(tcgetattr(host.slave, &now), 0);
	CHECK(now.c_lflag == before.c_lflag && now.c_iflag == before.c_iflag && now.c_oflag == before.c_oflag);
	fd_close(inner.master);
	fd_close(host.master);
	fd_close(host.slave);
}

#define MANY 200000

static int body_many(int fd)
{
	static const char line[] = "0123456789012345678\n";

	for (size_t i = 0; i < MANY / strlen(line); i++)
		if (write(fd, line, strlen(line)) < 0)
			return 1;
	return 0;
}

/* More than any buffer holds, to a reader that begins late: nothing is lost at the end. */
TEST(output_is_whole)
{
	struct pair inner;
	size_t lines = 0;
	int out[2], status;
	char bytes[4096];
	ssize_t n;
	pid_t pid;

	pair_open(&inner);
	CHECK_INT(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		const struct pair host = { .slave = out[1] };

		caller_main(&host, &inner, body_many);
	}
	fd_close(inner.slave);
	fd_close(inner.master);
	fd_close(out[1]);
	(void)usleep(300000);
	while ((n = read(out[0], bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += bytes[i] == '\n';
	fd_close(out[0]);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(WEXITSTATUS(status), 0);
	CHECK_INT(lines, MANY / 20);
}

/* Nobody reads the output any more: the process still comes to its end. */
TEST(output_to_nobody)
{
	struct pair inner;
	int out[2], status;
	pid_t pid;

	pair_open(&inner);
	CHECK_INT(pipe2(out, O_CLOEXEC), 0);
	fd_close(out[0]);
	pid = fork();
	if (pid == 0) {
		const struct pair host = { .slave = out[1] };

		caller_main(&host, &inner, body_many);
	}
	fd_close(inner.slave);
	fd_close(inner.master);
	fd_close(out[1]);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(WEXITSTATUS(status), 0);
}
