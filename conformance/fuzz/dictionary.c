/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `dictionary TARGET` prints libFuzzer's dictionary for a target (https://llvm.org/docs/LibFuzzer.html#dictionaries), from the rows that
 * the parser reads by: no word is written down twice.
 */
#include <stdio.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/cgroup/resource_table.h"
#include "libsandbox/root/mount_options.h"
#include "libspec/fields.h"

#define WORDS_MAX 2048

struct words {
	const char *items[WORDS_MAX];
	size_t count;
};

static void words_add(struct words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++) {
		if (text_equal(words->items[i], word))
			return;
	}
	if (words->count < WORDS_MAX)
		words->items[words->count++] = word;
}

static void words_add_fields(struct words *words, const struct fields *document)
{
	struct field_walk walk;
	const struct field *field;

	field_walk_begin(&walk, document);
	while ((field = field_walk_next(&walk))) {
		words_add(words, field->name);
		for (size_t i = 0; field->names && i < field->names->count; i++)
			words_add(words, field->names->names[i].text);
	}
}

static void words_add_mount_options(struct words *words)
{
	for (size_t i = 0; i < mount_options_count; i++)
		words_add(words, mount_options[i].name);
}

/* Keys of `unified`. */
static void words_add_resource_files(struct words *words)
{
	for (size_t i = 0; i < resource_rows_count; i++)
		words_add(words, resource_rows[i].file);
}

/* `quoted`: with the quotes of a JSON string. No word of a table needs an escape. */
static void words_print(const struct words *words, bool quoted)
{
	for (size_t i = 0; i < words->count; i++)
		printf(quoted ? "\"\\\"%s\\\"\"\n" : "\"%s\"\n", words->items[i]);
}

static void print_config(void)
{
	struct words words = { 0 };

	words_add_fields(&words, &fields_spec);
	words_add_mount_options(&words);
	words_add_resource_files(&words);
	words_print(&words, true);
}

static void print_process(void)
{
	struct words words = { 0 };

	words_add_fields(&words, &fields_process);
	words_print(&words, true);
}

static void print_resources(void)
{
	struct words words = { 0 };

	words_add_fields(&words, &fields_resources);
	words_add_resource_files(&words);
	words_print(&words, true);
}

static void print_state(void)
{
	struct words words = { 0 };

	words_add_fields(&words, &fields_state);
	words_print(&words, true);
}

static void print_mount_options(void)
{
	struct words words = { 0 };

	words_add_mount_options(&words);
	words_print(&words, false);
}

static const struct {
	const char *target;
	void (*print)(void);
} dictionaries[] = {
	{ "config", print_config },   { "mount_options", print_mount_options },
	{ "process", print_process }, { "resources", print_resources },
	{ "state", print_state },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(dictionaries); i++) {
		if (!text_equal(argv[1], dictionaries[i].target))
			continue;
		dictionaries[i].print();
		return ferror(stdout) || fflush(stdout) ? 1 : 0;
	}
	fprintf(stderr, "usage: dictionary TARGET\n");
	return 2;
}
