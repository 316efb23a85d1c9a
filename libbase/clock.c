/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the clocks through the vdso: no system call.
 */
#include "libbase/clock.h"

#include <limits.h>
#include <time.h>

static int64_t clock_read_ns(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_now_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

int64_t clock_boot_ns(void)
{
	return clock_read_ns(CLOCK_BOOTTIME);
}

int64_t clock_deadline_ns(int timeout_ms)
{
	return timeout_ms < 0 ? CLOCK_NEVER : clock_now_ns() + (int64_t)timeout_ms * 1000000;
}

int clock_left_ms(int64_t deadline_ns)
{
	int64_t left;

	if (deadline_ns == CLOCK_NEVER)
		return -1;
	left = deadline_ns - clock_now_ns();
	if (left <= 0)
		return 0;
	left = (left + 999999) / 1000000;
	return left > INT_MAX ? INT_MAX : (int)left;
}
