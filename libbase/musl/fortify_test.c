/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Built as the program is, with musl: what would be written past the end of an object ends the process, and what fits is done.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"

#define ROOM 16

static void copies(size_t length)
{
	char from[2 * ROOM] = "";
	char to[ROOM];

	memcpy(to, from, length);
	__asm__ volatile("" : : "r"(to) : "memory");
}

static void moves(size_t length)
{
	char from[2 * ROOM] = "";
	char to[ROOM];

	memmove(to, from, length);
	__asm__ volatile("" : : "r"(to) : "memory");
}

static void sets(size_t length)
{
	char to[ROOM];

	memset(to, 'x', length);
	__asm__ volatile("" : : "r"(to) : "memory");
}

static void erases(size_t length)
{
	char to[ROOM];

	explicit_bzero(to, length);
}

static void prints(size_t length)
{
	char to[ROOM];

	(void)snprintf(to, length, "%d", 1);
	__asm__ volatile("" : : "r"(to) : "memory");
}

static void (*const calls[])(size_t length) = { copies, moves, sets, erases, prints };

/* The signal that ends a process which does this, or 0. */
static int ends_by(void (*does)(size_t length), size_t length)
{
	const struct rlimit no_core = { 0 };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		does(length);
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(what_does_not_fit_ends_the_process)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		CHECK_INT(ends_by(calls[i], ROOM), 0);
		CHECK_INT(ends_by(calls[i], ROOM + 1), SIGILL);
	}
}
