/* SPDX-License-Identifier: Apache-2.0 */
/* Names, slices and properties of units. */
#include "libsandbox/plan/unit.h"

#include <errno.h>

#include "conformance/unit/check.h"

static struct arena arena;

TEST(three_parts)
{
	static const char *const bad[] = { "", "a", "a:b", "a:b:c:d", "/a/b", "a:b:", ":::" };
	struct unit_parts parts;

	CHECK_INT(unit_parts_read("system.slice:docker:1234", &arena, &parts), 0);
	CHECK_TEXT(parts.slice, "system.slice");
	CHECK_TEXT(parts.prefix, "docker");
	CHECK_TEXT(parts.name, "1234");
	CHECK_INT(unit_parts_read("::x", &arena, &parts), 0);
	CHECK_TEXT(parts.slice, "");
	CHECK_TEXT(parts.prefix, "");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_INT(unit_parts_read(bad[i], &arena, &parts), -EINVAL);
	arena_cleanup(&arena);
}

TEST(names_of_units)
{
	CHECK_TEXT(unit_name(&(struct unit_parts){ "s.slice", "docker", "1" }, &arena), "docker-1.scope");
	CHECK_TEXT(unit_name(&(struct unit_parts){ "s.slice", "", "1" }, &arena), "1.scope");
	CHECK_TEXT(unit_name(&(struct unit_parts){ "s.slice", "docker", "a-b.slice" }, &arena), "a-b.slice");
	CHECK(unit_name_is_valid("docker-1_a.b:c\\x2d@d.scope"));
	CHECK(!unit_name_is_valid(""));
	CHECK(!unit_name_is_valid("a/b.scope"));
	CHECK(!unit_name_is_valid("../b.scope"));
	CHECK(!unit_name_is_valid(".slice"));
	CHECK(!unit_name_is_valid("a b.scope"));
	CHECK(!unit_name_is_valid("a\nb.scope"));
	arena_cleanup(&arena);
}

TEST(the_longest_name)
{
	char name[UNIT_NAME_MAX + 2];

	memset(name, 'a', sizeof(name));
	name[UNIT_NAME_MAX] = '\0';
	CHECK(unit_name_is_valid(name));
	name[UNIT_NAME_MAX] = 'a';
	name[UNIT_NAME_MAX + 1] = '\0';
	CHECK(!unit_name_is_valid(name));
}

TEST(slices_unfold_at_their_dashes)
{
	static const char *const good[][2] = {
		{ "-.slice", "/" },
		{ "system.slice", "/system.slice" },
		{ "a-b.slice", "/a.slice/a-b.slice" },
		{ "test-a-b.slice", "/test.slice/test-a.slice/test-a-b.slice" },
		{ "a.b-c.slice", "/a.b.slice/a.b-c.slice" },
	};
	static const char *const bad[] = { "",          "system", ".slice",   "-a.slice", "a-.slice", "a--b.slice",
					   "a/b.slice", "slice",  "a.slice/", "--.slice", "..slice" };
	char *path = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CHECK_INT(unit_slice_path(good[i][0], &arena, &path), 0);
		CHECK_TEXT(path, good[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_INT(unit_slice_path(bad[i], &arena, &path), -EINVAL);
	arena_cleanup(&arena);
}

TEST(properties_of_times_change_their_unit)
{
	static const char *const good[][4] = {
		{ "TimeoutStopSec", "90", "TimeoutStopUSec", "uint64 90000000" },
		{ "TimeoutStopSec", "uint64 7", "TimeoutStopUSec", "uint64 7000000" },
		{ "TimeoutStopSec", "@t 7", "TimeoutStopUSec", "uint64 7000000" },
		{ "TimeoutStopSec", "  int32  7 ", "TimeoutStopUSec", "uint64 7000000" },
		{ "RuntimeMaxSec", "1.5", "RuntimeMaxUSec", "uint64 1500000" },
		{ "RuntimeMaxSec", "double 0.0000019", "RuntimeMaxUSec", "uint64 1" },
		{ "TimeoutStopUSec", "uint64 5", "TimeoutStopUSec", "uint64 5" },
		{ "CollectMode", "'inactive-or-failed'", "CollectMode", "'inactive-or-failed'" },
		{ "Sec", "x", "Sec", "x" },
		{ "XMSec", "5", "XMSec", "5" },
	};
	static const char *const bad[] = { "",  "x", "'5'", "-5", "5 6", "5.", ".5", "uint64", "[5]", "18446744073710",
					   "5s" };
	struct plan_property property;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CHECK_INT(unit_property_read(good[i][0], good[i][1], &arena, &property), 0);
		CHECK_TEXT(property.name, good[i][2]);
		CHECK_TEXT(property.value, good[i][3]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_INT(unit_property_read("TimeoutStopSec", bad[i], &arena, &property), -EINVAL);
	arena_cleanup(&arena);
}
