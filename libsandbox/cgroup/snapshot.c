/* SPDX-License-Identifier: Apache-2.0 */
/* See snapshot.h. Read: the kernel's cgroup-v2.rst, "Format", "Interface Files" of each controller. */
#include "libsandbox/cgroup/snapshot.h"

#include <errno.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/cgroup/file.h"
#include "libsandbox/cgroup/resource_table.h"

/* Files with a line for each device show only those that have a limit; this takes one away again. */
static const struct {
	const char *file, *nothing;
} device_files[] = {
	{ "io.max", "rbps=max wbps=max riops=max wiops=max" },
	{ "io.weight", "default" },
	{ "io.bfq.weight", "default" },
	{ "io.latency", "target=0" },
	{ "rdma.max", "hca_handle=max hca_object=max" },
	{ "misc.max", "max" },
};

static const char *device_nothing(const char *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(device_files); i++) {
		if (text_equal(device_files[i].file, file))
			return device_files[i].nothing;
	}
	return NULL;
}

/* The line of `text` that begins with this word; its length, 0 when there is none. */
static size_t line_find(const char *text, const char *word, size_t word_length, const char **ret)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length > word_length && strncmp(text, word, word_length) == 0 && text[word_length] == ' ') {
			*ret = text;
			return length;
		}
		text += length + (text[length] == '\n');
	}
	return 0;
}

/* For each device of `wanted` what `had` says of it. A line that names no device ("200") is the default. */
static const char *devices_had(struct arena *arena, const char *had, const char *wanted, const char *nothing)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;

	while (*wanted) {
		size_t length = strcspn(wanted, "\n"), word = strcspn(wanted, " \n");
		const char *line = NULL;
		size_t found = word < length ? line_find(had, wanted, word, &line)
					     : line_find(had, "default", strlen("default"), &line);

		if (found)
			text_append_format(&text, "%.*s\n", (int)found, line);
		else if (word < length)
			text_append_format(&text, "%.*s %s\n", (int)word, wanted, nothing);
		wanted += length + (wanted[length] == '\n');
	}
	return text.failed ? NULL : arena_string(arena, text.bytes ? text.bytes : "");
}

static int value_read(int cgroup_fd, const struct plan_resource *resource, struct arena *arena, const char **ret)
{
	const char *nothing = device_nothing(resource->file);
	char *had;
	int r = cgroup_file_read(cgroup_fd, resource->file, arena, &had);

	if (r < 0)
		return r;
	*ret = nothing ? devices_had(arena, had, resource->value, nothing) : had;
	return *ret ? 0 : -ENOMEM;
}

int cgroup_snapshot(int cgroup_fd, const struct plan_resource *resources, size_t count, struct arena *arena,
		    struct plan_resource **ret, size_t *ret_count, struct error *err)
{
	struct plan_resource *items = arena_calloc(arena, count, sizeof(*items));
	size_t kept = 0;

	if (!items)
		return error_set(err, -ENOMEM, "read the limits of the cgroup");
	for (size_t i = 0; i < count; i++) {
		struct plan_resource *item = &items[kept];
		int r;

		*item = (struct plan_resource){ .row = resources[i].row, .file = resources[i].file };
		r = value_read(cgroup_fd, &resources[i], arena, &item->value);
		if (r == -ENOMEM || r == -ENODEV)
			return error_set(err, r, "read %s of the cgroup", resources[i].file);
		if (r < 0)
			continue;
		item->has_number = item->row && resource_number(item->row, item->value, &item->number);
		kept++;
	}
	*ret = items;
	*ret_count = kept;
	return 0;
}

static bool value_restore(int cgroup_fd, const struct plan_resource *resource)
{
	const char *line = resource->value;
	bool all = true;

	/* An empty set of processors: a write of no bytes would not reach the kernel. */
	if (*line == '\0' && !device_nothing(resource->file))
		return cgroup_file_write(cgroup_fd, resource->file, "\n", 1) == 0;
	while (*line) {
		size_t length = strcspn(line, "\n");

		all = cgroup_file_write(cgroup_fd, resource->file, line, length) == 0 && all;
		line += length + (line[length] == '\n');
	}
	return all;
}

void cgroup_restore(int cgroup_fd, const struct plan_resource *snapshot, size_t count)
{
	/* As when limits are set: one may be refused until another is back. */
	for (int round = 0; round < 2; round++) {
		bool all = true;

		for (size_t i = count; i-- > 0;)
			all = value_restore(cgroup_fd, &snapshot[i]) && all;
		if (all)
			return;
	}
}
