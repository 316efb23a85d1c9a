/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call per document; parse/emit.c does the writing.
 */
#include "libspec/write.h"

#include "libspec/parse/tables.h"

void spec_write(struct json_writer *json, const char *key, const struct spec *spec)
{
	emit_object(json, key, &fields_spec, spec);
}

void process_write(struct json_writer *json, const char *key, const struct spec_process *process)
{
	emit_object(json, key, &fields_process, process);
}

void resources_write(struct json_writer *json, const char *key, const struct spec_resources *resources)
{
	emit_object(json, key, &fields_resources, resources);
}

void state_write(struct json_writer *json, const char *key, const struct state *state)
{
	emit_object(json, key, &fields_state, state);
}

void record_write(struct json_writer *json, const char *key, const struct record *record)
{
	emit_object(json, key, &fields_record, record);
}

void features_write(struct json_writer *json, const char *key, const struct features *features)
{
	emit_object(json, key, &fields_features, features);
}
