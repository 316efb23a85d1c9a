/* SPDX-License-Identifier: Apache-2.0 */
/* Bools, sizes and durations as callers write them. */
#include "runtime/cli_value.h"

#include <errno.h>

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"

#define UNTOUCHED INT64_C(-77)

struct expectation {
	const char *text;
	int r;
	int64_t value;
};

typedef int parse_i64(const char *text, int64_t *ret);

static void check_values(parse_i64 *parse, const struct expectation *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t value = UNTOUCHED;

		check_equal_int(__FILE__, __LINE__, rows[i].text, parse(rows[i].text, &value), rows[i].r);
		check_equal_int(__FILE__, __LINE__, rows[i].text, value, rows[i].r < 0 ? UNTOUCHED : rows[i].value);
	}
}

TEST(bools_are_go_s_set)
{
	static const char *const yes[] = { "1", "t", "T", "TRUE", "true", "True" };
	static const char *const no[] = { "0", "f", "F", "FALSE", "false", "False" };
	static const char *const neither[] = { "", "tRUE", "yes", "on", "2", "01", " true", "true ", "y" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		bool value = false;

		CHECK_INT(cli_bool_parse(yes[i], &value), 0);
		CHECK(value);
		CHECK_INT(cli_bool_parse(no[i], &value), 0);
		CHECK(!value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(neither); i++) {
		bool value = true;

		CHECK_INT(cli_bool_parse(neither[i], &value), -EINVAL);
		CHECK(value);
	}
}

TEST(sizes)
{
	static const struct expectation rows[] = {
		{ "0", 0, 0 },
		{ "-1", 0, -1 },
		{ "512", 0, 512 },
		{ "512b", 0, 512 },
		{ "1k", 0, 1024 },
		{ "1K", 0, 1024 },
		{ "2kb", 0, 2048 },
		{ "2KiB", 0, 2048 },
		{ "2 KiB", 0, 2048 },
		{ "64m", 0, INT64_C(64) << 20 },
		{ "1.5g", 0, INT64_C(3) << 29 },
		{ "0.25k", 0, 256 },
		{ "3t", 0, INT64_C(3) << 40 },
		{ "1p", 0, INT64_C(1) << 50 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "8191p", 0, INT64_C(8191) << 50 },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "8192p", -ERANGE, 0 },
		{ "99999999999999999999", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-2", -EINVAL, 0 },
		{ "-1k", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "k", -EINVAL, 0 },
		{ ".5k", -EINVAL, 0 },
		{ "1.k", -EINVAL, 0 },
		{ "1.2.3k", -EINVAL, 0 },
		{ "1.23456k", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "1kk", -EINVAL, 0 },
		{ "1kbb", -EINVAL, 0 },
		{ "1  k", -EINVAL, 0 },
		{ "max", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
	};

	check_values(cli_size_parse, rows, ARRAY_SIZE(rows));
}

TEST(durations)
{
	static const struct expectation rows[] = {
		{ "0", 0, 0 },
		{ "5s", 0, INT64_C(5000000000) },
		{ "+5s", 0, INT64_C(5000000000) },
		{ "-2s", 0, INT64_C(-2000000000) },
		{ "250ms", 0, 250000000 },
		{ "10us", 0, 10000 },
		{ "10\u00b5s", 0, 10000 },
		{ "10\u03bcs", 0, 10000 },
		{ "7ns", 0, 7 },
		{ "1m30s", 0, INT64_C(90000000000) },
		{ "1h15m30.5s", 0, INT64_C(4530500000000) },
		{ "1.5h", 0, INT64_C(5400000000000) },
		{ "0s", 0, 0 },
		{ "2562047h", 0, INT64_C(2562047) * 3600 * 1000000000 },
		{ "2562048h", -ERANGE, 0 },
		{ "2562047h2562047h", -ERANGE, 0 },
		{ "99999999999999999999s", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-", -EINVAL, 0 },
		{ "5", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ ".5s", -EINVAL, 0 },
		{ "1.2.3s", -EINVAL, 0 },
		{ "5 s", -EINVAL, 0 },
		{ "5s3", -EINVAL, 0 },
		{ "5d", -EINVAL, 0 },
		{ "--5s", -EINVAL, 0 },
	};

	check_values(cli_duration_parse, rows, ARRAY_SIZE(rows));
}
