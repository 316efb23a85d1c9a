/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/generated/resources.md: which limit becomes which file of the cgroup or property of the unit, from the table. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "libsandbox/cgroup/resource_table.h"

/* "/cpu/quota /cpu/period" as "`cpu.quota`, `cpu.period`"; words without a slash stay as they are. */
static void words_print(const char *words)
{
	for (const char *separator = ""; *words; separator = ", ") {
		size_t length = strcspn(words, " ");

		printf("%s`", separator);
		for (size_t i = *words == '/'; i < length; i++)
			putchar(words[i] == '/' ? '.' : words[i]);
		putchar('`');
		words += length;
		words += strspn(words, " ");
	}
}

static void property_print(const struct resource_row *row)
{
	if (!row->property)
		return;
	printf("`%s`", row->property);
	if (row->property_2)
		printf(", `%s`", row->property_2);
	if (row->systemd_since)
		printf(" (since %" PRIu32 ")", row->systemd_since);
}

int main(void)
{
	printf("# Resources\n\nGenerated from the table of resources; do not edit. Properties stand below "
	       "`linux.resources`; `unified` may name every file, and what it says stands.\nLimits are written in this "
	       "order. With the systemd driver those that have a property are set by it, the others in the file.\n\n"
	       "| property | file | systemd property | `orlop update` |\n|---|---|---|---|\n");
	for (size_t i = 0; i < resource_rows_count; i++) {
		const struct resource_row *row = &resource_rows[i];

		printf("| ");
		words_print(*row->field ? row->field : "unified");
		printf(" | `%s` | ", row->file);
		property_print(row);
		printf(" | ");
		words_print(row->option ? row->option : "");
		printf(" |\n");
	}
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
