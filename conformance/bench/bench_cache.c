/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long it takes from a planned seccomp profile to its program, by compiling or out of the cache: the first time in this process, which is how
 * a command has it, and the best of many, when every page is there.
 *
 *     bench_cache CONFIG HOST ROOT compile|find|keep
 *
 * HOST is a file of host facts (libsandbox/host.h), ROOT an absolute path of a directory that may hold the cache; `keep` puts there what `find` needs.
 * Prints: microseconds and page faults of the first time, microseconds of the best.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "libbase/arena.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/plan.h"
#include "libsandbox/seccomp/cache.h"
#include "libsandbox/seccomp/filter.h"
#include "libsandbox/seccomp/names.h"
#include "libspec/load.h"

#define ROUNDS 200

struct bench {
	const struct plan *plan;
	int root_fd;
	bool find;
};

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static long faults_now(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_minflt + usage.ru_majflt : 0;
}

static int program_make(const struct bench *bench, struct arena *arena, struct seccomp_program *program,
			struct error *err)
{
	char version[SECCOMP_VERSION_SIZE];
	struct cache_maker maker;
	struct cache_key key;

	if (!bench->find)
		return seccomp_compile(&bench->plan->seccomp, arena, program, err);
	if (!cache_maker(&maker, version))
		return error_say(err, -EOPNOTSUPP, "this build has no cache");
	cache_key(&bench->plan->seccomp, &maker, &key);
	return cache_find(bench->root_fd, &key, arena, program) ? 0 : error_say(err, -ENOENT, "it is not there");
}

static int program_keep(const struct bench *bench, struct arena *arena, struct error *err)
{
	char version[SECCOMP_VERSION_SIZE];
	struct seccomp_program program;
	struct cache_maker maker;
	struct cache_key key;
	int r = seccomp_compile(&bench->plan->seccomp, arena, &program, err);

	if (r < 0)
		return r;
	if (!cache_maker(&maker, version))
		return error_say(err, -EOPNOTSUPP, "this build has no cache");
	cache_key(&bench->plan->seccomp, &maker, &key);
	return cache_keep(bench->root_fd, &key, &program) ? 0 : error_say(err, -EIO, "the cache takes nothing");
}

static int bench_run(const struct bench *bench, struct error *err)
{
	double first = 0, best = 0;
	long faults = 0;

	for (int i = 0; i < ROUNDS; i++) {
		_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
		struct seccomp_program program;
		long faults_before = faults_now();
		double start = now_us(), took;
		int r = program_make(bench, &arena, &program, err);

		if (r < 0)
			return r;
		took = now_us() - start;
		if (i == 0) {
			first = took;
			faults = faults_now() - faults_before;
		}
		if (i == 0 || took < best)
			best = took;
	}
	printf("%.1f %ld %.1f\n", first, faults, best);
	return 0;
}

static int plan_read(const char *config, const char *host_path, struct arena *arena, struct host *host,
		     const struct plan **ret, struct error *err)
{
	const struct plan_options options = { .id = "bench", .bundle = "/run/bench" };
	struct problems problems;
	const struct spec *spec;
	size_t length;
	char *bytes;
	int r = path_read_file(AT_FDCWD, host_path, SPEC_BYTES_MAX, arena, &bytes, &length);

	problems_init(&problems, arena);
	if (r < 0)
		return error_set(err, r, "read '%s'", host_path);
	r = host_parse(bytes, arena, host, err);
	if (r >= 0)
		r = spec_load(AT_FDCWD, config, arena, &problems, &spec, err);
	return r < 0 ? r : plan_build(spec, host, &options, arena, &problems, ret, err);
}

int main(int argc, char **argv)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	struct bench bench = { .root_fd = FD_NONE };
	struct host host;
	struct error err;
	int r;

	ERROR_INIT(&err);
	if (argc != 5) {
		fputs("usage: bench_cache CONFIG HOST ROOT compile|find|keep\n", stderr);
		return EXIT_FAILURE;
	}
	bench.find = text_equal(argv[4], "find");
	bench.root_fd = path_open_host(AT_FDCWD, argv[3], O_PATH | O_DIRECTORY, 0);
	r = bench.root_fd < 0 ? error_set(&err, bench.root_fd, "open '%s'", argv[3])
			      : plan_read(argv[1], argv[2], &arena, &host, &bench.plan, &err);
	if (r >= 0)
		r = text_equal(argv[4], "keep") ? program_keep(&bench, &arena, &err) : bench_run(&bench, &err);
	if (r < 0)
		fprintf(stderr, "bench_cache: %s\n", error_text(&err));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
