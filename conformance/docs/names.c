/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/generated/names.md: the words that orlop knows, by domain, from the tables that parse and print them. */
#include <stdio.h>

#include "libspec/names.h"

int main(void)
{
	printf("# Words\n\nGenerated from the name tables; do not edit. In parentheses: what messages call such a "
	       "word.\n");
	for (size_t i = 0; i < names_all_count; i++) {
		const struct name_table *table = names_all[i].table;

		printf("\n## %s (%s)\n\n", names_all[i].symbol, table->what);
		for (size_t at = 0; at < table->count; at++)
			printf("- `%s`\n", table->names[at].text);
	}
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
