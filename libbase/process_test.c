/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks the process runner with real programs: tails, time, input nobody reads, children left behind, failing execve.
 */
#include "libbase/process.h"

#include "conformance/unit/check.h"
#include "libbase/clock.h"
#include "libbase/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct process_result result;

/* Runs a line of shell. */
static int shell_run(const char *line, const char *input, int timeout_ms)
{
	char *const argv[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c", (char *)(uintptr_t)line, NULL };
	char *const envp[] = { (char *)(uintptr_t) "PATH=/usr/bin:/bin", (char *)(uintptr_t) "MARK=mark", NULL };
	struct process_options options = PROCESS_OPTIONS_INIT;

	options.path = "/bin/sh";
	options.argv = argv;
	options.envp = envp;
	options.input = input;
	options.input_length = input ? strlen(input) : 0;
	options.timeout_ms = timeout_ms;
	return process_run(&options, &result);
}

TEST(streams_are_kept_apart)
{
	CHECK_INT(shell_run("cat; echo $MARK >&2; exit 3", "what it reads", 10000), 0);
	CHECK(WIFEXITED(result.status));
	CHECK_INT(WEXITSTATUS(result.status), 3);
	CHECK_TEXT(result.out.bytes, "what it reads");
	CHECK_INT(result.out.length, strlen("what it reads"));
	CHECK_TEXT(result.err.bytes, "mark\n");
	CHECK(!result.timed_out && !result.out.cut && !result.err.cut);
}

TEST(no_input_is_end_of_file)
{
	CHECK_INT(shell_run("cat; echo done", NULL, 10000), 0);
	CHECK_TEXT(result.out.bytes, "done\n");
}

TEST(defaults_are_path_and_no_environment)
{
	struct process_options options = PROCESS_OPTIONS_INIT;

	options.path = "/usr/bin/env";
	CHECK_INT(process_run(&options, &result), 0);
	CHECK_INT(result.status, 0);
	CHECK_TEXT(result.out.bytes, "");
}

TEST(signals_are_told)
{
	CHECK_INT(shell_run("kill -SEGV $$", NULL, 10000), 0);
	CHECK(WIFSIGNALED(result.status));
	CHECK_INT(WTERMSIG(result.status), SIGSEGV);
	CHECK(!result.timed_out);
}

TEST(tail_is_the_end)
{
	CHECK_INT(shell_run("i=0; while [ $i -lt 3000 ]; do echo line-$i; echo err-$i >&2; i=$((i+1)); done", NULL,
			    60000),
		  0);
	CHECK_INT(result.status, 0);
	CHECK_INT(result.out.length, PROCESS_TAIL_MAX);
	CHECK(result.out.cut && result.err.cut);
	CHECK_INT(result.out.bytes[PROCESS_TAIL_MAX], '\0');
	CHECK_HAS(result.out.bytes, "line-2998\nline-2999\n");
	CHECK_TEXT(result.out.bytes + PROCESS_TAIL_MAX - 20, "line-2998\nline-2999\n");
	CHECK_TEXT(result.err.bytes + PROCESS_TAIL_MAX - 18, "err-2998\nerr-2999\n");
	CHECK_INT(shell_run("head -c 4096 /dev/zero | tr '\\0' x", NULL, 10000), 0);
	CHECK_INT(result.out.length, 4096);
	CHECK(!result.out.cut);
	CHECK_INT(shell_run("head -c 100000000 /dev/zero", NULL, 60000), 0);
	CHECK_INT(result.out.length, 4096);
}

/* A mebibyte of text: more than pipes hold. */
static const char *input_make(void)
{
	static char input[(1 << 20) + 1];

	memset(input, 'i', sizeof(input) - 1);
	return input;
}

TEST(large_input_goes_both_ways)
{
	const char *input = input_make();

	CHECK_INT(shell_run("cat | wc -c; cat /dev/null", input, 20000), 0);
	CHECK_INT(result.status, 0);
	CHECK_HAS(result.out.bytes, "1048576");
	CHECK_INT(shell_run("cat", input, 20000), 0);
	CHECK_INT(result.status, 0);
	CHECK(result.out.cut);
}

TEST(input_that_nobody_reads_is_dropped)
{
	const char *input = input_make();
	sigset_t pending;

	CHECK_INT(shell_run("exec <&-; echo closed", input, 20000), 0);
	CHECK_INT(result.status, 0);
	CHECK_TEXT(result.out.bytes, "closed\n");
	CHECK_INT(shell_run("true", input, 20000), 0);
	CHECK_INT(result.status, 0);
	CHECK_INT(sigpending(&pending), 0);
	CHECK_INT(sigismember(&pending, SIGPIPE), 0);
}

TEST(timeout_kills_the_group)
{
	int64_t before, left = 0;

	/* The grandchild ignores what a polite killer would send. A shell that was killed before it said anything gets more time. */
	result.out.length = 0;
	for (int timeout_ms = 300; timeout_ms <= 30000 && result.out.length == 0; timeout_ms *= 10) {
		before = clock_now_ns();
		CHECK_INT(shell_run("trap '' TERM HUP INT; sleep 60 & echo $!; wait", NULL, timeout_ms), 0);
		CHECK(result.timed_out);
		CHECK(WIFSIGNALED(result.status));
		CHECK_INT(WTERMSIG(result.status), SIGKILL);
		CHECK(clock_now_ns() - before >= timeout_ms * 1000000LL);
		CHECK(clock_now_ns() - before < (timeout_ms + 20000) * 1000000LL);
	}
	result.out.bytes[strcspn(result.out.bytes, "\n")] = '\0';
	CHECK_INT(number_parse_i64(result.out.bytes, 2, INT_MAX, &left), 0);
	/* Dead, or a zombie that its new parent has yet to reap. */
	for (int i = 0; i < 200 && kill((pid_t)left, 0) == 0; i++) {
		char path[64], stat[256] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)left);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, stat, sizeof(stat) - 1) <= 0 || strstr(stat, ") Z ") || strstr(stat, ") X ")) {
			fd_close(fd);
			return;
		}
		fd_close(fd);
		usleep(10000);
	}
	CHECK(kill((pid_t)left, 0) < 0);
}

TEST(timeout_zero_is_at_once)
{
	CHECK_INT(shell_run("sleep 60", NULL, 0), 0);
	CHECK(result.timed_out);
}

TEST(a_grandchild_cannot_hold_the_call)
{
	int64_t before = clock_now_ns();

	CHECK_INT(shell_run("sleep 60 & echo started", NULL, -1), 0);
	CHECK_INT(result.status, 0);
	CHECK_TEXT(result.out.bytes, "started\n");
	CHECK(clock_now_ns() - before < 50000 * 1000000LL);
	before = clock_now_ns();
	CHECK_INT(shell_run("(timeout 60 yes) & exit 4", NULL, -1), 0);
	CHECK_INT(WEXITSTATUS(result.status), 4);
	CHECK(clock_now_ns() - before < 50000 * 1000000LL);
}

static int path_run(const char *path)
{
	struct process_options options = PROCESS_OPTIONS_INIT;

	options.path = path;
	return process_run(&options, &result);
}

TEST(execve_tells_its_own_errno)
{
	char path[] = "/tmp/orlop-process-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_INT(path_run("/nowhere/at/all"), -ENOENT);
	CHECK_INT(path_run("/tmp"), -EACCES);
	CHECK_INT(path_run(path), -EACCES);
	CHECK_INT(fchmod(fd, 0755), 0);
	CHECK_INT(fd_write_all(fd, "no program", 10), 0);
	fd_close(fd);
	CHECK_INT(path_run(path), -ENOEXEC);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(path_run("sh"), -EINVAL);
	CHECK_INT(path_run(NULL), -EINVAL);
	/* Nothing is left to reap. */
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
	CHECK_INT(errno, ECHILD);
}

TEST(exit_127_is_no_failed_execve)
{
	CHECK_INT(shell_run("exit 127", NULL, 10000), 0);
	CHECK_INT(WEXITSTATUS(result.status), 127);
}

TEST(it_runs_in_the_directory)
{
	_cleanup_(fd_cleanup) int fd = open("/usr/bin", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct process_options options = PROCESS_OPTIONS_INIT;

	options.path = "/bin/pwd";
	options.cwd_fd = fd;
	CHECK_INT(process_run(&options, &result), 0);
	CHECK_TEXT(result.out.bytes, "/usr/bin\n");
}

static int child_of_odd_caller(void)
{
	static const char line[] = "grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd";
	struct sigaction action;
	sigset_t mask, after;

	signal(SIGINT, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	/* Its numbers 0 to 2 are free, and 7 is open for all. */
	if (dup2(1, 7) < 0)
		return 1;
	close(0);
	close(1);
	close(2);
	if (shell_run(line, "input", 10000) < 0 || result.status != 0)
		return 2;
	if (!strstr(result.out.bytes, "SigBlk:\t0000000000000000\n") ||
	    !strstr(result.out.bytes, "SigIgn:\t0000000000000000\n"))
		return 3;
	/* 3 is ls's own, on the directory. */
	if (!strstr(result.out.bytes, "\n0\n1\n2\n3\n") || strstr(result.out.bytes, "\n4\n") ||
	    strstr(result.out.bytes, "\n7\n"))
		return 4;
	sigaction(SIGCHLD, NULL, &action);
	sigprocmask(SIG_SETMASK, NULL, &after);
	if (action.sa_handler != SIG_IGN || !sigismember(&after, SIGTERM) || sigismember(&after, SIGPIPE))
		return 5;
	return 0;
}

TEST(caller_state_does_not_leak)
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(child_of_odd_caller());
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}

static volatile sig_atomic_t alarms;

static void alarm_count(int number)
{
	(void)number;
	alarms++;
}

TEST(callers_signals_are_served_meanwhile)
{
	struct sigaction action = { .sa_handler = alarm_count }, saved;

	CHECK_INT(sigaction(SIGALRM, &action, &saved), 0);
	ualarm(50000, 0);
	CHECK_INT(shell_run("sleep 0.3; echo end", NULL, 10000), 0);
	CHECK_INT(alarms, 1);
	CHECK_TEXT(result.out.bytes, "end\n");
	CHECK_INT(sigaction(SIGALRM, &saved, NULL), 0);
}

TEST(an_interrupt_ends_the_process_and_its_group)
{
	char *const argv[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
			       (char *)(uintptr_t) "echo $$; sleep 60 & wait", NULL };
	struct process_options options = PROCESS_OPTIONS_INIT;
	int64_t begin_ns = clock_now_ns();
	int pair[2];
	uint64_t group;

	CHECK_INT(pipe(pair), 0);
	options.path = "/bin/sh";
	options.argv = argv;
	options.interrupt_fd = pair[0];
	/* Nothing to read: it is left alone. */
	options.timeout_ms = 300;
	CHECK_INT(process_run(&options, &result), 0);
	CHECK(result.timed_out);
	options.timeout_ms = -1;
	CHECK_INT(write(pair[1], "x", 1), 1);
	CHECK_INT(process_run(&options, &result), -EINTR);
	CHECK(clock_now_ns() - begin_ns < INT64_C(20000000000));
	/* It may have been killed before it said anything. */
	result.out.bytes[strcspn(result.out.bytes, "\n")] = '\0';
	if (number_parse_u64(result.out.bytes, INT_MAX, &group) == 0)
		CHECK(kill(-(pid_t)group, 0) < 0 && errno == ESRCH);
	close(pair[0]);
	close(pair[1]);
}

TEST(it_dies_with_the_caller)
{
	int pair[2], status;
	char byte;
	pid_t caller;

	CHECK_INT(pipe(pair), 0);
	caller = fork();
	CHECK(caller >= 0);
	if (caller == 0) {
		struct process_options options = PROCESS_OPTIONS_INIT;
		char *const argv[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
				       (char *)(uintptr_t) "echo begun; exec sleep 60", NULL };

		close(pair[0]);
		options.path = "/bin/sh";
		options.argv = argv;
		/* The process holds the pipe open by its standard output. */
		options.output_fd = pair[1];
		_exit(process_run(&options, &result) < 0);
	}
	close(pair[1]);
	CHECK_INT(read(pair[0], &byte, 1), 1);
	CHECK_INT(kill(caller, SIGKILL), 0);
	CHECK_INT(waitpid(caller, &status, 0), caller);
	alarm(20);
	while (read(pair[0], &byte, 1) > 0)
		;
	alarm(0);
	close(pair[0]);
}
