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
 *     many WAYS COUNT COMMAND...  measured: the command COUNT times, WAYS at once; %i counts them. The figures are for one
 *     after COMMAND...   run, whatever happened
 *     each COUNT COMMAND...  an `after` for each of many
 *     pause MS           a `before` that waits
 *     root DIRECTORY     the lines below are the directory's own programs, by chroot
 * Prints: case, contender, round, ns, peak RSS in KiB, minor page faults, user us, system us; separated by tabs. Who fails is out of that case.
 */
#include <errno.h>
#include <fcntl.h>
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

static unsigned long number_read(const char *text)
{
	unsigned long number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + (unsigned long)(*text - '0');
	return number;
}

/* The words from `first` on, with %n and %i as these numbers. */
static void words_fill(const struct line *line, size_t first, unsigned long n, unsigned long i, char *texts,
		       char **argv)
{
	for (size_t at = first; at < line->count; at++) {
		const char *from = line->words[at];

		*argv++ = texts;
		for (; *from; from++) {
			if (from[0] == '%' && (from[1] == 'n' || from[1] == 'i')) {
				texts += snprintf(texts, 24, "%lu", from[1] == 'n' ? n : i);
				from++;
			} else {
				*texts++ = *from;
			}
		}
		*texts++ = '\0';
	}
	*argv = NULL;
}

/* Nothing but system calls until execve: the memory is the parent's. */
static pid_t command_spawn(char **argv, const char *root)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const pid_t pid = vfork();

	if (pid == 0) {
		if (root && (chroot(root) < 0 || chdir("/") < 0))
			_exit(126);
		if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
			_exit(126);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(null);
	return pid;
}

static void command_run(const struct line *line, unsigned long number, const char *root, struct run *ret)
{
	char texts[LINE_MAX_BYTES * 4], *argv[WORDS_MOST + 1];
	pid_t pid;

	words_fill(line, 0, number, 0, texts, argv);
	ret->ns = now_ns();
	ret->status = -1;
	pid = command_spawn(argv, root);
	while (pid > 0 && wait4(pid, &ret->status, 0, &ret->usage) < 0 && errno == EINTR)
		;
	ret->ns = now_ns() - ret->ns;
}

/* A line of `many`, or one of `each` as if its ways were 1. */
static void many_run(const struct line *line, unsigned long number, const char *root, struct run *ret)
{
	const bool each = strcmp(line->kind, "each") == 0;
	const unsigned long ways = each ? 1 : number_read(line->words[0]),
			    count = number_read(line->words[each ? 0 : 1]);
	unsigned long begun = 0, running = 0;
	int status;

	ret->ns = now_ns();
	ret->status = 0;
	while (begun < count || running > 0) {
		char texts[LINE_MAX_BYTES * 4], *argv[WORDS_MOST + 1];

		if (begun < count && running < ways) {
			words_fill(line, each ? 1 : 2, number, begun++, texts, argv);
			if (command_spawn(argv, root) > 0)
				running++;
			else
				ret->status = -1;
		} else if (wait4(-1, &status, 0, &ret->usage) > 0) {
			running--;
			ret->status |= status;
		}
	}
	ret->ns = (now_ns() - ret->ns) / (int64_t)count;
}

static void pause_ms(const char *text)
{
	const long ms = (long)number_read(text);

	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static bool is_after(const struct line *line)
{
	return strcmp(line->kind, "after") == 0 || strcmp(line->kind, "each") == 0;
}

static void run_print(const char *name, const char *contender, unsigned long round, const struct run *run)
{
	printf("%s\t%s\t%lu\t%lld\t%ld\t%ld\t%lld\t%lld\n", name, contender, round, (long long)run->ns,
	       run->usage.ru_maxrss, run->usage.ru_minflt,
	       (long long)run->usage.ru_utime.tv_sec * 1000000 + run->usage.ru_utime.tv_usec,
	       (long long)run->usage.ru_stime.tv_sec * 1000000 + run->usage.ru_stime.tv_usec);
}

/* The lines from `first` on are one contender's. Returns whether it could be measured. */
static bool turn_run(struct race *race, size_t first, const char *name, unsigned long round)
{
	const char *contender = race->lines[first].words[0], *root = NULL;
	unsigned long number = ++race->number;
	struct run run = { 0 };
	bool fine = true;

	for (size_t i = first + 1; i < race->count; i++) {
		const struct line *line = &race->lines[i];
		const bool many = strcmp(line->kind, "many") == 0;

		if (strcmp(line->kind, "contender") == 0 || strcmp(line->kind, "case") == 0)
			break;
		if (strcmp(line->kind, "pause") == 0) {
			pause_ms(line->words[0]);
			continue;
		}
		if (strcmp(line->kind, "root") == 0)
			root = line->words[0];
		if (strcmp(line->kind, "root") == 0 || (!fine && !is_after(line)))
			continue;
		if (many || strcmp(line->kind, "each") == 0)
			many_run(line, number, root, &run);
		else
			command_run(line, number, root, &run);
		if (is_after(line))
			continue;
		fine = run.status == 0;
		if (!fine)
			fprintf(stderr, "race: %s: %s: '%s %s ...' ended with wait status %d\n", name, contender,
				line->words[0], line->count > 1 ? line->words[1] : "", run.status);
		/* The first round warms up. */
		if (fine && round > 0 && (many || strcmp(line->kind, "measure") == 0))
			run_print(name, contender, round, &run);
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
	race.rounds = number_read(argv[1]);
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
