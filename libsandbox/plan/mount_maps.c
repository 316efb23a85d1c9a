/* SPDX-License-Identifier: Apache-2.0 */
/* The maps written behind "idmap=". Not for: the maps of user namespaces (ids.c) or whether a mount may have any (mount.c). */
#include <errno.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/plan/mount.h"

/* Digits of a 32-bit number, its NUL, and one more to notice what is too long. */
#define NUMBER_SIZE 12

/* The number at *at up to `end` or the next '-', which is stepped over. */
static int number_take(const char **at, const char *end, uint32_t *ret)
{
	char digits[NUMBER_SIZE];
	const char *stop = memchr(*at, '-', (size_t)(end - *at));
	uint64_t number;

	if (!stop)
		stop = end;
	size_t length = (size_t)(stop - *at);
	if (length >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, *at, length);
	digits[length] = '\0';
	if (number_parse_u64(digits, UINT32_MAX, &number) < 0)
		return -EINVAL;
	*ret = (uint32_t)number;
	*at = stop < end ? stop + 1 : end;
	return 0;
}

/* "0-1000-10" */
static int triplet_parse(const char *at, const char *end, struct spec_id_map *ret)
{
	if (memchr(at, '-', (size_t)(end - at)) == NULL || end[-1] == '-')
		return -EINVAL;
	if (number_take(&at, end, &ret->container_id) < 0 || number_take(&at, end, &ret->host_id) < 0 || at == end ||
	    number_take(&at, end, &ret->size) < 0 || at != end)
		return -EINVAL;
	return ret->size == 0 || ret->container_id > UINT32_MAX - ret->size || ret->host_id > UINT32_MAX - ret->size
		       ? -EINVAL
		       : 0;
}

/* From an id of the container to the host's, when one map holds the whole range. */
static int triplet_move(struct spec_id_map *map, const struct spec_id_maps *through)
{
	for (size_t i = 0; i < through->count; i++) {
		const struct spec_id_map *outer = &through->items[i];
		if (map->host_id < outer->container_id || map->host_id - outer->container_id >= outer->size)
			continue;
		uint32_t offset = map->host_id - outer->container_id;
		if (map->size > outer->size - offset)
			return -ERANGE;
		map->host_id = outer->host_id + offset;
		return 0;
	}
	return -ERANGE;
}

/* "0-1000-10#@10-2000-5", all of it one list. */
static int half_parse(const char *text, const char *end, const struct spec_id_maps *through, struct arena *arena,
		      struct spec_id_maps *ret, const char **reason)
{
	size_t count = 1;

	for (const char *at = text; (at = memchr(at, '#', (size_t)(end - at))); at++)
		count++;
	struct spec_id_map *maps = arena_calloc(arena, count, sizeof(*maps));
	if (!maps)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const char *stop = memchr(text, '#', (size_t)(end - text));
		if (!stop)
			stop = end;
		bool relative = text < stop && *text == '@';
		if (triplet_parse(text + (relative ? 1 : 0), stop, &maps[i]) < 0) {
			*reason = arena_printf(arena, "want FROM-TO-LENGTH, got '%.*s'", (int)(stop - text), text);
			return *reason ? -EINVAL : -ENOMEM;
		}
		if (relative && triplet_move(&maps[i], through) < 0) {
			*reason = arena_printf(arena, "'%.*s' is not within one mapping of the container",
					       (int)(stop - text), text);
			return *reason ? -EINVAL : -ENOMEM;
		}
		text = stop < end ? stop + 1 : end;
	}
	*ret = (struct spec_id_maps){ .items = maps, .count = count };
	return 0;
}

int mount_maps_parse(const char *text, const struct spec_id_maps *uids, const struct spec_id_maps *gids,
		     struct arena *arena, struct spec_id_maps *ret_uids, struct spec_id_maps *ret_gids,
		     const char **reason)
{
	*ret_uids = *uids;
	*ret_gids = *gids;
	for (;;) {
		const char *end = strchrnul(text, ';'), *behind;
		int r;

		if ((behind = text_after(text, "uids="))) {
			r = half_parse(behind, end, uids, arena, ret_uids, reason);
		} else if ((behind = text_after(text, "gids="))) {
			r = half_parse(behind, end, gids, arena, ret_gids, reason);
		} else {
			*reason = "want 'uids=...;gids=...'";
			r = -EINVAL;
		}
		if (r < 0)
			return r;
		if (!*end)
			return 0;
		text = end + 1;
	}
}
