/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the resource table, then lays `unified` over it. See limits.h.
 *
 * Not for: the conversions (cgroup/resource_convert.c) or writing anything.
 */
#include "libsandbox/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libsandbox/cgroup/resource_table.h"

/* "cpu, memory" */
static const char *controllers_text(struct arena *arena, const struct host *host)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	for (size_t i = 0; i < host->controllers.count; i++)
		text_append_format(&text, "%s%s", i ? ", " : "", host->controllers.items[i]);
	if (text.failed)
		return NULL;
	return text.length ? arena_string(arena, text.bytes) : "none";
}

static int controller_missing(struct resource_work *work, const struct resource_row *row)
{
	const char *controller = resource_controller_name(row->controller);
	const char *path = arena_printf(work->arena, "%s%s", work->where, work->field);
	const char *has = controllers_text(work->arena, work->host);

	if (!path || !has)
		return -ENOMEM;
	if (!work->host->cgroup_mount)
		problem_error(work->problems, 0, path, "the %s controller is not available: no cgroup v2 is mounted",
			      controller);
	else
		problem_error(work->problems, 0, path, "the %s controller is not available (cgroup v2 at %s has: %s)",
			      controller, work->host->cgroup_mount, has);
	return 0;
}

static bool items_ask_nothing(const struct resource_out *out, size_t first)
{
	for (size_t i = first; i < out->count; i++) {
		if (!resource_asks_nothing(&out->items[i]))
			return false;
	}
	return true;
}

static int row_build(struct resource_work *work, const struct resource_row *row)
{
	size_t before = work->out->count;
	int made;

	if (!row->convert)
		return 0;
	work->field = row->field;
	made = row->convert(row, work);
	if (made == -ENOMEM)
		return made;
	if (made <= 0 || host_has_controller(work->host, resource_controller_name(row->controller)))
		return 0;
	bool nothing = items_ask_nothing(work->out, before);

	work->out->count = before;
	return nothing ? 0 : controller_missing(work, row);
}

static int pair_compare(const void *a, const void *b)
{
	const struct spec_pair *left = a, *right = b;

	return strcmp(left->key, right->key);
}

static int unified_add(struct resource_work *work, const struct spec_pair *pair)
{
	const char *path = arena_printf(work->arena, "%s/unified/%s", work->where, pair->key);
	const char *controller = arena_copy(work->arena, pair->key, strcspn(pair->key, "."));

	if (!path || !controller)
		return -ENOMEM;
	/* The core's own files are always there; which of them may be set is libspec's rule. */
	if (!text_equal(controller, "cgroup") && !host_has_controller(work->host, controller)) {
		problem_error(work->problems, 0, path,
			      "unified resource \"%s\" can't be set: controller \"%s\" not available", pair->key,
			      controller);
		return 0;
	}
	/* An empty text would be read as 0 by some files. */
	if (pair->value[strspn(pair->value, " \t\n")] == '\0')
		return 0;
	return resource_add(work, resource_row_of_file(pair->key), pair->key, pair->value);
}

static int unified_build(struct resource_work *work)
{
	size_t count = work->resources->unified.count;
	struct spec_pair *pairs = arena_calloc(work->arena, count, sizeof(*pairs));

	if (!pairs)
		return -ENOMEM;
	if (count > 0) {
		memcpy(pairs, work->resources->unified.items, count * sizeof(*pairs));
		qsort(pairs, count, sizeof(*pairs), pair_compare);
	}
	for (size_t i = 0; i < count; i++) {
		int r = unified_add(work, &pairs[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int limits_build(const struct spec_resources *resources, const struct host *host, const char *where,
		 struct arena *arena, struct problems *problems, struct limits *ret)
{
	struct resource_out out = { 0 };
	struct resource_work work = {
		.resources = resources, .host = host, .arena = arena, .problems = problems, .out = &out, .where = where
	};
	int r;

	for (size_t i = 0; i < resource_rows_count; i++) {
		r = row_build(&work, &resource_rows[i]);
		if (r < 0)
			return r;
	}
	r = unified_build(&work);
	if (r < 0)
		return r;
	*ret = (struct limits){ .items = out.items, .count = out.count };
	for (size_t i = 0; i < out.count; i++) {
		int controller = resource_controller_of_file(out.items[i].file);

		if (controller)
			ret->controllers |= RESOURCE_CONTROLLER_BIT(controller);
	}
	return 0;
}
