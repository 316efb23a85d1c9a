/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every fuzz target defines, and what those share that read a document and write it.
 *
 * A target is one file, fuzz_NAME.c, and one row in meson.build. It is linked twice: with libFuzzer (-Dfuzz=true),
 * and always with driver.c, which replays corpus/NAME as a test.
 */
#ifndef ORLOP_FUZZ_H
#define ORLOP_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libbase/json_writer.h"
#include "libspec/problem.h"

/* libFuzzer's entry. Returns 0; a fault is an abort. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Says why on stderr and aborts. */
_Noreturn void fuzz_fail(const char *what, const char *detail);

/* Loads a document and, when it is good, writes it. Returns what the load returned. */
typedef int fuzz_copy(const char *bytes, size_t length, struct arena *arena, struct problems *problems,
		      struct json_writer *json, struct error *err);

/* A bad document must be refused in one line; a good one, once written, must load again and be written the same. */
void fuzz_round_trip(fuzz_copy *copy, const uint8_t *bytes, size_t length);

#endif
