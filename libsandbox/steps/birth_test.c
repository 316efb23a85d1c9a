/* SPDX-License-Identifier: Apache-2.0 */
/* The joiner bears nobody before the host side allows it, whichever of them comes first. */
#include "libsandbox/steps/birth.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/socket.h"

/* The host side's and the joiner's, which share the page. */
struct sides {
	struct sandbox host, joiner;
	struct error err;
};

static void sides_make(struct sides *sides)
{
	int pair[2];

	ERROR_INIT(&sides->err);
	sandbox_init(&sides->host);
	CHECK_INT(trace_create_with(&sides->host.trace, birth_page_size()), 0);
	CHECK_INT(birth_prepare(&sides->host, &sides->err), 0);
	CHECK_INT(socket_pair(pair), 0);
	sides->joiner = sides->host;
	sides->host.dialogue_fd = pair[0];
	sides->joiner.dialogue_fd = pair[1];
}

static void sides_cleanup(struct sides *sides)
{
	fd_cleanup(&sides->host.dialogue_fd);
	fd_cleanup(&sides->joiner.dialogue_fd);
	birth_cleanup(&sides->host);
	trace_cleanup(&sides->host.trace);
}

static bool is_readable(int fd)
{
	struct pollfd item = { .fd = fd, .events = POLLIN };

	return poll(&item, 1, 0) > 0;
}

/* In a process of its own, whose status is 0 when it was allowed. */
static pid_t await_in_child(struct sides *sides)
{
	pid_t pid = fork();

	if (pid == 0) {
		fd_cleanup(&sides->host.dialogue_fd);
		_exit(birth_await(&sides->joiner, &sides->err) < 0);
	}
	CHECK(pid > 0);
	fd_cleanup(&sides->joiner.dialogue_fd);
	return pid;
}

/* In a call, which is one that waits, or at its end. */
static void until_at_rest(pid_t pid)
{
	char path[64], text[512];
	char state = 'R';

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	while (state != 'S' && state != 'Z') {
		FILE *file = fopen(path, "re");

		CHECK(file && fgets(text, sizeof(text), file));
		(void)fclose(file);
		state = strrchr(text, ')')[2];
	}
}

static int status_of(pid_t pid)
{
	int status;

	CHECK_INT(waitpid(pid, &status, 0), pid);
	return status;
}

TEST(who_comes_when_it_is_allowed_goes_on_without_a_message)
{
	_cleanup_(sides_cleanup) struct sides sides;

	sides_make(&sides);
	CHECK_INT(birth_allow(&sides.host, &sides.err), 0);
	CHECK_INT(birth_await(&sides.joiner, &sides.err), 0);
	CHECK(!is_readable(sides.joiner.dialogue_fd));
}

TEST(who_comes_before_waits)
{
	_cleanup_(sides_cleanup) struct sides sides;
	pid_t pid;

	sides_make(&sides);
	pid = await_in_child(&sides);
	until_at_rest(pid);
	CHECK_INT(waitpid(pid, NULL, WNOHANG), 0);
	CHECK_INT(birth_allow(&sides.host, &sides.err), 0);
	CHECK_INT(status_of(pid), 0);
}

TEST(a_host_side_that_is_gone_allows_nothing)
{
	_cleanup_(sides_cleanup) struct sides sides;
	pid_t pid;

	sides_make(&sides);
	pid = await_in_child(&sides);
	until_at_rest(pid);
	fd_cleanup(&sides.host.dialogue_fd);
	CHECK(status_of(pid) != 0);
}

TEST(a_joiner_that_is_gone_is_no_error_yet)
{
	_cleanup_(sides_cleanup) struct sides sides;
	pid_t pid;

	sides_make(&sides);
	pid = await_in_child(&sides);
	until_at_rest(pid);
	CHECK_INT(kill(pid, SIGKILL), 0);
	CHECK(status_of(pid) != 0);
	CHECK_INT(birth_allow(&sides.host, &sides.err), 0);
}

TEST(without_a_birth_there_is_nothing_to_allow)
{
	struct sandbox sandbox;

	sandbox_init(&sandbox);
	CHECK_INT(birth_allow(&sandbox, NULL), 0);
}
