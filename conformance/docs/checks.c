/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/generated/checks.md: the rules that a document must obey, from the tables that check them. */
#include <stdio.h>

#include "libspec/check/check.h"

static void table_print(const char *title, const struct check_row *rows, size_t count)
{
	printf("\n## %s\n\n| rule | what it wants |\n|---|---|\n", title);
	for (size_t i = 0; i < count; i++)
		printf("| `%s` | %s |\n", rows[i].name, rows[i].rule);
}

int main(void)
{
	printf("# Rules\n\nGenerated from the tables of checks; do not edit. All rules are judged, and all that are "
	       "broken are told at once.\n");
	table_print("process (also for `exec --process`)", checks_process, checks_process_count);
	table_print("resources (also for `update --resources`)", checks_resources, checks_resources_count);
	table_print("mounts", checks_mounts, checks_mounts_count);
	table_print("namespaces", checks_namespaces, checks_namespaces_count);
	table_print("linux and the whole", checks_linux, checks_linux_count);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
