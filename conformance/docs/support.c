/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/generated/support.md: every property, and what orlop does with it, from the rows that read them. */
#include <inttypes.h>
#include <stdio.h>

#include "libbase/cleanup.h"
#include "libspec/fields.h"

static const struct {
	const char *title;
	const struct fields *fields;
	const char *acted; /* on rows without a reason */
} documents[] = {
	{"config.json",                  &fields_spec,     "yes"    },
	{ "The state of a container",    &fields_state,    "written"},
	{ "The features of the runtime", &fields_features, "written"},
};

static const char *const types[] = {
	[FIELD_STRING] = "string",
	[FIELD_BOOL] = "boolean",
	[FIELD_ENUM] = "word",
	[FIELD_MASK] = "list of words",
	[FIELD_STRINGS] = "list of strings",
	[FIELD_U32S] = "list of integers",
	[FIELD_OBJECT] = "object",
	[FIELD_OBJECTS] = "list of objects",
	[FIELD_PAIRS] = "map of strings",
	[FIELD_MAP] = "map of objects",
	[FIELD_IGNORED] = "any",
	[FIELD_REFUSED] = "any",
};

static void type_print(const struct field *field)
{
	int64_t least;
	uint64_t most;

	if (field->kind >= ARRAY_SIZE(types) || !types[field->kind]) {
		field_range(field, &least, &most);
		printf("integer, %" PRId64 " to %" PRIu64, least, most);
		return;
	}
	printf("%s", types[field->kind]);
	if (field->names)
		printf(" (%s)", field->names->what);
}

static void row_print(const struct field_walk *walk, const struct field *field, const char *acted)
{
	printf("| `%s` | ", walk->path);
	type_print(field);
	printf(" | %s | ", field->flags & FIELD_REQUIRED ? "required" : "");
	if (field->flags & FIELD_ALIAS)
		printf("another spelling of the property above |\n");
	else if (field->kind == FIELD_REFUSED)
		printf("refused: %s |\n", walk->reason);
	else if (walk->reason)
		printf("no: %s |\n", walk->reason);
	else
		printf("%s |\n", acted);
}

int main(void)
{
	printf("# Properties\n\nGenerated from the rows that read and write them; do not edit. `[]` are the items of a "
	       "list, `{*}` those of "
	       "a map.\nUnknown properties are ignored.\n");
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		struct field_walk walk;
		const struct field *field;

		printf("\n## %s\n\n| property | type | | acted on |\n|---|---|---|---|\n", documents[i].title);
		field_walk_begin(&walk, documents[i].fields);
		while ((field = field_walk_next(&walk)))
			row_print(&walk, field, documents[i].acted);
	}
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
