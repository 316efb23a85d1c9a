/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every golden case in one process: plan it, compare it with its files, say so as TAP; then whether the cases mention everything.
 *
 *     golden [--update] FOLDER SCHEMA [CASE...]
 *
 * FOLDER holds host.txt and cases/; SCHEMA is config-paths.tsv. --update rewrites the expected files that differ, and tells of each
 * the first difference: read them before they are kept.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/golden/case.h"
#include "conformance/golden/coverage.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libspec/load.h"

#define NAMES_MAX 1024

struct golden {
	struct arena arena;
	int cases_fd;
	char *host_text;
	char *names[NAMES_MAX];
	size_t count;
	bool update;
	struct coverage coverage;
	unsigned int failed;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int names_list(struct golden *golden, struct error *err)
{
	DIR *dir = fdopendir(dup(golden->cases_fd));

	if (!dir)
		return error_set(err, -errno, "list the cases");
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		if (golden->count == NAMES_MAX)
			return closedir(dir), error_say(err, -E2BIG, "more than %d cases", NAMES_MAX);
		golden->names[golden->count++] = arena_string(&golden->arena, entry->d_name);
	}
	closedir(dir);
	qsort(golden->names, golden->count, sizeof(golden->names[0]), compare_names);
	return 0;
}

static int case_check(struct golden *golden, const char *name, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	_cleanup_(fd_cleanup) int dir_fd = openat(golden->cases_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(golden_case_cleanup) struct golden_case one = { 0 };

	if (dir_fd < 0)
		return error_set(err, -errno, "open the case");
	one.dir_fd = dir_fd;
	one.host_text = golden->host_text;
	one.arena = &arena;
	int r = golden_case_run(&one, err);
	if (r < 0)
		return r;
	r = coverage_note(&golden->coverage, one.config, one.config_length, err);
	if (r < 0)
		return r;
	r = golden_case_compare(&one, err);
	if (r < 0 && golden->update) {
		printf("# %s: %s\n", name, error_text(err));
		r = golden_case_update(&one, err);
	}
	return r;
}

static void cases_check(struct golden *golden)
{
	struct error err;

	for (size_t i = 0; i < golden->count; i++) {
		ERROR_INIT(&err);
		if (case_check(golden, golden->names[i], &err) >= 0) {
			printf("ok %zu - %s\n", i + 1, golden->names[i]);
			continue;
		}
		golden->failed++;
		printf("not ok %zu - %s\n# %s\n", i + 1, golden->names[i], error_text(&err));
	}
}

static void coverage_check(struct golden *golden)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer missing = TEXT_BUFFER_INIT;
	size_t count = coverage_tell(&golden->coverage, &missing);

	golden->failed += count > 0;
	printf("%sok %zu - every property and every word of a table is in a case (%zu rows)\n%s", count ? "not " : "",
	       golden->count + 1, golden->coverage.count, missing.bytes ? missing.bytes : "");
}

static int golden_open(struct golden *golden, const char *folder, const char *schema, struct error *err)
{
	_cleanup_(fd_cleanup) int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *schema_text;
	size_t length;

	if (folder_fd < 0)
		return error_set(err, -errno, "open '%s'", folder);
	golden->cases_fd = openat(folder_fd, "cases", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (golden->cases_fd < 0)
		return error_set(err, -errno, "open '%s/cases'", folder);
	int r = path_read_file(folder_fd, "host.txt", SPEC_BYTES_MAX, &golden->arena, &golden->host_text, &length);
	if (r < 0)
		return error_set(err, r, "read '%s/host.txt'", folder);
	r = path_read_file(AT_FDCWD, schema, SPEC_BYTES_MAX, &golden->arena, &schema_text, &length);
	if (r < 0)
		return error_set(err, r, "read '%s'", schema);
	return coverage_prepare(&golden->coverage, schema_text, &golden->arena, err);
}

int main(int argc, char **argv)
{
	struct golden golden = { .arena = ARENA_INIT, .cases_fd = FD_NONE };
	struct error err;
	int r;

	ERROR_INIT(&err);
	if (argc > 1 && strcmp(argv[1], "--update") == 0) {
		golden.update = true;
		argc--, argv++;
	}
	if (argc < 3) {
		fprintf(stderr, "usage: golden [--update] FOLDER SCHEMA [CASE...]\n");
		return 2;
	}
	bool some = argc > 3;
	r = golden_open(&golden, argv[1], argv[2], &err);
	for (int i = 3; i < argc && golden.count < NAMES_MAX; i++)
		golden.names[golden.count++] = argv[i];
	if (r >= 0 && !some)
		r = names_list(&golden, &err);
	if (r < 0) {
		fprintf(stderr, "golden: %s\n", error_text(&err));
		return 2;
	}
	printf("1..%zu\n", golden.count + (some ? 0 : 1));
	cases_check(&golden);
	if (!some)
		coverage_check(&golden);
	fd_close(golden.cases_fd);
	arena_cleanup(&golden.arena);
	return golden.failed > 0;
}
