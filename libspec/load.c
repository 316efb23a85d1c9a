/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages in order: read, parse, bind, defaults, checks, tell. Each document differs only in its rows and in which
 * defaults and checks it has.
 */
#include "libspec/load.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "libbase/fd.h"
#include "libbase/path.h"
#include "libspec/check/check.h"
#include "libspec/defaults.h"
#include "libspec/parse/lines.h"
#include "libspec/parse/tables.h"

/* One document on its way. The tree is needed until the problems have their lines. */
struct loading {
	const char *name;
	struct arena *arena;
	struct problems *problems;
	struct arena scratch;
	struct json_document tree;
};

static void loading_cleanup(struct loading *loading)
{
	arena_cleanup(&loading->scratch);
}

static int too_big(const char *document, struct error *err)
{
	return error_say(err, -EFBIG, "%s: more than %zu MiB", document, SPEC_BYTES_MAX >> 20);
}

static int memory_gone(const char *document, struct error *err)
{
	return error_set(err, -ENOMEM, "%s", document);
}

/* *ret is NULL when the problems say why there is nothing. */
static int loading_bind(struct loading *loading, char *text, size_t length, const struct fields *fields, void **ret,
			struct error *err)
{
	int code = json_parse(text, length, loading->arena, &loading->scratch, &loading->tree, err);

	if (code < 0)
		return error_wrap(err, "%s", loading->name);
	code = bind_document(fields, &loading->tree, loading->arena, loading->problems, ret);
	return code < 0 ? memory_gone(loading->name, err) : 0;
}

static int loading_tell(struct loading *loading, struct error *err)
{
	problems_find_lines(loading->problems, &loading->tree);
	return problems_tell(loading->problems, loading->name, err);
}

static int spec_load_text(const char *document, char *text, size_t length, struct arena *arena,
			  struct problems *problems, const struct spec **ret, struct error *err)
{
	_cleanup_(loading_cleanup) struct loading loading = { .name = document, .arena = arena, .problems = problems };
	void *object = NULL;
	struct spec *spec;
	int code = loading_bind(&loading, text, length, &fields_spec, &object, err);

	if (code < 0)
		return code;
	spec = object;
	if (spec) {
		if (spec_defaults(spec, arena) < 0)
			return memory_gone(document, err);
		spec_check(spec, problems);
	}
	code = loading_tell(&loading, err);
	if (code < 0)
		return code;
	*ret = spec;
	return 0;
}

static int process_load_text(const char *document, char *text, size_t length, struct arena *arena,
			     struct problems *problems, const struct spec_process **ret, struct error *err)
{
	_cleanup_(loading_cleanup) struct loading loading = { .name = document, .arena = arena, .problems = problems };
	void *object = NULL;
	struct spec_process *process;
	int code = loading_bind(&loading, text, length, &fields_process, &object, err);

	if (code < 0)
		return code;
	process = object;
	if (process) {
		if (process_defaults(process, arena) < 0)
			return memory_gone(document, err);
		process_check(process, problems);
	}
	code = loading_tell(&loading, err);
	if (code < 0)
		return code;
	*ret = process;
	return 0;
}

static int resources_load_text(const char *document, char *text, size_t length, struct arena *arena,
			       struct problems *problems, const struct spec_resources **ret, struct error *err)
{
	_cleanup_(loading_cleanup) struct loading loading = { .name = document, .arena = arena, .problems = problems };
	void *object = NULL;
	struct spec_resources *resources;
	int code = loading_bind(&loading, text, length, &fields_resources, &object, err);

	if (code < 0)
		return code;
	resources = object;
	if (resources) {
		if (resources_defaults(resources, arena) < 0)
			return memory_gone(document, err);
		resources_check(resources, problems);
	}
	code = loading_tell(&loading, err);
	if (code < 0)
		return code;
	*ret = resources;
	return 0;
}

/* Documents of runtimes: no defaults, no rules. */
static int plain_load_bytes(const char *document, const char *bytes, size_t length, const struct fields *fields,
			    struct arena *arena, struct problems *problems, void **ret, struct error *err)
{
	_cleanup_(loading_cleanup) struct loading loading = { .name = document, .arena = arena, .problems = problems };
	char *text;
	int code;

	if (length > SPEC_BYTES_MAX)
		return too_big(document, err);
	text = arena_copy(arena, bytes, length);
	if (!text)
		return memory_gone(document, err);
	code = loading_bind(&loading, text, length, fields, ret, err);
	return code < 0 ? code : loading_tell(&loading, err);
}

static int read_say(int code, const char *name, struct error *err)
{
	if (code == -EFBIG)
		return too_big(name, err);
	if (code == -EINVAL)
		return error_say(err, code, "%s: not a regular file", name);
	return code < 0 ? error_set(err, code, "%s", name) : 0;
}

/* The bytes belong to the arena: json_parse may keep strings in place. */
static int file_read(int dir_fd, const char *name, struct arena *arena, char **ret, size_t *ret_length,
		     struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_document(dir_fd, name);

	return read_say(fd < 0 ? fd : fd_read_regular(fd, SPEC_BYTES_MAX, arena, ret, ret_length), name, err);
}

/* The same of what a caller names on the command line: a shell's <(...) is a FIFO. */
static int given_read(int dir_fd, const char *name, struct arena *arena, char **ret, size_t *ret_length,
		      struct error *err)
{
	_cleanup_(fd_cleanup) int fd = path_open_document(dir_fd, name);

	return read_say(fd < 0 ? fd : fd_read_regular_or_fifo(fd, SPEC_BYTES_MAX, arena, ret, ret_length), name, err);
}

int spec_load(int dir_fd, const char *name, struct arena *arena, struct problems *problems, const struct spec **ret,
	      struct error *err)
{
	char *text;
	size_t length;
	int code = file_read(dir_fd, name, arena, &text, &length, err);

	/* Engines look for runc's words. */
	if (code == -ENOENT)
		return error_say(err, code, "JSON specification file %s not found", name);
	return code < 0 ? code : spec_load_text(name, text, length, arena, problems, ret, err);
}

int spec_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
		    struct problems *problems, const struct spec **ret, struct error *err)
{
	char *text;

	if (length > SPEC_BYTES_MAX)
		return too_big(document, err);
	text = arena_copy(arena, bytes, length);
	if (!text)
		return memory_gone(document, err);
	return spec_load_text(document, text, length, arena, problems, ret, err);
}

/* `text` is scribbled on. */
static void text_locate(char *text, size_t length, struct arena *scratch, struct problems *problems)
{
	struct json_document tree;

	if (json_parse(text, length, scratch, scratch, &tree, NULL) == 0)
		problems_find_lines(problems, &tree);
}

void spec_locate(int dir_fd, const char *name, struct problems *problems)
{
	_cleanup_(arena_cleanup) struct arena scratch = ARENA_INIT;
	char *text;
	size_t length;

	if (path_read_file(dir_fd, name, SPEC_BYTES_MAX, &scratch, &text, &length) >= 0)
		text_locate(text, length, &scratch, problems);
}

void spec_locate_bytes(const char *bytes, size_t length, struct problems *problems)
{
	_cleanup_(arena_cleanup) struct arena scratch = ARENA_INIT;
	char *text = arena_copy(&scratch, bytes, length);

	if (text)
		text_locate(text, length, &scratch, problems);
}

int process_load(int dir_fd, const char *name, struct arena *arena, struct problems *problems,
		 const struct spec_process **ret, struct error *err)
{
	char *text;
	size_t length;
	int code = given_read(dir_fd, name, arena, &text, &length, err);

	return code < 0 ? code : process_load_text(name, text, length, arena, problems, ret, err);
}

int process_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
		       struct problems *problems, const struct spec_process **ret, struct error *err)
{
	char *text;

	if (length > SPEC_BYTES_MAX)
		return too_big(document, err);
	text = arena_copy(arena, bytes, length);
	if (!text)
		return memory_gone(document, err);
	return process_load_text(document, text, length, arena, problems, ret, err);
}

int resources_load(int dir_fd, const char *name, struct arena *arena, struct problems *problems,
		   const struct spec_resources **ret, struct error *err)
{
	bool standard_input = text_equal(name, "-");
	const char *document = standard_input ? "standard input" : name;
	char *text;
	size_t length;
	int code;

	if (!standard_input) {
		code = given_read(dir_fd, name, arena, &text, &length, err);
	} else {
		code = fd_read_all(STDIN_FILENO, SPEC_BYTES_MAX, arena, &text, &length);
		if (code == -EFBIG)
			return too_big(document, err);
		if (code < 0)
			return error_set(err, code, "read %s", document);
	}
	return code < 0 ? code : resources_load_text(document, text, length, arena, problems, ret, err);
}

int resources_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
			 struct problems *problems, const struct spec_resources **ret, struct error *err)
{
	char *text;

	if (length > SPEC_BYTES_MAX)
		return too_big(document, err);
	text = arena_copy(arena, bytes, length);
	if (!text)
		return memory_gone(document, err);
	return resources_load_text(document, text, length, arena, problems, ret, err);
}

int resources_verify(const char *document, const struct spec_resources *resources, struct problems *problems,
		     struct error *err)
{
	resources_check(resources, problems);
	return problems_tell(problems, document, err);
}

int state_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
		     struct problems *problems, const struct state **ret, struct error *err)
{
	void *object = NULL;
	int code = plain_load_bytes(document, bytes, length, &fields_state, arena, problems, &object, err);

	if (code < 0)
		return code;
	*ret = object;
	return 0;
}

int record_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
		      struct problems *problems, const struct record **ret, struct error *err)
{
	void *object = NULL;
	int code = plain_load_bytes(document, bytes, length, &fields_record, arena, problems, &object, err);

	if (code < 0)
		return code;
	*ret = object;
	return 0;
}

int features_load_bytes(const char *document, const char *bytes, size_t length, struct arena *arena,
			struct problems *problems, const struct features **ret, struct error *err)
{
	void *object = NULL;
	int code = plain_load_bytes(document, bytes, length, &fields_features, arena, problems, &object, err);

	if (code < 0)
		return code;
	*ret = object;
	return 0;
}
