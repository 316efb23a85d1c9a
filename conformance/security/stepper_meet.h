/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets a hostile program in a container meet what stops beside it (spy_meet.c): a stop of a process in another pid namespace than ours is told in
 * DIR/at (its number, the pid in there, the call), and lasts until DIR/done has the number.
 */
#ifndef ORLOP_CONFORMANCE_SECURITY_STEPPER_MEET_H
#define ORLOP_CONFORMANCE_SECURITY_STEPPER_MEET_H

#include <stdint.h>

/* Returns at once where the process is in our pid namespace, and after 20 s where nobody answers. */
void stepper_meet(const char *dir, uint64_t number, uint32_t pid, const char *call);

#endif
