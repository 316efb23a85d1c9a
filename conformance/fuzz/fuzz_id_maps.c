/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text behind "idmap=": it is refused with a reason, or every range that comes out is not empty and ends within 32 bits.
 */
#include <errno.h>
#include <stdlib.h>

#include "conformance/fuzz/fuzz.h"
#include "libsandbox/plan/mount.h"

static void check_maps(const struct spec_id_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct spec_id_map *map = &maps->items[i];
		if (map->size == 0 || (uint64_t)map->container_id + map->size > UINT32_MAX ||
		    (uint64_t)map->host_id + map->size > UINT32_MAX)
			fuzz_fail("a range that no id map takes", NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct spec_id_map container_maps[] = { { 0, 100000, 1000 },
							     { 1000, 1000, 1 },
							     { 1001, 101001, 64535 } };
	static const struct spec_id_maps container = { container_maps, ARRAY_SIZE(container_maps) };
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct spec_id_maps uids, gids;
	const char *reason = NULL;
	char *text = arena_copy(&arena, (const char *)bytes, length);

	if (!text)
		abort();
	int r = mount_maps_parse(text, &container, &container, &arena, &uids, &gids, &reason);
	if (r < 0) {
		if (r != -EINVAL || !reason || !*reason)
			fuzz_fail("refused without a reason", text);
		return 0;
	}
	check_maps(&uids);
	check_maps(&gids);
	return 0;
}
