/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of plan_print, and how they turn masks into the words of the name tables. */
#ifndef ORLOP_LIBSANDBOX_PLAN_PRINT_H
#define ORLOP_LIBSANDBOX_PLAN_PRINT_H

#include "libsandbox/plan/report.h"
#include "libspec/names.h"

void plan_print_process(struct report *report, const struct plan *plan); /* print_process.c */
void plan_print_seccomp(struct report *report, const struct plan *plan); /* print_seccomp.c */
void plan_print_root(struct report *report, const struct plan *plan); /* print_root.c: root, mounts, devices, paths */
void plan_print_limits(struct report *report,
		       const struct plan *plan); /* print_limits.c: cgroup, limits, device rules, intelRdt */

#define PRINT_WORDS_MAX 64
struct print_words {
	const char *items[PRINT_WORDS_MAX];
	size_t count;
};

/* The rows whose bit (value - 1) is set, in the order of the table. */
struct print_words print_mask_words(const struct name_table *table, uint64_t bits);
/* The rows whose kernel bits are all set. */
struct print_words print_kernel_words(const struct name_table *table, uint64_t flags);
/* Borrows: valid as long as `words`. */
struct spec_strings print_strings(const struct print_words *words);
void print_mask(struct report *report, const char *key, const struct name_table *table, uint64_t bits);
void print_id_maps(struct report *report, const char *key, const struct spec_id_maps *maps);

#endif
