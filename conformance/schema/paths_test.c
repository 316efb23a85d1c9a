/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of libspec against the official JSON schemas, whose properties stand in config-paths.tsv: every property
 * has a row, every row is a property or marked as an extension, and type, presence, bounds and words are the same.
 * What differs on purpose is listed here with its reason; an entry of that list that is no longer needed fails too.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "conformance/unit/check.h"
#include "libbase/path.h"
#include "libspec/fields.h"

static const struct {
	const char *section, *title;
	const struct fields *fields;
} documents[] = {
	{ "# config-schema.json", "config", &fields_spec },
	{ "# state-schema.json", "state", &fields_state },
	{ "# features-schema.json", "features", &fields_features },
};

#define BY_CHECK   "a check judges the form"
#define PASSED_ON  "written by runtimes: words of later versions are read as they are"
#define BY_A_TABLE "the words are a table of ours, which is narrower than the pattern"

static const struct deviation {
	const char *title, *path, *what, *reason;
} deviations[] = {
	{ "config", "/process/rlimits[]/type", "pattern", BY_A_TABLE },
	{ "config", "/process/rlimits[]/type", "enum", "the kernel has sixteen" },
	{ "config", "/process/execCPUAffinity/initial", "pattern", BY_CHECK },
	{ "config", "/process/execCPUAffinity/final", "pattern", BY_CHECK },
	{ "config", "/linux/devices[]/type", "pattern", BY_A_TABLE },
	{ "config", "/linux/devices[]/type", "enum", "the four letters of the pattern" },
	{ "config", "/linux/devices[]/fileMode", "maximum",
	  "the specification's text allows the bits above 0777; a check judges" },
	{ "config", "/linux/resources/devices[]/type", "enum", "the specification's text names the letters" },
	{ "config", "/linux/resources/pids/limit", "required", "the Go binding leaves it out when nil" },
	{ "config", "/linux/seccomp/defaultAction", "required",
	  "with neither that nor syscalls there is no filter, as with runc" },
	{ "config", "/linux/resources/hugepageLimits[]/pageSize", "pattern", BY_CHECK },
	{ "config", "/linux/rootfsPropagation", "enum", "the recursive forms too: every runtime takes them" },
	{ "config", "/linux/intelRdt/memBwSchema", "pattern", BY_CHECK },
	{ "state", "/status", "enum", "runtimes also report 'paused'" },
	{ "features", "/linux/namespaces[]", "enum", PASSED_ON },
	{ "features", "/linux/capabilities[]", "pattern", PASSED_ON },
	{ "features", "/linux/seccomp/actions[]", "enum", PASSED_ON },
	{ "features", "/linux/seccomp/operators[]", "enum", PASSED_ON },
	{ "features", "/linux/seccomp/archs[]", "enum", PASSED_ON },
	{ "features", "/linux/seccomp/knownFlags[]", "enum", PASSED_ON },
	{ "features", "/linux/seccomp/supportedFlags[]", "enum", PASSED_ON },
};

/* A line of the list, or what the rows have to say about the same path. */
struct entry {
	const char *path;
	const char *type;
	const char *bounds;        /* of the list */
	const struct field *field; /* of the rows */
	bool item;                 /* the items of `field`, not itself */
	bool required;
	bool met;
};

struct entries {
	struct entry items[512];
	size_t count;
};

static struct entry *entry_add(struct entries *entries, const char *path, const char *type)
{
	struct entry *entry = &entries->items[entries->count++];

	CHECK(entries->count <= ARRAY_SIZE(entries->items));
	*entry = (struct entry){ .path = path, .type = type, .bounds = "" };
	return entry;
}

static struct entry *entry_find(struct entries *entries, const char *path)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (strcmp(entries->items[i].path, path) == 0)
			return &entries->items[i];
	}
	return NULL;
}

/* Cuts `*at` at the next `end` and steps behind it. */
static char *word_cut(char **at, char end)
{
	char *word = *at, *stop = strchr(word, end);

	if (stop)
		*stop = '\0';
	*at = stop ? stop + 1 : word + strlen(word);
	return word;
}

static void schema_read(struct entries *entries, const char *section, struct arena *arena)
{
	bool inside = false;
	size_t length;
	char *text;

	CHECK_INT(path_read_file(AT_FDCWD, CONFIG_PATHS, (size_t)1 << 20, arena, &text, &length), 0);
	while (*text) {
		char *line = word_cut(&text, '\n');
		struct entry *entry;
		const char *path;

		if (line[0] == '#') {
			char *name = word_cut(&line, '\t');

			inside = strcmp(name, section) == 0;
			continue;
		}
		if (!inside)
			continue;
		path = word_cut(&line, '\t');
		entry = entry_add(entries, path, word_cut(&line, '\t'));
		entry->required = strcmp(word_cut(&line, '\t'), "required") == 0;
		entry->bounds = line;
	}
	CHECK(entries->count > 5);
}

static const struct {
	const char *type;
	const char *suffix; /* of the items' path */
	const char *item_type;
} kinds[] = {
	[FIELD_STRING] = { "string", NULL, NULL },         [FIELD_BOOL] = { "boolean", NULL, NULL },
	[FIELD_I32] = { "integer", NULL, NULL },           [FIELD_U16] = { "integer", NULL, NULL },
	[FIELD_U32] = { "integer", NULL, NULL },           [FIELD_I64] = { "integer", NULL, NULL },
	[FIELD_U64] = { "integer", NULL, NULL },           [FIELD_PLAIN_U32] = { "integer", NULL, NULL },
	[FIELD_PLAIN_I64] = { "integer", NULL, NULL },     [FIELD_PLAIN_U64] = { "integer", NULL, NULL },
	[FIELD_ENUM] = { "string", NULL, NULL },           [FIELD_MASK] = { "array", "[]", "string" },
	[FIELD_STRINGS] = { "array", "[]", "string" },     [FIELD_U32S] = { "array", "[]", "integer" },
	[FIELD_OBJECT] = { "object", NULL, NULL },         [FIELD_OBJECTS] = { "array", "[]", "object" },
	[FIELD_PAIRS] = { "object", "{.{1,}}", "string" }, [FIELD_MAP] = { "object", "{*}", "object" },
	[FIELD_IGNORED] = { "any", NULL, NULL },           [FIELD_REFUSED] = { "any", NULL, NULL },
};

static void rows_read(struct entries *entries, const struct fields *fields, struct arena *arena)
{
	struct field_walk walk;
	const struct field *field;

	field_walk_begin(&walk, fields);
	while ((field = field_walk_next(&walk))) {
		struct entry *entry = entry_add(entries, arena_string(arena, walk.path), kinds[field->kind].type);

		entry->field = field;
		entry->required = field->flags & FIELD_REQUIRED;
		if (kinds[field->kind].suffix) {
			entry = entry_add(entries, arena_printf(arena, "%s%s", walk.path, kinds[field->kind].suffix),
					  kinds[field->kind].item_type);
			entry->field = field;
			entry->item = true;
		}
	}
}

static const char *bound_find(const char *bounds, const char *name)
{
	const char *at = strstr(bounds, name);

	return at ? at + strlen(name) : NULL;
}

static bool bound_is(const char *value, const char *wanted)
{
	size_t length = strlen(wanted);

	return strncmp(value, wanted, length) == 0 && (value[length] == ' ' || !value[length]);
}

static bool range_fits(const struct entry *row, const char *bounds, const char *name)
{
	const char *value = bound_find(bounds, name);
	char text[32];
	uint64_t most;
	int64_t least;

	if (!value)
		return true;
	if (strcmp(row->type, "integer") != 0 || !field_range(row->field, &least, &most))
		return false;
	if (strcmp(name, "minimum=") == 0)
		snprintf(text, sizeof(text), "%" PRId64, least);
	else
		snprintf(text, sizeof(text), "%" PRIu64, most);
	return bound_is(value, text);
}

static bool words_fit(const struct entry *row, const char *bounds)
{
	bool has_words = row->field->names && !(row->field->flags & FIELD_KEEP_UNKNOWN) &&
			 (row->item || row->field->kind == FIELD_ENUM);
	const char *words = bound_find(bounds, "enum=");
	size_t count = 0, listed = words ? 1 : 0;

	if (!has_words || !words)
		return has_words == (words != NULL);
	for (const char *at = words; *at; at++)
		listed += *at == '|';
	for (size_t i = 0; i < row->field->names->count; i++) {
		const char *text = row->field->names->names[i].text;
		bool found = false;

		for (const char *at = words; at && !found; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
			found = strncmp(at, text, strlen(text)) == 0 && strchr("|", at[strlen(text)]);
		if (!found)
			return false;
		count++;
	}
	return count == listed;
}

static bool is_deviation(const char *title, const char *path, const char *what, bool *used)
{
	for (size_t i = 0; i < ARRAY_SIZE(deviations); i++) {
		if (strcmp(deviations[i].title, title) == 0 && strcmp(deviations[i].path, path) == 0 &&
		    strcmp(deviations[i].what, what) == 0) {
			used[i] = true;
			return true;
		}
	}
	return false;
}

/* Prints what differs, all of it, and returns how much. */
static int compare(const char *title, const struct entry *row, const struct entry *property, bool *used)
{
	static const char *const whats[] = { "type", "required", "minimum", "maximum", "enum", "pattern", "minItems" };
	const char *bounds = property->bounds;
	bool some = !row->item && (row->field->flags & FIELD_NOT_EMPTY);
	const bool fits[ARRAY_SIZE(whats)] = {
		strcmp(row->type, property->type) == 0,
		row->required == property->required,
		range_fits(row, bounds, "minimum="),
		range_fits(row, bounds, "maximum="),
		words_fit(row, bounds),
		!bound_find(bounds, "pattern="),
		(bound_find(bounds, "minItems=1") != NULL) == some,
	};
	int differences = 0;

	for (size_t i = 0; i < ARRAY_SIZE(whats); i++) {
		if (fits[i] || is_deviation(title, property->path, whats[i], used))
			continue;
		printf("# %s: %s: %s differs from the schema (%s)\n", title, property->path, whats[i], bounds);
		differences++;
	}
	return differences;
}

TEST(rows_are_the_schema)
{
	bool used[ARRAY_SIZE(deviations)] = { false };
	int differences = 0;

	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
		struct entries rows = { .count = 0 }, schema = { .count = 0 };

		rows_read(&rows, documents[i].fields, &arena);
		schema_read(&schema, documents[i].section, &arena);
		for (size_t at = 0; at < schema.count; at++) {
			struct entry *row = entry_find(&rows, schema.items[at].path);

			if (!row) {
				printf("# %s: %s has no row\n", documents[i].title, schema.items[at].path);
				differences++;
				continue;
			}
			row->met = true;
			differences += compare(documents[i].title, row, &schema.items[at], used);
		}
		for (size_t at = 0; at < rows.count; at++) {
			if (rows.items[at].met == !(rows.items[at].field->flags & FIELD_EXTENSION))
				continue;
			printf("# %s: %s is %s the schema but %s as an extension\n", documents[i].title,
			       rows.items[at].path, rows.items[at].met ? "in" : "not in",
			       rows.items[at].met ? "marked" : "not marked");
			differences++;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(deviations); i++) {
		if (!used[i])
			printf("# %s: %s: no deviation in %s any more\n", deviations[i].title, deviations[i].path,
			       deviations[i].what);
		differences += !used[i];
	}
	CHECK_INT(differences, 0);
}

/* A row that is not acted on says why. */
TEST(gaps_have_reasons)
{
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		struct field_walk walk;
		const struct field *field;

		field_walk_begin(&walk, documents[i].fields);
		while ((field = field_walk_next(&walk))) {
			CHECK(field->kind < FIELD_IGNORED || (field->reason && field->reason[0]));
			CHECK(!field->reason || field->reason[strlen(field->reason) - 1] != '.');
		}
	}
}

TEST(the_walk_goes_everywhere)
{
	struct field_walk walk;
	const struct field *field;
	bool deepest = false, inherited = false;

	field_walk_begin(&walk, &fields_spec);
	while ((field = field_walk_next(&walk))) {
		deepest = deepest || strcmp(walk.path, "/linux/seccomp/syscalls[]/args[]/valueTwo") == 0;
		if (strcmp(walk.path, "/vm/image/format") == 0)
			inherited = !field->reason && walk.reason;
		if (strcmp(walk.path, "/linux/cgroupsPath") == 0)
			CHECK(!walk.reason);
	}
	CHECK(deepest);
	CHECK(inherited);
	CHECK(!field_walk_next(&walk));
}
