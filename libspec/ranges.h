/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of CPU or NUMA node numbers as they are written in config.json and in the kernel's files: "0-3,7".
 *
 * As runc reads them: blanks around an item and empty items are allowed. Not for: the kernel's stride form ("0-10:2/4").
 */
#ifndef ORLOP_LIBSPEC_RANGES_H
#define ORLOP_LIBSPEC_RANGES_H

#include <stdint.h>

#define RANGES_NUMBER_MAX 65536 /* runc's bound: keeps a bogus text from asking for a huge mask */

/*
 * Takes the next range off `*rest`, which starts as the text and moves on. Returns 1 with *first <= *last; 0 at the end;
 * -EINVAL for what is not a list (`*rest` stands at the bad item), -ERANGE for a number above RANGES_NUMBER_MAX.
 */
int ranges_next(const char **rest, uint32_t *first, uint32_t *last);

/* How many ranges the text has (0 for "" and ","), or the error of ranges_next. */
int ranges_count(const char *text);

#endif
