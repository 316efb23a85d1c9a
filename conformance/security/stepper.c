/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command and stops it, and every process it makes, at each system call of a table: to look, to exchange two paths, or to let the call
 * fail. So a race is a loop over a number instead of luck, and so is an error that hardly ever comes.
 *
 *     stepper [--paths | --faults] [--list FILE] [--swap AT A B]... [--fail AT ERRNO] [--deny CALL]... -- COMMAND...
 *
 * --paths stops at calls that take a path, --faults at all that can be made to fail. AT is a number of the list: the calls of all processes
 * counted from 0, or PROCESS.CALL, each counted from 0 in the order of appearance. What a child of the command executes is let go. --deny: the
 * call is one that the kernel does not have.
 * The list has a line for each stop: number, PROCESS.CALL, the call, and the errors that fit it or the path that it was given.
 *
 * A filter of seccomp(2) with a listener does it: nothing is traced, so ptrace and dumpable are as ever. When the command has ended the stepper
 * does, and calls of the table fail with ENOSYS in what it left running. Not for: unprivileged users.
 * Ends with the command's status, 128 and the signal's number, or 125.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/security/stepper_calls.h"
#include "libbase/error.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

#define SWAPS_MAX     8
#define PROCESSES_MAX 256
#define DENIED_MAX    16
#define OWN_FAILURE   125
#define PATH_SHOWN    256
#define STACK_BYTES   65536
/* An instruction pair for each call, and the frame around them. */
#define PROGRAM_MAX (2 * (STEPPER_CALLS_MAX + DENIED_MAX) + 8)

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* process < 0: counted over all of them. */
struct place {
	int64_t process;
	uint64_t call;
};

struct swap {
	struct place at;
	const char *left, *right;
};

struct process {
	uint32_t pid;
	uint64_t calls;
	bool foreign;
};

struct stepper {
	bool faults;
	const char *list_path;
	FILE *list;
	struct swap swaps[SWAPS_MAX];
	size_t swap_count;
	bool fails;
	struct place fail_at;
	int fail_errno;
	long denied[DENIED_MAX];
	size_t denied_count;
	char **command;

	struct process processes[PROCESSES_MAX];
	size_t process_count;
	uint64_t calls;
};

/* Between the stepper and the child that becomes the command: memory and descriptors are shared until it executes. */
struct hand_over {
	struct stepper *stepper;
	volatile int listener_fd; /* 0: not yet; -errno */
};

static size_t program_write(const struct stepper *stepper, struct sock_filter *program)
{
	size_t count = 0;

	program[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	program[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	program[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < stepper->denied_count; i++) {
		program[count++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)stepper->denied[i], 0, 1);
		program[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	}
	for (size_t i = 0; i < stepper_call_count; i++) {
		if (!stepper->faults && stepper_calls[i].path_argument < 0)
			continue;
		program[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
								(uint32_t)stepper_calls[i].number, 0, 1);
		program[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	}
	program[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return count;
}

static int filter_load(const struct stepper *stepper)
{
	struct sock_filter instructions[PROGRAM_MAX];
	struct sock_fprog program = { .filter = instructions };
	unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	long fd;

	program.len = (unsigned short)program_write(stepper, instructions);
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	/* Kernels below 5.19 do not know the last flag: there a signal lets a call be seen twice. */
	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	return fd < 0 ? -errno : (int)fd;
}

static int child_main(void *argument)
{
	struct hand_over *hand_over = argument;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	hand_over->listener_fd = filter_load(hand_over->stepper);
	if (hand_over->listener_fd < 0)
		return OWN_FAILURE;
	(void)execvp(hand_over->stepper->command[0], hand_over->stepper->command);
	return OWN_FAILURE;
}

static struct process *process_find(struct stepper *stepper, uint32_t pid)
{
	for (size_t i = 0; i < stepper->process_count; i++)
		if (stepper->processes[i].pid == pid)
			return &stepper->processes[i];
	if (stepper->process_count == PROCESSES_MAX)
		return NULL;
	stepper->processes[stepper->process_count] = (struct process){ .pid = pid };
	return &stepper->processes[stepper->process_count++];
}

static bool is_place(const struct place *place, const struct stepper *stepper, const struct process *process)
{
	if (place->process < 0)
		return place->call == stepper->calls;
	return place->process == process - stepper->processes && place->call == process->calls;
}

static void path_read(uint32_t pid, uint64_t address, char text[PATH_SHOWN])
{
	struct iovec here = { .iov_base = text, .iov_len = PATH_SHOWN - 1 };
	struct iovec there = { .iov_base = (void *)(uintptr_t)address, .iov_len = PATH_SHOWN - 1 };
	ssize_t length;

	/* A string at the end of a page: what is there of it. */
	if ((address & 4095) + there.iov_len > 4096)
		there.iov_len = 4096 - (address & 4095);
	length = process_vm_readv((pid_t)pid, &here, 1, &there, 1, 0);
	text[length > 0 ? length : 0] = '\0';
	for (char *c = text; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '?';
}

static void call_list(const struct stepper *stepper, const struct process *process, const struct stepper_call *call,
		      const struct seccomp_notif *stop)
{
	char path[PATH_SHOWN] = "";

	if (!stepper->list)
		return;
	if (stepper->faults) {
		(void)snprintf(path, sizeof(path), "%s", call->errors);
	} else {
		path_read(stop->pid, stop->data.args[call->path_argument], path);
	}
	fprintf(stepper->list, "%llu %zu.%llu %s %s\n", (unsigned long long)stepper->calls,
		(size_t)(process - stepper->processes), (unsigned long long)process->calls, call->name, path);
	(void)fflush(stepper->list);
}

/* Returns the errno that the call fails with, or 0. */
static int stop_serve(struct stepper *stepper, const struct seccomp_notif *stop)
{
	const struct stepper_call *call = stepper_call_find(stop->data.nr);
	struct process *process = process_find(stepper, stop->pid);
	int code = 0;

	if (!process || process->foreign || !call)
		return 0;
	call_list(stepper, process, call, stop);
	for (size_t i = 0; i < stepper->swap_count; i++) {
		const struct swap *swap = &stepper->swaps[i];

		if (is_place(&swap->at, stepper, process))
			(void)syscall(SYS_renameat2, AT_FDCWD, swap->left, AT_FDCWD, swap->right, RENAME_EXCHANGE);
	}
	if (stepper->fails && is_place(&stepper->fail_at, stepper, process))
		code = stepper->fail_errno;
	/* The command may execute itself again; what it makes others execute is not looked at. */
	if (call->is_exec && process != stepper->processes && code == 0)
		process->foreign = true;
	process->calls++;
	stepper->calls++;
	return code;
}

static int notification_serve(struct stepper *stepper, int listener_fd)
{
	struct seccomp_notif stop = { 0 };
	struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	if (ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &stop) < 0)
		return errno == ENOENT || errno == EINTR ? 0 : -errno;
	answer.id = stop.id;
	answer.error = -stop_serve(stepper, &stop);
	if (answer.error != 0)
		answer.flags = 0;
	/* Who was killed meanwhile needs no answer. */
	(void)ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	return 0;
}

static int command_supervise(struct stepper *stepper, pid_t pid, int listener_fd)
{
	_cleanup_(fd_cleanup) int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int status;

	if (pid_fd < 0)
		return -errno;
	for (;;) {
		struct pollfd fds[] = { { .fd = listener_fd, .events = POLLIN }, { .fd = pid_fd, .events = POLLIN } };
		int r;

		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return -errno;
		r = fds[0].revents & POLLIN ? notification_serve(stepper, listener_fd) : 0;
		if (r < 0)
			return r;
		if (fds[0].revents & POLLIN)
			continue;
		if (fds[1].revents && waitpid(pid, &status, 0) == pid)
			return status;
	}
}

static int command_run(struct stepper *stepper)
{
	static char stack[STACK_BYTES] __attribute__((aligned(16)));
	struct hand_over hand_over = { .stepper = stepper };
	_cleanup_(fd_cleanup) int listener_fd = FD_NONE;
	pid_t pid = clone(child_main, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD, &hand_over);

	if (pid < 0)
		return -errno;
	/* It cannot say anything: its calls are about to stop. */
	while (hand_over.listener_fd == 0)
		(void)sched_yield();
	listener_fd = hand_over.listener_fd;
	if (listener_fd < 0)
		return listener_fd;
	return command_supervise(stepper, pid, listener_fd);
}

static bool place_parse(const char *text, struct place *ret)
{
	const char *dot = strchr(text, '.');
	char process[32] = "";
	uint64_t number;

	ret->process = -1;
	if (dot) {
		if ((size_t)(dot - text) >= sizeof(process))
			return false;
		memcpy(process, text, (size_t)(dot - text));
		if (number_parse_u64(process, PROCESSES_MAX, &number) < 0)
			return false;
		ret->process = (int64_t)number;
	}
	return number_parse_u64(dot ? dot + 1 : text, UINT64_MAX, &ret->call) >= 0;
}

static int errno_parse(const char *name)
{
	for (int code = 1; code < 134; code++)
		if (text_equal(error_name(-code), name))
			return code;
	return -1;
}

/* Takes one option and its arguments; returns how many words it took, 0 when it is none. */
static int option_take(struct stepper *stepper, char **words, int count)
{
	if (text_equal(words[0], "--paths") || text_equal(words[0], "--faults")) {
		stepper->faults = words[0][2] == 'f';
		return 1;
	}
	if (text_equal(words[0], "--list") && count > 1) {
		stepper->list_path = words[1];
		return 2;
	}
	if (text_equal(words[0], "--swap") && count > 3 && stepper->swap_count < SWAPS_MAX) {
		struct swap *swap = &stepper->swaps[stepper->swap_count++];

		*swap = (struct swap){ .left = words[2], .right = words[3] };
		return place_parse(words[1], &swap->at) ? 4 : 0;
	}
	if (text_equal(words[0], "--fail") && count > 2) {
		stepper->fails = true;
		stepper->fail_errno = errno_parse(words[2]);
		return place_parse(words[1], &stepper->fail_at) && stepper->fail_errno > 0 ? 3 : 0;
	}
	if (text_equal(words[0], "--deny") && count > 1 && stepper->denied_count < DENIED_MAX) {
		const struct stepper_call *call = stepper_call_named(words[1]);

		if (call)
			stepper->denied[stepper->denied_count++] = call->number;
		return call ? 2 : 0;
	}
	return 0;
}

static bool options_take(struct stepper *stepper, int argc, char **argv)
{
	int i = 1;

	while (i < argc && !text_equal(argv[i], "--")) {
		int taken = option_take(stepper, argv + i, argc - i);

		if (taken == 0)
			return false;
		i += taken;
	}
	stepper->command = argv + i + 1;
	return i + 1 < argc;
}

int main(int argc, char **argv)
{
	static struct stepper stepper;
	int status;

	if (!options_take(&stepper, argc, argv)) {
		fprintf(stderr, "stepper: wrong arguments\n");
		return OWN_FAILURE;
	}
	if (stepper.list_path) {
		stepper.list = fopen(stepper.list_path, "we");
		if (!stepper.list)
			return OWN_FAILURE;
	}
	status = command_run(&stepper);
	if (status < 0) {
		fprintf(stderr, "stepper: %s\n", error_name(status));
		return OWN_FAILURE;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
