/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a config takes from bytes to a plan, and how much memory: load (parse, defaults, checks), then plan, many times over. Prints the
 * median, the 10th and the 90th percentile of each, and the heap one round holds. Figures are printed, never asserted.
 *
 *     bench_plan CONFIG HOST [ROUNDS]
 *
 * HOST is a file of host facts (libsandbox/host.h): the figures do not depend on what this machine can do.
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "libbase/arena.h"
#include "libbase/fd.h"
#include "libbase/path.h"
#include "libbase/text.h"
#include "libsandbox/plan.h"
#include "libspec/load.h"

#define ROUNDS_DEFAULT 2000
#define ROUNDS_MAX     100000

struct round {
	double load_us;
	double plan_us;
	size_t heap; /* bytes the allocator gave out while both documents live */
};

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static size_t heap_in_use(void)
{
	struct mallinfo2 heap = mallinfo2();

	return heap.uordblks + heap.hblkhd;
}

static int round_run(const char *bytes, size_t length, const struct host *host, struct round *ret, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	const struct plan_options options = { .id = "bench", .bundle = "/run/bench" };
	const size_t heap = heap_in_use();
	struct problems problems;
	const struct spec *spec;
	const struct plan *plan;
	double start = now_us();
	int r;

	problems_init(&problems, &arena);
	r = spec_load_bytes("config.json", bytes, length, &arena, &problems, &spec, err);
	if (r < 0)
		return r;
	ret->load_us = now_us() - start;
	start = now_us();
	r = plan_build(spec, host, &options, &arena, &problems, &plan, err);
	ret->plan_us = now_us() - start;
	ret->heap = heap_in_use() - heap;
	return r;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_times(const char *what, double *times, size_t count)
{
	qsort(times, count, sizeof(*times), compare);
	printf("%-6s median %7.1f us   p10 %7.1f us   p90 %7.1f us\n", what, times[count / 2], times[count / 10],
	       times[count * 9 / 10]);
}

static int bench_run(const char *bytes, size_t length, const struct host *host, uint64_t rounds, struct error *err)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	double *load = arena_calloc(&arena, rounds, sizeof(*load));
	double *plan = arena_calloc(&arena, rounds, sizeof(*plan));
	double *both = arena_calloc(&arena, rounds, sizeof(*both));
	struct round round = { 0 };

	if (!load || !plan || !both)
		return error_set(err, -ENOMEM, "%llu rounds", (unsigned long long)rounds);
	for (uint64_t i = 0; i < rounds; i++) {
		int r = round_run(bytes, length, host, &round, err);

		if (r < 0)
			return r;
		load[i] = round.load_us;
		plan[i] = round.plan_us;
		both[i] = round.load_us + round.plan_us;
	}
	print_times("load", load, rounds);
	print_times("plan", plan, rounds);
	print_times("both", both, rounds);
	printf("heap   %zu KiB\n", round.heap / 1024);
	return 0;
}

static int file_read(const char *path, struct arena *arena, char **ret, size_t *ret_length, struct error *err)
{
	int r = path_read_file(AT_FDCWD, path, SPEC_BYTES_MAX, arena, ret, ret_length);

	return r < 0 ? error_set(err, r, "read '%s'", path) : 0;
}

int main(int argc, char **argv)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;
	uint64_t rounds = ROUNDS_DEFAULT;
	struct host host;
	struct error err;
	char *bytes;
	size_t length;
	int r;

	ERROR_INIT(&err);
	if (argc < 3 || (argc > 3 && (number_parse_u64(argv[3], ROUNDS_MAX, &rounds) < 0 || rounds < 10))) {
		fprintf(stderr, "usage: bench_plan CONFIG HOST [ROUNDS (10 or more)]\n");
		return EXIT_FAILURE;
	}
	r = file_read(argv[2], &arena, &bytes, &length, &err);
	if (r >= 0)
		r = host_parse(bytes, &arena, &host, &err);
	if (r >= 0)
		r = file_read(argv[1], &arena, &bytes, &length, &err);
	if (r >= 0) {
		printf("%s: %zu bytes, %llu rounds\n", argv[1], length, (unsigned long long)rounds);
		r = bench_run(bytes, length, &host, rounds, &err);
	}
	if (r < 0)
		fprintf(stderr, "bench_plan: %s\n", error_text(&err));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
