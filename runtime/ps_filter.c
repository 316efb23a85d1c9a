/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of ps. Fields are counted, not cut by position: numbers grow out of their columns. */
#include "runtime/ps_filter.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\v\f";

struct field {
	const char *start;
	size_t length;
};

/* Takes the next field off the line; false at its end. */
static bool field_next(const char **at, struct field *ret)
{
	*at += strspn(*at, blanks);
	if (**at == '\n' || **at == '\0')
		return false;
	ret->start = *at;
	while (**at != '\0' && **at != '\n' && !strchr(blanks, **at))
		(*at)++;
	ret->length = (size_t)(*at - ret->start);
	return true;
}

static int column_find(const char *line)
{
	static const char head[] = "PID";
	struct field field;

	for (int column = 0; field_next(&line, &field); column++)
		if (field.length == sizeof(head) - 1 && memcmp(field.start, head, sizeof(head) - 1) == 0)
			return column;
	return -1;
}

/* 0: no number is there. */
static pid_t line_pid(const char *line, int column)
{
	char digits[sizeof("2147483647")];
	struct field field = { 0 };
	uint64_t pid;

	for (int i = 0; i <= column; i++)
		if (!field_next(&line, &field))
			return 0;
	if (field.length >= sizeof(digits))
		return 0;
	memcpy(digits, field.start, field.length);
	digits[field.length] = '\0';
	return number_parse_u64(digits, INT_MAX, &pid) < 0 ? 0 : (pid_t)pid;
}

static int pid_compare(const void *a, const void *b)
{
	const pid_t first = *(const pid_t *)a, second = *(const pid_t *)b;

	return (first > second) - (first < second);
}

int ps_filter(const char *text, const struct ps_pids *pids, struct text_buffer *to, struct error *err)
{
	const int column = column_find(text);
	bool head = true;

	if (column < 0)
		return error_say(err, -EINVAL, "couldn't find PID field in ps output");
	while (*text) {
		size_t length = strcspn(text, "\n");
		pid_t pid = head ? 0 : line_pid(text, column);

		if (head ||
		    (pid > 0 && pids->count > 0 && bsearch(&pid, pids->items, pids->count, sizeof(pid), pid_compare))) {
			text_append_bytes(to, text, length);
			text_append(to, "\n");
		}
		head = false;
		text += length + (text[length] == '\n');
	}
	return 0;
}
