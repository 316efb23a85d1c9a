/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where arenas and text buffers have their memory from: malloc, which nobody else calls; and in the program itself, which has one thread and a
 * short life, first a part of its own (ORLOP_RESERVE), for which no system call is made.
 *
 * Not for: objects (libbase/arena.h), growing text (libbase/text.h). Not thread-safe with ORLOP_RESERVE.
 */
#ifndef ORLOP_LIBBASE_RESERVE_H
#define ORLOP_LIBBASE_RESERVE_H

#include <stddef.h>

/* Zeroed, aligned for any type; NULL when there is none. To be given back by reserve_give. */
void *reserve_take(size_t size);
/* As realloc(3): the first `old` bytes are kept, what is behind them may be anything. NULL: it is as it was. */
void *reserve_grow(void *bytes, size_t old, size_t size);
/* NULL is fine. What was given before, or is nobody's, ends the process. */
void reserve_give(void *bytes);

#endif
