/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process runner of a caller who is held up, by a busy machine, for longer than it grants who was left behind: compiled here with no such time.
 */
#include "libbase/process.h"

#undef PROCESS_DRAIN_MS
#define PROCESS_DRAIN_MS 0

#include "libbase/process.c"

#include "conformance/unit/check.h"
#include "libbase/clock.h"

#include <stdlib.h>

static struct process_result result;

static void shell_run(const char *line)
{
	char *const argv[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c", (char *)(uintptr_t)line, NULL };
	char *const envp[] = { (char *)(uintptr_t) "PATH=/usr/bin:/bin", NULL };
	struct process_options options = PROCESS_OPTIONS_INIT;

	options.path = "/bin/sh";
	options.argv = argv;
	options.envp = envp;
	CHECK_INT(process_run(&options, &result), 0);
}

/* The caller stands still from before the first word until the process has ended: all of them are in the pipe by then. */
#define CALLER_STOPS                                                                                     \
	"kill -STOP $PPID; until grep -q '^State:.T' /proc/$PPID/status; do :; done; me=$$;"             \
	"(until grep -q '^State:.Z' /proc/$me/status; do sleep 0.01; done; kill -CONT $PPID) >/dev/null" \
	" 2>&1 & "

TEST(its_own_last_words_are_heard_whatever_the_clock_says)
{
	shell_run(CALLER_STOPS
		  "head -c 30000 /dev/zero | tr '\\0' x; echo end; head -c 30000 /dev/zero >&2; echo error >&2");
	CHECK_INT(result.status, 0);
	CHECK_INT(result.out.length, PROCESS_TAIL_MAX);
	CHECK_TEXT(result.out.bytes + PROCESS_TAIL_MAX - 5, "xend\n");
	CHECK_TEXT(result.err.bytes + PROCESS_TAIL_MAX - 6, "error\n");
}

TEST(who_was_left_behind_and_talks_on_cannot_hold_the_call)
{
	int64_t before = clock_now_ns();

	shell_run(CALLER_STOPS "timeout 60 yes & sleep 0.1; exit 4");
	CHECK_INT(WEXITSTATUS(result.status), 4);
	CHECK(clock_now_ns() - before < 50000 * 1000000LL);
}
