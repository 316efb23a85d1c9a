/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back: typed documents to JSON, through the same field rows that parse them, so that what is written is what is read.
 * Absent members are left out; members come in the order of their rows.
 */
#ifndef ORLOP_LIBSPEC_WRITE_H
#define ORLOP_LIBSPEC_WRITE_H

#include "libbase/json_writer.h"
#include "libspec/record.h"
#include "libspec/spec.h"
#include "libspec/state.h"

/* `key` as in json_writer.h: NULL at the top and inside arrays. */
void spec_write(struct json_writer *json, const char *key, const struct spec *spec);
void process_write(struct json_writer *json, const char *key, const struct spec_process *process);
void resources_write(struct json_writer *json, const char *key, const struct spec_resources *resources);
void state_write(struct json_writer *json, const char *key, const struct state *state);
void record_write(struct json_writer *json, const char *key, const struct record *record);
void features_write(struct json_writer *json, const char *key, const struct features *features);

#endif
