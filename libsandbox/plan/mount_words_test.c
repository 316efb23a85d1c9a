/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of option words: what wins, what is kept, what is cut. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conformance/unit/check.h"
#include "libbase/fd.h"
#include "libbase/text.h"
#include "libsandbox/plan/mount.h"
#include "libsandbox/root/mount_options.h"

#define WORDS_MAX 16

struct result {
	struct arena arena;
	struct problems problems;
	struct mount_words words;
};

static void sort_words(struct result *sorted, const char *const *words)
{
	struct spec_strings options = { .items = words };

	while (words[options.count])
		options.count++;
	sorted->arena = ARENA_INIT;
	problems_init(&sorted->problems, &sorted->arena);
	CHECK_INT(mount_options_apply(&options, 3, &sorted->arena, &sorted->problems, &sorted->words), 0);
}

#define SORT(variable, ...)                                       \
	_cleanup_(result_cleanup) struct result variable = { 0 }; \
	sort_words(&variable, (const char *const[WORDS_MAX]){ __VA_ARGS__ })

static void result_cleanup(struct result *sorted)
{
	arena_cleanup(&sorted->arena);
}

static void check_words(const struct spec_strings *got, const char *want)
{
	_cleanup_(text_buffer_cleanup) struct text_buffer line = TEXT_BUFFER_INIT;

	for (size_t i = 0; i < got->count; i++)
		text_append_format(&line, "%s[%s]", i ? " " : "", got->items[i]);
	CHECK_TEXT(line.bytes ? line.bytes : "", want);
}

TEST(no_words)
{
	struct arena arena = ARENA_INIT;
	struct problems problems;
	struct mount_words words;
	struct spec_strings none = { 0 };

	problems_init(&problems, &arena);
	CHECK_INT(mount_options_apply(&none, 0, &arena, &problems, &words), 0);
	CHECK_INT(words.attr_set | words.attr_clear, 0);
	CHECK_INT(words.data.count, 0);
	arena_cleanup(&arena);
}

TEST(attributes_add_up)
{
	SORT(sorted, "ro", "nosuid", "nodev", "noexec", "nodiratime", "nosymfollow");
	CHECK_INT(sorted.words.attr_set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
						 MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW);
	CHECK_INT(sorted.words.attr_clear, 0);
	CHECK_INT(sorted.words.data.count, 0);
}

TEST(last_of_a_pair_stands)
{
	SORT(rw, "ro", "nosuid", "rw");
	CHECK_INT(rw.words.attr_set, MOUNT_ATTR_NOSUID);
	CHECK_INT(rw.words.attr_clear, MOUNT_ATTR_RDONLY);
	SORT(ro, "rw", "suid", "ro");
	CHECK_INT(ro.words.attr_set, MOUNT_ATTR_RDONLY);
	CHECK_INT(ro.words.attr_clear, MOUNT_ATTR_NOSUID);
}

TEST(access_time_is_one_value)
{
	SORT(chosen, "noatime", "strictatime");
	CHECK_INT(chosen.words.attr_set, MOUNT_ATTR_STRICTATIME);
	CHECK_INT(chosen.words.attr_clear, MOUNT_ATTR__ATIME);
	SORT(relative, "strictatime", "relatime");
	CHECK_INT(relative.words.attr_set, 0);
	CHECK_INT(relative.words.attr_clear, MOUNT_ATTR__ATIME);
	SORT(taken_back, "noatime", "atime");
	CHECK_INT(taken_back.words.attr_set, 0);
	CHECK_INT(taken_back.words.attr_clear, MOUNT_ATTR__ATIME);
	SORT(other_stays, "noatime", "nostrictatime", "norelatime");
	CHECK_INT(other_stays.words.attr_set, MOUNT_ATTR_NOATIME);
	CHECK_INT(other_stays.words.attr_clear, MOUNT_ATTR__ATIME);
	SORT(strict_stays, "strictatime", "atime", "norelatime");
	CHECK_INT(strict_stays.words.attr_set, MOUNT_ATTR_STRICTATIME);
	SORT(strict_back, "strictatime", "nostrictatime");
	CHECK_INT(strict_back.words.attr_set, 0);
	SORT(alone, "norelatime");
	CHECK_INT(alone.words.attr_set, 0);
	CHECK_INT(alone.words.attr_clear, MOUNT_ATTR__ATIME);
}

/* mount_setattr(2) refuses an access time that does not clear the whole group, for any list. */
TEST(access_time_always_clears_the_group)
{
	static const char *const words[] = { "relatime", "noatime",    "strictatime",
					     "atime",    "norelatime", "nostrictatime" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(words); j++) {
			SORT(sorted, words[i], words[j], "nodiratime");
			CHECK_INT(sorted.words.attr_clear & MOUNT_ATTR__ATIME, MOUNT_ATTR__ATIME);
			CHECK((sorted.words.attr_set & MOUNT_ATTR__ATIME) != MOUNT_ATTR__ATIME);
			CHECK_INT(sorted.words.attr_set & MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NODIRATIME);
		}
	}
}

TEST(recursive_words_are_apart)
{
	SORT(sorted, "rro", "ro", "rnosuid", "rsuid", "rstrictatime", "rnoatime", "rnodev");
	CHECK_INT(sorted.words.attr_set, MOUNT_ATTR_RDONLY);
	CHECK_INT(sorted.words.recursive_set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODEV);
	CHECK_INT(sorted.words.recursive_clear, MOUNT_ATTR_NOSUID | MOUNT_ATTR__ATIME);
}

TEST(bind_stays_recursive)
{
	SORT(plain, "bind");
	CHECK(plain.words.bind && !plain.words.recursive);
	SORT(both, "rbind", "bind");
	CHECK(both.words.bind && both.words.recursive);
}

TEST(propagations_keep_their_order)
{
	SORT(sorted, "rslave", "ro", "shared", "rslave");
	CHECK_INT(sorted.words.propagation_count, 3);
	CHECK_INT(sorted.words.propagations[0], PROPAGATION_RSLAVE);
	CHECK_INT(sorted.words.propagations[1], PROPAGATION_SHARED);
	CHECK_INT(sorted.words.propagations[2], PROPAGATION_RSLAVE);
}

TEST(superblock_words)
{
	SORT(sorted, "sync", "lazytime", "mand", "async", "dirsync", "dirsync", "nomand");
	check_words(&sorted.words.vfs, "[lazytime] [async] [dirsync] [nomand]");
	SORT(recursive, "rasync", "rsync", "rdirsync", "rnomand", "rmand");
	check_words(&recursive.words.vfs, "[sync] [dirsync] [mand]");
	CHECK_INT(recursive.words.recursive_set, 0);
}

TEST(flags)
{
	SORT(sorted, "remount", "tmpcopyup", "copy-symlink", "src-nofollow", "dest-nofollow");
	CHECK(sorted.words.remount && sorted.words.tmpcopyup && sorted.words.copy_symlink);
	CHECK(sorted.words.source_nofollow && sorted.words.destination_nofollow);
	CHECK(!sorted.words.idmap && !sorted.words.bind);
}

TEST(idmap_words)
{
	SORT(plain, "idmap");
	CHECK(plain.words.idmap && !plain.words.idmap_recursive && !plain.words.idmap_maps);
	SORT(recursive, "idmap", "ridmap");
	CHECK(recursive.words.idmap_recursive);
	SORT(back, "ridmap=uids=0-1-1", "idmap=uids=0-2-1;gids=0-3-1");
	CHECK(back.words.idmap && !back.words.idmap_recursive);
	CHECK_TEXT(back.words.idmap_maps, "uids=0-2-1;gids=0-3-1");
	CHECK_INT(back.words.data.count, 0);
}

TEST(silent_words_do_nothing)
{
	SORT(sorted, "defaults", "silent", "loud", "");
	CHECK_INT(sorted.words.attr_set | sorted.words.attr_clear, 0);
	CHECK_INT(sorted.words.vfs.count + sorted.words.data.count, 0);
	CHECK_INT(sorted.problems.warnings, 0);
}

TEST(what_cannot_be_said_is_told)
{
	SORT(sorted, "ro", "iversion");
	CHECK_INT(sorted.words.data.count, 0);
	CHECK_INT(sorted.problems.errors, 0);
	CHECK_INT(sorted.problems.warnings, 1);
	CHECK_TEXT(sorted.problems.items[0]->path, "/mounts/3/options/1");
	CHECK_HAS(sorted.problems.items[0]->text, "'iversion'");
}

TEST(unknown_words_are_the_file_systems_own)
{
	SORT(sorted, "mode=755", "ro", "size=64k,nr_inodes=10", "newinstance");
	check_words(&sorted.words.data, "[mode=755] [size=64k] [nr_inodes=10] [newinstance]");
}

TEST(quotes_and_backslashes_hold_commas)
{
	SORT(sorted, "context=\"system_u:object_r:tmp_t:s0:c1,c2\",mode=1", "lowerdir=/a\\,b:/c,x", ",,", "a=\"\"",
	     "q=\"");
	check_words(&sorted.words.data,
		    "[context=system_u:object_r:tmp_t:s0:c1,c2] [mode=1] [lowerdir=/a\\,b:/c] [x] [a=] [q=\"]");
}

TEST(trailing_backslash)
{
	SORT(sorted, "a\\", "b");
	check_words(&sorted.words.data, "[a\\] [b]");
}

/* A mount that is attached nowhere, or -errno. */
static int detached_mount(void)
{
	_cleanup_(fd_cleanup) int context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);

	if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	int fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

static int set_attributes(int mount_fd, uint64_t set, uint64_t clear, unsigned int flags)
{
	struct mount_attr attributes = { .attr_set = set, .attr_clr = clear };

	return syscall(SYS_mount_setattr, mount_fd, "", AT_EMPTY_PATH | flags, &attributes, sizeof(attributes)) < 0
		       ? -errno
		       : 0;
}

TEST(kernel_takes_what_any_two_words_come_to)
{
	_cleanup_(fd_cleanup) int fd = detached_mount();

	if (fd < 0)
		check_skip("no right to make a mount");
	for (size_t i = 0; i < mount_options_count; i++) {
		for (size_t j = 0; j < mount_options_count; j++) {
			SORT(sorted, mount_options[i].name, mount_options[j].name);
			CHECK_INT(set_attributes(fd, sorted.words.attr_set, sorted.words.attr_clear, 0), 0);
			CHECK_INT(set_attributes(fd, sorted.words.recursive_set, sorted.words.recursive_clear,
						 AT_RECURSIVE),
				  0);
		}
	}
}
