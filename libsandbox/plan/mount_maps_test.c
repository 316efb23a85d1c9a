/* SPDX-License-Identifier: Apache-2.0 */
/* The text behind "idmap=": triplets, ids of the container, and everything that is not quite one. */
#include "conformance/unit/check.h"

#include <errno.h>

#include "libbase/text.h"
#include "libsandbox/plan/mount.h"

/* The container's 0..999 at 100000, its 1000 at 1000, its 1001.. at 101001. */
static const struct spec_id_map container_maps[] = {
	{ 0, 100000, 1000 },
	{ 1000, 1000, 1 },
	{ 1001, 101001, 64535 },
};
static const struct spec_id_maps container = { container_maps, ARRAY_SIZE(container_maps) };
static const struct spec_id_maps none = { 0 };

static int parse(const char *text, const struct spec_id_maps *through, struct text_buffer *line, char *reason)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct spec_id_maps maps[2];
	const char *why = "";
	int r = mount_maps_parse(text, through, through, &arena, &maps[0], &maps[1], &why);

	if (r < 0) {
		CHECK(strlen(why) < 200);
		memcpy(reason, why, strlen(why) + 1);
		return r;
	}
	for (int half = 0; half < 2; half++) {
		text_append(line, half ? " gids" : "uids");
		for (size_t i = 0; i < maps[half].count; i++)
			text_append_format(line, " %u:%u:%u", maps[half].items[i].container_id,
					   maps[half].items[i].host_id, maps[half].items[i].size);
	}
	return 0;
}

static void check_maps(const char *text, const struct spec_id_maps *through, const char *want)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer line = TEXT_BUFFER_INIT;
	char reason[200];

	CHECK_INT(parse(text, through, &line, reason), 0);
	CHECK_TEXT(line.bytes, want);
}

static void check_refused(const char *text, const char *want)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer line = TEXT_BUFFER_INIT;
	char reason[200] = "";

	CHECK_INT(parse(text, &container, &line, reason), -EINVAL);
	CHECK_HAS(reason, want);
}

TEST(absolute_maps)
{
	check_maps("uids=0-1000-10#10-2000-5;gids=0-100-10", &none, "uids 0:1000:10 10:2000:5 gids 0:100:10");
	check_maps("gids=0-0-4294967295;uids=4294967294-0-1", &none, "uids 4294967294:0:1 gids 0:0:4294967295");
}

TEST(a_missing_half_is_the_containers)
{
	check_maps("uids=5-6-1", &none, "uids 5:6:1 gids");
	check_maps("gids=5-6-1", &container, "uids 0:100000:1000 1000:1000:1 1001:101001:64535 gids 5:6:1");
}

TEST(the_last_of_two_halves_stands)
{
	check_maps("uids=1-1-1;gids=2-2-2;uids=3-3-3", &none, "uids 3:3:3 gids 2:2:2");
}

TEST(ids_of_the_container_are_moved)
{
	check_maps("uids=@0-0-1000;gids=@1000-1000-1#0-7-1", &container, "uids 0:100000:1000 gids 1000:1000:1 0:7:1");
	check_maps("uids=@5-1500-10;gids=@0-65535-1", &container, "uids 5:101500:10 gids 0:165535:1");
}

TEST(ids_outside_one_mapping_are_refused)
{
	check_refused("uids=@0-999-2;gids=0-0-1", "'@0-999-2' is not within one mapping");
	check_refused("uids=0-0-1;gids=@0-65536-1", "is not within one mapping");
	check_refused("uids=@0-4294967294-1", "is not within one mapping");
}

TEST(not_quite_triplets)
{
	static const char *const bad[] = {
		"",
		"0",
		"0-1",
		"0-1-",
		"0-1-0",
		"-1-1-1",
		"0--1",
		"0-1-2-3",
		"0-1-2-",
		"+0-1-2",
		" 0-1-2",
		"00-1-2",
		"0x0-1-2",
		"a-b-c",
		"0-1-2#",
		"#0-1-2",
		"0-1-4294967296",
		"42949672950-1-2",
		"1-0-4294967295",
		"0-1-4294967295",
		"@",
		"@@0-1-2",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[64] = "uids=";
		memcpy(text + 5, bad[i], strlen(bad[i]) + 1);
		check_refused(text, "want FROM-TO-LENGTH");
	}
}

TEST(not_quite_halves)
{
	check_refused("", "want 'uids=...;gids=...'");
	check_refused("uid=0-0-1", "want 'uids=...;gids=...'");
	check_refused("uids=0-0-1;", "want 'uids=...;gids=...'");
	check_refused("uids=0-0-1;;gids=0-0-1", "want 'uids=...;gids=...'");
	check_refused("uids=0-0-1,gids=0-0-1", "want FROM-TO-LENGTH");
}
