/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binds a tree to a struct: one function for each kind of row. Paths are made only when there is something to say.
 *
 * Not for: reading JSON (json.c), complaining (complain.c), defaults and rules (libspec/defaults.c, libspec/check).
 */
#include "libspec/parse/bind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libbase/text.h"
#include "libspec/parse/complain.h"
#include "libspec/spec.h"

/* Up to so many keys a map is searched for doubles pair by pair, without memory. */
#define MAP_FEW 16

/* The longest integer, "-9223372036854775808" or "18446744073709551615", and a NUL. */
#define NUMBER_SIZE 24

/* What SPEC_LIST and its like look like. */
struct list {
	const void *items;
	size_t count;
};

static void object_bind(struct binder *binder, const struct fields *fields, const struct place *place, char *object);

static void *binder_alloc(struct binder *binder, size_t count, size_t size)
{
	void *ret = arena_calloc(binder->arena, count, size);

	if (!ret)
		binder->memory_gone = true;
	return ret;
}

static bool node_is(struct binder *binder, const struct place *place, enum json_kind kind, const char *wanted)
{
	if (place->node->kind == kind)
		return true;
	complain(binder, place, "want %s, got %s", wanted, json_kind_text(place->node));
	return false;
}

static const char *string_read(struct binder *binder, const struct place *place)
{
	return node_is(binder, place, JSON_STRING, "a string") ? place->node->text : NULL;
}

/* Two's complement when negative. */
static bool number_parse(const char *text, size_t length, int64_t least, uint64_t most, uint64_t *ret)
{
	bool negative = text[0] == '-';
	char digits[NUMBER_SIZE];
	uint64_t magnitude;

	text += negative;
	length -= negative;
	if (length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (number_parse_u64(digits, UINT64_MAX, &magnitude) < 0)
		return false;
	if (negative && magnitude > 0) {
		*ret = 0 - magnitude;
		return magnitude <= (uint64_t)INT64_MAX + 1 && (int64_t)*ret >= least;
	}
	*ret = magnitude;
	return magnitude <= most && (least <= 0 || magnitude >= (uint64_t)least);
}

static bool number_read(struct binder *binder, const struct field *field, const struct place *place, uint64_t *ret)
{
	const struct json_node *node = place->node;
	char quoted[QUOTE_SIZE];
	uint64_t most = 0;
	int64_t least = 0;
	bool whole = true;

	if (!node_is(binder, place, JSON_NUMBER, "an integer"))
		return false;
	for (uint32_t i = 0; i < node->count; i++)
		whole = whole && node->text[i] <= '9' && node->text[i] != '.';
	if (!whole) {
		quote(quoted, node->text, node->count);
		complain(binder, place, "want an integer, got %s", quoted);
		return false;
	}
	field_range(field, &least, &most);
	if (number_parse(node->text, node->count, least, most, ret))
		return true;
	quote(quoted, node->text, node->count);
	complain(binder, place, "want %lld to %llu, got %s", (long long)least, (unsigned long long)most, quoted);
	return false;
}

static void bind_string(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	(void)field;
	*(const char **)slot = string_read(binder, place);
}

static void bind_bool(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	enum json_kind kind = (enum json_kind)place->node->kind;

	(void)field;
	if (kind != JSON_TRUE && kind != JSON_FALSE) {
		complain(binder, place, "want true or false, got %s", json_kind_text(place->node));
		return;
	}
	*(struct opt_bool *)slot = (struct opt_bool){ true, kind == JSON_TRUE };
}

static void bind_number(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	uint64_t value;

	if (!number_read(binder, field, place, &value))
		return;
	switch (field->kind) {
	case FIELD_I32:
		*(struct opt_i32 *)slot = (struct opt_i32){ true, (int32_t)value };
		break;
	case FIELD_U16:
		*(struct opt_u16 *)slot = (struct opt_u16){ true, (uint16_t)value };
		break;
	case FIELD_U32:
		*(struct opt_u32 *)slot = (struct opt_u32){ true, (uint32_t)value };
		break;
	case FIELD_I64:
		*(struct opt_i64 *)slot = (struct opt_i64){ true, (int64_t)value };
		break;
	case FIELD_U64:
		*(struct opt_u64 *)slot = (struct opt_u64){ true, value };
		break;
	case FIELD_PLAIN_U32:
		*(uint32_t *)slot = (uint32_t)value;
		break;
	case FIELD_PLAIN_I64:
		*(int64_t *)slot = (int64_t)value;
		break;
	default:
		*(uint64_t *)slot = value;
		break;
	}
}

static void bind_enum(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	const char *text = string_read(binder, place);
	const struct name *name = text ? name_find(field->names, text) : NULL;

	if (!text || (!*text && (field->flags & FIELD_BLANK)))
		return;
	if (!name || ((field->flags & FIELD_BOUNDED) && name->value < field->least)) {
		complain_word(binder, place, field, text);
		return;
	}
	*(int *)slot = name->value;
}

static void mask_keep_unknown(struct binder *binder, const struct field *field, const struct place *place,
			      struct opt_mask *mask, const char **unknown)
{
	char quoted[QUOTE_SIZE];

	unknown[mask->unknown_count++] = place->node->text;
	mask->unknown = unknown;
	quote(quoted, place->node->text, place->node->count);
	warn(binder, place, "unknown %s '%s'", field->names->what, quoted);
}

static void bind_mask(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	struct opt_mask mask = { .set = true };
	const char **unknown = NULL;
	struct place item = { .above = place };

	if (!node_is(binder, place, JSON_ARRAY, "an array"))
		return;
	for (item.node = place->node->first; item.node; item.node = item.node->next, item.index++) {
		const char *text = string_read(binder, &item);
		const struct name *name = text ? name_find(field->names, text) : NULL;

		if (!text)
			continue;
		if (name) {
			mask.bits |= UINT64_C(1) << (name->value - 1);
		} else if (!(field->flags & FIELD_KEEP_UNKNOWN)) {
			complain_word(binder, &item, field, text);
		} else {
			if (!unknown)
				unknown = binder_alloc(binder, place->node->count, sizeof(*unknown));
			if (!unknown)
				return;
			mask_keep_unknown(binder, field, &item, &mask, unknown);
		}
	}
	*(struct opt_mask *)slot = mask;
}

/* Memory for all items of the array at `place`; NULL after a complaint. */
static void *array_begin(struct binder *binder, const struct field *field, const struct place *place, size_t size)
{
	if (!node_is(binder, place, JSON_ARRAY, "an array"))
		return NULL;
	if (place->node->count == 0 && (field->flags & FIELD_NOT_EMPTY))
		complain(binder, place, "want at least one item");
	return binder_alloc(binder, place->node->count, size);
}

static void bind_strings(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	const char **items = array_begin(binder, field, place, sizeof(*items));
	struct place item = { .above = place };

	if (!items)
		return;
	for (item.node = place->node->first; item.node; item.node = item.node->next, item.index++) {
		items[item.index] = string_read(binder, &item);
		if (!items[item.index])
			items[item.index] = "";
	}
	*(struct spec_strings *)slot = (struct spec_strings){ items, place->node->count };
}

static void bind_u32s(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	uint32_t *items = array_begin(binder, field, place, sizeof(*items));
	struct place item = { .above = place };

	if (!items)
		return;
	for (item.node = place->node->first; item.node; item.node = item.node->next, item.index++) {
		uint64_t value;

		if (number_read(binder, field, &item, &value))
			items[item.index] = (uint32_t)value;
	}
	*(struct spec_u32s *)slot = (struct spec_u32s){ items, place->node->count };
}

static void bind_child(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	void *object;

	if (!node_is(binder, place, JSON_OBJECT, "an object"))
		return;
	object = binder_alloc(binder, 1, field->child->size);
	if (!object)
		return;
	object_bind(binder, field->child, place, object);
	*(const void **)slot = object;
}

/* What a reader of the struct may rely on even when there were complaints. */
static void required_strings_fill(const struct fields *fields, char *object)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct field *field = &fields->rows[i];
		const char **slot = (const char **)(void *)(object + field->offset);

		if (field->kind == FIELD_STRING && (field->flags & FIELD_REQUIRED) && !*slot)
			*slot = "";
	}
}

static void item_bind(struct binder *binder, const struct field *field, const struct place *place, char *item)
{
	if (node_is(binder, place, JSON_OBJECT, "an object"))
		object_bind(binder, field->child, place, item);
	else
		required_strings_fill(field->child, item);
}

static void bind_children(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	char *items = array_begin(binder, field, place, field->child->size);
	struct place item = { .above = place };

	if (!items)
		return;
	for (item.node = place->node->first; item.node; item.node = item.node->next, item.index++)
		item_bind(binder, field, &item, items + item.index * field->child->size);
	*(struct list *)slot = (struct list){ items, place->node->count };
}

static int nodes_compare(const void *a, const void *b)
{
	const struct json_node *left = *(const struct json_node *const *)a;
	const struct json_node *right = *(const struct json_node *const *)b;
	int order = strcmp(left->key, right->key);

	return order != 0 ? order : (left->offset > right->offset) - (left->offset < right->offset);
}

static void keys_check_many(struct binder *binder, const struct place *place)
{
	_cleanup_(arena_cleanup) struct arena scratch = ARENA_INIT;
	const struct json_node **nodes = arena_calloc(&scratch, place->node->count, sizeof(struct json_node *));
	size_t count = 0;

	if (!nodes) {
		binder->memory_gone = true;
		return;
	}
	for (const struct json_node *node = place->node->first; node; node = node->next)
		nodes[count++] = node;
	qsort(nodes, count, sizeof(struct json_node *), nodes_compare);
	for (size_t i = 1; i < count; i++) {
		struct place item = { .above = place, .node = nodes[i] };

		if (strcmp(nodes[i - 1]->key, nodes[i]->key) == 0)
			complain(binder, &item, "given twice");
	}
}

static void keys_check_few(struct binder *binder, const struct place *place)
{
	for (const struct json_node *node = place->node->first; node; node = node->next) {
		struct place item = { .above = place, .node = node };

		for (const struct json_node *elder = place->node->first; elder != node; elder = elder->next) {
			if (strcmp(elder->key, node->key) == 0) {
				complain(binder, &item, "given twice");
				break;
			}
		}
	}
}

/* Memory for all entries of the map at `place`, whose keys are then known to be good; NULL after a complaint. */
static void *map_begin(struct binder *binder, const struct place *place, size_t size)
{
	if (!node_is(binder, place, JSON_OBJECT, "an object"))
		return NULL;
	for (const struct json_node *node = place->node->first; node; node = node->next) {
		if (!node->key[0])
			complain(binder, place, "want no empty key");
	}
	if (place->node->count > MAP_FEW)
		keys_check_many(binder, place);
	else
		keys_check_few(binder, place);
	return binder_alloc(binder, place->node->count, size);
}

static void bind_pairs(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	struct spec_pair *items = map_begin(binder, place, sizeof(*items));
	struct place item = { .above = place };
	size_t count = 0;

	(void)field;
	if (!items)
		return;
	for (item.node = place->node->first; item.node; item.node = item.node->next) {
		const char *value;

		if (item.node->kind == JSON_NULL)
			continue;
		value = string_read(binder, &item);
		items[count++] = (struct spec_pair){ item.node->key, value ? value : "" };
	}
	*(struct spec_pairs *)slot = (struct spec_pairs){ items, count };
}

static void bind_map(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	char *items = map_begin(binder, place, field->child->size);
	struct place entry = { .above = place };
	size_t count = 0;

	if (!items)
		return;
	for (entry.node = place->node->first; entry.node; entry.node = entry.node->next) {
		char *item = items + count * field->child->size;

		if (entry.node->kind == JSON_NULL)
			continue;
		*(const char **)(void *)item = entry.node->key;
		item_bind(binder, field, &entry, item);
		count++;
	}
	*(struct list *)slot = (struct list){ items, count };
}

static void bind_nothing(struct binder *binder, const struct field *field, const struct place *place, void *slot)
{
	(void)slot;
	if (field->kind == FIELD_REFUSED)
		complain(binder, place, "%s", field->reason);
}

static void (*const kinds[])(struct binder *, const struct field *, const struct place *, void *) = {
	[FIELD_STRING] = bind_string,    [FIELD_BOOL] = bind_bool,        [FIELD_I32] = bind_number,
	[FIELD_U16] = bind_number,       [FIELD_U32] = bind_number,       [FIELD_I64] = bind_number,
	[FIELD_U64] = bind_number,       [FIELD_PLAIN_U32] = bind_number, [FIELD_PLAIN_I64] = bind_number,
	[FIELD_PLAIN_U64] = bind_number, [FIELD_ENUM] = bind_enum,        [FIELD_MASK] = bind_mask,
	[FIELD_STRINGS] = bind_strings,  [FIELD_U32S] = bind_u32s,        [FIELD_OBJECT] = bind_child,
	[FIELD_OBJECTS] = bind_children, [FIELD_PAIRS] = bind_pairs,      [FIELD_MAP] = bind_map,
	[FIELD_IGNORED] = bind_nothing,  [FIELD_REFUSED] = bind_nothing,
};

/* Writers mostly keep the order of the rows, so the search starts where the last one ended. fields->count: there is none. */
static size_t row_find(const struct fields *fields, const char *key, size_t start)
{
	size_t row = start;

	for (size_t i = 0; i < fields->count; i++, row++) {
		if (row >= fields->count)
			row = 0;
		if (fields->rows[row].name[0] == key[0] && strcmp(fields->rows[row].name, key) == 0)
			return row;
	}
	return fields->count;
}

static void object_bind(struct binder *binder, const struct fields *fields, const struct place *place, char *object)
{
	struct place child = { .above = place };
	unsigned int errors = binder->problems->errors;
	uint64_t seen = 0, filled = 0;
	size_t next = 0;

	for (child.node = place->node->first; child.node; child.node = child.node->next) {
		size_t row = row_find(fields, child.node->key, next);
		const struct field *field;

		if (row == fields->count)
			continue;
		next = row + 1;
		row -= (fields->rows[row].flags & FIELD_ALIAS) != 0;
		field = &fields->rows[row];
		if (seen >> row & 1) {
			complain(binder, &child, "given twice");
			continue;
		}
		seen |= UINT64_C(1) << row;
		if (child.node->kind == JSON_NULL)
			continue;
		filled |= UINT64_C(1) << row;
		kinds[field->kind](binder, field, &child, object + field->offset);
	}
	for (size_t row = 0; row < fields->count; row++) {
		const struct field *field = &fields->rows[row];

		if ((field->flags & FIELD_REQUIRED) && !(filled >> row & 1))
			complain(binder, place, MISSING_PROPERTY "%s'%s%s", field->name, field->missing ? ": " : "",
				 field->missing ? field->missing : "");
	}
	if (binder->problems->errors != errors)
		required_strings_fill(fields, object);
}

int bind_document(const struct fields *fields, const struct json_document *document, struct arena *arena,
		  struct problems *problems, void **ret)
{
	struct binder binder = { .document = document, .arena = arena, .problems = problems };
	struct place top = { .node = document->root };
	char *object = NULL;

	if (node_is(&binder, &top, JSON_OBJECT, "an object")) {
		object = binder_alloc(&binder, 1, fields->size);
		if (object)
			object_bind(&binder, fields, &top, object);
	}
	if (binder.memory_gone)
		return -ENOMEM;
	*ret = object;
	return 0;
}
