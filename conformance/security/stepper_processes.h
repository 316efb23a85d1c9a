/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that the stepper has seen, in the order in which they appeared. */
#ifndef ORLOP_CONFORMANCE_SECURITY_STEPPER_PROCESSES_H
#define ORLOP_CONFORMANCE_SECURITY_STEPPER_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROCESSES_MAX 256

struct process {
	uint32_t pid;
	int pidfd; /* FD_NONE: it was gone already */
	uint64_t calls;
	bool foreign; /* executes another program than the command, or comes from one that does */
};

struct processes {
	struct process items[PROCESSES_MAX];
	size_t count;
};

/* The process of that number, added when it is a new one; NULL: there is no room for it. */
struct process *processes_find(struct processes *processes, uint32_t pid);

/* Kills the process of that place in the list, if it is there, and waits for its death. */
void processes_kill(const struct processes *processes, size_t index);

/* Says which are still there, and ends them. */
void processes_end(const struct processes *processes);

/* The places of those of the command's that run, with commas. */
void processes_alive(const struct processes *processes, char *text, size_t size);

#endif
