/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schemata: lines "L3:0=fffff;1=ff" of a resource and what each of its domains may use. See rdt.h.
 *
 * The kernel takes several lines in one write and refuses all when one is bad; a resource may stand there once. So what older fields say goes
 * in one write, and `schemata`, which may speak of the same again, in another.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/rdt.h"
#include "libsandbox/rdt/file.h"

int rdt_file_write(int group_fd, const char *file, const char *text, size_t length)
{
	_cleanup_(fd_cleanup) int fd = path_open_beneath(group_fd, file, O_WRONLY | O_TRUNC, 0);

	return fd < 0 ? fd : fd_write_all(fd, text, length);
}

/* Takes the next line off `*rest`, without blanks before it; false at the end. */
static bool line_next(const char **rest, const char **ret, size_t *ret_length)
{
	const char *at = *rest + strspn(*rest, " \t\n");

	*ret = at;
	*ret_length = strcspn(at, "\n");
	*rest = at + *ret_length;
	return *ret_length > 0;
}

static void lines_append(struct text_buffer *to, const char *text, bool without_bandwidth)
{
	const char *line;
	size_t length;

	while (text && line_next(&text, &line, &length)) {
		if (without_bandwidth && text_starts(line, "MB:"))
			continue;
		text_append_bytes(to, line, length);
		text_append(to, "\n");
	}
}

/* What l3CacheSchema and memBwSchema come to (runtime-spec: the latter wins). */
static void older_append(struct text_buffer *to, const struct spec_intel_rdt *rdt)
{
	lines_append(to, rdt->l3_cache_schema, !text_is_empty(rdt->mem_bw_schema));
	lines_append(to, rdt->mem_bw_schema, false);
}

static void newer_append(struct text_buffer *to, const struct spec_intel_rdt *rdt)
{
	for (size_t i = 0; i < rdt->schemata.count; i++)
		lines_append(to, rdt->schemata.items[i], false);
}

static int lines_write(int root_fd, int group_fd, const char *group, const struct text_buffer *lines, struct error *err)
{
	int r = lines->failed ? -ENOMEM : 0;

	if (r == 0 && lines->length > 0)
		r = rdt_file_write(group_fd, "schemata", lines->bytes, lines->length);
	return r < 0 ? rdt_refused(root_fd, r, "write the schemata", group, err) : 0;
}

int rdt_schemata_write(int root_fd, const char *group, const struct spec_intel_rdt *rdt, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer older = TEXT_BUFFER_INIT, newer = TEXT_BUFFER_INIT;
	_cleanup_(fd_cleanup) int fd = path_open_beneath(root_fd, group, O_RDONLY | O_DIRECTORY, 0);
	int r;

	if (fd < 0)
		return error_set(err, fd, "open the resctrl group '%s'", group);
	older_append(&older, rdt);
	newer_append(&newer, rdt);
	r = lines_write(root_fd, fd, group, &older, err);
	return r < 0 ? r : lines_write(root_fd, fd, group, &newer, err);
}

/* -- comparing --------------------------------------------------------------------------------------------------------------- */

/* "0=fffff" or "MB0": up to ';' or the end. */
static size_t part_length(const char *text, const char *end)
{
	const char *semicolon = memchr(text, ';', (size_t)(end - text));

	return (size_t)((semicolon ? semicolon : end) - text);
}

static void blanks_and_zeros_skip(const char **text, size_t *length)
{
	while (*length > 0 && (**text == ' ' || **text == '\t')) {
		(*text)++;
		(*length)--;
	}
	while (*length > 0 && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t'))
		(*length)--;
	while (*length > 1 && **text == '0') {
		(*text)++;
		(*length)--;
	}
}

/* Masks are hexadecimal, with zeros before them or without. */
static bool same_number(const char *a, size_t a_length, const char *b, size_t b_length)
{
	blanks_and_zeros_skip(&a, &a_length);
	blanks_and_zeros_skip(&b, &b_length);
	return a_length == b_length && strncasecmp(a, b, a_length) == 0;
}

/* Whether the domains of a line "0=ff;1=ff" have one that is the same as `wanted`. */
static bool domain_is_among(const char *wanted, size_t wanted_length, const char *domains, const char *end)
{
	const char *equals = memchr(wanted, '=', wanted_length);
	size_t name = equals ? (size_t)(equals - wanted) : wanted_length;

	while (domains < end) {
		size_t length = part_length(domains, end);
		const char *own_equals = memchr(domains, '=', length);
		size_t own_name = own_equals ? (size_t)(own_equals - domains) : length;

		if (equals && own_equals && same_number(wanted, name, domains, own_name))
			return same_number(equals + 1, wanted_length - name - 1, own_equals + 1, length - own_name - 1);
		domains += length + (domains + length < end);
	}
	return false;
}

static bool line_is_among(const char *wanted, size_t wanted_length, const char *schemata)
{
	const char *colon = memchr(wanted, ':', wanted_length), *end = wanted + wanted_length, *line;
	size_t name = colon ? (size_t)(colon - wanted) + 1 : wanted_length, length;

	while (line_next(&schemata, &line, &length)) {
		if (!colon || length < name || strncmp(line, wanted, name) != 0)
			continue;
		for (const char *part = colon + 1; part < end;) {
			size_t part_size = part_length(part, end);

			if (!domain_is_among(part, part_size, line + name, line + length))
				return false;
			part += part_size + (part + part_size < end);
		}
		return true;
	}
	return false;
}

int rdt_schemata_check(int root_fd, const char *group, const struct spec_intel_rdt *rdt, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer wanted = TEXT_BUFFER_INIT;
	_cleanup_(fd_cleanup) int fd = path_open_beneath(root_fd, group, O_RDONLY | O_DIRECTORY, 0);
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const char *rest, *line;
	size_t length;
	char *have;
	int r;

	older_append(&wanted, rdt);
	newer_append(&wanted, rdt);
	if (wanted.failed)
		return error_set(err, -ENOMEM, "read the schemata");
	if (wanted.length == 0)
		return 0;
	r = fd < 0 ? fd : path_read_file(fd, "schemata", RDT_FILE_MAX, &arena, &have, &length);
	if (r < 0)
		return error_set(err, r, "read the schemata of the resctrl group '%s'", group);
	rest = wanted.bytes;
	while (line_next(&rest, &line, &length)) {
		if (!line_is_among(line, length, have))
			return error_say(err, -EINVAL, "the resctrl group '%s' exists with other schemata than '%.*s'",
					 group, (int)length, line);
	}
	return 0;
}
