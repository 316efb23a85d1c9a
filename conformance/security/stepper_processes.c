/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that the stepper has seen. See stepper_processes.h. A descriptor is kept of each, so that no signal meets another one. */
#include "conformance/security/stepper_processes.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/text.h"

#define DEATH_TIMEOUT_MS 5000

static uint32_t parent_of(uint32_t pid)
{
	char path[64], status[1024];
	_cleanup_(fd_cleanup) int fd = FD_NONE;
	const char *line;
	uint64_t parent = 0;
	ssize_t length;

	(void)snprintf(path, sizeof(path), "/proc/%u/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);
	status[length > 0 ? length : 0] = '\0';
	line = strstr(status, "\nPPid:\t");
	for (const char *digit = line ? line + 7 : ""; *digit >= '0' && *digit <= '9'; digit++)
		parent = parent * 10 + (uint64_t)(*digit - '0');
	return (uint32_t)parent;
}

static struct process *process_known(struct processes *processes, uint32_t pid)
{
	for (size_t i = 0; i < processes->count; i++)
		if (processes->items[i].pid == pid)
			return &processes->items[i];
	return NULL;
}

struct process *processes_find(struct processes *processes, uint32_t pid)
{
	struct process *process = process_known(processes, pid);
	const struct process *parent;

	if (process || processes->count == PROCESSES_MAX)
		return process;
	parent = process_known(processes, parent_of(pid));
	process = &processes->items[processes->count++];
	*process = (struct process){ .pid = pid, .foreign = parent && parent->foreign };
	process->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return process;
}

void processes_kill(const struct processes *processes, size_t index)
{
	struct pollfd ended = { .fd = index < processes->count ? processes->items[index].pidfd : FD_NONE,
				.events = POLLIN };

	if (ended.fd < 0 || syscall(SYS_pidfd_send_signal, ended.fd, SIGKILL, NULL, 0) < 0)
		return;
	/* Answered before it is dead, the call that it stopped at would still be made. */
	(void)poll(&ended, 1, DEATH_TIMEOUT_MS);
}

static bool is_alive(const struct process *process)
{
	struct pollfd ended = { .fd = process->pidfd, .events = POLLIN };

	return process->pidfd >= 0 && poll(&ended, 1, 0) == 0;
}

void processes_end(const struct processes *processes)
{
	for (size_t i = 0; i < processes->count; i++)
		if (is_alive(&processes->items[i])) {
			fprintf(stderr, "stepper: process %zu (%u) is left\n", i, processes->items[i].pid);
			processes_kill(processes, i);
		}
}

void processes_alive(const struct processes *processes, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < processes->count && length < size; i++)
		if (!processes->items[i].foreign && is_alive(&processes->items[i]))
			length += (size_t)snprintf(text + length, size - length, "%s%zu", length > 0 ? "," : "", i);
}
