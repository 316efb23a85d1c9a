/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From bytes to typed, checked, const documents: config.json, process.json, resources.json, the state document.
 *
 * Each load: cap the input, parse (libspec/parse), fill defaults (libspec/defaults.c), run every check (libspec/check), and report all
 * violations in one error. Warnings are left in `problems` for the caller to log. Everything returned lives in `arena` and is const.
 *
 * Errors: -EINVAL (violations, not JSON), -EFBIG (more than SPEC_BYTES_MAX), -EISDIR, -ENOENT, ... `err` names the document.
 */
#ifndef ORLOP_LIBSPEC_LOAD_H
#define ORLOP_LIBSPEC_LOAD_H

#include "libbase/arena.h"
#include "libbase/error.h"
#include "libspec/problem.h"
#include "libspec/record.h"
#include "libspec/spec.h"
#include "libspec/state.h"

#define SPEC_BYTES_MAX ((size_t)16 << 20)
#define SPEC_DEPTH_MAX 64

/* dir_fd is the bundle; `name` is usually "config.json". */
int spec_load(int dir_fd, const char *name, struct arena *arena, struct problems *problems, const struct spec **ret,
	      struct error *err);
/* The same from memory; `document` is the name used in messages. The bytes are not kept. */
int spec_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
		    struct problems *problems, const struct spec **ret, struct error *err);

/*
 * Gives the problems that were found after loading the lines of their places, by parsing the document again: the tree is not kept, and who
 * has no problems pays nothing. What can no longer be read or parsed leaves them without lines.
 */
void spec_locate(int dir_fd, const char *name, struct problems *problems);
void spec_locate_bytes(const char *bytes, size_t length, struct problems *problems);

/* `exec --process FILE`; a FIFO is read to its end. */
int process_load(int dir_fd, const char *name, struct arena *arena, struct problems *problems,
		 const struct spec_process **ret, struct error *err);
int process_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
		       struct problems *problems, const struct spec_process **ret, struct error *err);

/* `update --resources FILE`; a FIFO is read to its end, "-" reads standard input (any file type, still capped). */
int resources_load(int dir_fd, const char *name, struct arena *arena, struct problems *problems,
		   const struct spec_resources **ret, struct error *err);
int resources_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
			 struct problems *problems, const struct spec_resources **ret, struct error *err);

/* The rules alone, for resources that were put together in memory; `document` is their name in messages. */
int resources_verify(const char *document, const struct spec_resources *resources, struct problems *problems,
		     struct error *err);

int state_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
		     struct problems *problems, const struct state **ret, struct error *err);
int record_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
		      struct problems *problems, const struct record **ret, struct error *err);
int features_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
			struct problems *problems, const struct features **ret, struct error *err);

#endif
