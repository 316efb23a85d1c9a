/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks the two record shapes, their quoting and cutting, the sink, and RFC 3339 times.
 */
#include "libbase/log.h"

#include "conformance/unit/check.h"
#include "libbase/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NOW 1767323045 /* 2026-01-02T03:04:05Z */

static void check_record(enum log_format format, enum log_level level, const char *message, const char *want)
{
	char record[512];

	CHECK_INT(log_format_record(record, sizeof(record), format, level, NOW, message), strlen(want));
	CHECK_TEXT(record, want);
}

static void check_text(const char *message, const char *quoted)
{
	char want[512] = "time=\"2026-01-02T03:04:05Z\" level=error msg=";

	strncat(want, quoted, 400);
	strncat(want, "\n", 2);
	check_record(LOG_FORMAT_TEXT, LOG_LEVEL_ERROR, message, want);
}

TEST(text_quotes_as_logrus)
{
	check_text("two words", "\"two words\"");
	check_text("plain-._/@^+Az09", "plain-._/@^+Az09");
	check_text("a=b", "\"a=b\"");
	check_text("", "");
	check_text("a\"b\\", "\"a\\\"b\\\\\"");
	check_text("\a\b\f\n\r\t\v", "\"\\a\\b\\f\\n\\r\\t\\v\"");
	check_text("\x01\x1b\x7f", "\"\\x01\\x1b\\x7f\"");
	check_text("\xff\xc3", "\"\\xff\\xc3\"");
	check_text("\xc3\xa9\xe2\x82\xac", "\"\xc3\xa9\xe2\x82\xac\"");
	check_text("\xc2\x9b\xe2\x80\xae", "\"\\u009b\\u202e\"");
	check_text("\xf3\xa0\x80\x81", "\"\\U000e0001\"");
}

TEST(json_shape)
{
	check_record(LOG_FORMAT_JSON, LOG_LEVEL_WARNING, "a \"b\" <c>\n\xff\x1b",
		     "{\"level\":\"warning\",\"msg\":\"a \\\"b\\\" \\u003cc\\u003e\\n\\ufffd\\u001b\","
		     "\"time\":\"2026-01-02T03:04:05Z\"}\n");
	check_record(LOG_FORMAT_JSON, LOG_LEVEL_DEBUG, "",
		     "{\"level\":\"debug\",\"msg\":\"\",\"time\":\"2026-01-02T03:04:05Z\"}\n");
}

TEST(level_names)
{
	CHECK_TEXT(log_level_name(LOG_LEVEL_ERROR), "error");
	CHECK_TEXT(log_level_name(LOG_LEVEL_WARNING), "warning");
	CHECK_TEXT(log_level_name(LOG_LEVEL_INFO), "info");
	CHECK_TEXT(log_level_name(LOG_LEVEL_DEBUG), "debug");
}

TEST(every_cut_is_closed)
{
	static const char *const messages[] = { "word word word word word", "\x01\x02\x03\x04\x05\x06",
						"\xe2\x82\xac \xe2\x82\xac", "\xff\xff\xff\xff\xff\xff" };
	static const struct {
		enum log_format format;
		const char *end;
	} shapes[] = { { LOG_FORMAT_TEXT, "\"\n" }, { LOG_FORMAT_JSON, "\",\"time\":\"2026-01-02T03:04:05Z\"}\n" } };
	char record[256];

	for (size_t m = 0; m < ARRAY_SIZE(messages); m++) {
		for (size_t s = 0; s < ARRAY_SIZE(shapes); s++) {
			for (size_t size = 0; size <= 200; size++) {
				size_t length, end = strlen(shapes[s].end);

				memset(record, '#', sizeof(record));
				length = log_format_record(record, size, shapes[s].format, LOG_LEVEL_INFO, NOW,
							   messages[m]);
				CHECK_INT(record[size], '#');
				CHECK(length < size || (size == 0 && length == 0));
				if (length == 0)
					continue;
				CHECK_INT(strlen(record), length);
				CHECK_TEXT(record + length - end, shapes[s].end);
				CHECK(memchr(record, '\n', length) == record + length - 1);
			}
		}
	}
}

TEST(cut_is_told_with_dots)
{
	char record[80];

	log_format_record(record, sizeof(record), LOG_FORMAT_TEXT, LOG_LEVEL_INFO, NOW,
			  "a long message that cannot be held by eighty bytes");
	CHECK_INT(strlen(record), sizeof(record) - 1);
	CHECK_TEXT(record + sizeof(record) - 1 - 5, "...\"\n");
}

/* What the sink wrote for one message, read back from a file. */
static void sink_read(enum log_format format, enum log_level most, const char *message, char *to, size_t size)
{
	_cleanup_(fd_cleanup) int fd = memfd_create("log", MFD_CLOEXEC);
	ssize_t n;

	CHECK(fd >= 0);
	log_open(fd, format, most);
	errno = ENOTTY;
	log_error("%s", message);
	CHECK_INT(errno, ENOTTY);
	log_warning("w %d", 2);
	log_info("i");
	log_debug("d");
	CHECK_INT(log_fd(), fd);
	n = pread(fd, to, size - 1, 0);
	log_open(STDERR_FILENO, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	CHECK(n >= 0);
	to[n] = '\0';
}

static int count(const char *text, char c)
{
	int n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

TEST(sink_filters_by_level)
{
	char text[4096];

	sink_read(LOG_FORMAT_TEXT, LOG_LEVEL_INFO, "boom here", text, sizeof(text));
	CHECK(strncmp(text, "time=\"2", 7) == 0);
	CHECK_HAS(text, "Z\" level=error msg=\"boom here\"\n");
	CHECK_HAS(text, "level=warning msg=\"w 2\"\n");
	CHECK_HAS(text, "level=info msg=i\n");
	CHECK_INT(count(text, '\n'), 3);
	sink_read(LOG_FORMAT_JSON, LOG_LEVEL_DEBUG, "x", text, sizeof(text));
	CHECK_INT(count(text, '\n'), 4);
	CHECK_HAS(text, "{\"level\":\"debug\",\"msg\":\"d\",\"time\":\"");
	sink_read(LOG_FORMAT_TEXT, LOG_LEVEL_ERROR, "x", text, sizeof(text));
	CHECK_INT(count(text, '\n'), 1);
	log_open(2, LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	CHECK(log_is_json());
	log_open(2, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	CHECK(!log_is_json());
}

TEST(sink_survives_huge_and_wild_messages)
{
	static const char fills[] = { 'x', '\x01', '\xff', '\n', '"' };
	static char message[1 << 20], text[1 << 20];

	for (size_t i = 0; i < sizeof(fills); i++) {
		memset(message, fills[i], (1 << 20) - 1);
		message[(1 << 20) - 1] = '\0';
		sink_read(LOG_FORMAT_JSON, LOG_LEVEL_ERROR, message, text, 1 << 20);
		CHECK_INT(count(text, '\n'), 1);
		CHECK_HAS(text, "...\",\"time\":\"");
		sink_read(LOG_FORMAT_TEXT, LOG_LEVEL_ERROR, message, text, 1 << 20);
		CHECK_INT(count(text, '\n'), 1);
		CHECK_HAS(text + strlen(text) - 5, "...");
	}
}

TEST(times)
{
	char to[TIME_TEXT_SIZE];

	time_format_rfc3339(to, NOW);
	CHECK_TEXT(to, "2026-01-02T03:04:05Z");
	time_format_rfc3339(to, 0);
	CHECK_TEXT(to, "1970-01-01T00:00:00Z");
	time_format_rfc3339(to, -1);
	CHECK_TEXT(to, "1969-12-31T23:59:59Z");
	time_format_rfc3339_nano(to, NOW, 123000000);
	CHECK_TEXT(to, "2026-01-02T03:04:05.123Z");
	time_format_rfc3339_nano(to, NOW, 7);
	CHECK_TEXT(to, "2026-01-02T03:04:05.000000007Z");
	time_format_rfc3339_nano(to, NOW, 0);
	CHECK_TEXT(to, "2026-01-02T03:04:05Z");
	time_format_rfc3339_nano(to, INT64_MAX, 999999999);
	CHECK(strlen(to) < TIME_TEXT_SIZE);
	time_format_rfc3339_nano(to, INT64_MIN, 999999999);
	CHECK(strlen(to) < TIME_TEXT_SIZE);
}

TEST(times_agree_with_libc)
{
	char got[TIME_TEXT_SIZE], want[TIME_TEXT_SIZE];

	/* An odd step walks through all days of the year and times of the day, from 1653 to 2286. */
	for (int64_t seconds = -10000000000; seconds < 10000000000; seconds += 86399 * 17 + 11) {
		struct tm tm;
		time_t t = (time_t)seconds;

		CHECK(gmtime_r(&t, &tm));
		CHECK(strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
		time_format_rfc3339(got, seconds);
		CHECK_TEXT(got, want);
	}
}
