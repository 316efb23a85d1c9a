/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit tests' frame: TEST bodies register themselves, main runs them all and prints TAP. A failed check ends its test, not the
 * program. Any `x_test.c` beside an `x.c` includes this and nothing else of conformance/.
 */
#ifndef ORLOP_CHECK_H
#define ORLOP_CHECK_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct check_test {
	const char *name;
	void (*run)(void);
	struct check_test *next;
};

void check_register(struct check_test *test);
_Noreturn void check_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
void check_equal_text(const char *file, int line, const char *what, const char *got, const char *want);
void check_equal_int(const char *file, int line, const char *what, int64_t got, int64_t want);
/* Ends the test as skipped; the reason is printed and counted. */
_Noreturn void check_skip(const char *reason);

#define TEST(test_name)                                                           \
	static void test_name(void);                                              \
	__attribute__((constructor)) static void test_name##_register(void)       \
	{                                                                         \
		static struct check_test entry = { #test_name, test_name, NULL }; \
		check_register(&entry);                                           \
	}                                                                         \
	static void test_name(void)

#define CHECK(condition)                                                  \
	do {                                                              \
		if (!(condition))                                         \
			check_fail(__FILE__, __LINE__, "%s", #condition); \
	} while (0)
#define CHECK_INT(got, want)  check_equal_int(__FILE__, __LINE__, #got, (int64_t)(got), (int64_t)(want))
#define CHECK_TEXT(got, want) check_equal_text(__FILE__, __LINE__, #got, (got), (want))
#define CHECK_HAS(text, part)                                                                                    \
	do {                                                                                                     \
		const char *_text = (text);                                                                      \
		if (!_text || !strstr(_text, (part)))                                                            \
			check_fail(__FILE__, __LINE__, "\"%s\" lacks \"%s\"", _text ? _text : "(null)", (part)); \
	} while (0)

#endif
