/* SPDX-License-Identifier: Apache-2.0 */
/* Running one golden case and comparing it with its files. See case.h. */
#include "conformance/golden/case.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "libbase/cleanup.h"
#include "libbase/path.h"
#include "libsandbox/host.h"
#include "libsandbox/plan.h"
#include "libspec/load.h"
#include "libspec/parse/json.h"

#define FILE_MAX ((size_t)1 << 20)
#define CONFIGS  "../../../configs/" /* from a case's folder */

/* 0 with *ret NULL when there is no such file. */
static int file_read(const struct golden_case *golden, const char *name, char **ret, size_t *ret_length,
		     struct error *err)
{
	int r = path_read_file(golden->dir_fd, name, FILE_MAX, golden->arena, ret, ret_length);

	if (r == -ENOENT) {
		*ret = NULL;
		*ret_length = 0;
		return 0;
	}
	return r < 0 ? error_set(err, r, "read '%s'", name) : 0;
}

/* Configs that are used elsewhere too are not copied: their name stands in `config`. */
static int config_read(struct golden_case *golden, struct error *err)
{
	char *name;
	size_t length;
	int r = file_read(golden, "config.json", &golden->config, &golden->config_length, err);

	if (r < 0 || golden->config)
		return r;
	r = file_read(golden, "config", &name, &length, err);
	if (r < 0)
		return r;
	if (!name)
		return error_say(err, -ENOENT, "no config.json");
	name[strcspn(name, "\n")] = '\0';
	name = arena_printf(golden->arena, CONFIGS "%s", name);
	if (!name)
		return error_set(err, -ENOMEM, "config");
	r = file_read(golden, name, &golden->config, &golden->config_length, err);
	return r < 0 || golden->config ? r : error_say(err, -ENOENT, "no '%s'", name);
}

/* -- options --------------------------------------------------------------------------------------------------------- */

static int word_choose(const char *text, const char *const *words, int *ret)
{
	for (int i = 0; words[i]; i++) {
		if (text_equal(words[i], text)) {
			*ret = i + 1;
			return 0;
		}
	}
	return -EINVAL;
}

static int bool_read(const char *text, bool *ret)
{
	static const char *const words[] = { "yes", "no", NULL };
	int word;
	int r = word_choose(text, words, &word);

	*ret = r == 0 && word == 1;
	return r;
}

static int number_read(const char *text, uint32_t *ret)
{
	uint64_t number = 0;
	int r = number_parse_u64(text, UINT32_MAX, &number);

	*ret = (uint32_t)number;
	return r;
}

static int option_set(struct plan_options *options, const char *name, const char *value)
{
	static const char *const drivers[] = { "cgroupfs", "systemd", "disabled", NULL }; /* enum plan_cgroup_driver */
	static const char *const rootless[] = { "auto", "true", "false", NULL };          /* enum plan_rootless */

	if (text_equal(name, "cgroup-manager"))
		return word_choose(value, drivers, &options->cgroup_driver);
	if (text_equal(name, "rootless"))
		return word_choose(value, rootless, &options->rootless);
	if (text_equal(name, "no-pivot"))
		return bool_read(value, &options->no_pivot);
	if (text_equal(name, "no-new-keyring"))
		return bool_read(value, &options->no_new_keyring);
	if (text_equal(name, "console-socket"))
		return bool_read(value, &options->console_socket);
	if (text_equal(name, "detach"))
		return bool_read(value, &options->detach);
	if (text_equal(name, "preserve-fds"))
		return number_read(value, &options->preserve_fds);
	if (text_equal(name, "listen-fds"))
		return number_read(value, &options->listen_fds);
	if (text_equal(name, "id"))
		options->id = value;
	else if (text_equal(name, "bundle"))
		options->bundle = value;
	else if (text_equal(name, "notify-socket"))
		options->notify_socket = value;
	else
		return -EINVAL;
	return 0;
}

/* "name value" lines; '#' starts a comment. The text is cut in place. */
static int options_read(char *text, struct plan_options *options, struct error *err)
{
	while (text && *text) {
		char *line = text, *end = strchrnul(text, '\n');
		text = *end ? end + 1 : end;
		*end = '\0';
		if (*line == '\0' || *line == '#')
			continue;
		char *value = strchr(line, ' ');
		if (!value)
			return error_say(err, -EINVAL, "options: want 'name value', got '%s'", line);
		*value++ = '\0';
		if (option_set(options, line, value) < 0)
			return error_say(err, -EINVAL, "options: '%s' cannot be '%s'", line, value);
	}
	return 0;
}

/* -- running ----------------------------------------------------------------------------------------------------------- */

static void warnings_collect(struct golden_case *golden, const struct problems *problems)
{
	for (unsigned int i = 0; i < problems->count; i++) {
		const struct problem *problem = problems->items[i];
		if (problem->severity == PROBLEM_WARNING)
			text_append_format(&golden->warnings, "%s: %s\n", problem->path, problem->text);
	}
}

/* What programs read must be JSON, whatever the config says. */
static int json_check(const struct golden_case *golden, const struct plan *plan, struct error *err)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer text = TEXT_BUFFER_INIT;
	_cleanup_(arena_cleanup) struct arena scratch = ARENA_INIT;
	struct json_document document;
	int r = plan_print(plan, PLAN_JSON, &text);

	if (r < 0)
		return error_set(err, r, "print as JSON");
	r = json_parse(text.bytes, text.length, golden->arena, &scratch, &document, err);
	return r < 0 ? error_wrap(err, "the plan as JSON") : 0;
}

static int plan_show(struct golden_case *golden, const struct spec *spec, const struct host *host,
		     const struct plan_options *options, struct problems *problems, struct error *err)
{
	const struct plan *plan;
	struct error refusal;

	ERROR_INIT(&refusal);
	int r = plan_build(spec, host, options, golden->arena, problems, &plan, &refusal);
	if (r < 0) {
		spec_locate_bytes(golden->config, golden->config_length, problems);
		(void)problems_tell(problems, "config.json", &refusal);
		text_append_format(&golden->error, "%s\n", error_text(&refusal));
		return 0;
	}
	r = plan_print(plan, PLAN_TEXT, &golden->plan);
	if (r < 0)
		return error_set(err, r, "print as text");
	return json_check(golden, plan, err);
}

int golden_case_run(struct golden_case *golden, struct error *err)
{
	struct plan_options options = { .id = "golden", .bundle = "/bundle" };
	struct host host;
	struct problems problems;
	const struct spec *spec;
	struct error refusal;
	char *text;
	size_t length;

	int r = config_read(golden, err);
	if (r < 0)
		return r;
	r = file_read(golden, "options", &text, &length, err);
	if (r < 0 || (r = options_read(text, &options, err)) < 0)
		return r;
	r = file_read(golden, "host.txt", &text, &length, err);
	if (r < 0 || (r = host_parse(text ? text : golden->host_text, golden->arena, &host, err)) < 0)
		return r;

	problems_init(&problems, golden->arena);
	ERROR_INIT(&refusal);
	r = spec_load_bytes("config.json", golden->config, golden->config_length, golden->arena, &problems, &spec,
			    &refusal);
	if (r < 0)
		text_append_format(&golden->error, "%s\n", error_text(&refusal));
	else
		r = plan_show(golden, spec, &host, &options, &problems, err);
	warnings_collect(golden, &problems);
	return golden->error.length > 0 ? 0 : r;
}

/* -- comparing --------------------------------------------------------------------------------------------------------- */

static const char *bytes_of(const struct text_buffer *text)
{
	return text->bytes ? text->bytes : "";
}

static int text_compare(const char *name, const char *got, const char *want, struct error *err)
{
	for (unsigned int line = 1; *got || *want; line++) {
		size_t got_length = strcspn(got, "\n"), want_length = strcspn(want, "\n");
		if (got_length != want_length || memcmp(got, want, got_length) != 0)
			return error_say(err, -EINVAL, "%s: line %u: got '%.*s', want '%.*s'", name, line,
					 (int)got_length, got, (int)want_length, want);
		got += got_length + (got[got_length] == '\n');
		want += want_length + (want[want_length] == '\n');
	}
	return 0;
}

static int file_compare(const struct golden_case *golden, const char *name, const struct text_buffer *got,
			struct error *err)
{
	char *want;
	size_t length;
	int r = file_read(golden, name, &want, &length, err);

	if (r < 0)
		return r;
	if (!want && got->length > 0)
		return error_say(err, -EINVAL, "no %s, got '%.*s'", name, (int)strcspn(got->bytes, "\n"), got->bytes);
	return text_compare(name, bytes_of(got), want ? want : "", err);
}

int golden_case_compare(const struct golden_case *golden, struct error *err)
{
	int r = file_compare(golden, "error.txt", &golden->error, err);

	if (r < 0)
		return r;
	r = file_compare(golden, "plan.txt", &golden->plan, err);
	return r < 0 ? r : file_compare(golden, "warnings.txt", &golden->warnings, err);
}

static int file_update(const struct golden_case *golden, const char *name, const struct text_buffer *text,
		       struct error *err)
{
	int r = 0;

	if (text->length > 0)
		r = path_write_file_atomic(golden->dir_fd, name, text->bytes, text->length, 0644);
	else if (unlinkat(golden->dir_fd, name, 0) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? error_set(err, r, "write '%s'", name) : 0;
}

int golden_case_update(const struct golden_case *golden, struct error *err)
{
	int r = file_update(golden, "error.txt", &golden->error, err);

	if (r < 0)
		return r;
	r = file_update(golden, "plan.txt", &golden->plan, err);
	return r < 0 ? r : file_update(golden, "warnings.txt", &golden->warnings, err);
}

void golden_case_cleanup(struct golden_case *golden)
{
	text_buffer_cleanup(&golden->plan);
	text_buffer_cleanup(&golden->error);
	text_buffer_cleanup(&golden->warnings);
}
