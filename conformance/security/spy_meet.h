/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile program that meets a process at each of its stops: see spy.c. */
#ifndef ORLOP_CONFORMANCE_SPY_MEET_H
#define ORLOP_CONFORMANCE_SPY_MEET_H

int spy_meet(char **words);

#endif
