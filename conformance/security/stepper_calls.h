/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that the stepper stops at, and how each may fail. */
#ifndef ORLOP_CONFORMANCE_SECURITY_STEPPER_CALLS_H
#define ORLOP_CONFORMANCE_SECURITY_STEPPER_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#define STEPPER_CALLS_MAX 128

struct stepper_call {
	int number;
	int path_argument; /* which argument is a path; negative: none */
	bool is_exec;
	const char *name;
	const char *errors; /* names of errors that fit, with commas; NULL: it is not made to fail */
};

extern const struct stepper_call stepper_calls[];
extern const size_t stepper_call_count;

/* NULL: none of the table. */
const struct stepper_call *stepper_call_find(int number);
const struct stepper_call *stepper_call_named(const char *name);

/* The number of an error of the table, or -1. */
int stepper_error_named(const char *name);

#endif
