/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `orlop update` makes of a change to resources: pure, from what is recorded and what is asked for.
 *
 * The rules are runc's. What the change does not say stays, and so does what it says with 0 or "" (engines write that for "as it is"). A
 * half of a pair brings the recorded other half along. Lists by device or page size change item by item. Device rules never change.
 */
#ifndef ORLOP_RUNTIME_RESOURCES_MERGE_H
#define ORLOP_RUNTIME_RESOURCES_MERGE_H

#include "libbase/arena.h"
#include "libspec/spec.h"

struct resources_merge {
	struct spec_resources
		written; /* the change with what belongs to it: quota and period, memory and swap, idle and shares */
	struct spec_resources whole; /* what holds afterwards, to be checked and recorded */
};

/* Points into both documents and the arena. Returns 0 or -ENOMEM. */
int resources_merge(const struct spec_resources *recorded, const struct spec_resources *change, struct arena *arena,
		    struct resources_merge *ret) _warn_unused_;

/* Takes the `unified` keys out of `whole` that would hide what the change wrote to these files; keys of the change itself stay. */
int resources_merge_reveal(struct resources_merge *merge, const char *const *files, size_t count, struct arena *arena)
	_warn_unused_;

#endif
