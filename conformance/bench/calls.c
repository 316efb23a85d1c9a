/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts the system calls of a command and of all processes it makes, by ptrace(2): a figure that does not depend on the machine's load.
 *
 *     calls FILE COMMAND [ARGUMENT...]
 *
 * Writes the number to FILE, and ends as the command did. Processes that outlive the command are let go uncounted from then on.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)
#define CALL_STOP (SIGTRAP | 0x80)

/* ptrace's numeric argument is declared as a pointer. */
static void *number(long value)
{
	return (void *)value;
}

static _Noreturn void command_execute(char **argv)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	/* The tracer sets its options at this stop. */
	raise(SIGSTOP);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

/* Whether the stop is at the beginning of a call. */
static bool is_call(pid_t pid)
{
	struct __ptrace_syscall_info info;

	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, number(sizeof(info)), &info) > 0 &&
	       info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* Lets the stopped process go on, with the signal that stopped it unless that was the tracer's own. */
static void go_on(pid_t pid, int status)
{
	int signal = WSTOPSIG(status);
	bool own = signal == CALL_STOP || signal == SIGTRAP || signal == SIGSTOP;

	ptrace(PTRACE_SYSCALL, pid, NULL, number(own ? 0 : signal));
}

static int command_count(pid_t command, unsigned long *count)
{
	int status;

	*count = 0;
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return -1;
		if (WIFSTOPPED(status)) {
			if (WSTOPSIG(status) == CALL_STOP && is_call(pid))
				++*count;
			go_on(pid, status);
		} else if (pid == command) {
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long count;
	FILE *file;
	pid_t pid;
	int status, code;

	if (argc < 3) {
		fputs("usage: calls FILE COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	pid = fork();
	if (pid == 0)
		command_execute(argv + 2);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, number(OPTIONS)) < 0) {
		perror("calls: trace the command");
		return 2;
	}
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	code = command_count(pid, &count);
	file = fopen(argv[1], "we");
	if (!file || fprintf(file, "%lu\n", count) < 0 || fclose(file) != 0) {
		perror(argv[1]);
		return 2;
	}
	return code < 0 ? 2 : code;
}
