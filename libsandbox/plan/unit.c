/* SPDX-License-Identifier: Apache-2.0 */
/* Names and properties of systemd units, as text. See unit.h. */
#include "libsandbox/plan/unit.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int unit_parts_read(const char *text, struct arena *arena, struct unit_parts *ret)
{
	char *parts = arena_string(arena, text);

	if (!parts)
		return -ENOMEM;
	char *first = strchr(parts, ':');
	char *second = first ? strchr(first + 1, ':') : NULL;

	if (!second || strchr(second + 1, ':') || second[1] == '\0')
		return -EINVAL;
	*first = '\0';
	*second = '\0';
	*ret = (struct unit_parts){ .slice = parts, .prefix = first + 1, .name = second + 1 };
	return 0;
}

char *unit_name(const struct unit_parts *parts, struct arena *arena)
{
	if (text_ends(parts->name, UNIT_SLICE_SUFFIX))
		return arena_string(arena, parts->name);
	if (text_is_empty(parts->prefix))
		return arena_printf(arena, "%s.scope", parts->name);
	return arena_printf(arena, "%s-%s.scope", parts->prefix, parts->name);
}

bool unit_name_is_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
	size_t length = strlen(name);

	return length > 0 && length <= UNIT_NAME_MAX && strspn(name, allowed) == length && name[0] != '.' &&
	       name[0] != '@';
}

int unit_slice_path(const char *slice, struct arena *arena, char **ret)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer path = TEXT_BUFFER_INIT;

	if (text_equal(slice, "-" UNIT_SLICE_SUFFIX)) {
		*ret = arena_string(arena, "/");
		return *ret ? 0 : -ENOMEM;
	}
	if (!text_ends(slice, UNIT_SLICE_SUFFIX) || !unit_name_is_valid(slice))
		return -EINVAL;
	size_t length = strlen(slice) - strlen(UNIT_SLICE_SUFFIX);

	/* Each dash ends the name of one more parent: an empty part, at either end or between, names none. */
	for (size_t end = 0, start = 0; end <= length; end++) {
		if (end < length && slice[end] != '-')
			continue;
		if (end == start)
			return -EINVAL;
		start = end + 1;
		text_append(&path, "/");
		text_append_bytes(&path, slice, end);
		text_append(&path, UNIT_SLICE_SUFFIX);
	}
	*ret = path.failed ? NULL : arena_string(arena, path.bytes);
	return *ret ? 0 : -ENOMEM;
}

/* Behind "uint64 ", "@t " and the like; the text itself when there is no such word. */
static const char *number_start(const char *value)
{
	static const char *const types[] = {
		"byte ", "int16 ", "uint16 ", "int32 ", "uint32 ", "int64 ", "uint64 ", "double ",
		"@y ",   "@n ",    "@q ",     "@i ",    "@u ",     "@x ",    "@t ",     "@d ",
	};

	value += strspn(value, " \t");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const char *rest = text_after(value, types[i]);

		if (rest)
			return rest + strspn(rest, " \t");
	}
	return value;
}

#define DIGITS   "0123456789"
#define USEC     UINT64_C(1000000)
#define DECIMALS 6

/* "90", "1.5": exact, down to the microsecond. */
static int seconds_read(const char *text, struct arena *arena, uint64_t *ret_usec)
{
	size_t whole = strspn(text, DIGITS), part = 0;
	const char *decimals = "";
	uint64_t seconds, usec = 0;

	if (text[whole] == '.') {
		decimals = text + whole + 1;
		part = strspn(decimals, DIGITS);
		if (part == 0)
			return -EINVAL;
	}
	const char *end = part ? decimals + part : text + whole;

	if (whole == 0 || end[strspn(end, " \t")] != '\0')
		return -EINVAL;
	char *digits = arena_copy(arena, text, whole);

	if (!digits)
		return -ENOMEM;
	if (number_parse_u64(digits, UINT64_MAX / USEC - 1, &seconds) < 0)
		return -EINVAL;
	for (size_t i = 0; i < DECIMALS; i++)
		usec = usec * 10 + (i < part ? (uint64_t)(decimals[i] - '0') : 0);
	*ret_usec = seconds * USEC + usec;
	return 0;
}

/* "XSec" with a small letter before it; "USec" and "MSec" are other units. */
static bool name_is_seconds(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && text_ends(name, "Sec") && name[length - 4] >= 'a' && name[length - 4] <= 'z';
}

int unit_property_read(const char *name, const char *value, struct arena *arena, struct plan_property *ret)
{
	uint64_t usec = 0;
	int r;

	*ret = (struct plan_property){ .name = name, .value = value };
	if (!name_is_seconds(name))
		return 0;
	r = seconds_read(number_start(value), arena, &usec);
	if (r < 0)
		return r;
	ret->name = arena_printf(arena, "%.*sUSec", (int)(strlen(name) - 3), name);
	ret->value = arena_printf(arena, "uint64 %" PRIu64, usec);
	return ret->name && ret->value ? 0 : -ENOMEM;
}
