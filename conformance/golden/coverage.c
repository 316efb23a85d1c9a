/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting what the golden configs mention. See coverage.h. */
#include "conformance/golden/coverage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libsandbox/cgroup/resource_table.h"
#include "libsandbox/root/mount_options.h"
#include "libspec/load.h"
#include "libspec/names.h"
#include "libspec/parse/json.h"

#define SECTION        "# config-schema.json"
#define PATH_MAX_BYTES 512

/* Where the config has the words of a table; no place: it has none of them. A table that is not here fails the test. */
static const struct {
	const char *symbol;
	const char *places[5];
} table_places[] = {
	{ "namespaces", { "/linux/namespaces[]/type" } },
	{ "propagations", { "/linux/rootfsPropagation" } },
	{ "capabilities",
	  { "/process/capabilities/bounding[]", "/process/capabilities/effective[]",
	    "/process/capabilities/permitted[]", "/process/capabilities/inheritable[]",
	    "/process/capabilities/ambient[]" } },
	{ "rlimits", { "/process/rlimits[]/type" } },
	{ "signals", { NULL } },
	{ "scheduler_policies", { "/process/scheduler/policy" } },
	{ "scheduler_flags", { "/process/scheduler/flags[]" } },
	{ "io_classes", { "/process/ioPriority/class" } },
	{ "personalities", { "/linux/personality/domain" } },
	{ "memory_modes", { "/linux/memoryPolicy/mode" } },
	{ "memory_flags", { "/linux/memoryPolicy/flags[]" } },
	{ "seccomp_actions", { "/linux/seccomp/syscalls[]/action" } },
	{ "seccomp_operators", { "/linux/seccomp/syscalls[]/args[]/op" } },
	{ "seccomp_archs", { "/linux/seccomp/architectures[]" } },
	{ "seccomp_flags", { "/linux/seccomp/flags[]" } },
	{ "device_types", { "/linux/devices[]/type", "/linux/resources/devices[]/type" } },
	{ "statuses", { NULL } },
	{ "vm_formats", { "/vm/image/format" } },
	{ "hooks", { "/hooks" } }, /* keys, which the schema has too */
};

static int compare_rows(const void *a, const void *b)
{
	const struct coverage_row *one = a, *other = b;
	int by_path = strcmp(one->path, other->path);

	if (by_path || (!one->word && !other->word))
		return by_path;
	if (!one->word || !other->word)
		return one->word ? 1 : -1;
	return strcmp(one->word, other->word);
}

static struct coverage_row *row_find(struct coverage *coverage, const char *path, const char *word)
{
	const struct coverage_row key = { .path = path, .word = word };

	if (coverage->count == 0)
		return NULL;
	return bsearch(&key, coverage->rows, coverage->count, sizeof(key), compare_rows);
}

static int row_add(struct coverage *coverage, const char *path, const char *word)
{
	coverage->rows = arena_grow(coverage->arena, coverage->rows, coverage->count, coverage->count + 1,
				    sizeof(*coverage->rows));
	if (!coverage->rows || !path)
		return -ENOMEM;
	coverage->rows[coverage->count++] = (struct coverage_row){ .path = path, .word = word };
	return 0;
}

/* -- rows ---------------------------------------------------------------------------------------------------------------- */

static int schema_add(struct coverage *coverage, const char *schema)
{
	const char *line = strstr(schema, SECTION);

	if (!line)
		return -EINVAL;
	while (*(line = strchrnul(line, '\n')) && *++line == '/') {
		int r = row_add(coverage, arena_copy(coverage->arena, line, strcspn(line, "\t\n")), NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static const char *const *places_of(const char *symbol)
{
	for (size_t i = 0; i < ARRAY_SIZE(table_places); i++) {
		if (text_equal(table_places[i].symbol, symbol))
			return table_places[i].places;
	}
	return NULL;
}

/* A word that may stand in several places is asked for in the first one; coverage_note takes any for it. */
static int table_add(struct coverage *coverage, const struct name_table_list *list, struct error *err)
{
	const char *const *places = places_of(list->symbol);

	if (!places)
		return error_say(err, -EINVAL, "where does the config use the words of names_%s?", list->symbol);
	if (!places[0] || text_equal(list->symbol, "hooks"))
		return 0;
	for (size_t i = 0; i < list->table->count; i++) {
		int r = row_add(coverage, places[0], list->table->names[i].text);
		if (r < 0)
			return error_set(err, r, "coverage");
	}
	return 0;
}

/* Fields, one or several with blanks between, and files that only `unified` reaches ('*' is left to the cases). */
static int resource_add_row(struct coverage *coverage, const struct resource_row *row)
{
	if (!*row->field)
		return row_add(coverage, arena_printf(coverage->arena, "/linux/resources/unified/%s", row->file), NULL);
	for (const char *at = row->field; *at; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");
		int r = row_add(coverage, arena_printf(coverage->arena, "/linux/resources%.*s", (int)length, at), NULL);
		if (r < 0)
			return r;
		at += length;
	}
	return 0;
}

int coverage_prepare(struct coverage *coverage, const char *schema, struct arena *arena, struct error *err)
{
	*coverage = (struct coverage){ .arena = arena };
	int r = schema_add(coverage, schema);

	for (size_t i = 0; r == 0 && i < mount_options_count; i++)
		r = row_add(coverage, "/mounts[]/options[]", mount_options[i].name);
	for (size_t i = 0; r == 0 && i < resource_rows_count; i++)
		r = resource_add_row(coverage, &resource_rows[i]);
	if (r < 0)
		return error_set(err, r, "coverage");
	for (size_t i = 0; i < names_all_count; i++) {
		r = table_add(coverage, &names_all[i], err);
		if (r < 0)
			return r;
	}
	qsort(coverage->rows, coverage->count, sizeof(*coverage->rows), compare_rows);
	return 0;
}

/* -- what a config mentions -------------------------------------------------------------------------------------------- */

static void mark(struct coverage *coverage, const char *path, const char *word)
{
	const struct coverage_row *row = row_find(coverage, path, word);

	if (!row)
		return;
	/* Rows may be there twice (a limit is a property of the schema too), and the search finds any of them. */
	size_t at = (size_t)(row - coverage->rows);
	while (at > 0 && compare_rows(&coverage->rows[at - 1], row) == 0)
		at--;
	for (; at < coverage->count && compare_rows(&coverage->rows[at], row) == 0; at++)
		coverage->rows[at].seen = true;
}

static void mark_word(struct coverage *coverage, const char *path, const char *word)
{
	mark(coverage, path, word);
	for (size_t i = 0; i < ARRAY_SIZE(table_places); i++) {
		for (size_t j = 1; j < ARRAY_SIZE(table_places[i].places) && table_places[i].places[j]; j++) {
			if (text_equal(table_places[i].places[j], path))
				mark(coverage, table_places[i].places[0], word);
		}
	}
}

/* The schema's way to write a member: by its name, or by the pattern of a map's keys. */
static const char *member_path(struct coverage *coverage, struct arena *scratch, const char *path, const char *key)
{
	static const char *const patterns[] = { "{.{1,}}", "{*}" };
	char *by_name = arena_printf(scratch, "%s/%s", path, key);

	if (!by_name || row_find(coverage, by_name, NULL))
		return by_name;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		char *by_pattern = arena_printf(scratch, "%s%s", path, patterns[i]);
		if (!by_pattern || row_find(coverage, by_pattern, NULL))
			return by_pattern;
	}
	return by_name;
}

/* The depth is bounded by the parser. */
static int node_note(struct coverage *coverage, struct arena *scratch, const char *path, const struct json_node *node)
{
	if (!path)
		return -ENOMEM;
	mark(coverage, path, NULL);
	if (node->kind == JSON_STRING)
		mark_word(coverage, path, node->text);
	if (node->kind != JSON_ARRAY && node->kind != JSON_OBJECT)
		return 0;
	for (const struct json_node *child = node->first; child; child = child->next) {
		const char *child_path = node->kind == JSON_ARRAY ? arena_printf(scratch, "%s[]", path)
								  : member_path(coverage, scratch, path, child->key);
		int r = node_note(coverage, scratch, child_path, child);
		if (r < 0)
			return r;
		/* A key that is also a pattern's: both count ("memory.max" of `unified`). */
		if (node->kind == JSON_OBJECT) {
			child_path = arena_printf(scratch, "%s{.{1,}}", path);
			if (!child_path)
				return -ENOMEM;
			mark(coverage, child_path, NULL);
		}
	}
	return 0;
}

int coverage_note(struct coverage *coverage, const char *config, size_t length, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena scratch = ARENA_INIT;
	struct json_document document;
	char *text = arena_copy(&scratch, config, length);

	if (!text)
		return error_set(err, -ENOMEM, "coverage");
	if (json_parse(text, length, &scratch, &scratch, &document, NULL) < 0)
		return 0;
	int r = node_note(coverage, &scratch, "", document.root);
	return r < 0 ? error_set(err, r, "coverage") : 0;
}

size_t coverage_tell(const struct coverage *coverage, struct text_buffer *to)
{
	size_t missing = 0;

	for (size_t i = 0; i < coverage->count; i++) {
		const struct coverage_row *row = &coverage->rows[i];
		if (row->seen)
			continue;
		missing++;
		text_append_format(to, "# no case mentions %s%s%s%s\n", row->path, row->word ? " '" : "",
				   row->word ? row->word : "", row->word ? "'" : "");
	}
	return missing;
}
