/* SPDX-License-Identifier: Apache-2.0 */
/* What an update writes, and what holds afterwards. */
#include "runtime/resources_merge.h"

#include "conformance/unit/check.h"
#include "libbase/text.h"
#include "libspec/load.h"
#include "libspec/write.h"
#include "runtime/commands.h"

struct merged {
	struct arena arena;
	struct resources_merge merge;
	struct text_buffer written, whole;
};

static const struct spec_resources *load(const char *text, struct arena *arena)
{
	const struct spec_resources *resources = NULL;
	struct problems problems;

	problems_init(&problems, arena);
	CHECK_INT(resources_load_bytes("test", text, strlen(text), arena, &problems, &resources, NULL), 0);
	return resources;
}

static void print(const struct spec_resources *resources, struct text_buffer *to)
{
	struct json_writer json;

	json_writer_init(&json, to, "");
	resources_write(&json, NULL, resources);
	CHECK_INT(json_writer_finish(&json), 0);
}

static void merge(struct merged *m, const char *recorded, const char *change)
{
	*m = (struct merged){ .arena = ARENA_INIT, .written = TEXT_BUFFER_INIT, .whole = TEXT_BUFFER_INIT };
	CHECK_INT(resources_merge(load(recorded, &m->arena), load(change, &m->arena), &m->arena, &m->merge), 0);
	print(&m->merge.written, &m->written);
	print(&m->merge.whole, &m->whole);
}

static void drop(struct merged *m)
{
	text_buffer_cleanup(&m->written);
	text_buffer_cleanup(&m->whole);
	arena_cleanup(&m->arena);
}

TEST(halves_bring_the_other_along)
{
	static const struct {
		const char *recorded, *change, *written, *whole;
	} rows[] = {
		/* cpu */
		{ "{\"cpu\":{\"quota\":5000,\"period\":20000}}", "{\"cpu\":{\"quota\":9000}}",
		  "{\"cpu\":{\"quota\":9000,\"period\":20000}}", "{\"cpu\":{\"quota\":9000,\"period\":20000}}" },
		{ "{\"cpu\":{\"quota\":5000,\"shares\":7}}", "{\"cpu\":{\"period\":10000}}",
		  "{\"cpu\":{\"quota\":5000,\"period\":10000}}",
		  "{\"cpu\":{\"shares\":7,\"quota\":5000,\"period\":10000}}" },
		{ "{\"cpu\":{\"quota\":5000}}", "{\"cpu\":{\"quota\":-1}}", "{\"cpu\":{\"quota\":-1}}",
		  "{\"cpu\":{\"quota\":-1}}" },
		{ "{\"cpu\":{\"idle\":1}}", "{\"cpu\":{\"shares\":9}}", "{\"cpu\":{\"shares\":9,\"idle\":1}}",
		  "{\"cpu\":{\"shares\":9,\"idle\":1}}" },
		{ "{\"cpu\":{\"shares\":9}}", "{\"cpu\":{\"idle\":1}}", "{\"cpu\":{\"idle\":1}}",
		  "{\"cpu\":{\"idle\":1}}" },
		/* memory */
		{ "{\"memory\":{\"limit\":100,\"swap\":300}}", "{\"memory\":{\"limit\":200}}",
		  "{\"memory\":{\"limit\":200,\"swap\":300}}", "{\"memory\":{\"limit\":200,\"swap\":300}}" },
		{ "{\"memory\":{\"limit\":100,\"swap\":300}}", "{\"memory\":{\"swap\":400}}",
		  "{\"memory\":{\"limit\":100,\"swap\":400}}", "{\"memory\":{\"limit\":100,\"swap\":400}}" },
		{ "{\"memory\":{\"limit\":100,\"swap\":300}}", "{\"memory\":{\"limit\":-1}}",
		  "{\"memory\":{\"limit\":-1}}", "{\"memory\":{\"limit\":-1}}" },
		{ "{\"memory\":{\"limit\":100,\"checkBeforeUpdate\":true}}", "{\"memory\":{\"reservation\":50}}",
		  "{\"memory\":{\"reservation\":50,\"checkBeforeUpdate\":true}}",
		  "{\"memory\":{\"limit\":100,\"reservation\":50,\"checkBeforeUpdate\":true}}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct merged m;

		merge(&m, rows[i].recorded, rows[i].change);
		CHECK_TEXT(m.written.bytes, rows[i].written);
		CHECK_TEXT(m.whole.bytes, rows[i].whole);
		drop(&m);
	}
}

TEST(what_is_not_said_stays)
{
	static const char all[] =
		"{\"devices\":[{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":3,\"access\":\"r\"}],"
		"\"memory\":{\"limit\":100},\"cpu\":{\"shares\":5,\"cpus\":\"0\"},\"pids\":{\"limit\":3},"
		"\"blockIO\":{\"weight\":20},\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":4}],"
		"\"unified\":{\"memory.high\":\"9\"}}";
	struct merged m;

	merge(&m, all, "{}");
	CHECK_TEXT(m.written.bytes, "{}");
	CHECK_TEXT(m.whole.bytes, all);
	drop(&m);
	/* Engines send 0 and "" for what they do not change. */
	merge(&m, all, "{\"memory\":{\"limit\":0},\"cpu\":{\"shares\":0,\"cpus\":\"\"},\"blockIO\":{\"weight\":0}}");
	CHECK_TEXT(m.whole.bytes, all);
	drop(&m);
}

TEST(pids_may_be_zero)
{
	struct merged m;

	merge(&m, "{\"pids\":{\"limit\":3}}", "{\"pids\":{\"limit\":0}}");
	CHECK_TEXT(m.whole.bytes, "{\"pids\":{\"limit\":0}}");
	drop(&m);
}

TEST(device_rules_do_not_change)
{
	struct merged m;

	merge(&m, "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}",
	      "{\"devices\":[{\"allow\":true,\"access\":\"rwm\"}],\"pids\":{\"limit\":1}}");
	CHECK_TEXT(m.written.bytes, "{\"pids\":{\"limit\":1}}");
	CHECK_HAS(m.whole.bytes, "\"allow\":false");
	CHECK_INT(m.merge.whole.devices.count, 1);
	drop(&m);
}

TEST(lists_change_item_by_item)
{
	struct merged m;

	merge(&m,
	      "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1},"
	      "{\"major\":8,\"minor\":16,\"rate\":2}]},\"unified\":{\"a.x\":\"1\",\"a.y\":\"2\"}}",
	      "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":16,\"rate\":7},"
	      "{\"major\":9,\"minor\":0,\"rate\":3},{\"major\":9,\"minor\":0,\"rate\":4}]},"
	      "\"unified\":{\"a.y\":\"5\",\"a.z\":\"6\"}}");
	CHECK_TEXT(m.whole.bytes, "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1},"
				  "{\"major\":8,\"minor\":16,\"rate\":7},{\"major\":9,\"minor\":0,\"rate\":4}]},"
				  "\"unified\":{\"a.x\":\"1\",\"a.y\":\"5\",\"a.z\":\"6\"}}");
	drop(&m);
}

TEST(older_unified_keys_hide_nothing)
{
	static const char *const files[] = { "memory.max", "pids.max" };
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	struct merged m;

	merge(&m, "{\"unified\":{\"memory.high\":\"1\",\"memory.max\":\"2\",\"pids.max\":\"3\"}}",
	      "{\"memory\":{\"limit\":9},\"unified\":{\"pids.max\":\"4\"}}");
	CHECK_INT(resources_merge_reveal(&m.merge, files, ARRAY_SIZE(files), &m.arena), 0);
	print(&m.merge.whole, &text);
	CHECK_TEXT(text.bytes, "{\"memory\":{\"limit\":9},\"unified\":{\"memory.high\":\"1\",\"pids.max\":\"4\"}}");
	drop(&m);
}
