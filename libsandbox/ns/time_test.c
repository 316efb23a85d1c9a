/* SPDX-License-Identifier: Apache-2.0 */
/* Time offsets: what a child born after the write sees. */
#include "libsandbox/ns/time.h"

#include <time.h>

#include "libbase/proc.h"
#include "libsandbox/ns/fixture.h"

static int64_t seconds(clockid_t clock)
{
	struct timespec now;

	WANT(clock_gettime(clock, &now) == 0);
	return now.tv_sec;
}

static void enter(void)
{
	need_root();
	if (unshare(CLONE_NEWTIME) < 0)
		SKIP("no time namespaces");
}

CHILD(a_child_lives_by_the_shifted_clocks)
{
	const struct plan_time_offset offsets[] = {
		{ .clock = "monotonic", .secs = 100000, .nanosecs = 5 },
		{ .clock = "boottime", .secs = 700000, .nanosecs = 0 },
	};
	_cleanup_(fd_cleanup) int proc_fd = proc_open();
	int64_t monotonic = seconds(CLOCK_MONOTONIC), boottime = seconds(CLOCK_BOOTTIME);
	struct error err;
	int status;
	pid_t pid;

	ERROR_INIT(&err);
	enter();
	WANT_OK(time_offsets_write(proc_fd, offsets, 2, &err), &err);
	pid = fork();
	if (pid == 0) {
		WANT(seconds(CLOCK_MONOTONIC) - monotonic >= 100000 && seconds(CLOCK_MONOTONIC) - monotonic < 100060);
		WANT(seconds(CLOCK_BOOTTIME) - boottime >= 700000 && seconds(CLOCK_BOOTTIME) - boottime < 700060);
		_exit(0);
	}
	WANT(waitpid(pid, &status, 0) == pid && status == 0);
	WANT(seconds(CLOCK_MONOTONIC) - monotonic < 60);
	/* Somebody has been inside. */
	WANT(time_offsets_write(proc_fd, offsets, 2, &err) < 0);
	WANT_HAS(err.text, "time offset of clock 'monotonic': write timens_offsets: ");
}

CHILD(a_clock_before_its_zero_is_refused)
{
	const struct plan_time_offset offset = { .clock = "boottime", .secs = -INT64_C(4000000000), .nanosecs = 0 };
	_cleanup_(fd_cleanup) int proc_fd = proc_open();
	struct error err;

	ERROR_INIT(&err);
	enter();
	WANT_INT(time_offsets_write(proc_fd, &offset, 1, &err), -ERANGE);
	WANT_TEXT(err.text, "time offset of clock 'boottime': -4000000000 s would set it before 0 or beyond its range");
}
