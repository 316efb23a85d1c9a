/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stamps with relaxed atomics: each is one aligned word, so a reader sees a whole number or none.
 */
#include "libbase/trace.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "libbase/clock.h"

struct trace_half {
	_Atomic int64_t begin_ns[TRACE_STEPS_MAX];
	_Atomic int64_t end_ns[TRACE_STEPS_MAX];
	_Atomic int32_t last; /* step + 1; 0: none began */
};

struct trace_page {
	struct trace_half halves[TRACE_SIDES];
};

/* The waiting init is charged for it. */
_Static_assert(sizeof(struct trace_page) <= 4096, "one page");

/* What is beside it is on pages of its own where pages are small, and costs nothing till it is used. */
#define BESIDE_AT 4096

/* trace_rebase finds the jump by the wall clock, which is read a little later and may be slewed meanwhile. */
#define SLACK_NS 1000000

static int64_t realtime_now_ns(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int trace_create(struct trace *ret)
{
	return trace_create_with(ret, 0);
}

int trace_create_with(struct trace *ret, size_t more)
{
	const size_t length = BESIDE_AT + more;
	void *page = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return -errno;
	*ret = (struct trace){
		.page = page,
		.length = length,
		.created_ns = clock_now_ns(),
		.created_realtime_ns = realtime_now_ns(),
	};
	return 0;
}

void *trace_beside(const struct trace *trace)
{
	return trace->page && trace->length > BESIDE_AT ? (char *)trace->page + BESIDE_AT : NULL;
}

int trace_withhold(const struct trace *trace)
{
	if (!trace->page)
		return 0;
	return madvise(trace->page, trace->length, MADV_DONTFORK) < 0 ? -errno : 0;
}

void trace_cleanup(struct trace *trace)
{
	if (trace->page)
		munmap(trace->page, trace->length);
	*trace = TRACE_NONE;
}

static struct trace_half *half_find(const struct trace *trace, enum trace_side side, int step)
{
	if (!trace || !trace->page || (unsigned int)side >= TRACE_SIDES || step < 0 || step >= TRACE_STEPS_MAX)
		return NULL;
	return &trace->page->halves[side];
}

static void half_begin(struct trace_half *half, int step, int64_t ns)
{
	atomic_store_explicit(&half->end_ns[step], 0, memory_order_relaxed);
	atomic_store_explicit(&half->begin_ns[step], ns, memory_order_relaxed);
	atomic_store_explicit(&half->last, step + 1, memory_order_release);
}

void trace_begin(struct trace *trace, enum trace_side side, int step)
{
	struct trace_half *half = half_find(trace, side, step);

	if (half)
		half_begin(half, step, clock_now_ns() - trace->shift_ns);
}

void trace_begin_behind(struct trace *trace, enum trace_side side, int step, int ended)
{
	struct trace_half *half = half_find(trace, side, step);
	const struct trace_half *before = half_find(trace, side, ended);
	int64_t ns = before ? atomic_load_explicit(&before->end_ns[ended], memory_order_relaxed) : 0;

	if (half)
		half_begin(half, step, ns != 0 ? ns : clock_now_ns() - trace->shift_ns);
}

void trace_end(struct trace *trace, enum trace_side side, int step)
{
	struct trace_half *half = half_find(trace, side, step);

	if (half)
		atomic_store_explicit(&half->end_ns[step], clock_now_ns() - trace->shift_ns, memory_order_release);
}

void trace_rebase(struct trace *trace)
{
	int64_t jump;

	if (!trace || !trace->page)
		return;
	/* Time namespaces shift the monotonic clock only. */
	jump = clock_now_ns() - trace->created_ns - (realtime_now_ns() - trace->created_realtime_ns);
	trace->shift_ns = jump > SLACK_NS || jump < -SLACK_NS ? jump : 0;
}

int trace_read(const struct trace *trace, enum trace_side side, int step, struct trace_stamp *ret)
{
	const struct trace_half *half;
	int64_t begin, end, now;

	if ((unsigned int)side >= TRACE_SIDES || step < 0 || step >= TRACE_STEPS_MAX)
		return -EINVAL;
	half = half_find(trace, side, step);
	if (!half)
		return -ENODATA;
	end = atomic_load_explicit(&half->end_ns[step], memory_order_acquire);
	begin = atomic_load_explicit(&half->begin_ns[step], memory_order_relaxed);
	now = clock_now_ns() - trace->shift_ns;
	if (begin == 0 && end == 0)
		return -ENODATA;
	if (begin < trace->created_ns - SLACK_NS || begin > now + SLACK_NS)
		return -EBADMSG;
	if (end != 0 && (end < begin || end > now + SLACK_NS))
		return -EBADMSG;
	*ret = (struct trace_stamp){ .begin_ns = begin, .end_ns = end, .ended = end != 0 };
	return 0;
}

int trace_began(const struct trace *trace, enum trace_side side)
{
	const struct trace_half *half = half_find(trace, side, 0);
	int32_t step;

	if (!half)
		return -1;
	step = atomic_load_explicit(&half->last, memory_order_acquire);
	if (step < 1 || step > TRACE_STEPS_MAX)
		return -1;
	/* Not by trace_read: whether the times are sane does not matter for where it stopped. */
	return atomic_load_explicit(&half->begin_ns[step - 1], memory_order_relaxed) == 0 ? -1 : step - 1;
}

bool trace_ended(const struct trace *trace, enum trace_side side, int step)
{
	const struct trace_half *half = half_find(trace, side, step);

	return half && atomic_load_explicit(&half->end_ns[step], memory_order_acquire) != 0;
}

int trace_last(const struct trace *trace, enum trace_side side)
{
	int step = trace_began(trace, side);

	return step >= 0 && !trace_ended(trace, side, step) ? step : -1;
}
