/* SPDX-License-Identifier: Apache-2.0 */
/* The option words of one mount, sorted into what they mean. The meanings are rows of libsandbox/root/mount_options.c. */
#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>

#include "libbase/text.h"
#include "libsandbox/plan/mount.h"
#include "libsandbox/root/mount_options.h"

/* All words that a SUPER row can add. */
#define VFS_WORDS_MAX 16

struct sorting {
	struct mount_words *words;
	struct arena *arena;
	const struct spec_strings *options;
	const char *vfs[VFS_WORDS_MAX];
	const char **data; /* as many as there are words and commas; NULL until there is one */
	int *propagations; /* as many as there are words; NULL until there is one */
};

/* Attributes of which one list may set what another cleared: the last word stands, and the opposite stays recorded so that a bind mount
 * takes away what its source has. */
static void attributes_apply(const struct mount_option *row, uint64_t *set, uint64_t *clear)
{
	uint64_t touched = row->set | row->clear;

	if (touched & ~(uint64_t)MOUNT_ATTR__ATIME) {
		*set = (*set & ~row->clear) | row->set;
		*clear = (*clear & ~row->set) | row->clear;
		return;
	}
	if (row->clear == MOUNT_ATTR__ATIME) {
		*set = (*set & ~(uint64_t)MOUNT_ATTR__ATIME) | row->set;
	} else if ((*set & MOUNT_ATTR__ATIME) == row->clear) {
		/* Takes back this one value; another that was chosen before stays. */
		*set &= ~(uint64_t)MOUNT_ATTR__ATIME;
	}
	*clear |= MOUNT_ATTR__ATIME;
}

static void vfs_drop(struct sorting *sorting, const char *word)
{
	size_t kept = 0;

	if (!word)
		return;
	for (size_t i = 0; i < sorting->words->vfs.count; i++) {
		if (!text_equal(sorting->vfs[i], word))
			sorting->vfs[kept++] = sorting->vfs[i];
	}
	sorting->words->vfs.count = kept;
}

static void super_apply(struct sorting *sorting, const struct mount_option *row)
{
	vfs_drop(sorting, row->undoes);
	vfs_drop(sorting, row->super);
	if (sorting->words->vfs.count < VFS_WORDS_MAX)
		sorting->vfs[sorting->words->vfs.count++] = row->super;
}

static void flag_apply(struct mount_words *words, int flag, const char *behind)
{
	switch (flag) {
	case MOUNT_FLAG_REMOUNT:
		words->remount = true;
		break;
	case MOUNT_FLAG_TMPCOPYUP:
		words->tmpcopyup = true;
		break;
	case MOUNT_FLAG_COPY_SYMLINK:
		words->copy_symlink = true;
		break;
	case MOUNT_FLAG_SOURCE_NOFOLLOW:
		words->source_nofollow = true;
		break;
	case MOUNT_FLAG_DESTINATION_NOFOLLOW:
		words->destination_nofollow = true;
		break;
	case MOUNT_FLAG_IDMAP:
	case MOUNT_FLAG_RIDMAP:
		words->idmap = true;
		words->idmap_recursive = flag == MOUNT_FLAG_RIDMAP;
		words->idmap_maps = behind;
		break;
	}
}

static int propagation_add(struct sorting *sorting, int value)
{
	if (!sorting->propagations)
		sorting->propagations = arena_calloc(sorting->arena, sorting->options->count, sizeof(int));
	if (!sorting->propagations)
		return -ENOMEM;
	sorting->propagations[sorting->words->propagation_count++] = value;
	return 0;
}

static int row_apply(struct sorting *sorting, const struct mount_option *row, const char *behind)
{
	struct mount_words *words = sorting->words;

	switch (row->kind) {
	case MOUNT_OPTION_ATTR:
		attributes_apply(row, &words->attr_set, &words->attr_clear);
		break;
	case MOUNT_OPTION_RECURSIVE:
		attributes_apply(row, &words->recursive_set, &words->recursive_clear);
		break;
	case MOUNT_OPTION_PROPAGATION:
		return propagation_add(sorting, row->value);
	case MOUNT_OPTION_BIND:
		words->bind = true;
		words->recursive |= row->value != 0;
		break;
	case MOUNT_OPTION_SUPER:
		super_apply(sorting, row);
		break;
	case MOUNT_OPTION_FLAG:
		flag_apply(words, row->value, behind);
		break;
	}
	return 0;
}

/* The length of the first part of `text` that mount(2) would have cut off. */
static size_t part_length(const char *text)
{
	bool quoted = false;
	size_t at = 0;

	for (; text[at]; at++) {
		if (text[at] == '\\' && text[at + 1])
			at++;
		else if (text[at] == '"')
			quoted = !quoted;
		else if (text[at] == ',' && !quoted)
			break;
	}
	return at;
}

/* key="value" as key=value; anything else as it is. */
static const char *part_bare(struct arena *arena, const char *part, size_t length)
{
	const char *equals = memchr(part, '=', length);

	if (equals && length >= 2 && equals + 2 < part + length && equals[1] == '"' && part[length - 1] == '"') {
		size_t key = (size_t)(equals - part) + 1;
		return arena_printf(arena, "%.*s%.*s", (int)key, part, (int)(length - key - 2), equals + 2);
	}
	return arena_copy(arena, part, length);
}

/* Room for as many as all words can have. */
static int data_prepare(struct sorting *sorting)
{
	const struct spec_strings *options = sorting->options;
	size_t parts = options->count;

	for (size_t i = 0; i < options->count; i++)
		for (const char *at = options->items[i]; (at = strchr(at, ',')); at++)
			parts++;
	sorting->data = arena_calloc(sorting->arena, parts, sizeof(*sorting->data));
	return sorting->data ? 0 : -ENOMEM;
}

static int data_apply(struct sorting *sorting, const char *word)
{
	struct mount_words *words = sorting->words;

	if (!sorting->data && data_prepare(sorting) < 0)
		return -ENOMEM;
	while (*word) {
		size_t length = part_length(word);
		if (length > 0) {
			const char *part = part_bare(sorting->arena, word, length);
			if (!part)
				return -ENOMEM;
			sorting->data[words->data.count++] = part;
		}
		word += length;
		if (*word == ',')
			word++;
	}
	return 0;
}

/* The row of a word; of "idmap=..." too, with the text behind '='. */
static const struct mount_option *word_find(const char *word, const char **ret_behind)
{
	const struct mount_option *row = mount_option_find(word);

	*ret_behind = NULL;
	if (row)
		return row;
	*ret_behind = text_after(word, "idmap=");
	if (*ret_behind)
		return mount_option_find("idmap");
	*ret_behind = text_after(word, "ridmap=");
	return *ret_behind ? mount_option_find("ridmap") : NULL;
}

static int vfs_keep(const struct sorting *sorting, struct mount_words *ret)
{
	const size_t count = ret->vfs.count;
	const char **items;

	if (count == 0)
		return 0;
	items = arena_calloc(sorting->arena, count, sizeof(*items));
	if (!items)
		return -ENOMEM;
	memcpy(items, sorting->vfs, count * sizeof(*items));
	ret->vfs.items = items;
	return 0;
}

int mount_options_apply(const struct spec_strings *options, size_t index, struct arena *arena,
			struct problems *problems, struct mount_words *ret)
{
	struct sorting sorting = { .words = ret, .arena = arena, .options = options };

	*ret = (struct mount_words){ 0 };
	for (size_t i = 0; i < options->count; i++) {
		const char *word = options->items[i], *behind;
		const struct mount_option *row = word_find(word, &behind);
		int r = row ? row_apply(&sorting, row, behind) : data_apply(&sorting, word);

		if (r < 0)
			return r;
		if (row && row->kind == MOUNT_OPTION_LEFT_OUT) {
			char path[64];
			snprintf(path, sizeof(path), "/mounts/%zu/options/%zu", index, i);
			problem_warning(problems, 0, path, "'%s' is left out: the mount API of Linux cannot say it",
					word);
		}
	}
	ret->data.items = sorting.data;
	ret->propagations = sorting.propagations;
	return vfs_keep(&sorting, ret);
}
