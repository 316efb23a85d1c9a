/* SPDX-License-Identifier: Apache-2.0 */
/* The place in the list is the number: some from its begin, middle and end. */
#include "libsandbox/seccomp/calls.h"

#include "conformance/unit/check.h"
#include "libbase/cleanup.h"

TEST(new_calls_have_their_numbers)
{
	static const struct {
		const char *name;
		uint32_t number;
	} rows[] = {
		{ "process_madvise", 440 },
		{ "landlock_restrict_self", 446 },
		{ "set_mempolicy_home_node", 450 },
		{ "fchmodat2", 452 },
		{ "statmount", 457 },
		{ "lsm_set_self_attr", 460 },
		{ "mseal", 462 },
		{ "open_tree_attr", 467 },
		{ "file_setattr", 469 },
	};
	uint32_t number = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK(call_number(rows[i].name, &number));
		CHECK_INT(number, rows[i].number);
	}
	CHECK(!call_number("read", &number));
	CHECK(!call_number("", &number));
}
