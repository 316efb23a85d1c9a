/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/generated/support.md: every property, and what orlop does with it, from the rows that read them. */
#include <inttypes.h>
#include <stdio.h>

#include "libbase/cleanup.h"
#include "libspec/fields.h"

static const char *const types[] = {
	[FIELD_STRING] = "string",
	[FIELD_BOOL] = "boolean",
	[FIELD_I32] = "int32",
	[FIELD_U16] = "uint16",
	[FIELD_U32] = "uint32",
	[FIELD_I64] = "int64",
	[FIELD_U64] = "uint64",
	[FIELD_PLAIN_U32] = "uint32",
	[FIELD_PLAIN_I64] = "int64",
	[FIELD_PLAIN_U64] = "uint64",
	[FIELD_ENUM] = "word",
	[FIELD_MASK] = "list of words",
	[FIELD_STRINGS] = "list of strings",
	[FIELD_U32S] = "list of uint32",
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

	printf("%s", types[field->kind]);
	if (field->names)
		printf(" (%s)", field->names->what);
	else if ((field->flags & FIELD_BOUNDED) && field_range(field, &least, &most))
		printf(", %" PRId64 " or more", least);
	if (field->flags & FIELD_NOT_EMPTY)
		printf(", not empty");
}

static void row_print(const struct field_walk *walk, const struct field *field)
{
	printf("| `%s` | ", walk->path);
	type_print(field);
	printf(" | %s | ", field->flags & FIELD_REQUIRED ? "required" : "");
	if (field->flags & FIELD_ALIAS)
		printf("another spelling of the property above |\n");
	else if (field->kind == FIELD_REFUSED)
		printf("refused: %s |\n", walk->reason);
	else
		printf("%s |\n", walk->reason ? "not acted on" : "");
}

static void document_print(const char *title, const struct fields *document)
{
	struct field_walk walk;
	const struct field *field;

	printf("\n## %s\n\n| property | type | | |\n|---|---|---|---|\n", title);
	field_walk_begin(&walk, document);
	while ((field = field_walk_next(&walk)))
		row_print(&walk, field);
}

/* What stands below such a property is not acted on either: one row for all. */
static void reasons_print(const struct fields *document)
{
	struct field_walk walk;
	const struct field *field;

	printf("\n## Not acted on\n\n| property of config.json | why |\n|---|---|\n");
	field_walk_begin(&walk, document);
	while ((field = field_walk_next(&walk))) {
		if (field->reason && field->kind != FIELD_REFUSED)
			printf("| `%s` | %s |\n", walk.path, field->reason);
	}
}

int main(void)
{
	printf("# Properties\n\nGenerated from the rows that read and write them; do not edit. `[]` are the items of a "
	       "list, `{*}` those of a map. `null` is the same as absent.\nProperties that are not here are ignored, "
	       "as "
	       "the specification wants. Which words there are is in [names.md](names.md), which rules beyond types in "
	       "[checks.md](checks.md).\n");
	reasons_print(&fields_spec);
	document_print("config.json", &fields_spec);
	document_print("The state of a container", &fields_state);
	document_print("The features of the runtime", &fields_features);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
