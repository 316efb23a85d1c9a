/* SPDX-License-Identifier: Apache-2.0 */
/* A bus that is not there, that says nothing, that breaks off, that has no systemd; a program that is not there, is not to be trusted, dies or says
 * nothing: each is told in one line, in time, and no process is left. The program is the real one. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/socket.h"
#include "libsandbox/cgroup/bus.h"
#include "libsandbox/cgroup/driver_systemd.h"

/* For what never comes, and for what comes as soon as a program has started. */
#define SHORT_MS  300
#define ENOUGH_MS 30000

enum peer { PEER_SILENT, PEER_BREAKS, PEER_BREAKS_LATER, PEER_ANSWERS_NO_CALL };

#define NEEDS "the systemd driver needs orlop-systemd, which cannot be executed: "

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

/* Of whoever built it. */
static struct systemd_program program_at(const char *path)
{
	struct systemd_program program = { .paths = { path }, .environment = environ };
	struct stat st;

	CHECK_INT(stat(BUS_PROGRAM, &st), 0);
	program.owner = st.st_uid;
	program.group = st.st_gid;
	return program;
}

static int ask_by(const struct systemd_program *program, bool user, int timeout_ms, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(bus_cleanup) struct bus *bus = NULL;
	uint32_t version;
	int r = bus_open(program, user, timeout_ms, &arena, &bus, err);

	return r < 0 ? r : bus_version(bus, &version, err);
}

static void expect_no_child(void)
{
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
	CHECK_INT(errno, ECHILD);
}

/* Opens and asks, as every call does. */
static int ask(bool user, int timeout_ms, struct error *err)
{
	const struct systemd_program program = program_at(BUS_PROGRAM);

	return ask_by(&program, user, timeout_ms, err);
}

TEST(a_bus_that_says_nothing)
{
	struct fake fake = fake_start(PEER_SILENT);
	int64_t begin_ns = clock_now_ns();
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(ask(false, SHORT_MS, &err), -ETIMEDOUT);
	CHECK_TEXT(error_text(&err), "systemd does not answer");
	CHECK_INT(ask(true, SHORT_MS, &err), -ETIMEDOUT);
	CHECK_TEXT(error_text(&err), "the user's systemd does not answer");
	CHECK(clock_now_ns() - begin_ns < INT64_C(20) * SHORT_MS * 1000000);
	fake_stop(&fake);
}

TEST(a_bus_that_answers_no_call)
{
	struct fake fake = fake_start(PEER_ANSWERS_NO_CALL);
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(ask(false, SHORT_MS, &err), -ETIMEDOUT);
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
		CHECK_INT(ask(false, ENOUGH_MS, &err), -ECONNRESET);
		CHECK_TEXT(error_text(&err), "systemd went away while it was asked");
		fake_stop(&fake);
	}
}

TEST(a_bus_that_is_not_there)
{
	struct systemd_program program;
	struct error err;

	CHECK_INT(setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus", 1), 0);
	if (access("/run/user", F_OK) == 0)
		CHECK_INT(setenv("XDG_RUNTIME_DIR", "/nowhere", 1), 0);
	/* Only now is its environment the whole. */
	program = program_at(BUS_PROGRAM);
	ERROR_INIT(&err);
	CHECK_INT(unit_stop(&program, "x.scope", true, &err), -ECONNREFUSED);
	expect_no_child();
	CHECK_TEXT(error_text(&err), "unable to stop unit \"x.scope\": the user's systemd cannot be reached: no bus "
				     "(DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR/bus)");
}

/* -- the program ------------------------------------------------------------------------------------------------------------------- */

static void refused(const struct systemd_program *program, const char *text)
{
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(ask_by(program, false, ENOUGH_MS, &err), -ENOTSUP);
	CHECK_TEXT(error_text(&err), text);
	expect_no_child();
}

TEST(a_program_that_is_not_there)
{
	struct systemd_program program = program_at("/nowhere/orlop-systemd");

	refused(&program, NEEDS "there is none at /nowhere/orlop-systemd");
	program.paths[1] = "/dev/null/orlop-systemd";
	refused(&program, NEEDS "there is none at /nowhere/orlop-systemd or /dev/null/orlop-systemd");
	program.paths[0] = NULL;
	refused(&program, NEEDS "there is none at /dev/null/orlop-systemd");
	program.paths[1] = NULL;
	refused(&program, NEEDS "there is none");
}

TEST(the_second_place_is_for_who_is_not_at_the_first)
{
	struct fake fake = fake_start(PEER_BREAKS);
	struct systemd_program program = program_at("/nowhere/orlop-systemd");
	struct error err;

	program.paths[1] = BUS_PROGRAM;
	ERROR_INIT(&err);
	CHECK_INT(ask_by(&program, false, ENOUGH_MS, &err), -ECONNRESET);
	CHECK_TEXT(error_text(&err), "systemd went away while it was asked");
	fake_stop(&fake);
}

/* A file of these bytes, of the mode and the owner; `path` is the template. */
static void file_make(char path[], const char *bytes, mode_t mode, uid_t owner)
{
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	CHECK_INT(fd_write_all(fd, bytes, strlen(bytes)), 0);
	CHECK_INT(fchown(fd, owner, getegid()), 0);
	CHECK_INT(fchmod(fd, mode), 0);
	fd_close(fd);
}

TEST(a_program_that_others_may_write_is_not_executed)
{
	char path[] = "/tmp/orlop-systemd-XXXXXX", text[256];
	struct systemd_program program = program_at(path);

	/* It would leave at once, and that be told. */
	file_make(path, "#!/bin/true\n", 0757, geteuid());
	(void)snprintf(text, sizeof(text), NEEDS "'%s' may be written by others than its owner (mode 0757)", path);
	refused(&program, text);
	CHECK_INT(chmod(path, 0775), 0);
	program.group = (gid_t)-1;
	(void)snprintf(text, sizeof(text), NEEDS "'%s' may be written by others than its owner (mode 0775)", path);
	refused(&program, text);
	if (geteuid() == 0) {
		CHECK_INT(chmod(path, 0755), 0);
		CHECK_INT(chown(path, 4711, 0), 0);
		(void)snprintf(text, sizeof(text), NEEDS "'%s' belongs to user 4711", path);
		refused(&program, text);
	}
	CHECK_INT(unlink(path), 0);
}

TEST(a_program_that_cannot_be_executed_is_told_with_its_path)
{
	char path[] = "/tmp/orlop-systemd-XXXXXX", text[256];
	struct systemd_program program = program_at(path);

	file_make(path, "no program", 0644, geteuid());
	(void)snprintf(text, sizeof(text), NEEDS "'%s': Permission denied", path);
	refused(&program, text);
	CHECK_INT(chmod(path, 0755), 0);
	(void)snprintf(text, sizeof(text), NEEDS "'%s': Exec format error", path);
	refused(&program, text);
	CHECK_INT(unlink(path), 0);
	program.paths[0] = "/tmp";
	refused(&program, NEEDS "'/tmp' is no regular file");
}

/* This program in its place: executed by the name of the other, it acts a part before main. */
__attribute__((constructor)) static void stand_in(int argc, char **argv)
{
	static const char not_a_reply[] = { 1, 0, 0, 0, 'x' }, too_long[] = { 0, 0, 0, 127 };
	const char *part = getenv("PART");
	char byte;

	if (argc != 1 || strcmp(argv[0], "orlop-systemd") != 0 || !part)
		return;
	/* Nothing of the caller's but these three, and standard error is his. */
	if (fcntl(3, F_GETFD) >= 0 || getenv("HOME") || read(0, &byte, 1) != 1)
		_exit(9);
	if (strcmp(part, "leaves") == 0)
		_exit(3);
	if (strcmp(part, "dies") == 0)
		(void)raise(SIGKILL);
	if (strcmp(part, "babbles") == 0)
		(void)!write(0, not_a_reply, sizeof(not_a_reply));
	if (strcmp(part, "boasts") == 0)
		(void)!write(0, too_long, sizeof(too_long));
	/* "hangs", and after what it said. */
	for (;;)
		(void)pause();
}

static void stand_in_check(char *part, int code, const char *text)
{
	char *environment[] = { part, NULL };
	char path[256] = "";
	struct systemd_program program = program_at(path);
	struct error err;

	CHECK(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	program.environment = environment;
	ERROR_INIT(&err);
	CHECK_INT(ask_by(&program, false, code == -ETIMEDOUT ? SHORT_MS : ENOUGH_MS, &err), code);
	CHECK_TEXT(error_text(&err), text);
	expect_no_child();
}

TEST(a_program_that_ends_is_told_how)
{
	char leaves[] = "PART=leaves", dies[] = "PART=dies";

	stand_in_check(leaves, -ECONNRESET, "orlop-systemd ended with status 3 while it was asked");
	stand_in_check(dies, -ECONNRESET, "orlop-systemd was killed by signal 9 while it was asked");
}

TEST(a_program_that_says_nothing_is_killed_after_its_time)
{
	char hangs[] = "PART=hangs";
	const int64_t begin_ns = clock_now_ns();

	stand_in_check(hangs, -ETIMEDOUT, "orlop-systemd does not answer");
	CHECK(clock_now_ns() - begin_ns >= INT64_C(1000000) * (SHORT_MS + BUS_GRACE_MS));
}

TEST(a_program_that_says_what_is_no_answer_is_killed)
{
	char babbles[] = "PART=babbles", boasts[] = "PART=boasts";

	stand_in_check(babbles, -EBADMSG, "ask orlop-systemd: Bad message");
	stand_in_check(boasts, -EMSGSIZE, "ask orlop-systemd: Message too long");
}

/* As shells and supervisors may leave it: the kernel reaps the program. */
TEST(a_caller_that_ignores_its_children_is_served_too)
{
	char leaves[] = "PART=leaves";
	const struct sigaction ignore = { .sa_handler = SIG_IGN }, fallback = { .sa_handler = SIG_DFL };

	CHECK_INT(sigaction(SIGCHLD, &ignore, NULL), 0);
	stand_in_check(leaves, -ECONNRESET, "orlop-systemd went away while it was asked");
	CHECK_INT(sigaction(SIGCHLD, &fallback, NULL), 0);
}
