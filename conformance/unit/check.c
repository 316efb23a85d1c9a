/* SPDX-License-Identifier: Apache-2.0 */
/* The unit tests' frame: runs what registered itself and prints TAP. See check.h. */
#include "conformance/unit/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct check_test *tests;
static struct check_test **tests_end = &tests;
static jmp_buf test_end;

void check_register(struct check_test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

void check_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("# %s:%d: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	longjmp(test_end, 1);
}

void check_skip(const char *reason)
{
	printf("# skip: %s\n", reason);
	longjmp(test_end, 2);
}

void check_equal_text(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (!got || !want ? got != want : strcmp(got, want) != 0)
		check_fail(file, line, "%s: got \"%s\", want \"%s\"", what, got ? got : "(null)",
			   want ? want : "(null)");
}

void check_equal_int(const char *file, int line, const char *what, int64_t got, int64_t want)
{
	if (got != want)
		check_fail(file, line, "%s: got %lld, want %lld", what, (long long)got, (long long)want);
}

int main(int argc, char **argv)
{
	volatile int number = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (const struct check_test *volatile test = tests; test; test = test->next) {
		int end;

		if (argc > 1 && strcmp(argv[1], test->name) != 0)
			continue;
		number++;
		end = setjmp(test_end);
		if (end == 0)
			test->run();
		failed += end == 1;
		printf("%sok %d - %s%s\n", end == 1 ? "not " : "", number, test->name, end == 2 ? " # SKIP" : "");
	}
	printf("1..%d\n", number);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
