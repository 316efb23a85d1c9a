/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the seccomp program that orlop makes of a config's profile, as struct sock_filter after struct sock_filter: for floor, which has no JSON.
 *
 *     bench_filter CONFIG HOST >FILE
 *
 * HOST is a file of host facts (libsandbox/host.h).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libbase/arena.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libsandbox/plan.h"
#include "libsandbox/seccomp/filter.h"
#include "libspec/load.h"

static int file_read(const char *path, struct arena *arena, char **ret, size_t *ret_length, struct error *err)
{
	int r = path_read_file(AT_FDCWD, path, SPEC_BYTES_MAX, arena, ret, ret_length);

	return r < 0 ? error_set(err, r, "read '%s'", path) : 0;
}

static int filter_write(const char *config, const char *host_path, struct arena *arena, struct error *err)
{
	const struct plan_options options = { .id = "bench", .bundle = "/run/bench" };
	struct seccomp_program program = { 0 };
	struct problems problems;
	const struct spec *spec;
	const struct plan *plan;
	struct host host;
	size_t length;
	char *bytes;
	int r;

	problems_init(&problems, arena);
	r = file_read(host_path, arena, &bytes, &length, err);
	if (r >= 0)
		r = host_parse(bytes, arena, &host, err);
	if (r >= 0)
		r = file_read(config, arena, &bytes, &length, err);
	if (r >= 0)
		r = spec_load_bytes("config.json", bytes, length, arena, &problems, &spec, err);
	if (r >= 0)
		r = plan_build(spec, &host, &options, arena, &problems, &plan, err);
	if (r >= 0)
		r = seccomp_compile(&plan->seccomp, arena, &program, err);
	if (r < 0)
		return r;
	r = fd_write_all(STDOUT_FILENO, program.filter.filter, program.filter.len * sizeof(*program.filter.filter));
	return r < 0 ? error_set(err, r, "write the program") : 0;
}

int main(int argc, char **argv)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct error err;

	ERROR_INIT(&err);
	if (argc != 3) {
		fputs("usage: bench_filter CONFIG HOST >FILE\n", stderr);
		return EXIT_FAILURE;
	}
	if (filter_write(argv[1], argv[2], &arena, &err) < 0) {
		fprintf(stderr, "bench_filter: %s\n", error_text(&err));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
