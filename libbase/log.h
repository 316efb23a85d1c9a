/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log sink: the one file-level variable of the project. Only runtime/ calls it; libraries return errors.
 *
 * A record is one line in runc's shape (peers' consumers parse it):
 *     text  time="2026-01-02T03:04:05Z" level=error msg="..."         keys and quoting as logrus' TextFormatter
 *     json  {"level":"error","msg":"...","time":"2026-01-02T03:04:05Z"}
 * Each record goes out with one write(2), whole or not at all, so that writers on one file do not mix. With `--debug`
 * debug records are written too. A message of any length and any bytes stays one line.
 */
#ifndef ORLOP_LIBBASE_LOG_H
#define ORLOP_LIBBASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "libbase/cleanup.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* `fd` is borrowed and must outlive the use of the log. Default before any call: stderr, text, up to LOG_LEVEL_INFO. */
void log_open(int fd, enum log_format format, enum log_level most);
int log_fd(void);
bool log_is_json(void);

void log_error(const char *format, ...) _printf_(1, 2);
void log_warning(const char *format, ...) _printf_(1, 2);
void log_info(const char *format, ...) _printf_(1, 2);
void log_debug(const char *format, ...) _printf_(1, 2);

/* "error", "warning", "info", "debug". */
const char *log_level_name(enum log_level level);

/* Formats one record (with its final newline) without writing it: for tests and for relays. `seconds` since the epoch. Returns the
 * length written into `to`, cut to fit but always closed properly. */
size_t log_format_record(char *to, size_t size, enum log_format format, enum log_level level, int64_t seconds,
			 const char *message);

/* RFC 3339 in UTC, "2026-01-02T03:04:05Z" or with nine digits of fraction trimmed of trailing zeros (Go's RFC3339Nano).
 * `to` has at least TIME_TEXT_SIZE bytes. */
#define TIME_TEXT_SIZE 40
void time_format_rfc3339(char *to, int64_t seconds);
void time_format_rfc3339_nano(char *to, int64_t seconds, long nanoseconds);

#endif
