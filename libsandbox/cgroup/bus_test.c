/* SPDX-License-Identifier: Apache-2.0 */
/* A bus that is not there, that says nothing, that breaks off, that has no systemd: each is told in one line, in time. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/socket.h"
#include "libsandbox/cgroup/bus.h"
#include "libsandbox/cgroup/driver_systemd.h"

#define SHORT_MS 300

enum peer { PEER_SILENT, PEER_BREAKS, PEER_BREAKS_LATER, PEER_ANSWERS_NO_CALL };

/* What a client sends before its first message ends with these words. */
static void handshake_answer(int fd)
{
	static const char ok[] = "OK 0123456789abcdef0123456789abcdef\r\n", agree[] = "AGREE_UNIX_FD\r\n";
	char bytes[4096];
	size_t length = 0;
	bool said_ok = false;

	while (length < sizeof(bytes)) {
		ssize_t more = read(fd, bytes + length, sizeof(bytes) - length);

		if (more <= 0)
			_exit(0);
		length += (size_t)more;
		if (!said_ok && memmem(bytes, length, "AUTH EXTERNAL", 13)) {
			/* Newer libraries wait for a challenge when they send no name with it. */
			if (memmem(bytes, length, "DATA\r\n", 6))
				(void)!write(fd, "DATA\r\n", 6);
			(void)!write(fd, ok, sizeof(ok) - 1);
			said_ok = true;
		}
		if (said_ok && memmem(bytes, length, "NEGOTIATE_UNIX_FD", 17)) {
			(void)!write(fd, agree, sizeof(agree) - 1);
			return;
		}
	}
}

static _Noreturn void peer_main(int listen_fd, enum peer peer)
{
	int fd = socket_accept(listen_fd);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd < 0 || peer == PEER_BREAKS)
		_exit(0);
	if (peer == PEER_BREAKS_LATER) {
		handshake_answer(fd);
		_exit(0);
	}
	if (peer == PEER_ANSWERS_NO_CALL)
		handshake_answer(fd);
	for (;;)
		(void)pause();
}

struct fake {
	char path[64];
	pid_t pid;
};

static struct fake fake_start(enum peer peer)
{
	struct fake fake = { .pid = 0 };
	char address[96];
	int listen_fd;

	(void)snprintf(fake.path, sizeof(fake.path), "/tmp/orlop-bus-%d", (int)getpid());
	(void)unlink(fake.path);
	listen_fd = socket_listen(AT_FDCWD, fake.path, SOCK_STREAM, 0700, 4);
	CHECK(listen_fd >= 0);
	fake.pid = fork();
	if (fake.pid == 0)
		peer_main(listen_fd, peer);
	fd_close(listen_fd);
	(void)snprintf(address, sizeof(address), "unix:path=%s", fake.path);
	CHECK_INT(setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1), 0);
	CHECK_INT(setenv("DBUS_SESSION_BUS_ADDRESS", address, 1), 0);
	return fake;
}

static void fake_stop(const struct fake *fake)
{
	(void)kill(fake->pid, SIGKILL);
	(void)waitpid(fake->pid, NULL, 0);
	(void)unlink(fake->path);
}

/* Opens and asks, as every call does. */
static int ask(bool user, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(bus_cleanup) struct bus *bus = NULL;
	uint32_t version;
	int r = bus_open(user, SHORT_MS, &arena, &bus, err);

	return r < 0 ? r : bus_version(bus, &version, err);
}

TEST(a_bus_that_says_nothing)
{
	struct fake fake = fake_start(PEER_SILENT);
	int64_t begin_ns = clock_now_ns();
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(ask(false, &err), -ETIMEDOUT);
	CHECK_TEXT(error_text(&err), "systemd does not answer");
	CHECK_INT(ask(true, &err), -ETIMEDOUT);
	CHECK_TEXT(error_text(&err), "the user's systemd does not answer");
	CHECK(clock_now_ns() - begin_ns < INT64_C(20) * SHORT_MS * 1000000);
	fake_stop(&fake);
}

TEST(a_bus_that_answers_no_call)
{
	struct fake fake = fake_start(PEER_ANSWERS_NO_CALL);
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(ask(false, &err), -ETIMEDOUT);
	CHECK_TEXT(error_text(&err), "systemd does not answer");
	fake_stop(&fake);
}

TEST(a_bus_that_breaks_off)
{
	static const enum peer peers[] = { PEER_BREAKS, PEER_BREAKS_LATER };

	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		struct fake fake = fake_start(peers[i]);
		struct error err;

		ERROR_INIT(&err);
		CHECK_INT(ask(false, &err), -ECONNRESET);
		CHECK_TEXT(error_text(&err), "systemd went away while it was asked");
		fake_stop(&fake);
	}
}

TEST(a_bus_that_is_not_there)
{
	struct error err;

	CHECK_INT(setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus", 1), 0);
	if (access("/run/user", F_OK) == 0)
		CHECK_INT(setenv("XDG_RUNTIME_DIR", "/nowhere", 1), 0);
	ERROR_INIT(&err);
	CHECK_INT(unit_stop("x.scope", true, &err), -ECONNREFUSED);
	CHECK_TEXT(error_text(&err), "unable to stop unit \"x.scope\": the user's systemd cannot be reached: no bus "
				     "(DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR/bus)");
}
