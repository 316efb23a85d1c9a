/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running the tables of rules.
 *
 * Not for: any rule.
 */
#include "libspec/check/check.h"

#include "libbase/text.h"

static void check_run(const struct check_row *rows, size_t count, const struct spec *spec, struct problems *problems)
{
	for (size_t i = 0; i < count; i++)
		rows[i].run(spec, problems);
}

/* The rules speak of places in a whole config; here the document is one part of it. */
static void check_strip(struct problems *problems, const char *prefix)
{
	for (unsigned int i = 0; i < problems->count; i++) {
		const char *rest = text_after(problems->items[i]->path, prefix);

		if (rest && (*rest == '/' || !*rest))
			problems->items[i]->path = rest;
	}
}

void spec_check(const struct spec *spec, struct problems *problems)
{
	check_run(checks_process, checks_process_count, spec, problems);
	check_run(checks_resources, checks_resources_count, spec, problems);
	check_run(checks_mounts, checks_mounts_count, spec, problems);
	check_run(checks_namespaces, checks_namespaces_count, spec, problems);
	check_run(checks_linux, checks_linux_count, spec, problems);
}

void process_check(const struct spec_process *process, struct problems *problems)
{
	const struct spec spec = { .process = process };

	check_run(checks_process, checks_process_count, &spec, problems);
	check_strip(problems, "/process");
}

void resources_check(const struct spec_resources *resources, struct problems *problems)
{
	const struct spec_linux os_linux = { .resources = resources };
	const struct spec spec = { .os_linux = &os_linux };

	check_run(checks_resources, checks_resources_count, &spec, problems);
	check_strip(problems, "/linux/resources");
}
