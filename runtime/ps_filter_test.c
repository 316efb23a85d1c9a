/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of ps(1) by their process id. */
#include "runtime/ps_filter.h"

#include <errno.h>

#include "conformance/unit/check.h"

static int filter(const char *text, pid_t *pids, size_t count, struct text_buffer *to, struct error *err)
{
	const struct ps_pids list = { .items = pids, .count = count };

	ERROR_INIT(err);
	return ps_filter(text, &list, to, err);
}

static void expect(const char *text, pid_t *pids, size_t count, const char *want)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer got = TEXT_BUFFER_INIT;
	struct error err;

	CHECK_INT(filter(text, pids, count, &got, &err), 0);
	CHECK_TEXT(got.bytes, want);
}

static const char usual[] = "UID        PID  PPID CMD\n"
			    "root         1     0 /sbin/init 12\n"
			    "root        12     1 sh -c 1\n"
			    "root       123    12 sleep 12\n";

TEST(the_head_and_the_lines_of_these_processes)
{
	pid_t both[] = { 12, 123 }, one[] = { 1 };

	expect(usual, both, 2,
	       "UID        PID  PPID CMD\n"
	       "root        12     1 sh -c 1\n"
	       "root       123    12 sleep 12\n");
	expect(usual, one, 1, "UID        PID  PPID CMD\nroot         1     0 /sbin/init 12\n");
}

TEST(no_process_leaves_the_head)
{
	pid_t other[] = { 999 };

	expect(usual, NULL, 0, "UID        PID  PPID CMD\n");
	expect(usual, other, 1, "UID        PID  PPID CMD\n");
}

TEST(the_column_is_where_the_head_says)
{
	pid_t pids[] = { 7 };

	expect("  PID\tX\n    7\t8\n    8\t7\n", pids, 1, "  PID\tX\n    7\t8\n");
	expect("X PPID PID\n7 7 8\n8 8 7\n", pids, 1, "X PPID PID\n8 8 7\n");
}

TEST(lines_without_a_number_there_are_left_out)
{
	pid_t pids[] = { 7 };

	expect("X PID\n\n1\nx -\nx 7x\nx 07\nx 99999999999999999999\ny 7", pids, 1, "X PID\ny 7\n");
}

TEST(a_head_without_the_column_is_an_error)
{
	static const char *const heads[] = { "", "\n", "CMD\n1\n", "PPID\n1\n", "pid\n1\n", "X\nPID\n" };
	_cleanup_(text_buffer_cleanup) struct text_buffer got = TEXT_BUFFER_INIT;
	pid_t pids[] = { 1 };
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		CHECK_INT(filter(heads[i], pids, 1, &got, &err), -EINVAL);
		CHECK_TEXT(error_text(&err), "couldn't find PID field in ps output");
	}
	CHECK_INT(got.length, 0);
}
