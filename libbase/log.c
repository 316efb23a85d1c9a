/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records in runc's two shapes, and the sink.
 */
#include "libbase/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libbase/error.h"
#include "libbase/json_writer.h"
#include "libbase/utf8.h"

/* A message holds an error's whole text and some words around it; a record, that with most of its bytes escaped. */
#define MESSAGE_SIZE ((size_t)2 * ERROR_TEXT_MAX)
#define RECORD_SIZE  (3 * MESSAGE_SIZE)

static struct {
	int fd;
	enum log_format format;
	enum log_level most;
} sink = { STDERR_FILENO, LOG_FORMAT_TEXT, LOG_LEVEL_INFO };

void log_open(int fd, enum log_format format, enum log_level most)
{
	sink.fd = fd;
	sink.format = format;
	sink.most = most;
}

int log_fd(void)
{
	return sink.fd;
}

bool log_is_json(void)
{
	return sink.format == LOG_FORMAT_JSON;
}

const char *log_level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARNING:
		return "warning";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "error";
}

/* The escape of `point`, or of the stray byte when `valid` is false; "" when it stands for itself. As Go's strconv.Quote. */
static void text_escape(char to[JSON_ESCAPE_SIZE], uint32_t point, bool valid)
{
	static const char pairs[] = "\"\"\\\\\aa\bb\ff\nn\rr\tt\vv";

	to[0] = '\0';
	for (size_t i = 0; valid && i + 1 < sizeof(pairs); i += 2) {
		if (point == (uint32_t)pairs[i]) {
			snprintf(to, JSON_ESCAPE_SIZE, "\\%c", pairs[i + 1]);
			return;
		}
	}
	if (!valid || point < 0x20 || point == 0x7f)
		snprintf(to, JSON_ESCAPE_SIZE, "\\x%02" PRIx32, point);
	else if (!utf8_is_printable(point))
		snprintf(to, JSON_ESCAPE_SIZE, point < 0x10000 ? "\\u%04" PRIx32 : "\\U%08" PRIx32, point);
}

/* Adds `message` with its escapes; when it does not fit in `size`, ends it with dots. Returns the new length. */
static size_t message_add(char *to, size_t used, size_t size, const char *message, enum log_format format)
{
	size_t length = strlen(message), dots_at = used;

	for (size_t at = 0; at < length;) {
		uint32_t point = 0;
		size_t step = utf8_decode(message + at, length - at, &point);
		bool valid = step > 0;
		char escape[JSON_ESCAPE_SIZE];
		size_t wanted;

		if (!valid) {
			step = 1;
			point = (unsigned char)message[at];
		}
		if (format == LOG_FORMAT_JSON)
			json_escape(escape, point, valid);
		else
			text_escape(escape, point, valid);
		wanted = escape[0] ? strlen(escape) : step;
		if (wanted > size - used) {
			size_t dots = size - dots_at < 3 ? size - dots_at : 3;

			memcpy(to + dots_at, "...", dots);
			return dots_at + dots;
		}
		memcpy(to + used, escape[0] ? escape : message + at, wanted);
		used += wanted;
		at += step;
		if (size - used >= 3)
			dots_at = used;
	}
	return used;
}

/* Whether logrus would put quotes around the text. */
static bool text_is_quoted(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/@^+")] != '\0';
}

size_t log_format_record(char *to, size_t size, enum log_format format, enum log_level level, int64_t seconds,
			 const char *message)
{
	char head[96], tail[96], when[TIME_TEXT_SIZE];
	size_t head_length, tail_length, used;

	time_format_rfc3339(when, seconds);
	if (format == LOG_FORMAT_JSON) {
		snprintf(head, sizeof(head), "{\"level\":\"%s\",\"msg\":\"", log_level_name(level));
		snprintf(tail, sizeof(tail), "\",\"time\":\"%s\"}\n", when);
	} else {
		const char *quote = text_is_quoted(message) ? "\"" : "";

		snprintf(head, sizeof(head), "time=\"%s\" level=%s msg=%s", when, log_level_name(level), quote);
		snprintf(tail, sizeof(tail), "%s\n", quote);
	}
	head_length = strlen(head);
	tail_length = strlen(tail);
	if (size <= head_length + tail_length) {
		if (size > 0)
			to[0] = '\0';
		return 0;
	}
	memcpy(to, head, head_length);
	used = message_add(to, head_length, size - tail_length - 1, message, format);
	memcpy(to + used, tail, tail_length + 1);
	return used + tail_length;
}

static void record_write(enum log_level level, const char *format, va_list args) _printf_(2, 0);
static void record_write(enum log_level level, const char *format, va_list args)
{
	char message[MESSAGE_SIZE], record[RECORD_SIZE];
	struct timespec now = { 0 };
	int saved = errno, wanted;
	size_t length;
	ssize_t n;

	if (level > sink.most)
		return;
	message[0] = '\0';
	wanted = vsnprintf(message, sizeof(message), format, args);
	message[sizeof(message) - 1] = '\0';
	if (wanted < 0 || (size_t)wanted >= sizeof(message)) {
		/* Told as cut even where escapes do not fill the record. */
		length = strlen(message);
		length = utf8_trim_cut(message, length > sizeof(message) - 4 ? sizeof(message) - 4 : length);
		memcpy(message + length, "...", 4);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	length = log_format_record(record, sizeof(record), sink.format, level, now.tv_sec, message);
	do
		n = write(sink.fd, record, length);
	while (n < 0 && errno == EINTR);
	errno = saved;
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record_write(LOG_LEVEL_ERROR, format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record_write(LOG_LEVEL_WARNING, format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record_write(LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record_write(LOG_LEVEL_DEBUG, format, args);
	va_end(args);
}

/* "2026-01-02T03:04:05". gmtime_r(3) would read TZ and /etc/localtime on its first call. Returns the length. */
static size_t time_add(char *to, int64_t seconds)
{
	int64_t days = seconds / 86400, rest = seconds % 86400, era, year;
	unsigned int day_of_era, year_of_era, day_of_year, shifted_month, month, day;
	int length;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	/* Years from 1 March, so that the leap day comes last; eras of 400 years have 146097 days. */
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = (unsigned int)(days - era * 146097);
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	shifted_month = (5 * day_of_year + 2) / 153;
	day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
	month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
	year = (int64_t)year_of_era + era * 400 + (month <= 2);
	length = snprintf(to, TIME_TEXT_SIZE, "%04" PRId64 "-%02u-%02uT%02u:%02u:%02u", year, month, day,
			  (unsigned int)(rest / 3600), (unsigned int)(rest / 60 % 60), (unsigned int)(rest % 60));
	return length > 0 ? (size_t)length : 0;
}

void time_format_rfc3339(char *to, int64_t seconds)
{
	size_t length = time_add(to, seconds);

	memcpy(to + length, "Z", 2);
}

void time_format_rfc3339_nano(char *to, int64_t seconds, long nanoseconds)
{
	size_t length = time_add(to, seconds);

	if (nanoseconds > 0 && nanoseconds < 1000000000L) {
		snprintf(to + length, TIME_TEXT_SIZE - length, ".%09ld", nanoseconds);
		length += 10;
		while (to[length - 1] == '0')
			length--;
	}
	memcpy(to + length, "Z", 2);
}
