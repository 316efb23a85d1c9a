/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CLOCK_MONOTONIC in nanoseconds, and deadlines on it; CLOCK_BOOTTIME, by which the kernel stamps processes.
 *
 * Not for: the time of day (libbase/log.h formats that).
 */
#ifndef ORLOP_LIBBASE_CLOCK_H
#define ORLOP_LIBBASE_CLOCK_H

#include <stdint.h>

#define CLOCK_NEVER INT64_MAX

int64_t clock_now_ns(void);
int64_t clock_boot_ns(void);
/* `timeout_ms` from now; CLOCK_NEVER when it is negative. */
int64_t clock_deadline_ns(int timeout_ms);
/* For poll(2): milliseconds left, rounded up; 0 when it is past, -1 for CLOCK_NEVER. */
int clock_left_ms(int64_t deadline_ns);

#endif
