/* SPDX-License-Identifier: Apache-2.0 */
/* Reads /etc/passwd itself: name services load foreign code. */
#include "runtime/owner.h"

#include <fcntl.h>
#include <string.h>

#include "libbase/path.h"
#include "libbase/text.h"

#define PASSWD_BYTES_MAX ((size_t)4 << 20)

/* "name:password:uid:...": the uid of the line, which has `length` bytes. -1: none. */
static int64_t line_uid(const char *line, size_t length)
{
	char digits[sizeof("4294967295")];
	const char *end = line + length;
	const char *at = line;
	uint64_t uid;
	size_t count;

	for (int field = 0; field < 2; field++) {
		at = memchr(at, ':', (size_t)(end - at));
		if (!at)
			return -1;
		at++;
	}
	for (count = 0; at < end && *at != ':'; count++) {
		if (count == sizeof(digits) - 1)
			return -1;
		digits[count] = *at++;
	}
	digits[count] = '\0';
	return number_parse_u64(digits, UINT32_MAX, &uid) < 0 ? -1 : (int64_t)uid;
}

const char *owner_name_in(const char *passwd, uint32_t uid, struct arena *arena)
{
	const char *line = passwd;

	while (*line) {
		size_t length = strcspn(line, "\n");
		size_t name = strcspn(line, ":\n");

		if (name > 0 && line_uid(line, length) == (int64_t)uid)
			return arena_copy(arena, line, name);
		line += length + (line[length] == '\n');
	}
	return arena_printf(arena, "#%u", uid);
}

const char *owner_name(uint32_t uid, struct arena *arena)
{
	char *passwd;
	size_t length;

	if (path_read_file(AT_FDCWD, "/etc/passwd", PASSWD_BYTES_MAX, arena, &passwd, &length) < 0)
		passwd = NULL;
	return owner_name_in(passwd ? passwd : "", uid, arena);
}
