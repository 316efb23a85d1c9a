/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks the trace page across a fork, on hostile bytes, and across a time namespace.
 */
#include "libbase/trace.h"

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACE(trace)                                              \
	_cleanup_(trace_cleanup) struct trace trace = TRACE_NONE; \
	CHECK_INT(trace_create(&(trace)), 0)

TEST(stamps_of_one_side)
{
	int64_t before = clock_now_ns();
	struct trace_stamp stamp = { 0 };
	TRACE(trace);

	CHECK_INT(trace_last(&trace, TRACE_HOST), -1);
	CHECK_INT(trace_read(&trace, TRACE_HOST, 0, &stamp), -ENODATA);
	trace_begin(&trace, TRACE_HOST, 0);
	CHECK_INT(trace_last(&trace, TRACE_HOST), 0);
	CHECK_INT(trace_last(&trace, TRACE_INIT), -1);
	CHECK_INT(trace_read(&trace, TRACE_HOST, 0, &stamp), 0);
	CHECK(!stamp.ended);
	CHECK(stamp.begin_ns >= before && stamp.begin_ns <= clock_now_ns());
	usleep(2000);
	CHECK_INT(trace_began(&trace, TRACE_HOST), 0);
	CHECK_INT(trace_began(&trace, TRACE_INIT), -1);
	CHECK(!trace_ended(&trace, TRACE_HOST, 0));
	trace_end(&trace, TRACE_HOST, 0);
	CHECK(trace_ended(&trace, TRACE_HOST, 0) && !trace_ended(&trace, TRACE_INIT, 0));
	CHECK_INT(trace_last(&trace, TRACE_HOST), -1);
	CHECK_INT(trace_began(&trace, TRACE_HOST), 0);
	CHECK_INT(trace_read(&trace, TRACE_HOST, 0, &stamp), 0);
	CHECK(stamp.ended);
	CHECK(stamp.end_ns - stamp.begin_ns >= 2000000);
	trace_begin(&trace, TRACE_HOST, TRACE_STEPS_MAX - 1);
	CHECK_INT(trace_last(&trace, TRACE_HOST), TRACE_STEPS_MAX - 1);
	trace_begin(&trace, TRACE_HOST, 0);
	CHECK_INT(trace_last(&trace, TRACE_HOST), 0);
	CHECK_INT(trace_read(&trace, TRACE_HOST, 0, &stamp), 0);
	CHECK(!stamp.ended && !trace_ended(&trace, TRACE_HOST, 0));
}

TEST(a_step_begins_when_the_one_before_ended)
{
	struct trace_stamp before, stamp;
	int64_t now;
	TRACE(trace);

	trace_begin_behind(&trace, TRACE_HOST, 4, -1);
	CHECK_INT(trace_last(&trace, TRACE_HOST), 4);
	/* Not ended: the clock is asked. */
	now = clock_now_ns();
	trace_begin_behind(&trace, TRACE_HOST, 5, 4);
	CHECK_INT(trace_read(&trace, TRACE_HOST, 5, &stamp), 0);
	CHECK(stamp.begin_ns >= now && !stamp.ended);
	trace_end(&trace, TRACE_HOST, 5);
	CHECK_INT(trace_read(&trace, TRACE_HOST, 5, &before), 0);
	usleep(1000);
	/* As the slow way, but at the time that was. */
	trace_begin_behind(&trace, TRACE_HOST, 6, 5);
	CHECK_INT(trace_last(&trace, TRACE_HOST), 6);
	CHECK_INT(trace_read(&trace, TRACE_HOST, 6, &stamp), 0);
	CHECK(stamp.begin_ns == before.end_ns && !stamp.ended);
	trace_end(&trace, TRACE_HOST, 6);
	CHECK_INT(trace_read(&trace, TRACE_HOST, 6, &stamp), 0);
	CHECK(stamp.ended && stamp.end_ns - stamp.begin_ns >= 1000000);
	trace_begin_behind(&trace, TRACE_HOST, TRACE_STEPS_MAX, 6);
	CHECK_INT(trace_last(&trace, TRACE_HOST), -1);
}

TEST(what_is_out_of_range_is_ignored)
{
	static const int steps[] = { -1, TRACE_STEPS_MAX, 1 << 30, -(1 << 30) };
	struct trace_stamp stamp;
	TRACE(trace);

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		trace_begin(&trace, TRACE_HOST, steps[i]);
		trace_end(&trace, TRACE_INIT, steps[i]);
		CHECK_INT(trace_read(&trace, TRACE_HOST, steps[i], &stamp), -EINVAL);
	}
	trace_begin(&trace, (enum trace_side)7, 0);
	CHECK_INT(trace_read(&trace, (enum trace_side)7, 0, &stamp), -EINVAL);
	CHECK_INT(trace_last(&trace, (enum trace_side)7), -1);
	CHECK_INT(trace_last(&trace, TRACE_HOST), -1);
	for (int step = 0; step < TRACE_STEPS_MAX; step++)
		CHECK_INT(trace_read(&trace, TRACE_INIT, step, &stamp), -ENODATA);
}

TEST(no_page_is_no_crash)
{
	struct trace none = TRACE_NONE;
	struct trace_stamp stamp;

	trace_begin(&none, TRACE_HOST, 0);
	trace_end(&none, TRACE_HOST, 0);
	trace_rebase(&none);
	CHECK_INT(trace_read(&none, TRACE_HOST, 0, &stamp), -ENODATA);
	CHECK_INT(trace_last(&none, TRACE_HOST), -1);
	trace_cleanup(&none);
}

TEST(a_killed_child_tells_where_it_was)
{
	struct trace_stamp stamp;
	int status;
	pid_t pid;
	TRACE(trace);

	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		trace_begin(&trace, TRACE_INIT, 3);
		trace_end(&trace, TRACE_INIT, 3);
		trace_begin(&trace, TRACE_INIT, 5);
		raise(SIGKILL);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(trace_last(&trace, TRACE_INIT), 5);
	CHECK_INT(trace_last(&trace, TRACE_HOST), -1);
	CHECK_INT(trace_read(&trace, TRACE_INIT, 3, &stamp), 0);
	CHECK(stamp.ended);
	CHECK_INT(trace_read(&trace, TRACE_INIT, 5, &stamp), 0);
	CHECK(!stamp.ended);
}

TEST(a_page_that_is_withheld_is_not_there)
{
	struct trace trace;
	int status;
	pid_t pid;

	CHECK_INT(trace_withhold(&TRACE_NONE), 0);
	CHECK_INT(trace_create(&trace), 0);
	CHECK_INT(trace_withhold(&trace), 0);
	trace_begin(&trace, TRACE_INIT, 0);
	pid = fork();
	if (pid == 0) {
		(void)signal(SIGSEGV, SIG_DFL);
		trace_begin(&trace, TRACE_INIT, 1);
		_exit(0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	CHECK_INT(trace_last(&trace, TRACE_INIT), 0);
	trace_cleanup(&trace);
}

/* The end of it: what is beside the page may be on another. */
#define BESIDE_LENGTH 5000

TEST(what_is_beside_is_shared_and_withheld_with_it)
{
	_cleanup_(trace_cleanup) struct trace trace = TRACE_NONE;
	volatile char *beside;
	int status;
	pid_t pid;

	CHECK(!trace_beside(&trace));
	CHECK_INT(trace_create(&trace), 0);
	CHECK(!trace_beside(&trace));
	trace_cleanup(&trace);
	CHECK_INT(trace_create_with(&trace, BESIDE_LENGTH), 0);
	beside = trace_beside(&trace);
	CHECK(beside && beside[0] == 0 && beside[BESIDE_LENGTH - 1] == 0);
	for (int step = 0; step < TRACE_STEPS_MAX; step++) {
		trace_begin(&trace, TRACE_INIT, step);
		trace_end(&trace, TRACE_INIT, step);
	}
	CHECK_INT(beside[0], 0);
	for (int withheld = 0; withheld < 2; withheld++) {
		pid = fork();
		if (pid == 0) {
			(void)signal(SIGSEGV, SIG_DFL);
			beside[BESIDE_LENGTH - 1] = 7;
			_exit(0);
		}
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK_INT(beside[BESIDE_LENGTH - 1], 7);
		CHECK_INT(withheld ? WTERMSIG(status) : status, withheld ? SIGSEGV : 0);
		CHECK_INT(trace_withhold(&trace), 0);
	}
}

TEST(hostile_bytes_are_refused)
{
	unsigned int seed = 1;
	struct trace_stamp stamp;
	TRACE(trace);

	for (int round = 0; round < 300; round++) {
		/* One page at least; the struct ends within its first half. */
		unsigned char *bytes = (unsigned char *)trace.page;

		for (size_t i = 0; i < 2048; i++)
			bytes[i] = (unsigned char)(round == 0   ? 0xff
						   : round == 1 ? 0x7f
						   : round == 2 ? 0x80
								: rand_r(&seed) >> 8);
		for (int side = 0; side < TRACE_SIDES; side++) {
			int last = trace_last(&trace, (enum trace_side)side);

			CHECK(last >= -1 && last < TRACE_STEPS_MAX);
			for (int step = 0; step < TRACE_STEPS_MAX; step++) {
				int r = trace_read(&trace, (enum trace_side)side, step, &stamp);

				CHECK(r == -EBADMSG || r == -ENODATA || r == 0);
				if (r < 0)
					continue;
				CHECK(stamp.begin_ns >= trace.created_ns - 1000000);
				CHECK(!stamp.ended || stamp.end_ns >= stamp.begin_ns);
			}
		}
	}
}

TEST(times_that_make_no_sense_are_refused)
{
	struct trace_stamp stamp;
	struct trace writer;
	TRACE(trace);

	writer = trace;
	writer.shift_ns = 10 * 1000000000LL;
	trace_begin(&writer, TRACE_INIT, 0); /* before the page was made */
	CHECK_INT(trace_read(&trace, TRACE_INIT, 0, &stamp), -EBADMSG);
	/* Where it stopped is told all the same. */
	CHECK_INT(trace_last(&trace, TRACE_INIT), 0);
	writer.shift_ns = -10 * 1000000000LL;
	trace_begin(&writer, TRACE_INIT, 1); /* not yet */
	CHECK_INT(trace_read(&trace, TRACE_INIT, 1, &stamp), -EBADMSG);
	trace_begin(&trace, TRACE_INIT, 2);
	writer.shift_ns = 1000000000LL;
	trace_end(&writer, TRACE_INIT, 2); /* ended before it began */
	CHECK_INT(trace_read(&trace, TRACE_INIT, 2, &stamp), -EBADMSG);
	trace_end(&writer, TRACE_INIT, 3); /* ended and never began */
	CHECK_INT(trace_read(&trace, TRACE_INIT, 3, &stamp), -EBADMSG);
}

/* 0, 77: not permitted, else what failed. */
static int time_child(struct trace *trace)
{
	int fd, status;
	pid_t pid;

	if (unshare(CLONE_NEWTIME) < 0)
		return 77;
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "monotonic 500000 7\n", 19) != 19)
		return 77;
	pid = fork();
	if (pid == 0) {
		trace_rebase(trace);
		trace_begin(trace, TRACE_INIT, 0);
		trace_end(trace, TRACE_INIT, 0);
		_exit(clock_now_ns() > trace->created_ns + 400000 * 1000000000LL ? 0 : 2);
	}
	if (waitpid(pid, &status, 0) != pid)
		return 3;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

TEST(a_time_namespace_is_made_up_for)
{
	struct trace_stamp stamp;
	int status;
	pid_t pid;
	TRACE(trace);

	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		_exit(time_child(&trace));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		check_skip("no right to make a time namespace");
	CHECK_INT(status, 0);
	CHECK_INT(trace_read(&trace, TRACE_INIT, 0, &stamp), 0);
	CHECK(stamp.ended);
	CHECK(stamp.end_ns - stamp.begin_ns < 1000000000);
}

TEST(rebase_without_a_jump_changes_nothing)
{
	TRACE(trace);

	trace_rebase(&trace);
	CHECK_INT(trace.shift_ns, 0);
}
