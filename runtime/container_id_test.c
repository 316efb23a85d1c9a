/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids are taken. */
#include "runtime/container_id.h"

#include <errno.h>
#include <limits.h>

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"

static const char *refusal(const char *id)
{
	static struct error err;

	ERROR_INIT(&err);
	return container_id_check(id, &err) == -EINVAL ? error_text(&err) : "taken";
}

TEST(taken)
{
	static const char *const ids[] = { "a",       "0", "web-1",  "A_b+c.d", "...",     "..a",
					   ".hidden", "-", "--help", "a..b",    "UPPER09", "_" };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		check_equal_text(__FILE__, __LINE__, ids[i], refusal(ids[i]), "taken");
}

TEST(refused)
{
	static const char *const ids[] = { ".",   "..",  "a/b", "/",    "a b",    "a\n",   "a,b",   "a:b",
					   "a@b", "a\\", "*",   "\x01", "\u00e9", "a\xff", "../up", "a/" };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		check_equal_text(__FILE__, __LINE__, ids[i], refusal(ids[i]), "invalid container ID format");
}

TEST(nothing)
{
	CHECK_TEXT(refusal(""), "container id cannot be empty");
	CHECK_TEXT(refusal(NULL), "container id cannot be empty");
}

TEST(length_of_a_file_name)
{
	char id[NAME_MAX + 2];

	memset(id, 'a', sizeof(id));
	id[NAME_MAX] = '\0';
	CHECK_TEXT(refusal(id), "taken");
	id[NAME_MAX] = 'a';
	id[NAME_MAX + 1] = '\0';
	CHECK_TEXT(refusal(id), "invalid container ID format");
}
