/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of numbers: what runc takes, and nothing else. */
#include "conformance/unit/check.h"
#include "libspec/ranges.h"

#include <errno.h>

TEST(ranges_come_in_order)
{
	const char *rest = "0-3, 7 ,,\n8-8";
	uint32_t first = 99, last = 99;

	CHECK_INT(ranges_next(&rest, &first, &last), 1);
	CHECK_INT(first, 0);
	CHECK_INT(last, 3);
	CHECK_INT(ranges_next(&rest, &first, &last), 1);
	CHECK_INT(first, 7);
	CHECK_INT(last, 7);
	CHECK_INT(ranges_next(&rest, &first, &last), 1);
	CHECK_INT(first, 8);
	CHECK_INT(last, 8);
	CHECK_INT(ranges_next(&rest, &first, &last), 0);
	CHECK_TEXT(rest, "");
}

TEST(what_is_no_list_is_refused)
{
	static const char *const wrong[] = { "a",   "1-",    "-1",    "1--2", "3-1", "1 2",
					     "1;2", "0-3:1", "1-2-3", "+1",   "0x1", "1- 2" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (ranges_count(wrong[i]) != -EINVAL)
			check_fail(__FILE__, __LINE__, "'%s' gave %d", wrong[i], ranges_count(wrong[i]));
	}
}

TEST(counts_and_bounds)
{
	CHECK_INT(ranges_count(""), 0);
	CHECK_INT(ranges_count(" , "), 0);
	CHECK_INT(ranges_count("0"), 1);
	CHECK_INT(ranges_count("0,2-5,9"), 3);
	CHECK_INT(ranges_count("0,65536"), 2);
	CHECK_INT(ranges_count("65537"), -ERANGE);
	CHECK_INT(ranges_count("0-4294967296"), -ERANGE);
	CHECK_INT(ranges_count("99999999999999999999999"), -ERANGE);
	CHECK_INT(ranges_count("1,x"), -EINVAL);
}

TEST(the_bad_item_is_where_it_stops)
{
	const char *rest = "1,2x,3";
	uint32_t first, last;

	CHECK_INT(ranges_next(&rest, &first, &last), 1);
	CHECK_INT(ranges_next(&rest, &first, &last), -EINVAL);
	CHECK_TEXT(rest, "2x,3");
}
