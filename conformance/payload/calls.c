/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes system calls and says what came of each: what a filter does, seen from inside. For conformance/bats/seccomp.bats.
 *
 *     calls all               every number from 0 to 600 and some huge ones, each argument -1: "NUMBER RESULT"
 *     calls CALL [ARG...]     one, by its number or by a name of the table below: "CALL RESULT"
 *
 * RESULT is "ok", the error's name, "trapped N" when SIGSYS came for call N, "thread killed", "killed by signal N", "blocked" or "ended". Each call
 * is made in a child of its own, the single one also in a thread of its own. With -1 for every argument no call does harm: pointers, descriptors,
 * flags and sizes are wrong at once; what would do something all the same is left out.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/error.h"
#include "libbase/text.h"

#define NUMBER_LAST 600
#define CHILD_MS    3000 /* a call that is only slow does not take so long */
#define PAUSE_MS    1
#define STACK_BYTES 65536
#define ARGUMENTS   6

enum result { RESULT_NONE, RESULT_RETURNED, RESULT_TRAPPED };

/* Shared with the child: what it came to. */
struct report {
	volatile enum result result;
	volatile long value; /* of the call, or negative errno; the number that was trapped */
	volatile int thread; /* its id until it is gone */
};
static struct report *report;

struct call {
	long number;
	long arguments[ARGUMENTS];
};

static const struct {
	const char *name;
	long number;
} names[] = {
	{ "chroot", SYS_chroot },   { "clone", SYS_clone },
	{ "getpgid", SYS_getpgid }, { "getpid", SYS_getpid },
	{ "getppid", SYS_getppid }, { "getsid", SYS_getsid },
	{ "mkdirat", SYS_mkdirat }, { "personality", SYS_personality },
	{ "prctl", SYS_prctl },     { "sched_yield", SYS_sched_yield },
	{ "socket", SYS_socket },   { "sync", SYS_sync },
	{ "umask", SYS_umask },     { "unshare", SYS_unshare },
};

static const long huge[] = { 1000, 4096, 65536, 0x3fffffff, 0x40000000 + 1000, 0x7fffffff };

static void call_trapped(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	report->value = info->si_syscall;
	report->result = RESULT_TRAPPED;
}

static bool bears(long number)
{
#ifdef SYS_fork
	if (number == SYS_fork)
		return true;
#endif
	return number == SYS_clone;
}

static int call_make(void *argument)
{
	const struct call *call = argument;
	const long *a = call->arguments;
	long value;

#ifdef SYS_vfork
	/* Its child comes back on the parent's stack: not by way of syscall(2). */
	if (call->number == SYS_vfork) {
		pid_t pid = vfork();

		if (pid == 0)
			_exit(0);
		value = pid;
	} else
#endif
		value = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	/* A child of its own would write its report when another call's is asked for. */
	if (value == 0 && bears(call->number))
		_exit(0);
	if (report->result == RESULT_TRAPPED)
		return 0;
	report->value = value < 0 ? -errno : value;
	report->result = RESULT_RETURNED;
	return 0;
}

static void pause_ms(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&time, NULL);
}

/* Whoever outlives its thread was not killed with it. */
static void call_make_in_thread(struct call *call)
{
	static char stack[STACK_BYTES] __attribute__((aligned(16)));
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
			  CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;

	report->thread = 1;
	if (clone(call_make, stack + sizeof(stack), flags, call, NULL, NULL, (int *)(uintptr_t)&report->thread) < 0)
		return;
	while (report->thread != 0)
		pause_ms(PAUSE_MS);
}

static void result_print(const char *key, bool blocked, const siginfo_t *end)
{
	if (blocked)
		printf("%s blocked\n", key);
	else if (end->si_code != CLD_EXITED)
		printf("%s killed by signal %d\n", key, end->si_status);
	else if (report->result == RESULT_TRAPPED)
		printf("%s trapped %ld\n", key, report->value);
	else if (report->result == RESULT_NONE)
		printf("%s %s\n", key, end->si_status == EXIT_SUCCESS ? "thread killed" : "ended");
	else
		printf("%s %s\n", key, report->value < 0 ? error_name((int)report->value) : "ok");
}

static void call_report(const char *key, struct call *call, bool in_thread)
{
	const struct timespec time = { CHILD_MS / 1000, CHILD_MS % 1000 * 1000000 };
	sigset_t children;
	siginfo_t end = { 0 };
	bool blocked;
	pid_t pid;

	*report = (struct report){ 0 };
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct sigaction trap = { .sa_sigaction = call_trapped, .sa_flags = SA_SIGINFO };

		sigaction(SIGSYS, &trap, NULL);
		if (in_thread)
			call_make_in_thread(call);
		else
			(void)call_make(call);
		_exit(EXIT_SUCCESS);
	}
	blocked = sigtimedwait(&children, NULL, &time) < 0;
	if (blocked)
		(void)kill(pid, SIGKILL);
	(void)waitid(P_PID, (id_t)pid, &end, WEXITED);
	/* Children of children come to init, which may be this. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	while (sigtimedwait(&children, NULL, &(const struct timespec){ 0 }) > 0)
		;
	result_print(key, blocked, &end);
}

static bool number_is_left_out(long number)
{
	/* They have no arguments: the one waits for all disks, the other for a signal. */
	if (number == SYS_sync)
		return true;
#ifdef SYS_pause
	if (number == SYS_pause)
		return true;
#endif
#ifdef __x86_64__
	/* uretprobe and uprobe: the kernel lets them pass every filter. */
	if (number == 335 || number == 336)
		return true;
#endif
	return false;
}

static void number_report(long number)
{
	struct call call = { .number = number, .arguments = { -1, -1, -1, -1, -1, -1 } };
	char key[24];

	if (number_is_left_out(number))
		return;
	/* Otherwise it depends on who else there is. */
	if (number == SYS_kill)
		call.arguments[0] = 0;
	(void)snprintf(key, sizeof(key), "%ld", number);
	call_report(key, &call, false);
}

static bool call_parse(struct call *call, int argc, char **argv)
{
	int64_t value;

	call->number = -1;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_equal(names[i].name, argv[1]))
			call->number = names[i].number;
	if (call->number < 0) {
		if (number_parse_i64(argv[1], 0, INT64_MAX, &value) < 0)
			return false;
		call->number = value;
	}
	for (int i = 2; i < argc && i < ARGUMENTS + 2; i++) {
		if (number_parse_i64(argv[i], INT64_MIN, INT64_MAX, &value) < 0)
			return false;
		call->arguments[i - 2] = value;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct call call = { 0 };
	sigset_t children;

	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (argc < 2 || report == MAP_FAILED)
		return EXIT_FAILURE;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	if (text_equal(argv[1], "all")) {
		for (long number = 0; number <= NUMBER_LAST; number++)
			number_report(number);
		for (size_t i = 0; i < ARRAY_SIZE(huge); i++)
			number_report(huge[i]);
	} else if (call_parse(&call, argc, argv)) {
		call_report(argv[1], &call, true);
	} else {
		return EXIT_FAILURE;
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
