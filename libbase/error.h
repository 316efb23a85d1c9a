/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One error: a negative errno plus one line of text that grows from the inside out.
 *
 * The caller owns the struct (usually on its stack); it holds a fixed buffer and never allocates, so an error can be
 * told when memory is gone. Every fallible function above libbase returns >= 0 or -errno and fills `err`, its last
 * argument, with what was attempted on what. Whoever passes it up adds a phrase only if it adds a fact:
 *
 *     error_set(err, -ENOENT, "open_tree '%s'", source)     "open_tree 'src': No such file or directory"
 *     error_wrap(err, "mount '%s'", destination)            "mount '/data': open_tree 'src': No such ..."
 *
 * `err` may be NULL everywhere: then only the code is passed on.
 * Text that comes from a config, a file name or a peer is made printable (control bytes become \xNN) so that an error
 * stays one line and cannot drive a terminal.
 */
#ifndef ORLOP_LIBBASE_ERROR_H
#define ORLOP_LIBBASE_ERROR_H

#include <stddef.h>

#include "libbase/cleanup.h"

#define ERROR_TEXT_MAX 4096

struct error {
	int code;                  /* negative errno; 0: no error was set */
	size_t length;             /* of text, without the NUL */
	char text[ERROR_TEXT_MAX]; /* cut with "..." when it does not fit */
};

/* The two initial members only: the buffer need not be cleared on every call. */
#define ERROR_INIT(err)                \
	do {                           \
		(err)->code = 0;       \
		(err)->length = 0;     \
		(err)->text[0] = '\0'; \
	} while (0)

/* Sets text to "<phrase>: <strerror(-code)>". `code` is a negative errno. Returns `code`. */
int error_set(struct error *err, int code, const char *format, ...) _printf_(3, 4);

/* The same without the strerror part: for rules ("want an absolute path"), where errno's words would mislead. */
int error_say(struct error *err, int code, const char *format, ...) _printf_(3, 4);

/* Puts "<phrase>: " before the text. Returns err->code (or -EINVAL when err is NULL or empty). */
int error_wrap(struct error *err, const char *format, ...) _printf_(2, 3);

/* The text, or strerror of the code when there is no text. Never NULL; owned by err. */
const char *error_text(const struct error *err);

/* strerror without locale: "No such file or directory" for 2 or -2. Never NULL, static. */
const char *error_name(int code);

#endif
