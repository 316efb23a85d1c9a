/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared page on which two processes stamp when each of their numbered steps began and ended: it tells how long steps took, and in
 * which one a process died.
 *
 * Made before the fork; both sides then write their own half, without system calls (a seccomp filter or a strange root does not matter)
 * and without locks. The reader trusts nothing on the page: each number is read once and checked; what makes no sense is -EBADMSG.
 * Not for: what a step is called, or what it does.
 */
#ifndef ORLOP_LIBBASE_TRACE_H
#define ORLOP_LIBBASE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/cleanup.h"

#define TRACE_STEPS_MAX 96

enum trace_side { TRACE_HOST, TRACE_INIT };
#define TRACE_SIDES 2

struct trace_page;

struct trace {
	struct trace_page *page; /* NULL: stamps go nowhere, reads find nothing */
	size_t length;           /* of the mapping */
	int64_t created_ns;
	int64_t created_realtime_ns;
	int64_t shift_ns; /* taken off this process' clock; see trace_rebase */
};

#define TRACE_NONE ((struct trace){ .page = NULL })

struct trace_stamp {
	int64_t begin_ns; /* CLOCK_MONOTONIC of the process that called trace_create */
	int64_t end_ns;   /* 0: did not end */
	bool ended;
};

int trace_create(struct trace *ret) _warn_unused_;
/* With `more` zeroed bytes that are shared, withheld and given back together with the page: trace_beside. */
int trace_create_with(struct trace *ret, size_t more) _warn_unused_;
void *trace_beside(const struct trace *trace);
/* What this process forks from here on has no page: its copy of the struct must become TRACE_NONE before it is used. */
int trace_withhold(const struct trace *trace) _warn_unused_;
void trace_cleanup(struct trace *trace);

/* Out-of-range sides and steps are ignored. A step that begins again starts over. */
void trace_begin(struct trace *trace, enum trace_side side, int step);
/* At the time when `ended` did, which is one reading of the clock for both. Out of range, or never ended: now. */
void trace_begin_behind(struct trace *trace, enum trace_side side, int step, int ended);
void trace_end(struct trace *trace, enum trace_side side, int step);

/* In a process that has entered a time namespace, where CLOCK_MONOTONIC jumped: from here on its stamps fit the others again. */
void trace_rebase(struct trace *trace);

/* 0; -ENODATA: the step did not begin; -EINVAL: no such side or step; -EBADMSG: the stamps make no sense. */
int trace_read(const struct trace *trace, enum trace_side side, int step, struct trace_stamp *ret) _warn_unused_;
/* The step of that side that began last, when it did not end; else -1. */
int trace_last(const struct trace *trace, enum trace_side side);
/* The same, whether it ended or not; -1: none began. */
int trace_began(const struct trace *trace, enum trace_side side);
/* Whether that step has ended since it began last; times do not matter. */
bool trace_ended(const struct trace *trace, enum trace_side side, int step);

#endif
