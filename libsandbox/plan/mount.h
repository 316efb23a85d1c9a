/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From one entry of /mounts to one struct plan_mount, in three parts that can be tried alone: the option words, the maps of "idmap=", and
 * the mount itself.
 */
#ifndef ORLOP_LIBSANDBOX_PLAN_MOUNT_H
#define ORLOP_LIBSANDBOX_PLAN_MOUNT_H

#include "libsandbox/plan/build.h"

/* What a list of option words comes to, before anything else of the mount is looked at. */
struct mount_words {
	bool bind;
	bool recursive; /* rbind */
	bool remount;
	uint64_t attr_set; /* MOUNT_ATTR_* */
	uint64_t attr_clear;
	uint64_t recursive_set;
	uint64_t recursive_clear;
	struct spec_strings vfs;  /* superblock words that every file system takes: "sync", "lazytime" */
	struct spec_strings data; /* words that no row of the table has: the file system's own */
	const int *propagations;  /* enum spec_propagation */
	size_t propagation_count;
	bool tmpcopyup;
	bool copy_symlink;
	bool source_nofollow;
	bool destination_nofollow;
	bool idmap;
	bool idmap_recursive;
	const char *idmap_maps; /* the text behind "idmap=", or NULL */
};

/*
 * Pure. Of a word and its opposite the last one stands. Words that no row has are cut at commas, as mount(2) cut them (not within double
 * quotes or behind a backslash, which are for SELinux contexts and overlay paths), and quotes around a value are taken off, since
 * fsconfig(2) wants the bare value. `index` is the mount's place, for the paths of problems.
 * Returns 0 or -ENOMEM.
 */
int mount_options_apply(const struct spec_strings *options, size_t index, struct arena *arena,
			struct problems *problems, struct mount_words *ret);

/*
 * Pure. Reads "uids=0-1000-10#10-2000-5;gids=0-1000-10" (crun's form): in each triplet the id in the source's file system, the id it is
 * shown as (a host id, or with '@' before the triplet an id of the container, moved through `uids` or `gids`), and the length. A half that
 * is not written is `uids` or `gids` as a whole.
 * Returns 0; -EINVAL with the reason in *reason (from `arena` or static); -ENOMEM.
 */
int mount_maps_parse(const char *text, const struct spec_id_maps *uids, const struct spec_id_maps *gids,
		     struct arena *arena, struct spec_id_maps *ret_uids, struct spec_id_maps *ret_gids,
		     const char **reason);

/* Fills `ret` from /mounts/<index>; what is wrong with it goes to work->problems. Returns 0 or -ENOMEM. */
int mount_plan(struct plan_work *work, size_t index, struct plan_mount *ret);

#endif
