/* SPDX-License-Identifier: Apache-2.0 */
/* load.c: files of every sort, all stages together, and what hostile documents cost. */
#include "libspec/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"
#include "libspec/template.h"
#include "libspec/write.h"

#define MIB ((size_t)1 << 20)

struct loaded {
	struct arena arena;
	struct problems problems;
	struct error err;
	int code;
	const struct spec *spec;
	const struct spec_process *process;
	const struct spec_resources *resources;
};

static void begin(struct loaded *loaded)
{
	*loaded = (struct loaded){ 0 };
	problems_init(&loaded->problems, &loaded->arena);
}

static void load_spec(struct loaded *loaded, const char *text, size_t length)
{
	begin(loaded);
	loaded->code = spec_load_bytes("config.json", text, length, &loaded->arena, &loaded->problems, &loaded->spec,
				       &loaded->err);
}

static void drop(struct loaded *loaded)
{
	arena_cleanup(&loaded->arena);
}

struct folder {
	char path[64];
	int fd;
};

static void folder_make(struct folder *folder)
{
	snprintf(folder->path, sizeof(folder->path), "/tmp/orlop-load-XXXXXX");
	CHECK(mkdtemp(folder->path));
	folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(folder->fd >= 0);
}

static void folder_drop(struct folder *folder)
{
	unlinkat(folder->fd, "it", 0);
	unlinkat(folder->fd, "it", AT_REMOVEDIR);
	close(folder->fd);
	rmdir(folder->path);
}

static void folder_write(const struct folder *folder, const char *text, size_t length)
{
	int fd = openat(folder->fd, "it", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(fd_write_all(fd, text, length), 0);
	close(fd);
}

static void file_says(const struct folder *folder, int code, const char *words)
{
	struct loaded loaded;

	begin(&loaded);
	loaded.code = spec_load(folder->fd, "it", &loaded.arena, &loaded.problems, &loaded.spec, &loaded.err);
	CHECK_TEXT(error_text(&loaded.err), words);
	CHECK_INT(loaded.code, code);
	CHECK(loaded.arena.held < MIB);
	drop(&loaded);
}

static const char smallest[] = "{\"ociVersion\": \"1.0.2\", \"process\": {\"args\": [\"sh\"], \"cwd\": \"/\"}, "
			       "\"root\": {\"path\": \"rootfs\"}}";

TEST(a_missing_config_in_the_words_of_runc)
{
	struct folder folder;
	struct loaded loaded;

	folder_make(&folder);
	begin(&loaded);
	CHECK_INT(spec_load(folder.fd, "config.json", &loaded.arena, &loaded.problems, &loaded.spec, &loaded.err),
		  -ENOENT);
	CHECK_TEXT(error_text(&loaded.err), "JSON specification file config.json not found");
	CHECK_INT(process_load(folder.fd, "p.json", &loaded.arena, &loaded.problems, &loaded.process, &loaded.err),
		  -ENOENT);
	CHECK_TEXT(error_text(&loaded.err), "p.json: No such file or directory");
	drop(&loaded);
	folder_drop(&folder);
}

/* What a later stage finds: the document is parsed again for it. */
TEST(problems_found_later_get_their_lines)
{
	static const char text[] = "{\n\"a\": [\n1,\n2\n]\n}";
	struct folder folder;
	struct loaded loaded;

	folder_make(&folder);
	folder_write(&folder, text, strlen(text));
	begin(&loaded);
	problem_error(&loaded.problems, 0, "/a/1", "second");
	problem_error(&loaded.problems, 0, "/a/7/x", "of the nearest above");
	problem_warning(&loaded.problems, 2, "/a/0", "has one");
	problem_error(&loaded.problems, 0, "", "of no place");
	spec_locate(folder.fd, "gone", &loaded.problems);
	CHECK_INT(loaded.problems.items[0]->line, 0);
	spec_locate(folder.fd, "it", &loaded.problems);
	CHECK_INT(problems_tell(&loaded.problems, "it", &loaded.err), -EINVAL);
	CHECK_TEXT(error_text(&loaded.err),
		   "it: of no place; line 2: /a/7/x: of the nearest above; line 4: /a/1: second");
	CHECK_INT(loaded.problems.items[2]->line, 2);
	drop(&loaded);

	begin(&loaded);
	problem_error(&loaded.problems, 0, "/a", "no JSON");
	spec_locate_bytes("{", 1, &loaded.problems);
	CHECK_INT(loaded.problems.items[0]->line, 0);
	spec_locate_bytes(text, strlen(text), &loaded.problems);
	CHECK_INT(loaded.problems.items[0]->line, 2);
	drop(&loaded);
	folder_drop(&folder);
}

TEST(what_is_no_regular_file)
{
	struct folder folder;

	folder_make(&folder);
	CHECK_INT(mkdirat(folder.fd, "it", 0700), 0);
	file_says(&folder, -EISDIR, "it: Is a directory");
	CHECK_INT(unlinkat(folder.fd, "it", AT_REMOVEDIR), 0);
	CHECK_INT(mkfifoat(folder.fd, "it", 0600), 0);
	file_says(&folder, -EINVAL, "it: not a regular file");
	folder_drop(&folder);
}

TEST(files_too_small_and_too_big)
{
	struct folder folder;
	int fd;

	folder_make(&folder);
	folder_write(&folder, "", 0);
	file_says(&folder, -EINVAL, "it: the document is empty");
	folder_write(&folder, "{\n\n]", 4);
	file_says(&folder, -EINVAL, "it: line 3, column 1: want a key in double quotes, got ']'");
	fd = openat(folder.fd, "it", O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_INT(ftruncate(fd, (off_t)1 << 30), 0);
	close(fd);
	file_says(&folder, -EFBIG, "it: more than 16 MiB");
	folder_drop(&folder);
}

TEST(the_size_limit_is_exact)
{
	char *text = malloc(SPEC_BYTES_MAX + 1);
	struct folder folder;
	struct loaded loaded;

	CHECK(text);
	memset(text, ' ', SPEC_BYTES_MAX + 1);
	memcpy(text, smallest, sizeof(smallest) - 1);
	load_spec(&loaded, text, SPEC_BYTES_MAX);
	CHECK_INT(loaded.code, 0);
	drop(&loaded);
	load_spec(&loaded, text, SPEC_BYTES_MAX + 1);
	CHECK_INT(loaded.code, -EFBIG);
	CHECK_TEXT(error_text(&loaded.err), "config.json: more than 16 MiB");
	drop(&loaded);
	folder_make(&folder);
	folder_write(&folder, text, SPEC_BYTES_MAX);
	begin(&loaded);
	CHECK_INT(spec_load(folder.fd, "it", &loaded.arena, &loaded.problems, &loaded.spec, &loaded.err), 0);
	CHECK_TEXT(loaded.spec->root->path, "rootfs");
	drop(&loaded);
	folder_drop(&folder);
	free(text);
}

TEST(the_bytes_are_not_kept)
{
	char text[sizeof(smallest)];
	struct loaded loaded;

	memcpy(text, smallest, sizeof(text));
	load_spec(&loaded, text, strlen(text));
	CHECK_TEXT(error_text(&loaded.err), "Success");
	CHECK_INT(loaded.code, 0);
	CHECK_TEXT(text, smallest);
	memset(text, 'x', sizeof(text));
	CHECK_TEXT(loaded.spec->process->args.items[0], "sh");
	CHECK(loaded.spec->os_linux);
	CHECK(loaded.spec->process->user);
	drop(&loaded);
}

TEST(rules_and_types_are_told_together_in_order)
{
	const char *text =
		"{\n\"ociVersion\": \"1.0.2\", \"root\": {\"path\": \"r\"},\n\"process\": {\"args\": [\"sh\"],\n"
		"\"cwd\": \"tmp\"},\n\"linux\": {\n\"resources\": {\n\"cpu\": {\n\"quota\": \"x\"}}}}";
	struct loaded loaded;

	load_spec(&loaded, text, strlen(text));
	CHECK_INT(loaded.code, -EINVAL);
	CHECK_HAS(error_text(&loaded.err), "config.json: line 4: /process/cwd: ");
	CHECK_HAS(error_text(&loaded.err),
		  "got 'tmp'; line 8: /linux/resources/cpu/quota: want an integer, got a string");
	CHECK_INT(loaded.problems.errors, 2);
	CHECK(!loaded.spec);
	drop(&loaded);
}

TEST(no_object_no_checks)
{
	struct loaded loaded;

	load_spec(&loaded, "[1]", 3);
	CHECK_INT(loaded.code, -EINVAL);
	CHECK_TEXT(error_text(&loaded.err), "config.json: line 1: want an object, got an array");
	drop(&loaded);
	load_spec(&loaded, "{}", 2);
	CHECK_INT(loaded.code, -EINVAL);
	CHECK_HAS(error_text(&loaded.err), "config.json: line 1: missing required property 'ociVersion'");
	CHECK(!strstr(error_text(&loaded.err), "/ociVersion"));
	drop(&loaded);
}

TEST(warnings_are_left_to_the_caller)
{
	const char *text =
		"{\"args\": [\"sh\"], \"cwd\": \"/\",\n\"capabilities\": {\"bounding\": [\"CAP_CHOWN\",\n\"CAP_X\"]}}";
	struct loaded loaded;

	begin(&loaded);
	loaded.code = process_load_bytes("process.json", text, strlen(text), &loaded.arena, &loaded.problems,
					 &loaded.process, &loaded.err);
	CHECK_INT(loaded.code, 0);
	CHECK(loaded.problems.warnings >= 1);
	CHECK_INT(loaded.problems.items[loaded.problems.count - 1]->line, 3);
	CHECK_INT(loaded.process->capabilities->bounding.bits, 1);
	CHECK_INT(loaded.process->capabilities->bounding.unknown_count, 1);
	drop(&loaded);
}

TEST(places_of_a_process_start_at_the_process)
{
	const char *text = "{\"args\": [\"sh\"], \"cwd\": \"x\"}";
	struct loaded loaded;

	begin(&loaded);
	loaded.code = process_load_bytes("process.json", text, strlen(text), &loaded.arena, &loaded.problems,
					 &loaded.process, &loaded.err);
	CHECK_INT(loaded.code, -EINVAL);
	CHECK_HAS(error_text(&loaded.err), "process.json: line 1: /cwd: ");
	drop(&loaded);
}

TEST(resources_from_standard_input)
{
	const char *text = "{\"memory\": {\"limit\": 1048576}}";
	int saved = dup(STDIN_FILENO), ends[2];
	struct loaded loaded;

	CHECK_INT(pipe(ends), 0);
	CHECK_INT(fd_write_all(ends[1], text, strlen(text)), 0);
	close(ends[1]);
	CHECK_INT(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	begin(&loaded);
	loaded.code = resources_load(AT_FDCWD, "-", &loaded.arena, &loaded.problems, &loaded.resources, &loaded.err);
	CHECK_INT(loaded.code, 0);
	CHECK_INT(loaded.resources->memory->limit.value, 1048576);
	drop(&loaded);
	begin(&loaded);
	loaded.code = resources_load(AT_FDCWD, "-", &loaded.arena, &loaded.problems, &loaded.resources, &loaded.err);
	CHECK_INT(loaded.code, -EINVAL);
	CHECK_TEXT(error_text(&loaded.err), "standard input: the document is empty");
	drop(&loaded);
	if (saved >= 0) {
		CHECK_INT(dup2(saved, STDIN_FILENO), STDIN_FILENO);
		close(saved);
	}
}

TEST(state_and_features)
{
	const char *state_text =
		"{\"ociVersion\": \"1.3.0\", \"id\": \"web\", \"pid\": 7, \"status\": \"paused\", \"bundle\": \"/b\"}";
	const char *features_text = "{\"ociVersionMin\": \"1.0.0\", \"ociVersionMax\": 3}";
	const struct features *features = NULL;
	const struct state *state = NULL;
	struct loaded loaded;

	begin(&loaded);
	CHECK_INT(state_load_bytes("state", state_text, strlen(state_text), &loaded.arena, &loaded.problems, &state,
				   &loaded.err),
		  0);
	CHECK_INT(state->pid, 7);
	CHECK_INT(state->status, STATUS_PAUSED);
	CHECK_INT(features_load_bytes("features", features_text, strlen(features_text), &loaded.arena, &loaded.problems,
				      &features, &loaded.err),
		  -EINVAL);
	CHECK_TEXT(error_text(&loaded.err), "features: line 1: /ociVersionMax: want a string, got a number");
	CHECK(!features);
	drop(&loaded);
}

static char *template_text(size_t *ret)
{
	const struct template_options options = { 0 };
	struct text_buffer buffer = TEXT_BUFFER_INIT;
	struct arena arena = ARENA_INIT;
	struct json_writer json;
	const struct spec *spec = spec_template(&arena, &options);

	CHECK(spec);
	json_writer_init(&json, &buffer, "\t");
	spec_write(&json, NULL, spec);
	CHECK_INT(json_writer_finish(&json), 0);
	arena_cleanup(&arena);
	*ret = buffer.length;
	return buffer.bytes;
}

TEST(the_template_loads_and_no_cut_of_it_does)
{
	size_t length;
	char *text = template_text(&length);
	struct loaded loaded;

	load_spec(&loaded, text, length);
	CHECK_TEXT(error_text(&loaded.err), "Success");
	CHECK_INT(loaded.code, 0);
	CHECK_INT(loaded.problems.count, 0);
	drop(&loaded);
	for (size_t cut = 0; cut < length; cut++) {
		load_spec(&loaded, text, cut);
		CHECK_INT(loaded.code, -EINVAL);
		CHECK(!strchr(error_text(&loaded.err), '\n'));
		CHECK_HAS(error_text(&loaded.err), cut == 0 ? "the document is empty" : "the document ends too early");
		drop(&loaded);
	}
	free(text);
}

TEST(any_byte_may_be_wrong)
{
	static const char replacements[] = { '\0', '"', '{', ']', ',', '\\', '\xff', '9', '\n' };
	size_t length;
	char *text = template_text(&length);

	for (size_t at = 0; at < length; at++) {
		char right = text[at];

		for (size_t i = 0; i < sizeof(replacements); i++) {
			struct loaded loaded;

			text[at] = replacements[i];
			load_spec(&loaded, text, length);
			if (loaded.code < 0) {
				CHECK_HAS(error_text(&loaded.err), "config.json: line ");
				CHECK(!strchr(error_text(&loaded.err), '\n'));
			}
			drop(&loaded);
		}
		text[at] = right;
	}
	free(text);
}

TEST(a_million_unknown_keys)
{
	size_t room = SPEC_BYTES_MAX, length;
	char *text = malloc(room);
	struct loaded loaded;

	CHECK(text);
	length = (size_t)snprintf(text, room, "%.*s", (int)sizeof(smallest) - 2, smallest);
	for (int i = 0; i < 1000000; i++)
		length += (size_t)snprintf(text + length, room - length, ",\"k%d\":0", i);
	length += (size_t)snprintf(text + length, room - length, "}");
	load_spec(&loaded, text, length);
	CHECK_TEXT(error_text(&loaded.err), "Success");
	CHECK_INT(loaded.code, 0);
	CHECK(loaded.arena.held < 20 * MIB);
	drop(&loaded);
	free(text);
}

/* What does not fit is refused, never half loaded. */
TEST(memory_may_run_out_anywhere)
{
	size_t length;
	char *text = template_text(&length);
	int code = -ENOMEM;

	for (size_t limit = 1; code < 0; limit += 64) {
		struct loaded loaded;

		begin(&loaded);
		loaded.arena.limit = limit;
		code = spec_load_bytes("config.json", text, length, &loaded.arena, &loaded.problems, &loaded.spec,
				       &loaded.err);
		if (code < 0) {
			CHECK_INT(code, -ENOMEM);
			CHECK_HAS(error_text(&loaded.err), "Cannot allocate memory");
		}
		drop(&loaded);
		CHECK(limit < MIB);
	}
	free(text);
}
