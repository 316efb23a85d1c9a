/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks deadlines on the monotonic clock.
 */
#include "libbase/clock.h"

#include "conformance/unit/check.h"

#include <limits.h>
#include <poll.h>

TEST(now_moves_on)
{
	int64_t before = clock_now_ns();

	poll(NULL, 0, 3);
	CHECK(clock_now_ns() - before >= 3000000);
}

TEST(deadlines)
{
	int64_t deadline_ns;
	int left_ms;

	CHECK(clock_deadline_ns(-1) == CLOCK_NEVER);
	CHECK_INT(clock_left_ms(CLOCK_NEVER), -1);
	CHECK_INT(clock_left_ms(clock_now_ns() - 1), 0);
	CHECK_INT(clock_left_ms(clock_deadline_ns(0)), 0);
	/* Rounded up, so that poll does not spin through the last millisecond. Who was held up beyond it saw nothing. */
	do {
		deadline_ns = clock_now_ns() + 900000;
		left_ms = clock_left_ms(deadline_ns);
	} while (clock_now_ns() >= deadline_ns);
	CHECK_INT(left_ms, 1);
	CHECK(clock_left_ms(clock_deadline_ns(60000)) > 59000);
	CHECK(clock_left_ms(clock_deadline_ns(INT_MAX)) > INT_MAX - 1000);
	CHECK_INT(clock_left_ms(CLOCK_NEVER - 1), INT_MAX);
}
