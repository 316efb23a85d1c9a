/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about rows, and the walk over all rows of a document.
 */
#include "libspec/fields.h"

#include <string.h>

bool field_range(const struct field *field, int64_t *least, uint64_t *most)
{
	static const struct {
		int64_t least;
		uint64_t most;
	} ranges[] = {
		[FIELD_I32] = { INT32_MIN, INT32_MAX },
		[FIELD_U16] = { 0, UINT16_MAX },
		[FIELD_U32] = { 0, UINT32_MAX },
		[FIELD_I64] = { INT64_MIN, INT64_MAX },
		[FIELD_U64] = { 0, UINT64_MAX },
		[FIELD_PLAIN_U32] = { 0, UINT32_MAX },
		[FIELD_PLAIN_I64] = { INT64_MIN, INT64_MAX },
		[FIELD_PLAIN_U64] = { 0, UINT64_MAX },
		[FIELD_U32S] = { 0, UINT32_MAX },
	};

	if (field->kind >= sizeof(ranges) / sizeof(ranges[0]) || ranges[field->kind].most == 0)
		return false;
	*least = field->flags & FIELD_BOUNDED ? field->least : ranges[field->kind].least;
	*most = ranges[field->kind].most;
	return true;
}

/* False when it does not fit: a table is deeper than FIELD_WALK_DEPTH or a path longer than its buffer. */
static bool walk_enter(struct field_walk *walk, const struct fields *fields)
{
	if (walk->depth == FIELD_WALK_DEPTH)
		return false;
	walk->levels[walk->depth].fields = fields;
	walk->levels[walk->depth].next = 0;
	walk->levels[walk->depth].path_length = strlen(walk->path);
	walk->levels[walk->depth].reason = walk->reason;
	walk->depth++;
	return true;
}

static void path_append(struct field_walk *walk, const char *text)
{
	size_t length = strlen(walk->path), room = sizeof(walk->path) - 1 - length, wanted = strlen(text);

	if (wanted > room)
		wanted = room;
	memcpy(walk->path + length, text, wanted);
	walk->path[length + wanted] = '\0';
}

void field_walk_begin(struct field_walk *walk, const struct fields *document)
{
	*walk = (struct field_walk){ 0 };
	walk_enter(walk, document);
}

const struct field *field_walk_next(struct field_walk *walk)
{
	if (walk->entered && walk->entered->child && !(walk->entered->flags & FIELD_ALIAS)) {
		path_append(walk, walk->entered->kind == FIELD_OBJECTS ? "[]"
				  : walk->entered->kind == FIELD_MAP   ? "{*}"
								       : "");
		walk_enter(walk, walk->entered->child);
	}
	walk->entered = NULL;
	for (; walk->depth > 0; walk->depth--) {
		size_t top = walk->depth - 1;
		const struct field *field;

		walk->path[walk->levels[top].path_length] = '\0';
		if (walk->levels[top].next == walk->levels[top].fields->count)
			continue;
		field = &walk->levels[top].fields->rows[walk->levels[top].next++];
		path_append(walk, "/");
		path_append(walk, field->name);
		walk->reason = field->reason ? field->reason : walk->levels[top].reason;
		walk->entered = field;
		return field;
	}
	return NULL;
}
