/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading number lists. See ranges.h.
 *
 * Not for: building masks from them, which is the business of who knows the kernel's width.
 */
#include "libspec/ranges.h"

#include <errno.h>
#include <stdbool.h>

static bool ranges_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static int ranges_number(const char **rest, uint32_t *ret)
{
	const char *at = *rest;
	uint32_t number = 0;

	if (*at < '0' || *at > '9')
		return -EINVAL;
	for (; *at >= '0' && *at <= '9'; at++) {
		number = number * 10 + (uint32_t)(*at - '0');
		if (number > RANGES_NUMBER_MAX)
			return -ERANGE;
	}
	*rest = at;
	*ret = number;
	return 0;
}

int ranges_next(const char **rest, uint32_t *first, uint32_t *last)
{
	uint32_t from, to;
	int r;

	while (ranges_is_blank(**rest) || **rest == ',')
		(*rest)++;
	if (!**rest)
		return 0;

	const char *at = *rest;
	r = ranges_number(&at, &from);
	if (r < 0)
		return r;
	to = from;
	if (*at == '-') {
		at++;
		r = ranges_number(&at, &to);
		if (r < 0)
			return r;
	}
	while (ranges_is_blank(*at))
		at++;
	if ((*at && *at != ',') || to < from)
		return -EINVAL;

	*rest = at;
	*first = from;
	*last = to;
	return 1;
}

int ranges_count(const char *text)
{
	uint32_t first, last;
	int count = 0;

	for (;;) {
		int r = ranges_next(&text, &first, &last);
		if (r < 0)
			return r;
		if (r == 0)
			return count;
		count++;
	}
}
