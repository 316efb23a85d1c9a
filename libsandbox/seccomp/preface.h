/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions that go before a filter's own, for what libseccomp cannot say:
 *
 *     ENOSYS  for calls with a higher number than any that the profile names: whoever wrote it did not know them, and a C library that tries
 *             a new call falls back to an old one on ENOSYS only
 *     rules   for calls that are newer than libseccomp: a profile that forbids one must not be read as if it did not
 *
 * All other calls go on to the filter behind. The kernel remembers per call number what is always allowed, so this costs nothing there.
 */
#ifndef ORLOP_LIBSANDBOX_SECCOMP_PREFACE_H
#define ORLOP_LIBSANDBOX_SECCOMP_PREFACE_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libsandbox/seccomp/names.h"

struct preface_rule {
	uint32_t number; /* counts from seccomp_abi.first */
	uint32_t action; /* SECCOMP_RET_* */
};

struct preface_abi {
	struct seccomp_abi abi;
	uint32_t last; /* the highest number that the profile names, as the kernel sees it; 0: it names none */
};

#define PREFACE_ABIS_MAX  32
#define PREFACE_RULES_MAX 40

struct preface {
	struct preface_abi abis[PREFACE_ABIS_MAX];
	size_t abi_count;
	struct preface_rule rules[PREFACE_RULES_MAX]; /* for every abi; one a number */
	size_t rule_count;
	bool enosys;
};

/* At most this many instructions come out. */
#define PREFACE_MAX (PREFACE_ABIS_MAX * (12 + 2 * PREFACE_RULES_MAX))

/* Writes them to `to`, which holds PREFACE_MAX; returns how many, 0 when there is nothing to say. */
size_t preface_write(const struct preface *preface, struct sock_filter *to);

#endif
