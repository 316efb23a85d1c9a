/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting problems: none lost from the count, none told twice, one line. */
#include "conformance/unit/check.h"
#include "libspec/problem.h"

#include <errno.h>

TEST(no_errors_is_no_error)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	problem_warning(&problems, 3, "/a", "odd");
	CHECK_INT(problems_tell(&problems, "config.json", &err), 0);
	CHECK_INT(err.code, 0);
	CHECK_INT(problems.warnings, 1);
	CHECK_INT(problems.items[0]->severity, PROBLEM_WARNING);
}

TEST(errors_are_told_in_one_line)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	problem_error(&problems, 3, "/process/cwd", "want %s, got '%s'", "an absolute path", "tmp");
	problem_warning(&problems, 4, "/x", "a warning");
	problem_error(&problems, 0, "", "not an object");
	problem_error(&problems, 9, "/b\nc", "bad");
	CHECK_INT(problems_tell(&problems, "config.json", &err), -EINVAL);
	CHECK_TEXT(error_text(&err),
		   "config.json: line 3: /process/cwd: want an absolute path, got 'tmp'; not an object; "
		   "line 9: /b\\x0ac: bad");
	CHECK_INT(problems_tell(&problems, "config.json", NULL), -EINVAL);
}

TEST(texts_outlive_what_they_were_made_of)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct problems problems;
	char path[] = "/a", text[] = "b";

	problems_init(&problems, &arena);
	problem_error(&problems, 1, path, "%s", text);
	path[1] = text[0] = 'x';
	CHECK_TEXT(problems.items[0]->path, "/a");
	CHECK_TEXT(problems.items[0]->text, "b");
	problem_error(&problems, 1, NULL, "whole");
	CHECK_TEXT(problems.items[1]->path, "");
}

TEST(a_flood_is_counted_not_kept)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	for (int i = 0; i < 100000; i++)
		problem_error(&problems, 0, "/a", "e%d", i);
	CHECK_INT(problems.count, PROBLEMS_KEPT);
	CHECK_INT(problems.errors, 100000);
	CHECK(arena.held < 1 << 20);
	problems_tell(&problems, "c", &err);
	CHECK_HAS(error_text(&err), "c: /a: e0; /a: e1; ");
	CHECK_HAS(error_text(&err), "/a: e63; and 99936 more");
}

TEST(long_messages_leave_room_for_the_count)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct problems problems;
	struct error err;
	char long_text[3000];

	memset(long_text, 'y', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	for (int i = 0; i < 10; i++)
		problem_error(&problems, 0, "/a", "%s", long_text);
	problems_tell(&problems, "c", &err);
	CHECK(strlen(error_text(&err)) < ERROR_TEXT_MAX);
	CHECK_HAS(error_text(&err), " more");
}

TEST(warnings_do_not_crowd_out_errors)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	problem_error(&problems, 0, "/first", "e");
	for (int i = 0; i < 2 * PROBLEMS_KEPT; i++)
		problem_warning(&problems, 0, "/a", "w");
	problem_error(&problems, 0, "/last", "e");
	CHECK_INT(problems.count, PROBLEMS_KEPT);
	CHECK_INT(problems.warnings, 2 * PROBLEMS_KEPT);
	problems_tell(&problems, "c", &err);
	CHECK_TEXT(error_text(&err), "c: /first: e; /last: e");
}

TEST(memory_that_is_gone_loses_words_not_the_refusal)
{
	_cleanup_(arena_cleanup) struct arena arena = { .limit = 1 };
	struct problems problems;
	struct error err;

	ERROR_INIT(&err);
	problems_init(&problems, &arena);
	problem_error(&problems, 0, "/a", "e");
	CHECK_INT(problems_tell(&problems, "c", &err), -EINVAL);
	CHECK_TEXT(error_text(&err), "c: 1 violations");
}
