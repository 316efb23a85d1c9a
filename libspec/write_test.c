/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row of every document, there and back: documents are made from the rows alone, with each property present and
 * none at its default, and must come back byte for byte. Then one row at a time is left out, null, of a wrong type,
 * or at the edges of its range.
 */
#include "libspec/write.h"

#include <inttypes.h>
#include <stdio.h>

#include "conformance/unit/check.h"
#include "libspec/parse/tables.h"

enum odd { ODD_NOTHING, ODD_ABSENT, ODD_NULL, ODD_TYPE, ODD_VALUE, ODD_TWICE };

/* What to do differently, and at which row. */
struct maker {
	struct text_buffer to;
	unsigned int serial;
	enum odd odd;
	const struct field *at;
	const char *value; /* ODD_VALUE: in place of the number */
};

static const struct fields *const documents[] = { &fields_spec,  &fields_process, &fields_resources,
						  &fields_state, &fields_record,  &fields_features };

static void make_object(struct maker *maker, const struct fields *fields);

static bool is_number(const struct field *field)
{
	int64_t least;
	uint64_t most;

	return field_range(field, &least, &most);
}

static void make_number(struct maker *maker, const struct field *field)
{
	int64_t least;
	uint64_t most;

	if (maker->odd == ODD_VALUE && maker->at == field) {
		text_append(&maker->to, maker->value);
		return;
	}
	maker->serial++;
	field_range(field, &least, &most);
	text_append_format(&maker->to, "%s%u", least < 0 && maker->serial % 2 ? "-" : "", 1 + maker->serial % 60000);
}

static void make_word(struct maker *maker, const struct field *field)
{
	const struct name *name;

	do {
		name = &field->names->names[maker->serial++ % field->names->count];
	} while (((field->flags & FIELD_BOUNDED) && name->value < field->least) ||
		 strcmp(name_text(field->names, name->value), name->text) != 0);
	text_append_format(&maker->to, "\"%s\"", name->text);
}

static void make_words(struct maker *maker, const struct field *field)
{
	size_t odd = maker->serial++ % 2;
	const char *comma = "";

	for (size_t i = field->names->count > 1 ? odd : 0; i < field->names->count; i += 2) {
		text_append_format(&maker->to, "%s\"%s\"", comma, field->names->names[i].text);
		comma = ",";
	}
	if (field->flags & FIELD_KEEP_UNKNOWN)
		text_append_format(&maker->to, "%s\"CAP_OF_TOMORROW_%u\"", comma, maker->serial++);
}

static void make_value(struct maker *maker, const struct field *field)
{
	struct text_buffer *to = &maker->to;

	switch ((enum field_kind)field->kind) {
	case FIELD_STRING:
		text_append_format(to, "\"text %u\"", maker->serial++);
		break;
	case FIELD_BOOL:
		text_append(to, maker->serial++ % 2 ? "true" : "false");
		break;
	case FIELD_ENUM:
		make_word(maker, field);
		break;
	case FIELD_MASK:
		text_append(to, "[");
		make_words(maker, field);
		text_append(to, "]");
		break;
	case FIELD_STRINGS:
		text_append_format(to, "[\"item %u\",\"\"]", maker->serial++);
		break;
	case FIELD_U32S:
		text_append(to, "[");
		make_number(maker, field);
		text_append(to, ",4294967295]");
		break;
	case FIELD_OBJECT:
		make_object(maker, field->child);
		break;
	case FIELD_OBJECTS:
		text_append(to, "[");
		make_object(maker, field->child);
		text_append(to, ",");
		make_object(maker, field->child);
		text_append(to, "]");
		break;
	case FIELD_PAIRS:
		text_append_format(to, "{\"key/~%u\":\"v\",\"b\":\"\"}", maker->serial++);
		break;
	case FIELD_MAP:
		text_append(to, "{\"one\":");
		make_object(maker, field->child);
		text_append(to, ",\"a/two\":");
		make_object(maker, field->child);
		text_append(to, "}");
		break;
	default:
		make_number(maker, field);
	}
}

static const char *wrong_value(const struct field *field)
{
	switch ((enum field_kind)field->kind) {
	case FIELD_STRING:
		return "{}";
	case FIELD_ENUM:
		return "\"no such word\"";
	case FIELD_MASK:
		return field->flags & FIELD_KEEP_UNKNOWN ? "[7]" : "[\"no such word\"]";
	case FIELD_STRINGS:
		return "[\"a\",null]";
	case FIELD_U32S:
		return "[1,-1]";
	case FIELD_OBJECTS:
		return "[7]";
	case FIELD_PAIRS:
		return "{\"a\":1}";
	case FIELD_MAP:
		return "{\"a\":1}";
	default:
		return "\"7\"";
	}
}

static bool is_written(const struct field *field)
{
	return field->kind != FIELD_IGNORED && field->kind != FIELD_REFUSED && !(field->flags & FIELD_ALIAS);
}

static void make_object(struct maker *maker, const struct fields *fields)
{
	const char *comma = "";

	text_append(&maker->to, "{");
	for (size_t i = 0; i < fields->count; i++) {
		const struct field *field = &fields->rows[i];
		bool odd = maker->at == field;

		if (!is_written(field) || (odd && maker->odd == ODD_ABSENT))
			continue;
		text_append_format(&maker->to, "%s\"%s\":", comma, field->name);
		comma = ",";
		if (odd && maker->odd == ODD_NULL)
			text_append(&maker->to, "null");
		else if (odd && maker->odd == ODD_TYPE)
			text_append(&maker->to, wrong_value(field));
		else
			make_value(maker, field);
		if (odd && maker->odd == ODD_TWICE) {
			text_append_format(&maker->to, ",\"%s\":", field->name);
			make_value(maker, field);
		}
	}
	text_append(&maker->to, "}");
}

/* A document read and written again. */
struct trip {
	struct arena arena;
	struct problems problems;
	struct text_buffer out;
};

static void travel(struct trip *trip, const struct fields *fields, const char *text)
{
	struct json_document document;
	struct json_writer json;
	struct error err = { 0 };
	void *object = NULL;
	char *copy;

	*trip = (struct trip){ 0 };
	problems_init(&trip->problems, &trip->arena);
	copy = arena_string(&trip->arena, text);
	CHECK(copy);
	if (json_parse(copy, strlen(text), &trip->arena, &trip->arena, &document, &err) < 0)
		check_fail(__FILE__, __LINE__, "%s in %s", error_text(&err), text);
	CHECK_INT(bind_document(fields, &document, &trip->arena, &trip->problems, &object), 0);
	CHECK(object);
	json_writer_init(&json, &trip->out, "");
	emit_object(&json, NULL, fields, object);
	CHECK_INT(json_writer_finish(&json), 0);
}

static void return_home(struct trip *trip, struct maker *maker)
{
	arena_cleanup(&trip->arena);
	text_buffer_cleanup(&trip->out);
	text_buffer_cleanup(&maker->to);
}

static const char *first_error(const struct trip *trip)
{
	static struct error err;

	ERROR_INIT(&err);
	problems_tell(&trip->problems, "doc", &err);
	return err.text;
}

TEST(whole_documents_come_back)
{
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		/* Several rounds, so that words and signs vary. */
		for (unsigned int serial = 0; serial < 40; serial++) {
			struct maker maker = { .serial = serial };
			struct trip trip;

			make_object(&maker, documents[i]);
			travel(&trip, documents[i], maker.to.bytes);
			CHECK_TEXT(first_error(&trip), "");
			CHECK_TEXT(trip.out.bytes, maker.to.bytes);
			return_home(&trip, &maker);
		}
	}
}

TEST(any_one_row_may_be_absent_or_null)
{
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		struct field_walk walk;
		const struct field *field;

		field_walk_begin(&walk, documents[i]);
		while ((field = field_walk_next(&walk))) {
			struct maker with = { .odd = ODD_NULL, .at = field },
				     without = { .odd = ODD_ABSENT, .at = field };
			struct trip trip;

			if (!is_written(field))
				continue;
			make_object(&with, documents[i]);
			make_object(&without, documents[i]);
			travel(&trip, documents[i], with.to.bytes);
			if (field->flags & FIELD_REQUIRED) {
				char words[128];

				snprintf(words, sizeof(words), "missing required property '%s'", field->name);
				CHECK_HAS(first_error(&trip), words);
			} else {
				CHECK_TEXT(first_error(&trip), "");
				if (!(field->flags & FIELD_ALWAYS))
					CHECK_TEXT(trip.out.bytes, without.to.bytes);
			}
			return_home(&trip, &with);
			text_buffer_cleanup(&without.to);
		}
	}
}

/* The row's path pattern with the first item or key in each place, as problems tell it. */
static void path_of(char *to, size_t size, const struct field_walk *walk)
{
	size_t length = 0;

	for (const char *at = walk->path; *at && length + 8 < size; at++) {
		if (*at == '[') {
			length += (size_t)snprintf(to + length, size - length, "/0");
			at++;
		} else if (*at == '{') {
			length += (size_t)snprintf(to + length, size - length, "/one");
			at += 2;
		} else {
			to[length++] = *at;
		}
	}
	to[length] = '\0';
}

TEST(any_one_row_of_a_wrong_type)
{
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		struct field_walk walk;
		const struct field *field;

		field_walk_begin(&walk, documents[i]);
		while ((field = field_walk_next(&walk))) {
			struct maker maker = { .odd = ODD_TYPE, .at = field };
			char place[256];
			struct trip trip;

			if (!is_written(field))
				continue;
			make_object(&maker, documents[i]);
			travel(&trip, documents[i], maker.to.bytes);
			path_of(place, sizeof(place), &walk);
			CHECK_HAS(first_error(&trip), "want ");
			CHECK_HAS(first_error(&trip), ", got ");
			CHECK_HAS(first_error(&trip), "line 1: /");
			/* Rows of shared tables are odd at their first place only as far as messages go. */
			if (trip.problems.errors == 1)
				CHECK_HAS(first_error(&trip), place);
			return_home(&trip, &maker);
		}
	}
}

TEST(any_one_row_twice)
{
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		struct field_walk walk;
		const struct field *field;

		field_walk_begin(&walk, documents[i]);
		while ((field = field_walk_next(&walk))) {
			struct maker maker = { .odd = ODD_TWICE, .at = field };
			struct trip trip;

			if (!is_written(field))
				continue;
			make_object(&maker, documents[i]);
			travel(&trip, documents[i], maker.to.bytes);
			CHECK_HAS(first_error(&trip), ": given twice");
			return_home(&trip, &maker);
		}
	}
}

static void try_number(const struct fields *fields, const struct field *field, const char *value, const char *refusal)
{
	struct maker maker = { .odd = ODD_VALUE, .at = field, .value = value };
	struct trip trip;

	make_object(&maker, fields);
	travel(&trip, fields, maker.to.bytes);
	if (refusal) {
		CHECK_HAS(first_error(&trip), refusal);
	} else {
		CHECK_TEXT(first_error(&trip), "");
		/* A plain number that is 0 is the same as absent. */
		if (strcmp(value, "0") != 0)
			CHECK_TEXT(trip.out.bytes, maker.to.bytes);
	}
	return_home(&trip, &maker);
}

static void try_edges(const struct fields *fields, const struct field *field)
{
	char least_text[32], most_text[32], below[32], above[32], refusal[128];
	uint64_t most;
	int64_t least;

	field_range(field, &least, &most);
	snprintf(least_text, sizeof(least_text), "%" PRId64, least);
	snprintf(most_text, sizeof(most_text), "%" PRIu64, most);
	if (least == INT64_MIN)
		snprintf(below, sizeof(below), "-9223372036854775809");
	else
		snprintf(below, sizeof(below), "%" PRId64, least - 1);
	if (most == UINT64_MAX)
		snprintf(above, sizeof(above), "18446744073709551616");
	else
		snprintf(above, sizeof(above), "%" PRIu64, most + 1);
	try_number(fields, field, least_text, NULL);
	try_number(fields, field, most_text, NULL);
	snprintf(refusal, sizeof(refusal), "want %s to %s, got %s", least_text, most_text, below);
	try_number(fields, field, below, refusal);
	snprintf(refusal, sizeof(refusal), "want %s to %s, got %s", least_text, most_text, above);
	try_number(fields, field, above, refusal);
	try_number(fields, field, "1.5", "want an integer, got 1.5");
	try_number(fields, field, "1e3", "want an integer, got 1e3");
	try_number(fields, field, "123456789012345678901234567890", "got 123456789012345678901234567890");
}

TEST(numbers_at_their_edges)
{
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		struct field_walk walk;
		const struct field *field;

		field_walk_begin(&walk, documents[i]);
		while ((field = field_walk_next(&walk))) {
			if (is_number(field))
				try_edges(documents[i], field);
		}
	}
}

TEST(empty_is_not_absent)
{
	static const char *const texts[] = {
		"{\"ociVersion\":\"1.0.2\"}",
		"{\"ociVersion\":\"1.0.2\",\"hostname\":\"\",\"mounts\":[],\"annotations\":{}}",
		"{\"ociVersion\":\"1.0.2\",\"hooks\":{\"prestart\":[{\"path\":\"\",\"env\":[]}]}}",
		"{\"ociVersion\":\"1.0.2\",\"linux\":{\"netDevices\":{},\"maskedPaths\":[]}}",
		"{\"ociVersion\":\"1.0.2\",\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"flags\":[]}}}",
		"{\"ociVersion\":\"1.0.2\",\"process\":{\"user\":{},\"args\":[],\"cwd\":\"/\"}}",
		"{\"ociVersion\":\"1.0.2\",\"process\":{\"cwd\":\"/\",\"capabilities\":{\"bounding\":[]}}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct maker maker = { 0 };
		struct trip trip;

		travel(&trip, &fields_spec, texts[i]);
		CHECK_TEXT(first_error(&trip), "");
		CHECK_TEXT(trip.out.bytes, texts[i]);
		return_home(&trip, &maker);
	}
}

TEST(words_come_in_the_order_of_their_table)
{
	struct maker maker = { 0 };
	struct trip trip;

	travel(&trip, &fields_process,
	       "{\"cwd\":\"/\",\"capabilities\":{\"bounding\":[\"CAP_KILL\",\"CAP_CHOWN\",\"CAP_X\",\"CAP_KILL\"]}}");
	CHECK_HAS(trip.out.bytes, "\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\",\"CAP_X\"]");
	CHECK_INT(trip.problems.errors, 0);
	CHECK_INT(trip.problems.warnings, 1);
	CHECK_TEXT(trip.problems.items[0]->text, "unknown capability 'CAP_X'");
	CHECK_TEXT(trip.problems.items[0]->path, "/capabilities/bounding/2");
	return_home(&trip, &maker);
}

TEST(both_spellings_of_vm_hardware)
{
	const char *const head = "{\"ociVersion\":\"1.0.2\",\"vm\":{\"kernel\":{\"path\":\"/k\"},";
	struct maker maker = { 0 };
	struct trip trip;
	char text[256];

	snprintf(text, sizeof(text), "%s\"hwconfig\":{\"vcpus\":2}}}", head);
	travel(&trip, &fields_spec, text);
	CHECK_TEXT(first_error(&trip), "");
	CHECK_HAS(trip.out.bytes, "\"hwConfig\":{\"vcpus\":2}");
	return_home(&trip, &maker);
	snprintf(text, sizeof(text), "%s\"hwConfig\":{},\"hwconfig\":{}}}", head);
	travel(&trip, &fields_spec, text);
	CHECK_HAS(first_error(&trip), "/vm/hwconfig: given twice");
	return_home(&trip, &maker);
}

/* What a caller builds by hand may lack required members; the document must still be well-formed. */
TEST(writers_of_documents)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer out = TEXT_BUFFER_INIT;
	const struct state state = {
		.oci_version = "1.3.0", .id = "web", .status = STATUS_STOPPED, .bundle = "/b", .owner = ""
	};
	const struct spec_process process = { .cwd = "/" };
	const struct spec_resources resources = { 0 };
	const struct features features = { .oci_version_min = "1.0.0", .oci_version_max = "1.3.0" };
	const struct spec spec = { .oci_version = "1.3.0" };
	struct json_writer json;

	json_writer_init(&json, &out, "");
	json_array_begin(&json, NULL);
	state_write(&json, NULL, &state);
	process_write(&json, NULL, &process);
	resources_write(&json, NULL, &resources);
	features_write(&json, NULL, &features);
	spec_write(&json, NULL, &spec);
	spec_write(&json, NULL, &(const struct spec){ .vm = &(const struct spec_vm){ 0 } });
	json_array_end(&json);
	CHECK_INT(json_writer_finish(&json), 0);
	CHECK_TEXT(out.bytes,
		   "[{\"ociVersion\":\"1.3.0\",\"id\":\"web\",\"pid\":0,\"status\":\"stopped\",\"bundle\":\"/"
		   "b\",\"owner\":\"\"},"
		   "{\"cwd\":\"/"
		   "\"},{},{\"ociVersionMin\":\"1.0.0\",\"ociVersionMax\":\"1.3.0\"},{\"ociVersion\":\"1.3.0\"},"
		   "{\"ociVersion\":\"\",\"vm\":{\"kernel\":{}}}]");
}
