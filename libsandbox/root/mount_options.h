/* SPDX-License-Identifier: Apache-2.0 */
/*
 * THE table of mount option words (runtime-spec config.md "Linux mount options", plus those of runc and crun): read by the plan, by
 * `orlop features`, by the docs and by the fuzz dictionary.
 */
#ifndef ORLOP_LIBSANDBOX_MOUNT_OPTIONS_H
#define ORLOP_LIBSANDBOX_MOUNT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mount_option_kind {
	MOUNT_OPTION_ATTR = 1,    /* attribute of this mount: `set` and `clear` are MOUNT_ATTR_* */
	MOUNT_OPTION_RECURSIVE,   /* the same for the mount and all below it */
	MOUNT_OPTION_PROPAGATION, /* `value`: enum spec_propagation */
	MOUNT_OPTION_BIND,        /* `value`: 1 for rbind */
	MOUNT_OPTION_SUPER,       /* `super`: the word for the superblock */
	MOUNT_OPTION_FLAG,        /* orlop's own doing: enum mount_option_flag in `value` */
	MOUNT_OPTION_NOTHING,     /* "defaults": nothing to do */
	MOUNT_OPTION_LEFT_OUT,    /* nothing that can be done: taken, with a warning */
};

enum mount_option_flag {
	MOUNT_FLAG_REMOUNT = 1,
	MOUNT_FLAG_TMPCOPYUP,
	MOUNT_FLAG_COPY_SYMLINK,
	MOUNT_FLAG_SOURCE_NOFOLLOW,
	MOUNT_FLAG_DESTINATION_NOFOLLOW,
	MOUNT_FLAG_IDMAP, /* also "idmap=uids=...;gids=..." */
	MOUNT_FLAG_RIDMAP,
};

struct mount_option {
	const char *name;
	int kind;       /* enum mount_option_kind */
	uint64_t set;   /* MOUNT_ATTR_* */
	uint64_t clear; /* MOUNT_ATTR_* */
	int value;
	const char *super;  /* added to the superblock words */
	const char *undoes; /* the superblock word that this one takes back */
	bool extension;     /* not one of runc's: left out of `features`, kept in the docs */
};

extern const struct mount_option mount_options[]; /* sorted by name */
extern const size_t mount_options_count;

/* The row, or NULL: a word for the file system itself. Exact match: the part behind "idmap=" is the caller's to cut. */
const struct mount_option *mount_option_find(const char *word);

#endif
