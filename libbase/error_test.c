/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks how errors are worded, joined, made printable and cut.
 */
#include "libbase/error.h"

#include "conformance/unit/check.h"

#include <errno.h>
#include <limits.h>

TEST(set_ends_with_the_errno_text)
{
	struct error err;

	ERROR_INIT(&err);
	CHECK_INT(error_set(&err, -ENOENT, "open_tree '%s'", "src"), -ENOENT);
	CHECK_INT(err.code, -ENOENT);
	CHECK_TEXT(error_text(&err), "open_tree 'src': No such file or directory");
	CHECK_INT(err.length, strlen(err.text));
}

TEST(wrap_grows_outwards)
{
	struct error err;

	ERROR_INIT(&err);
	error_set(&err, -EPERM, "open_tree '%s'", "src");
	CHECK_INT(error_wrap(&err, "mount '%s'", "/data"), -EPERM);
	CHECK_INT(error_wrap(&err, "create 'web'"), -EPERM);
	CHECK_TEXT(error_text(&err), "create 'web': mount '/data': open_tree 'src': Operation not permitted");
	CHECK_INT(err.length, strlen(err.text));
}

TEST(say_has_no_errno_text)
{
	struct error err;

	CHECK_INT(error_say(&err, -EINVAL, "want %d paths", 2), -EINVAL);
	CHECK_TEXT(error_text(&err), "want 2 paths");
}

TEST(null_passes_the_code_on)
{
	struct error err;

	CHECK_INT(error_set(NULL, -EBUSY, "x"), -EBUSY);
	CHECK_INT(error_say(NULL, -EBUSY, "x"), -EBUSY);
	CHECK_INT(error_wrap(NULL, "x"), -EINVAL);
	ERROR_INIT(&err);
	CHECK_INT(error_wrap(&err, "x"), -EINVAL);
	CHECK_TEXT(error_text(NULL), "Success");
	CHECK_TEXT(error_text(&err), "Success");
	err.code = -EIO;
	CHECK_TEXT(error_text(&err), "Input/output error");
}

TEST(an_error_is_never_a_success)
{
	struct error err;

	CHECK_INT(error_set(&err, ENOENT, "x"), -ENOENT);
	CHECK_INT(error_set(&err, 0, "x"), -EINVAL);
	CHECK_INT(error_set(&err, INT_MIN, "x"), -EINVAL);
}

TEST(name_takes_both_signs)
{
	CHECK_TEXT(error_name(ENOENT), "No such file or directory");
	CHECK_TEXT(error_name(-ENOENT), "No such file or directory");
	CHECK_TEXT(error_name(99999), "Unknown error");
	CHECK_TEXT(error_name(INT_MIN), "Unknown error");
}

TEST(control_bytes_are_escaped)
{
	struct error err;

	error_say(&err, -EINVAL, "name '%s'", "a\n\x1b[31mb\x7f\xc3\xa9\xff\xc2\x9b!");
	CHECK_TEXT(error_text(&err), "name 'a\\x0a\\x1b[31mb\\x7f\xc3\xa9\\xff\\xc2\\x9b!'");
	/* What was escaped once stays as it is. */
	error_wrap(&err, "outer");
	CHECK_TEXT(error_text(&err), "outer: name 'a\\x0a\\x1b[31mb\\x7f\xc3\xa9\\xff\\xc2\\x9b!'");
}

static void check_cut(const struct error *err)
{
	CHECK_INT(err->length, strlen(err->text));
	CHECK(err->length < ERROR_TEXT_MAX);
	CHECK(err->length > ERROR_TEXT_MAX - 16);
	CHECK_TEXT(err->text + err->length - 3, "...");
}

TEST(huge_text_is_cut_with_dots)
{
	static const int fills[] = { 'x', '\x01', '\xff' };
	struct error err;
	static char huge[1 << 20];

	for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
		memset(huge, fills[i], (1 << 20) - 1);
		huge[(1 << 20) - 1] = '\0';
		CHECK_INT(error_set(&err, -E2BIG, "%s", huge), -E2BIG);
		check_cut(&err);
		CHECK_INT(error_wrap(&err, "%s", huge), -E2BIG);
		check_cut(&err);
		CHECK_INT(error_wrap(&err, "mount"), -E2BIG);
		check_cut(&err);
		CHECK(strncmp(err.text, "mount: ", 7) == 0);
	}
}

TEST(cut_keeps_whole_characters)
{
	struct error err;
	char text[8192];

	for (size_t shift = 0; shift < 3; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 3 < sizeof(text); i += 3)
			memcpy(text + i, "\xe2\x82\xac", 4);
		error_say(&err, -EINVAL, "%s", text);
		check_cut(&err);
		CHECK_INT((unsigned char)err.text[err.length - 4], 0xac);
		CHECK(strstr(err.text, "\\x") == NULL);
	}
}

TEST(longest_text_is_not_cut)
{
	struct error err;
	char text[ERROR_TEXT_MAX + 1];

	memset(text, 'y', sizeof(text));
	text[ERROR_TEXT_MAX - 1] = '\0';
	error_say(&err, -EINVAL, "%s", text);
	CHECK_TEXT(err.text, text);
	text[ERROR_TEXT_MAX - 1] = 'y';
	text[ERROR_TEXT_MAX] = '\0';
	error_say(&err, -EINVAL, "%s", text);
	check_cut(&err);
}

TEST(own_text_may_be_an_argument)
{
	struct error err;

	error_say(&err, -EINVAL, "inner");
	error_say(&err, -EINVAL, "outer (%s)", err.text);
	CHECK_TEXT(err.text, "outer (inner)");
}

TEST(errno_is_kept)
{
	struct error err;

	errno = ENOTTY;
	error_set(&err, -ENOENT, "x");
	error_wrap(&err, "y");
	CHECK_INT(errno, ENOTTY);
}

TEST(the_words_are_those_of_glibc)
{
	for (int number = 0; number < 200; number++) {
		const char *known = strerrordesc_np(number);

		CHECK_TEXT(error_name(number), known ? known : "Unknown error");
	}
}
