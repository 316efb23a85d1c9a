/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared parts of the rules. See rule.h.
 *
 * Not for: a rule that stands in one place only.
 */
#include "libspec/check/rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libbase/path.h"
#include "libbase/text.h"
#include "libspec/ranges.h"

#define QUOTE_MAX   64
#define ID_MAPS_MAX 340 /* UID_GID_MAP_MAX_EXTENTS of the kernel */

struct rule_path rule_path(const char *format, ...)
{
	struct rule_path path;
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(path.text, sizeof(path.text), format, arguments) < 0)
		path.text[0] = '\0';
	va_end(arguments);
	return path;
}

struct rule_path rule_key_path(const char *object, const char *key)
{
	struct rule_path path = rule_path("%s/", object);
	size_t at = strlen(path.text);

	for (; *key && at + 3 <= sizeof(path.text); key++) {
		if (*key == '~' || *key == '/') {
			path.text[at++] = '~';
			path.text[at++] = *key == '~' ? '0' : '1';
		} else {
			path.text[at++] = *key;
		}
	}
	path.text[at] = '\0';
	return path;
}

struct rule_quote rule_quote(const char *text)
{
	struct rule_quote quote = { 0 };
	char whole[4 * QUOTE_MAX + 1];

	if (!text)
		return quote;
	size_t length = strlen(text);
	size_t looked_at = length > QUOTE_MAX ? QUOTE_MAX : length;
	size_t wanted = text_printable(whole, sizeof(whole), text, looked_at);
	size_t shown = text_printable(quote.text, QUOTE_MAX + 1, text, looked_at);
	if (length > looked_at || shown < wanted)
		memcpy(quote.text + shown, "...", 4);
	return quote;
}

bool rule_has_newline(const char *text)
{
	return text && strchr(text, '\n');
}

bool rule_climbs(const char *path)
{
	while (*path) {
		size_t length = strcspn(path, "/");
		if (length == 2 && path[0] == '.' && path[1] == '.')
			return true;
		path += length;
		path += strspn(path, "/");
	}
	return false;
}

void rule_environment(struct problems *problems, enum problem_severity severity, const char *path,
		      const struct spec_strings *env)
{
	for (size_t i = 0; i < env->count; i++) {
		const char *entry = env->items[i];
		const char *what = NULL;

		if (!strchr(entry, '='))
			what = "missing '='";
		else if (entry[0] == '=')
			what = "name cannot be empty";
		if (!what)
			continue;

		struct rule_path place = rule_path("%s/%zu", path, i);
		if (severity == PROBLEM_ERROR)
			problem_error(problems, 0, place.text, "invalid environment variable: %s, got '%s'", what,
				      rule_quote(entry).text);
		else
			problem_warning(problems, 0, place.text, "invalid environment variable: %s, got '%s'", what,
					rule_quote(entry).text);
	}
}

static bool id_ranges_overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < (uint64_t)b + b_size && b < (uint64_t)a + a_size;
}

static void rule_id_map_one(struct problems *problems, const char *path, const struct spec_id_maps *maps, size_t at)
{
	const struct spec_id_map *map = &maps->items[at];

	if (map->size == 0) {
		problem_error(problems, 0, rule_path("%s/%zu/size", path, at).text, "want at least 1, got 0");
		return;
	}
	/* The kernel keeps the last id, 2^32 - 1, for "no id": no range may reach it. */
	if ((uint64_t)map->container_id + map->size > UINT32_MAX)
		problem_error(problems, 0, rule_path("%s/%zu/size", path, at).text,
			      "want containerID + size of at most %u, got %u + %u", UINT32_MAX, map->container_id,
			      map->size);
	if ((uint64_t)map->host_id + map->size > UINT32_MAX)
		problem_error(problems, 0, rule_path("%s/%zu/size", path, at).text,
			      "want hostID + size of at most %u, got %u + %u", UINT32_MAX, map->host_id, map->size);
	for (size_t i = 0; i < at; i++) {
		const struct spec_id_map *other = &maps->items[i];

		if (id_ranges_overlap(map->container_id, map->size, other->container_id, other->size))
			problem_error(problems, 0, rule_path("%s/%zu/containerID", path, at).text,
				      "want ids that no other entry has, got an overlap with entry %zu", i);
		if (id_ranges_overlap(map->host_id, map->size, other->host_id, other->size))
			problem_error(problems, 0, rule_path("%s/%zu/hostID", path, at).text,
				      "want ids that no other entry has, got an overlap with entry %zu", i);
	}
}

void rule_id_maps(struct problems *problems, const char *path, const struct spec_id_maps *maps)
{
	if (maps->count > ID_MAPS_MAX) {
		problem_error(problems, 0, path, "want at most %d entries, which is the kernel's limit, got %zu",
			      ID_MAPS_MAX, maps->count);
		return;
	}
	for (size_t i = 0; i < maps->count; i++)
		rule_id_map_one(problems, path, maps, i);
}

void rule_ranges(struct problems *problems, const char *path, const char *text)
{
	if (text_is_empty(text))
		return;
	if (ranges_count(text) <= 0)
		problem_error(problems, 0, path, "want a list of numbers up to %d like '0-3,7', got '%s'",
			      RANGES_NUMBER_MAX, rule_quote(text).text);
}

void rule_absolute_paths(struct problems *problems, const char *path, const struct spec_strings *paths)
{
	for (size_t i = 0; i < paths->count; i++) {
		if (!path_is_absolute(paths->items[i]))
			problem_error(problems, 0, rule_path("%s/%zu", path, i).text, "want an absolute path, got '%s'",
				      rule_quote(paths->items[i]).text);
	}
}
