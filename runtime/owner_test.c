/* SPDX-License-Identifier: Apache-2.0 */
/* Names of users from the text of a passwd file. */
#include "runtime/owner.h"

#include "conformance/unit/check.h"

static void expect(const char *passwd, uint32_t uid, const char *want)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;

	CHECK_TEXT(owner_name_in(passwd, uid, &arena), want);
}

static const char usual[] = "root:x:0:0:root:/root:/bin/sh\n"
			    "+nis\n"
			    "\n"
			    "daemon:*:1:1::/:/bin/false\n"
			    ":x:5:5::/:\n"
			    "short:x\n"
			    "bad:x:7x:7::/:\n"
			    "negative:x:-8:8::/:\n"
			    "huge:x:99999999999999999999:8::/:\n"
			    "twin:x:1:1::/:\n"
			    "last:x:4294967295:1::/:";

TEST(the_first_line_with_the_number_names_it)
{
	expect(usual, 0, "root");
	expect(usual, 1, "daemon");
	expect(usual, 4294967295, "last");
}

TEST(numbers_without_a_name_are_shown_as_such)
{
	expect(usual, 1000, "#1000");
	expect(usual, 5, "#5");
	expect(usual, 7, "#7");
	expect(usual, 8, "#8");
	expect("", 0, "#0");
}

TEST(the_machine_knows_root)
{
	_cleanup_(arena_cleanup) struct arena arena = ARENA_INIT;

	CHECK_TEXT(owner_name(0, &arena), "root");
}
