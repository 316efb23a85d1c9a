/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures commands against each other on a machine that does other things as well: in every round each contender has its turn, so what slows one
 * slows all. Prints one line a run; sums are for report.awk.
 *
 *     race ROUNDS FILE
 *
 * FILE has a word and its arguments a line, cut at blanks, without quoting; %n stands for a number that no other run has.
 *     case NAME          what is compared
 *     contender NAME     who; the lines below are its own
 *     before COMMAND...  run, not measured; any number of them
 *     measure COMMAND... run and measured, from before the fork until it is reaped
 *     after COMMAND...   run, whatever happened
 *     pause MS           a `before` that waits
 * Prints: case, contender, round, ns, peak RSS in KiB, minor page faults, user us, system us; separated by tabs. Who fails is out of that case.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define WORDS_MOST     64
#define LINES_MOST     512

struct line {
	const char *kind;
	char *words[WORDS_MOST];
	size_t count;
};

struct race {
	struct line lines[LINES_MOST];
	size_t count;
	bool out[LINES_MOST]; /* of a contender's line: it failed */
	unsigned long number;
	unsigned long rounds;
};

struct run {
	int64_t ns;
	struct rusage usage;
	int status;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void words_fill(const struct line *line, unsigned long number, char *texts, char **argv)
{
	for (size_t i = 0; i < line->count; i++) {
		const char *from = line->words[i];

		argv[i] = texts;
		for (; *from; from++) {
			if (from[0] == '%' && from[1] == 'n') {
				texts += snprintf(texts, 24, "%lu", number);
				from++;
			} else {
				*texts++ = *from;
			}
		}
		*texts++ = '\0';
	}
	argv[line->count] = NULL;
}

static void command_run(const struct line *line, unsigned long number, struct run *ret)
{
	char texts[LINE_MAX_BYTES * 4], *argv[WORDS_MOST + 1];
	posix_spawn_file_actions_t actions;
	pid_t pid;

	words_fill(line, number, texts, argv);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	ret->ns = now_ns();
	ret->status = -1;
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0) {
		while (wait4(pid, &ret->status, 0, &ret->usage) < 0 && errno == EINTR)
			;
	}
	ret->ns = now_ns() - ret->ns;
	posix_spawn_file_actions_destroy(&actions);
}

static void pause_ms(const char *text)
{
	long ms = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		ms = ms * 10 + (*text - '0');
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* The lines from `first` on are one contender's. Returns whether it could be measured. */
static bool turn_run(struct race *race, size_t first, const char *name, unsigned long round)
{
	const char *contender = race->lines[first].words[0];
	unsigned long number = ++race->number;
	struct run run = { 0 };
	bool fine = true;

	for (size_t i = first + 1; i < race->count; i++) {
		const struct line *line = &race->lines[i];

		if (strcmp(line->kind, "contender") == 0 || strcmp(line->kind, "case") == 0)
			break;
		if (strcmp(line->kind, "pause") == 0) {
			pause_ms(line->words[0]);
			continue;
		}
		if (!fine && strcmp(line->kind, "after") != 0)
			continue;
		command_run(line, number, &run);
		if (strcmp(line->kind, "after") == 0)
			continue;
		fine = run.status == 0;
		if (!fine)
			fprintf(stderr, "race: %s: %s: '%s %s ...' ended with wait status %d\n", name, contender,
				line->words[0], line->count > 1 ? line->words[1] : "", run.status);
		/* The first round warms up. */
		if (fine && round > 0 && strcmp(line->kind, "measure") == 0)
			printf("%s\t%s\t%lu\t%lld\t%ld\t%ld\t%lld\t%lld\n", name, contender, round, (long long)run.ns,
			       run.usage.ru_maxrss, run.usage.ru_minflt,
			       (long long)run.usage.ru_utime.tv_sec * 1000000 + run.usage.ru_utime.tv_usec,
			       (long long)run.usage.ru_stime.tv_sec * 1000000 + run.usage.ru_stime.tv_usec);
	}
	return fine;
}

static void case_run(struct race *race, size_t first)
{
	for (unsigned long round = 0; round <= race->rounds; round++) {
		for (size_t i = first + 1; i < race->count && strcmp(race->lines[i].kind, "case") != 0; i++) {
			if (strcmp(race->lines[i].kind, "contender") == 0 && !race->out[i])
				race->out[i] = !turn_run(race, i, race->lines[first].words[0], round);
		}
	}
	fflush(stdout);
}

static bool line_read(struct race *race, char *text)
{
	struct line *line = &race->lines[race->count];

	line->kind = NULL;
	for (char *at = text + strspn(text, " \t\n"); *at;) {
		size_t length = strcspn(at, " \t\n");
		char *next = at + length + strspn(at + length, " \t\n");

		at[length] = '\0';
		if (!line->kind)
			line->kind = strdup(at);
		else if (line->count < WORDS_MOST)
			line->words[line->count++] = strdup(at);
		at = next;
	}
	if (line->kind && line->count == 0)
		return false;
	race->count += line->kind != NULL;
	return race->count < LINES_MOST;
}

int main(int argc, char **argv)
{
	static struct race race;
	char text[LINE_MAX_BYTES];
	FILE *file = argc == 3 ? fopen(argv[2], "re") : NULL;

	if (!file) {
		fputs("usage: race ROUNDS FILE\n", stderr);
		return 2;
	}
	for (const char *digit = argv[1]; *digit >= '0' && *digit <= '9'; digit++)
		race.rounds = race.rounds * 10 + (unsigned long)(*digit - '0');
	race.number = (unsigned long)getpid() * 100000;
	while (fgets(text, sizeof(text), file)) {
		if (!line_read(&race, text)) {
			fputs("race: a line without arguments, or too many lines\n", stderr);
			return 2;
		}
	}
	fclose(file);
	for (size_t i = 0; i < race.count; i++) {
		if (strcmp(race.lines[i].kind, "case") == 0)
			case_run(&race, i);
	}
	return 0;
}
