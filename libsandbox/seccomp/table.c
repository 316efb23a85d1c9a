/* SPDX-License-Identifier: Apache-2.0 */
/* The lookup. See table.h. */
#include "libsandbox/seccomp/table.h"

#include "libbase/text.h"

bool table_find(uint32_t token, const char *name, struct table_answer *ret)
{
	size_t abi = 0;
	uint16_t row;

	if (token == 0)
		token = seccomp_table.tokens[0];
	while (abi < TABLE_ABIS_MAX && seccomp_table.tokens[abi] != token)
		abi++;
	if (abi == TABLE_ABIS_MAX || token == 0)
		return false;
	for (uint32_t slot = table_hash(name); (row = seccomp_table.slots[slot]); slot = (slot + 1) % TABLE_SLOTS) {
		const struct table_row *found = &seccomp_table.rows[row - 1];

		if (text_equal(seccomp_table.names + found->name, name)) {
			*ret = (struct table_answer){ found->numbers[abi], found->own[abi] };
			return true;
		}
	}
	return false;
}
