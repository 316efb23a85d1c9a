/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts the system calls or the instructions of a command and of all processes it makes, by ptrace(2): figures that do not depend on the
 * machine's load, and need no counter of the processor's.
 *
 *     count calls|instructions FILE COMMAND [ARGUMENT...]
 *
 * Writes the number to FILE, and ends as the command did. COMMAND is a path; it counts from its execve on. Environment and addresses are the same
 * in every run. Processes that outlive the command are let go uncounted from then on. Instructions are those of user space from the program's entry
 * on, without the dynamic loader before it, counted one step at a time (one with a REP prefix is a step for each repetition); those of other programs
 * that are executed are not counted, as the container's program is the same whoever starts it.
 * Not for: time. A step takes 20 microseconds where a hypervisor has to see each trap.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)
#define CALL_STOP      (SIGTRAP | 0x80)
#define PROCESSES_MOST 256

struct count {
	bool steps; /* instructions, not calls */
	pid_t command;
	uint64_t entry;
	long entry_code; /* what is at the entry but for the breakpoint there */
	bool entered;
	struct stat program;
	pid_t traced[PROCESSES_MOST];
	size_t traced_count;
	unsigned long number;
};

/* ptrace's numeric argument is declared as a pointer. */
static void *number(long value)
{
	return (void *)value;
}

static _Noreturn void command_execute(char **argv, int gate)
{
	char *const environment[] = { (char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
				      NULL };
	cpu_set_t here;
	char byte;

	/* A stop and a step are two switches of context: on one processor they are cheaper by half. */
	CPU_ZERO(&here);
	CPU_SET((size_t)sched_getcpu(), &here);
	if (sched_setaffinity(getppid(), sizeof(here), &here) < 0 || sched_setaffinity(0, sizeof(here), &here) < 0)
		perror("count: one processor");
	personality(ADDR_NO_RANDOMIZE);
	/* The tracer has seized this process when it closes its end. */
	if (read(gate, &byte, 1) == 0)
		execve(argv[0], argv, environment);
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

static void traced_add(struct count *count, pid_t pid)
{
	for (size_t i = 0; i < count->traced_count; i++) {
		if (count->traced[i] == pid)
			return;
	}
	if (count->traced_count == PROCESSES_MOST) {
		fputs("count: too many processes\n", stderr);
		exit(2);
	}
	count->traced[count->traced_count++] = pid;
}

static void traced_remove(struct count *count, pid_t pid)
{
	for (size_t i = 0; i < count->traced_count; i++) {
		if (count->traced[i] == pid)
			count->traced[i--] = count->traced[--count->traced_count];
	}
}

/* Whether the process executes another program than the command's. */
static bool is_other_program(const struct count *count, pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return stat(path, &st) == 0 && (st.st_ino != count->program.st_ino || st.st_dev != count->program.st_dev);
}

static uint64_t entry_find(pid_t pid)
{
	Elf64_auxv_t pairs[64];
	char path[64];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = read(fd, pairs, sizeof(pairs));
	close(fd);
	for (ssize_t i = 0; i < length / (ssize_t)sizeof(pairs[0]); i++) {
		if (pairs[i].a_type == AT_ENTRY)
			return pairs[i].a_un.a_val;
	}
	fputs("count: the program has no entry\n", stderr);
	exit(2);
}

/* The loader runs at full speed, up to a breakpoint. */
static void loader_run(struct count *count)
{
	count->entry = entry_find(count->command);
	count->entry_code = ptrace(PTRACE_PEEKTEXT, count->command, number((long)count->entry), NULL);
	ptrace(PTRACE_POKETEXT, count->command, number((long)count->entry),
	       number((count->entry_code & ~0xffL) | 0xcc));
	ptrace(PTRACE_CONT, count->command, NULL, NULL);
}

static void loader_leave(struct count *count)
{
	ptrace(PTRACE_POKETEXT, count->command, number((long)count->entry), number(count->entry_code));
	ptrace(PTRACE_POKEUSER, count->command, number(offsetof(struct user_regs_struct, rip)),
	       number((long)count->entry));
	count->entered = true;
}

/* Lets a process go on that is stopped for this reason. */
static void stopped_go_on(struct count *count, pid_t pid, int status)
{
	const int signal = WSTOPSIG(status), event = status >> 16;
	const bool own = event != 0 || signal == CALL_STOP || signal == SIGTRAP;

	if (event == PTRACE_EVENT_EXEC && count->steps && is_other_program(count, pid)) {
		traced_remove(count, pid);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	} else if (event == PTRACE_EVENT_EXEC && count->steps && !count->entered) {
		loader_run(count);
	} else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
		ptrace(PTRACE_LISTEN, pid, NULL, NULL);
	} else {
		ptrace(count->steps ? PTRACE_SINGLESTEP : PTRACE_SYSCALL, pid, NULL, number(own ? 0 : signal));
	}
}

/* Runs the command to its end. Returns its exit status, or -1. */
static int command_count(struct count *count)
{
	int status;

	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return -1;
		if (!WIFSTOPPED(status)) {
			traced_remove(count, pid);
			if (pid == count->command)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		traced_add(count, pid);
		if (count->steps && status >> 8 == SIGTRAP && !count->entered)
			loader_leave(count);
		else if (count->steps ? status >> 8 == SIGTRAP : WSTOPSIG(status) == CALL_STOP && is_call(pid))
			count->number++;
		stopped_go_on(count, pid, status);
	}
}

/* A process that makes single steps when its tracer is gone would die of the next one. */
static void traced_release(struct count *count)
{
	int status;

	while (count->traced_count > 0) {
		pid_t pid = count->traced[count->traced_count - 1];

		if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0 && waitpid(pid, &status, __WALL) == pid &&
		    WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, pid, NULL,
			       number(status >> 16 == 0 && WSTOPSIG(status) != SIGTRAP ? WSTOPSIG(status) : 0));
		traced_remove(count, pid);
	}
}

int main(int argc, char **argv)
{
	struct count count = { 0 };
	int gate[2], code;
	FILE *file;

	if (argc < 4 || (strcmp(argv[1], "calls") != 0 && strcmp(argv[1], "instructions") != 0)) {
		fputs("usage: count calls|instructions FILE COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	count.steps = strcmp(argv[1], "instructions") == 0;
	if (stat(argv[3], &count.program) < 0 || pipe2(gate, O_CLOEXEC) < 0) {
		perror(argv[3]);
		return 2;
	}
	count.command = fork();
	if (count.command == 0) {
		close(gate[1]);
		command_execute(argv + 3, gate[0]);
	}
	if (count.command < 0 || ptrace(PTRACE_SEIZE, count.command, NULL, number(OPTIONS)) < 0) {
		perror("count: trace the command");
		return 2;
	}
	close(gate[1]);
	code = command_count(&count);
	traced_release(&count);
	file = fopen(argv[2], "we");
	if (!file || fprintf(file, "%lu\n", count.number) < 0 || fclose(file) != 0) {
		perror(argv[2]);
		return 2;
	}
	return code < 0 ? 2 : code;
}
