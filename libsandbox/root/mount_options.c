/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the mount option table. What a list of words comes to is libsandbox/plan/mount_words.h; making mounts is elsewhere.
 *
 * Access time is one value of three, not a set of bits (mount_setattr(2)): whoever chooses a value clears all of MOUNT_ATTR__ATIME. A row
 * whose `clear` is only one value, and which sets nothing, takes that value back and leaves the kernel's default (relatime).
 *
 * What the superblock words do with fsconfig(2), tried on Linux 6.18 with tmpfs, proc, sysfs, devpts, mqueue, cgroup2, overlay and ext4:
 * sync, async, dirsync, lazytime, nolazytime, mand, nomand, ro and rw are flags of the VFS and taken by every one of them (fs/fs_context.c);
 * iversion, noiversion, silent, loud and defaults are refused by all. So:
 * - silent, loud: they steer messages of mount(2) to the kernel log; the new mount API reports to its caller. Nothing to do.
 * - iversion, noiversion: the flag cannot be set through the new API. File systems that keep a change counter (btrfs, xfs, ext4 since 6.0)
 *   keep it unasked; the plan says that the word was left out.
 *
 * `ro` is an attribute of the mount, not of the superblock: sysfs, proc, mqueue and cgroup2 share theirs with other mounts, which must not
 * become read-only. The plan adds the superblock's "ro" only where a device is opened, which may be a read-only one.
 */
#include "libsandbox/root/mount_options.h"

#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>

#include "libbase/cleanup.h"
#include "libspec/names.h"

#define SET(word, attr)                                                  \
	{                                                                \
		.name = (word), .kind = MOUNT_OPTION_ATTR, .set = (attr) \
	}
#define CLEAR(word, attr)                                                  \
	{                                                                  \
		.name = (word), .kind = MOUNT_OPTION_ATTR, .clear = (attr) \
	}
#define ATIME(word, attr)                                                                            \
	{                                                                                            \
		.name = (word), .kind = MOUNT_OPTION_ATTR, .set = (attr), .clear = MOUNT_ATTR__ATIME \
	}
#define SET_ALL(word, attr)                                                   \
	{                                                                     \
		.name = (word), .kind = MOUNT_OPTION_RECURSIVE, .set = (attr) \
	}
#define CLEAR_ALL(word, attr)                                                   \
	{                                                                       \
		.name = (word), .kind = MOUNT_OPTION_RECURSIVE, .clear = (attr) \
	}
#define ATIME_ALL(word, attr)                                                                             \
	{                                                                                                 \
		.name = (word), .kind = MOUNT_OPTION_RECURSIVE, .set = (attr), .clear = MOUNT_ATTR__ATIME \
	}
#define SPREAD(word, how)                                                        \
	{                                                                        \
		.name = (word), .kind = MOUNT_OPTION_PROPAGATION, .value = (how) \
	}
#define BIND(word, rec)                                                   \
	{                                                                 \
		.name = (word), .kind = MOUNT_OPTION_BIND, .value = (rec) \
	}
#define FLAG(word, flag)                                                   \
	{                                                                  \
		.name = (word), .kind = MOUNT_OPTION_FLAG, .value = (flag) \
	}
#define FLAG_X(word, flag)                                                                    \
	{                                                                                     \
		.name = (word), .kind = MOUNT_OPTION_FLAG, .value = (flag), .extension = true \
	}
#define SUPER(word, opposite)                                                                     \
	{                                                                                         \
		.name = (word), .kind = MOUNT_OPTION_SUPER, .super = (word), .undoes = (opposite) \
	}
/* crun's recursive forms: no attribute of a mount stands behind them, so they are the plain word of the one superblock. */
#define SUPER_X(word, plain, opposite)                                                                                \
	{                                                                                                             \
		.name = (word), .kind = MOUNT_OPTION_SUPER, .super = (plain), .undoes = (opposite), .extension = true \
	}
#define NOTHING(word)                                        \
	{                                                    \
		.name = (word), .kind = MOUNT_OPTION_NOTHING \
	}
#define LEFT_OUT(word)                                        \
	{                                                     \
		.name = (word), .kind = MOUNT_OPTION_LEFT_OUT \
	}

/* Sorted: mount_option_find halves it, `orlop features` prints it. */
const struct mount_option mount_options[] = {
	SUPER("async", "sync"),
	CLEAR("atime", MOUNT_ATTR_NOATIME),
	BIND("bind", false),
	FLAG_X("copy-symlink", MOUNT_FLAG_COPY_SYMLINK),
	NOTHING("defaults"),
	FLAG_X("dest-nofollow", MOUNT_FLAG_DESTINATION_NOFOLLOW),
	CLEAR("dev", MOUNT_ATTR_NODEV),
	CLEAR("diratime", MOUNT_ATTR_NODIRATIME),
	SUPER("dirsync", NULL),
	CLEAR("exec", MOUNT_ATTR_NOEXEC),
	FLAG("idmap", MOUNT_FLAG_IDMAP),
	LEFT_OUT("iversion"),
	SUPER("lazytime", "nolazytime"),
	NOTHING("loud"),
	SUPER("mand", "nomand"),
	ATIME("noatime", MOUNT_ATTR_NOATIME),
	SET("nodev", MOUNT_ATTR_NODEV),
	SET("nodiratime", MOUNT_ATTR_NODIRATIME),
	SET("noexec", MOUNT_ATTR_NOEXEC),
	LEFT_OUT("noiversion"),
	SUPER("nolazytime", "lazytime"),
	SUPER("nomand", "mand"),
	CLEAR("norelatime", MOUNT_ATTR_RELATIME),
	CLEAR("nostrictatime", MOUNT_ATTR_STRICTATIME),
	SET("nosuid", MOUNT_ATTR_NOSUID),
	SET("nosymfollow", MOUNT_ATTR_NOSYMFOLLOW),
	SPREAD("private", PROPAGATION_PRIVATE),
	SUPER_X("rasync", "async", "sync"),
	CLEAR_ALL("ratime", MOUNT_ATTR_NOATIME),
	BIND("rbind", true),
	CLEAR_ALL("rdev", MOUNT_ATTR_NODEV),
	CLEAR_ALL("rdiratime", MOUNT_ATTR_NODIRATIME),
	SUPER_X("rdirsync", "dirsync", NULL),
	ATIME("relatime", MOUNT_ATTR_RELATIME),
	FLAG("remount", MOUNT_FLAG_REMOUNT),
	CLEAR_ALL("rexec", MOUNT_ATTR_NOEXEC),
	FLAG("ridmap", MOUNT_FLAG_RIDMAP),
	SUPER_X("rmand", "mand", "nomand"),
	ATIME_ALL("rnoatime", MOUNT_ATTR_NOATIME),
	SET_ALL("rnodev", MOUNT_ATTR_NODEV),
	SET_ALL("rnodiratime", MOUNT_ATTR_NODIRATIME),
	SET_ALL("rnoexec", MOUNT_ATTR_NOEXEC),
	SUPER_X("rnomand", "nomand", "mand"),
	CLEAR_ALL("rnorelatime", MOUNT_ATTR_RELATIME),
	CLEAR_ALL("rnostrictatime", MOUNT_ATTR_STRICTATIME),
	SET_ALL("rnosuid", MOUNT_ATTR_NOSUID),
	SET_ALL("rnosymfollow", MOUNT_ATTR_NOSYMFOLLOW),
	SET("ro", MOUNT_ATTR_RDONLY),
	SPREAD("rprivate", PROPAGATION_RPRIVATE),
	ATIME_ALL("rrelatime", MOUNT_ATTR_RELATIME),
	SET_ALL("rro", MOUNT_ATTR_RDONLY),
	CLEAR_ALL("rrw", MOUNT_ATTR_RDONLY),
	SPREAD("rshared", PROPAGATION_RSHARED),
	SPREAD("rslave", PROPAGATION_RSLAVE),
	ATIME_ALL("rstrictatime", MOUNT_ATTR_STRICTATIME),
	CLEAR_ALL("rsuid", MOUNT_ATTR_NOSUID),
	CLEAR_ALL("rsymfollow", MOUNT_ATTR_NOSYMFOLLOW),
	SUPER_X("rsync", "sync", "async"),
	SPREAD("runbindable", PROPAGATION_RUNBINDABLE),
	CLEAR("rw", MOUNT_ATTR_RDONLY),
	SPREAD("shared", PROPAGATION_SHARED),
	NOTHING("silent"),
	SPREAD("slave", PROPAGATION_SLAVE),
	FLAG_X("src-nofollow", MOUNT_FLAG_SOURCE_NOFOLLOW),
	ATIME("strictatime", MOUNT_ATTR_STRICTATIME),
	CLEAR("suid", MOUNT_ATTR_NOSUID),
	CLEAR("symfollow", MOUNT_ATTR_NOSYMFOLLOW),
	SUPER("sync", "async"),
	FLAG("tmpcopyup", MOUNT_FLAG_TMPCOPYUP),
	SPREAD("unbindable", PROPAGATION_UNBINDABLE),
};

const size_t mount_options_count = ARRAY_SIZE(mount_options);

static int compare_name(const void *word, const void *row)
{
	return strcmp(word, ((const struct mount_option *)row)->name);
}

const struct mount_option *mount_option_find(const char *word)
{
	return bsearch(word, mount_options, mount_options_count, sizeof(mount_options[0]), compare_name);
}
