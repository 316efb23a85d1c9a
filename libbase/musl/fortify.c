/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checked functions that fortify.h and the archives of libseccomp and yajl, built against glibc, call. Each ends the process in place of
 * writing past `room`.
 */
#include "libbase/musl/fortify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef memcpy
#undef memmove
#undef memset
#undef strcpy
#undef strcat
#undef snprintf
#undef vsnprintf
#undef explicit_bzero
#undef poll

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room);
void *__memmove_chk(void *to, const void *from, size_t length, size_t room);
void *__memset_chk(void *to, int byte, size_t length, size_t room);
char *__strcpy_chk(char *to, const char *from, size_t room);
char *__strcat_chk(char *to, const char *from, size_t room);
int __vsnprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, va_list args)
	__attribute__((format(printf, 5, 0)));
int __snprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...) __attribute__((format(printf, 4, 5)));
int __fprintf_chk(FILE *to, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void room_check(size_t length, size_t room)
{
	if (length > room)
		__builtin_trap(); /* not abort(3), which thinks of thread numbers that a child of clone3(2) has no more */
}

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room)
{
	room_check(length, room);
	return memcpy(to, from, length);
}

void *__memmove_chk(void *to, const void *from, size_t length, size_t room)
{
	room_check(length, room);
	return memmove(to, from, length);
}

void *__memset_chk(void *to, int byte, size_t length, size_t room)
{
	room_check(length, room);
	return memset(to, byte, length);
}

void __explicit_bzero_chk(void *to, size_t length, size_t room)
{
	room_check(length, room);
	explicit_bzero(to, length);
}

int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room)
{
	room_check(count, room / sizeof(*fds));
	return poll(fds, count, timeout_ms);
}

char *__strcpy_chk(char *to, const char *from, size_t room)
{
	size_t length = strlen(from) + 1;

	room_check(length, room);
	return memcpy(to, from, length);
}

char *__strcat_chk(char *to, const char *from, size_t room)
{
	size_t before = strlen(to), length = strlen(from) + 1;

	room_check(before + length, room);
	memcpy(to + before, from, length);
	return to;
}

int __vsnprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, va_list args)
{
	(void)flag;
	room_check(size, room);
	return vsnprintf(to, size, format, args);
}

int __snprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = __vsnprintf_chk(to, size, flag, room, format, args);
	va_end(args);
	return length;
}

int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...)
{
	va_list args;
	int length;

	(void)flag;
	va_start(args, format);
	length = vsnprintf(to, room, format, args);
	va_end(args);
	room_check((size_t)length + 1, room);
	return length;
}

int __fprintf_chk(FILE *to, int flag, const char *format, ...)
{
	va_list args;
	int length;

	(void)flag;
	va_start(args, format);
	length = vfprintf(to, format, args);
	va_end(args);
	return length;
}
