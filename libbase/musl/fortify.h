/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What glibc's _FORTIFY_SOURCE does, for a libc whose headers do not: a copy or a print into an object whose size the compiler knows ends the
 * process before it would overflow. Included ahead of every file where orlop is linked with musl; fortify.c has the functions.
 *
 * Not for: including by hand.
 */
#ifndef ORLOP_LIBBASE_MUSL_FORTIFY_H
#define ORLOP_LIBBASE_MUSL_FORTIFY_H

#include <poll.h>
#include <sched.h> /* declares some, too */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room);
void __explicit_bzero_chk(void *to, size_t length, size_t room);

#define ORLOP_ROOM(to)       __builtin_object_size(to, 0)
#define ORLOP_ROOM_INNER(to) __builtin_object_size(to, 1)

#define memcpy(to, from, length)          __builtin___memcpy_chk(to, from, length, ORLOP_ROOM(to))
#define memmove(to, from, length)         __builtin___memmove_chk(to, from, length, ORLOP_ROOM(to))
#define memset(to, byte, length)          __builtin___memset_chk(to, byte, length, ORLOP_ROOM(to))
#define strcpy(to, from)                  __builtin___strcpy_chk(to, from, ORLOP_ROOM_INNER(to))
#define strcat(to, from)                  __builtin___strcat_chk(to, from, ORLOP_ROOM_INNER(to))
#define snprintf(to, size, ...)           __builtin___snprintf_chk(to, size, 1, ORLOP_ROOM_INNER(to), __VA_ARGS__)
#define vsnprintf(to, size, format, args) __builtin___vsnprintf_chk(to, size, 1, ORLOP_ROOM_INNER(to), format, args)
#define explicit_bzero(to, length)        __explicit_bzero_chk(to, length, ORLOP_ROOM(to))
#define poll(fds, count, timeout_ms)      __poll_chk(fds, count, timeout_ms, ORLOP_ROOM(fds))

#endif
