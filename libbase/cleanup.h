/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope-bound release and explicit hand-over of what a variable owns.
 *
 * Not for: releasing things of a floor above; each type brings its own `x_cleanup` and is used as
 * `_cleanup_(x_cleanup) struct x x = ...`.
 */
#ifndef ORLOP_LIBBASE_CLEANUP_H
#define ORLOP_LIBBASE_CLEANUP_H

#include <stddef.h>

#define _cleanup_(release)  __attribute__((cleanup(release)))
#define _printf_(at, first) __attribute__((format(printf, at, first)))
#define _warn_unused_       __attribute__((warn_unused_result))
/* For what has a large frame and is seldom called: init's stack is the container's memory, and a page of it is touched for each 4 KiB of a frame. */
#define _noinline_ __attribute__((noinline))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Moves the pointer out of `*pointer` and leaves NULL behind. */
#define take_pointer(pointer)                            \
	__extension__({                                  \
		__typeof__(pointer) *_slot = &(pointer); \
		__typeof__(pointer) _taken = *_slot;     \
		*_slot = NULL;                           \
		_taken;                                  \
	})

#endif
