/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command and stops it, and every process it makes, at each system call of a table: to look, to exchange two paths, to run something, to
 * kill one of the processes, or to let the call fail. So a race is a loop over a number instead of luck, and so is an error that hardly ever comes.
 *
 *     stepper [--paths | --faults | --all] [--list FILE] [--status FILE] [--time SECONDS] [--swap AT A B]... [--run AT SHELL]
 *             [--kill AT PROCESS] [--fail AT ERROR] [--deny CALL]...
 *             [--meet DIR] -- COMMAND...
 *
 * --paths stops at calls that take a path, --faults at all that can be made to fail, --all at each. AT is a number of the list: the calls of all
 * processes counted from 0, or PROCESS.CALL, each counted from 0 in the order of appearance. What a child of the command executes is let go, and so
 * are calls of the program loader and of a sanitizer's runtime.
 * ERROR is the name of an errno, or SHORT: half of what a read or write asked for. --deny: the call is one that the kernel does not have.
 * The list has a line for each stop: number, PROCESS.CALL, the call, and the errors that fit it, the path that it was given or the processes that
 * there were. --meet: see stepper_meet.h.
 *
 * --status: the command's status is written there when it has ended, and the stepper stays until the last process that came of it is gone; without
 * it the stepper ends with the command and with its status (128 and the signal's number), and calls of the table fail with ENOSYS in what is left.
 * When the time is over (30 s) all of them are killed and named, and the status is 124; it is 125 when the stepper itself fails.
 *
 * A filter of seccomp(2) with a listener does it: nothing is traced, so ptrace and dumpable are as ever. Not for: unprivileged users.
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
#include "conformance/security/stepper_loader.h"
#include "conformance/security/stepper_meet.h"
#include "conformance/security/stepper_processes.h"
#include "conformance/security/stepper_transfer.h"
#include "libbase/clock.h"
#include "libbase/fd.h"
#include "libbase/kernel.h"
#include "libbase/text.h"

#define ACTIONS_MAX 16
#define DENIED_MAX  16
#define OWN_FAILURE 125
#define TIME_OVER   124
#define TIME_S      30
#define TIME_S_MAX  3600
#define PATH_SHOWN  256
#define STACK_BYTES 65536
/* An instruction pair for each call, and the frame around them. */
#define PROGRAM_MAX (2 * (STEPPER_CALLS_MAX + DENIED_MAX) + 8)

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

enum stops { STOPS_PATHS, STOPS_FAULTS, STOPS_ALL };

/* process < 0: counted over all of them. */
struct place {
	int64_t process;
	uint64_t call;
};

enum action_kind { ACTION_SWAP, ACTION_RUN, ACTION_KILL, ACTION_FAIL };

struct action {
	enum action_kind kind;
	struct place at;
	const char *left, *right; /* what is exchanged; the line for the shell */
	uint64_t process;         /* who is killed */
	int error;                /* what the call fails with; 0: it moves half */
};

struct stepper {
	enum stops stops;
	const char *list_path, *status_path;
	FILE *list;
	uint64_t time_s;
	struct action actions[ACTIONS_MAX];
	size_t action_count;
	long denied[DENIED_MAX];
	size_t denied_count;
	const char *meet_path;
	char **command;

	struct processes processes;
	struct loader loader;
	uint64_t calls;
	bool begun; /* the command was executed */
};

/* Between the stepper and the child that becomes the command: memory and descriptors are shared until it executes. */
struct hand_over {
	struct stepper *stepper;
	volatile int listener_fd; /* 0: not yet; -errno */
};

/* -- the filter --------------------------------------------------------------------------------------------------------------- */

static bool is_stop(const struct stepper *stepper, const struct stepper_call *call)
{
	return stepper->stops == STOPS_FAULTS ? call->errors != NULL : call->path_argument >= 0;
}

static size_t program_write(const struct stepper *stepper, struct sock_filter *program)
{
	const uint32_t rest = stepper->stops == STOPS_ALL ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW;
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
	for (size_t i = 0; i < stepper_call_count && stepper->stops != STOPS_ALL; i++) {
		if (!is_stop(stepper, &stepper_calls[i]))
			continue;
		program[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
								(uint32_t)stepper_calls[i].number, 0, 1);
		program[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	}
	program[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, rest);
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

/* From the filter on it can make no call that stops, until the stepper has the listener: so it waits for that in memory. */
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

/* -- a stop ------------------------------------------------------------------------------------------------------------------- */

static bool is_place(const struct place *place, const struct stepper *stepper, const struct process *process)
{
	if (place->process < 0)
		return place->call == stepper->calls;
	return place->process == process - stepper->processes.items && place->call == process->calls;
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
	char name[32], text[PATH_SHOWN] = "";

	if (!stepper->list)
		return;
	(void)snprintf(name, sizeof(name), "%d", stop->data.nr);
	if (stepper->stops == STOPS_ALL)
		processes_alive(&stepper->processes, text, sizeof(text));
	else if (stepper->stops == STOPS_FAULTS)
		errors_fitting(call, process->pidfd, stop, text, sizeof(text));
	else
		path_read(stop->pid, stop->data.args[call->path_argument], text);
	fprintf(stepper->list, "%llu %zu.%llu %s %s\n", (unsigned long long)stepper->calls,
		(size_t)(process - stepper->processes.items), (unsigned long long)process->calls,
		call ? call->name : name, text);
}

static void shell_run(const char *line)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(OWN_FAILURE);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void action_take(const struct stepper *stepper, const struct action *action, const struct process *process,
			const struct seccomp_notif *stop, struct seccomp_notif_resp *answer)
{
	int64_t moved;

	switch (action->kind) {
	case ACTION_SWAP:
		(void)syscall(SYS_renameat2, AT_FDCWD, action->left, AT_FDCWD, action->right, RENAME_EXCHANGE);
		break;
	case ACTION_RUN:
		shell_run(action->left);
		break;
	case ACTION_KILL:
		processes_kill(&stepper->processes, (size_t)action->process);
		break;
	case ACTION_FAIL:
		moved = action->error > 0 ? 0 : transfer_half(process->pidfd, stop);
		if (moved < 0)
			break;
		answer->flags = 0;
		answer->error = -action->error;
		answer->val = moved;
		break;
	}
}

static void stop_serve(struct stepper *stepper, const struct seccomp_notif *stop, struct seccomp_notif_resp *answer)
{
	const struct stepper_call *call = stepper_call_find(stop->data.nr);
	struct process *process = processes_find(&stepper->processes, stop->pid);

	/* The stepper's own. */
	if (!stepper->begun && call && call->is_exec) {
		stepper->begun = true;
		return;
	}
	if (!process || process->foreign || loader_has(&stepper->loader, stop->pid, stop->data.instruction_pointer))
		return;
	call_list(stepper, process, call, stop);
	if (stepper->meet_path && call)
		stepper_meet(stepper->meet_path, stepper->calls, stop->pid, call->name);
	for (size_t i = 0; i < stepper->action_count; i++)
		if (is_place(&stepper->actions[i].at, stepper, process))
			action_take(stepper, &stepper->actions[i], process, stop, answer);
	/* The command may execute itself again; what it makes others execute is not looked at. */
	if (call && call->is_exec && answer->error == 0) {
		process->foreign = process != stepper->processes.items;
		loader_forget(&stepper->loader);
	}
	process->calls++;
	stepper->calls++;
}

static int notification_serve(struct stepper *stepper, int listener_fd)
{
	struct seccomp_notif stop = { 0 };
	struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	if (ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &stop) < 0)
		return errno == ENOENT || errno == EINTR ? 0 : -errno;
	answer.id = stop.id;
	stop_serve(stepper, &stop, &answer);
	/* Who was killed meanwhile needs no answer. */
	(void)ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	return 0;
}

/* -- the command -------------------------------------------------------------------------------------------------------------- */

static int status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

/* Returns the status for who waits for the stepper. */
static int command_ended(const struct stepper *stepper, int status)
{
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	char line[16];
	int length = snprintf(line, sizeof(line), "%d\n", status);

	if (!stepper->status_path)
		return status;
	fd = open(stepper->status_path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, line, (size_t)length) != length ? OWN_FAILURE : 0;
}

/* Serves until the command has ended, or with a file for its status: until nobody is left. Returns the stepper's status. */
static int command_supervise(struct stepper *stepper, pid_t pid, int listener_fd)
{
	_cleanup_(fd_cleanup) int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	const int64_t deadline_ns = clock_deadline_ns((int)stepper->time_s * 1000);
	int status = 0, wait_status;

	for (;;) {
		struct pollfd fds[] = { { .fd = listener_fd, .events = POLLIN }, { .fd = pid_fd, .events = POLLIN } };

		if (poll(fds, ARRAY_SIZE(fds), clock_left_ms(deadline_ns)) <= 0) {
			if (clock_now_ns() < deadline_ns)
				continue;
			processes_end(&stepper->processes);
			if (pid_fd >= 0)
				(void)command_ended(stepper, TIME_OVER);
			return TIME_OVER;
		}
		if (fds[0].revents & POLLIN) {
			if (notification_serve(stepper, listener_fd) < 0)
				return OWN_FAILURE;
		} else if (fds[1].revents && waitpid(pid, &wait_status, 0) == pid) {
			pid_fd = fd_close(pid_fd);
			status = command_ended(stepper, status_of(wait_status));
			if (!stepper->status_path)
				return status;
		} else if (fds[0].revents & POLLHUP && pid_fd < 0) {
			return status;
		}
	}
}
static int command_run(struct stepper *stepper)
{
	static char stack[STACK_BYTES] __attribute__((aligned(16)));
	struct hand_over hand_over = { .stepper = stepper };
	_cleanup_(fd_cleanup) int listener_fd = FD_NONE;
	uint64_t flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;
	pid_t pid = clone(child_main, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD, &hand_over);

	if (pid < 0)
		return OWN_FAILURE;
	/* It cannot say anything: its calls are about to stop. */
	while (hand_over.listener_fd == 0)
		(void)sched_yield();
	listener_fd = hand_over.listener_fd;
	if (listener_fd < 0)
		return OWN_FAILURE;
	/* Who waits for an answer runs on at once, on the processor that gave it. */
	(void)ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
	return command_supervise(stepper, pid, listener_fd);
}

/* -- options ------------------------------------------------------------------------------------------------------------------ */

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

static bool error_parse(const char *name, int *ret)
{
	*ret = text_equal(name, TRANSFER_SHORT) ? 0 : stepper_error_named(name);
	return *ret >= 0;
}

/* The options that do something at a stop: how many words they are, and what they are in a table. */
static const struct action_option {
	const char *name;
	int words;
	enum action_kind kind;
} action_options[] = {
	{ "--swap", 4, ACTION_SWAP },
	{ "--run", 3, ACTION_RUN },
	{ "--kill", 3, ACTION_KILL },
	{ "--fail", 3, ACTION_FAIL },
};

static int action_option_take(struct stepper *stepper, char **words, int count)
{
	for (size_t i = 0; i < ARRAY_SIZE(action_options); i++) {
		const struct action_option *option = &action_options[i];
		struct action *action = &stepper->actions[stepper->action_count];

		if (!text_equal(words[0], option->name) || count < option->words)
			continue;
		if (stepper->action_count == ACTIONS_MAX)
			return 0;
		*action = (struct action){ .kind = option->kind, .left = words[2] };
		if (option->kind == ACTION_SWAP)
			action->right = words[3];
		if (!place_parse(words[1], &action->at) ||
		    (option->kind == ACTION_KILL && number_parse_u64(words[2], PROCESSES_MAX, &action->process) < 0) ||
		    (option->kind == ACTION_FAIL && !error_parse(words[2], &action->error)))
			return 0;
		stepper->action_count++;
		return option->words;
	}
	return 0;
}

/* Takes one option and its arguments; returns how many words it took, 0 when it is none. */
static int option_take(struct stepper *stepper, char **words, int count)
{
	static const char *const stops[] = {
		[STOPS_PATHS] = "--paths", [STOPS_FAULTS] = "--faults", [STOPS_ALL] = "--all"
	};

	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		if (text_equal(words[0], stops[i])) {
			stepper->stops = (enum stops)i;
			return 1;
		}
	if (count < 2)
		return 0;
	if (text_equal(words[0], "--list")) {
		stepper->list_path = words[1];
		return 2;
	}
	if (text_equal(words[0], "--status")) {
		stepper->status_path = words[1];
		return 2;
	}
	if (text_equal(words[0], "--meet")) {
		stepper->meet_path = words[1];
		return 2;
	}
	if (text_equal(words[0], "--time"))
		return number_parse_u64(words[1], TIME_S_MAX, &stepper->time_s) < 0 ? 0 : 2;
	if (text_equal(words[0], "--deny") && stepper->denied_count < DENIED_MAX) {
		const struct stepper_call *call = stepper_call_named(words[1]);

		if (call)
			stepper->denied[stepper->denied_count++] = call->number;
		return call ? 2 : 0;
	}
	return action_option_take(stepper, words, count);
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

static void signal_ignore(int number)
{
	(void)number;
}

int main(int argc, char **argv)
{
	static struct stepper stepper = { .time_s = TIME_S };
	/* Nothing that the command would inherit: a handler ends with execve. */
	const struct sigaction pipe_action = { .sa_handler = signal_ignore };
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
	(void)sigaction(SIGPIPE, &pipe_action, NULL);
	status = command_run(&stepper);
	if (stepper.list && fclose(stepper.list) != 0)
		return OWN_FAILURE;
	if (status == OWN_FAILURE)
		fprintf(stderr, "stepper: failed\n");
	return status;
}
