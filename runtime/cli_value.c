/* SPDX-License-Identifier: Apache-2.0 */
/* Bools, sizes and durations of the command line. Not for plain numbers: libbase/text.h has them. */
#include "runtime/cli_value.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "libbase/text.h"

/* As many decimals as the largest unit leaves room for in 64 bits. */
#define SIZE_DECIMALS     4
#define DURATION_DECIMALS 6

struct duration_unit {
	const char *name;
	uint64_t nanoseconds;
};

/* "ms" before "m": the first that fits is taken. */
static const struct duration_unit duration_units[] = {
	{ "ns", 1 },
	{ "us", UINT64_C(1000) },
	{ "\u00b5s", UINT64_C(1000) },
	{ "\u03bcs", UINT64_C(1000) },
	{ "ms", UINT64_C(1000000) },
	{ "s", UINT64_C(1000000000) },
	{ "m", UINT64_C(60000000000) },
	{ "h", UINT64_C(3600000000000) },
};

int cli_bool_parse(const char *text, bool *ret)
{
	static const char *const yes[] = { "1", "t", "T", "TRUE", "true", "True" };
	static const char *const no[] = { "0", "f", "F", "FALSE", "false", "False" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (text_equal(text, yes[i])) {
			*ret = true;
			return 0;
		}
		if (text_equal(text, no[i])) {
			*ret = false;
			return 0;
		}
	}
	return -EINVAL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes the digits at *at; there may be none. */
static int take_digits(const char **at, uint64_t *ret)
{
	uint64_t value = 0;

	for (; is_digit(**at); (*at)++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(**at - '0'), &value))
			return -ERANGE;
	*ret = value;
	return 0;
}

/* `whole` and the decimals at *at (if a '.' is there) in parts of `unit`. unit * 10^places fits 64 bits. */
static int take_decimals(const char **at, uint64_t whole, uint64_t unit, unsigned int places, uint64_t *ret)
{
	uint64_t value, decimals = 0, scale = 1;

	if (__builtin_mul_overflow(whole, unit, &value))
		return -ERANGE;
	if (**at == '.') {
		if (!is_digit((*at)[1]))
			return -EINVAL;
		for ((*at)++; is_digit(**at); (*at)++) {
			if (places-- == 0)
				return -EINVAL;
			decimals = decimals * 10 + (uint64_t)(**at - '0');
			scale *= 10;
		}
	}
	if (__builtin_add_overflow(value, unit * decimals / scale, &value))
		return -ERANGE;
	*ret = value;
	return 0;
}

/* Takes "k", "MiB", "b", ... at *at: how many bytes one of them is. */
static uint64_t take_size_unit(const char **at)
{
	static const char letters[] = "kmgtp";
	uint64_t unit = 1;
	const char *letter;

	if (**at == ' ')
		(*at)++;
	letter = **at ? strchr(letters, **at | 0x20) : NULL;
	if (letter) {
		unit = UINT64_C(1) << (10 * (letter - letters + 1));
		(*at)++;
	}
	if (**at == 'i' || **at == 'I')
		(*at)++;
	if (**at == 'b' || **at == 'B')
		(*at)++;
	return unit;
}

int cli_size_parse(const char *text, int64_t *ret)
{
	const char *at = text, *decimals;
	uint64_t whole, value, unit;
	int r;

	if (text_equal(text, "-1")) {
		*ret = -1;
		return 0;
	}
	if (!is_digit(*at))
		return -EINVAL;
	r = take_digits(&at, &whole);
	if (r < 0)
		return r;
	/* The unit stands behind the decimals but is needed for them. */
	decimals = at;
	at += strspn(at, ".0123456789");
	unit = take_size_unit(&at);
	if (*at)
		return -EINVAL;
	r = take_decimals(&decimals, whole, unit, SIZE_DECIMALS, &value);
	if (r < 0)
		return r;
	if (*decimals == '.') /* "1.2.3" */
		return -EINVAL;
	if (value > INT64_MAX)
		return -ERANGE;
	*ret = (int64_t)value;
	return 0;
}

static const struct duration_unit *find_duration_unit(const char *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(duration_units); i++)
		if (text_starts(at, duration_units[i].name))
			return &duration_units[i];
	return NULL;
}

int cli_duration_parse(const char *text, int64_t *ret)
{
	bool negative = *text == '-';
	const char *at = text + (negative || *text == '+');
	uint64_t total = 0;

	if (text_equal(at, "0")) {
		*ret = 0;
		return 0;
	}
	do {
		const struct duration_unit *unit;
		const char *decimals;
		uint64_t whole, part;
		int r;

		if (!is_digit(*at))
			return -EINVAL;
		r = take_digits(&at, &whole);
		if (r < 0)
			return r;
		decimals = at;
		at += strspn(at, ".0123456789");
		unit = find_duration_unit(at);
		if (!unit)
			return -EINVAL;
		r = take_decimals(&decimals, whole, unit->nanoseconds, DURATION_DECIMALS, &part);
		if (r < 0)
			return r;
		if (*decimals == '.')
			return -EINVAL;
		if (__builtin_add_overflow(total, part, &total) || total > INT64_MAX)
			return -ERANGE;
		at += strlen(unit->name);
	} while (*at);
	*ret = negative ? -(int64_t)total : (int64_t)total;
	return 0;
}
