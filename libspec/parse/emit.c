/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a struct by its rows: the mirror of bind.c, one function for each kind of row.
 */
#include "libbase/cleanup.h"
#include "libspec/parse/bind.h"
#include "libspec/spec.h"

struct list {
	const void *items;
	size_t count;
};

/* The value of a number row; false when it was not given. */
static bool number_value(const struct field *field, const void *slot, bool *is_signed, uint64_t *ret)
{
	*is_signed = false;
	switch (field->kind) {
	case FIELD_U16:
		*ret = ((const struct opt_u16 *)slot)->value;
		return ((const struct opt_u16 *)slot)->set;
	case FIELD_U32:
		*ret = ((const struct opt_u32 *)slot)->value;
		return ((const struct opt_u32 *)slot)->set;
	case FIELD_U64:
		*ret = ((const struct opt_u64 *)slot)->value;
		return ((const struct opt_u64 *)slot)->set;
	case FIELD_PLAIN_U32:
		*ret = *(const uint32_t *)slot;
		return *ret != 0;
	case FIELD_PLAIN_U64:
		*ret = *(const uint64_t *)slot;
		return *ret != 0;
	default:
		break;
	}
	*is_signed = true;
	switch (field->kind) {
	case FIELD_I32:
		*ret = (uint64_t)((const struct opt_i32 *)slot)->value;
		return ((const struct opt_i32 *)slot)->set;
	case FIELD_I64:
		*ret = (uint64_t)((const struct opt_i64 *)slot)->value;
		return ((const struct opt_i64 *)slot)->set;
	default:
		*ret = (uint64_t) * (const int64_t *)slot;
		return *ret != 0;
	}
}

static void emit_number(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	bool is_signed;
	uint64_t value;

	if (!number_value(field, slot, &is_signed, &value) && !always)
		return;
	if (is_signed)
		json_i64(json, field->name, (int64_t)value);
	else
		json_u64(json, field->name, value);
}

static void emit_string(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const char *text = *(const char *const *)slot;

	if (text || always)
		json_string(json, field->name, text ? text : "");
}

static void emit_bool(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const struct opt_bool *value = slot;

	if (value->set || always)
		json_bool(json, field->name, value->value);
}

static void emit_enum(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const char *text = name_text(field->names, *(const int *)slot);

	if (text || always)
		json_string(json, field->name, text ? text : "");
}

static void emit_mask(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const struct opt_mask *mask = slot;
	uint64_t left = mask->bits;

	if (!mask->set && !always)
		return;
	json_array_begin(json, field->name);
	for (size_t i = 0; i < field->names->count; i++) {
		uint64_t bit = UINT64_C(1) << (field->names->names[i].value - 1);

		if (left & bit)
			json_string(json, NULL, field->names->names[i].text);
		/* A second name for the same bit is not written. */
		left &= ~bit;
	}
	for (size_t i = 0; i < mask->unknown_count; i++)
		json_string(json, NULL, mask->unknown[i]);
	json_array_end(json);
}

static void emit_strings(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const struct spec_strings *list = slot;

	if (!list->items && !always)
		return;
	json_array_begin(json, field->name);
	for (size_t i = 0; i < list->count; i++)
		json_string(json, NULL, list->items[i]);
	json_array_end(json);
}

static void emit_u32s(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const struct spec_u32s *list = slot;

	if (!list->items && !always)
		return;
	json_array_begin(json, field->name);
	for (size_t i = 0; i < list->count; i++)
		json_u64(json, NULL, list->items[i]);
	json_array_end(json);
}

static void emit_child(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const void *object = *(const void *const *)slot;

	if (object) {
		emit_object(json, field->name, field->child, object);
	} else if (always) {
		json_object_begin(json, field->name);
		json_object_end(json);
	}
}

static void emit_children(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const struct list *list = slot;
	const char *items = list->items;

	if (!items && !always)
		return;
	json_array_begin(json, field->name);
	for (size_t i = 0; i < list->count; i++)
		emit_object(json, NULL, field->child, items + i * field->child->size);
	json_array_end(json);
}

static void emit_pairs(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const struct spec_pairs *pairs = slot;

	if (!pairs->items && !always)
		return;
	json_object_begin(json, field->name);
	for (size_t i = 0; i < pairs->count; i++)
		json_string(json, pairs->items[i].key, pairs->items[i].value);
	json_object_end(json);
}

static void emit_map(struct json_writer *json, const struct field *field, const void *slot, bool always)
{
	const struct list *list = slot;
	const char *items = list->items;

	if (!items && !always)
		return;
	json_object_begin(json, field->name);
	for (size_t i = 0; i < list->count; i++) {
		const char *item = items + i * field->child->size;

		emit_object(json, *(const char *const *)(const void *)item, field->child, item);
	}
	json_object_end(json);
}

static void (*const kinds[])(struct json_writer *, const struct field *, const void *, bool) = {
	[FIELD_STRING] = emit_string,    [FIELD_BOOL] = emit_bool,        [FIELD_I32] = emit_number,
	[FIELD_U16] = emit_number,       [FIELD_U32] = emit_number,       [FIELD_I64] = emit_number,
	[FIELD_U64] = emit_number,       [FIELD_PLAIN_U32] = emit_number, [FIELD_PLAIN_I64] = emit_number,
	[FIELD_PLAIN_U64] = emit_number, [FIELD_ENUM] = emit_enum,        [FIELD_MASK] = emit_mask,
	[FIELD_STRINGS] = emit_strings,  [FIELD_U32S] = emit_u32s,        [FIELD_OBJECT] = emit_child,
	[FIELD_OBJECTS] = emit_children, [FIELD_PAIRS] = emit_pairs,      [FIELD_MAP] = emit_map,
};

void emit_object(struct json_writer *json, const char *key, const struct fields *fields, const void *object)
{
	json_object_begin(json, key);
	for (size_t i = 0; i < fields->count; i++) {
		const struct field *field = &fields->rows[i];

		if (field->kind >= ARRAY_SIZE(kinds) || (field->flags & FIELD_ALIAS))
			continue;
		kinds[field->kind](json, field, (const char *)object + field->offset,
				   field->flags & (FIELD_REQUIRED | FIELD_ALWAYS));
	}
	json_object_end(json);
}
